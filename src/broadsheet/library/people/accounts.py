"""The door of a house with accounts: who comes in, and as whom; one's own account; administration. Knows no page."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher

from broadsheet.errors import InputError, NotFoundError, RefusedError, StrangerError, TakenError, TooManyError
from broadsheet.library.people.admission import Admission, Invitation, Post, Registration
from broadsheet.library.people.names import agent_of, digest, name_of
from broadsheet.library.people.passwords import Passwords
from broadsheet.library.people.visitor import ALL_SCOPES, STRANGER, Scope, Visitor
from broadsheet.library.throttle import Throttle
from broadsheet.store.people import Account, Deed, Login, People, Role, Token
from broadsheet.store.tallies import Tallies

LOGIN_LASTS: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a house lets people in."""

    registration: Registration = Registration.INVITED
    tries: int = 10  # wrong passwords for one account, or from one address, in ``window``
    window: timedelta = timedelta(minutes=15)


class Accounts:
    """Who comes in, and as whom. ``admission`` is how one becomes somebody."""

    def __init__(
        self,
        people: People,
        tallies: Tallies,
        *,
        now: Callable[[], datetime],
        post: Post | None = None,
        rules: Rules | None = None,
        hasher: PasswordHasher | None = None,
        random: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        rules = rules or Rules()
        self._people = people
        self._now = now
        self._random = random
        self._passwords = Passwords(hasher or PasswordHasher())
        self._failures = Throttle(tallies, "login", limit=rules.tries, window=rules.window)
        self.admission = Admission(
            people,
            tallies,
            passwords=self._passwords,
            now=now,
            random=random,
            registration=rules.registration,
            post=post,
        )

    # -- coming in

    def log_in(self, name: str, password: str, *, agent: str = "", address: str = "") -> str:
        """Let somebody in by password: gives the secret of their login. Raises StrangerError, TooManyError.

        The error is the same whether the name or the password was wrong.
        """
        now = self._now()
        keys = [f"name {name.strip().casefold()[:200]}", *([f"from {address}"] if address else [])]
        for key in keys:
            self._failures.check(key, now=now)
        found = self._people.find(name)
        if not self._passwords.fits(found[1] if found else "", password) or found is None or found[0].banned:
            for key in keys:
                self._failures.take(key, now=now)
            raise StrangerError("that name and password do not go together")
        for (
            key
        ) in keys:  # again, as many may have been guessing meanwhile, and this may be one of their guesses
            self._failures.check(key, now=now)
        account, kept = found
        if (renewed := self._passwords.renewed(kept, password)) is not None:
            self._people.rehash(account.id, renewed)
        return self.open(account, agent=agent)

    def open(self, account: Account, *, agent: str = "") -> str:
        """Let a known account in: the secret of its new login."""
        now, secret = self._now(), self._random()
        login = Login(
            key=self._key(),
            account=account.id,
            made=now,
            seen=now,
            expires=now + LOGIN_LASTS,
            agent=agent_of(agent),
        )
        self._people.log_in(login, digest=digest(secret))
        return secret

    def by_login(self, secret: str) -> Visitor:
        """Whoever has this login's secret; a stranger where nobody has."""
        found = self._people.login(digest(secret), now=self._now()) if secret else None
        if found is None:
            return STRANGER
        login, account = found
        return Visitor(reader=account.id, account=account, login=login, scopes=ALL_SCOPES)

    def by_token(self, secret: str) -> Visitor:
        """Whoever has this token. Raises StrangerError: a program that shows a bad one should know."""
        found = self._people.token(digest(secret), now=self._now())
        if found is None:
            raise StrangerError("this token is unknown, expired or taken back")
        token, account = found
        return Visitor(reader=account.id, account=account, token=token, scopes=_scopes(token))

    def by_proxy(self, name: str, *, email: str = "") -> Visitor:
        """Whoever a trusted proxy says it is; one seen for the first time gets an account."""
        found = self._people.find(name)
        account = found[0] if found else self._admit(name, email)
        return (
            Visitor(reader=account.id, account=account, scopes=ALL_SCOPES) if not account.banned else STRANGER
        )

    def by_provider(self, issuer: str, subject: str, *, name: str, email: str, verified: bool) -> Account:
        """Whoever an identity provider says it is. Raises RefusedError where they may not come in.

        An account that has the address is theirs only where the provider has verified it.
        """
        account = self._people.identify(issuer, subject)
        if account is None:
            found = self._people.find(email) if email and verified else None
            if found is not None and found[0].confirmed:
                account = found[0]
            elif self.admission.registration is Registration.OPEN:
                account = self._admit(name, email if verified else "")
            else:
                raise RefusedError(
                    "nobody here is known to be you; ask for an invitation and join your account after"
                )
            self._people.join(account.id, issuer, subject)
        if account.banned:
            raise RefusedError("this account is banned")
        return account

    def join(self, account: Account, issuer: str, subject: str) -> None:
        """Let an identity provider's subject in as this account from now on. Raises TakenError."""
        self._people.join(account.id, issuer, subject)

    def _admit(self, name: str, email: str) -> Account:
        """An account for somebody whom others vouch for, under the nearest free name."""
        plain = name_of(name)
        for number in range(1, 1000):
            account = Account(
                id=self._key(),
                name=plain if number == 1 else f"{plain} {number}",
                email=email,
                made=self._now(),
                confirmed=bool(email),
            )
            try:
                self._people.add(account)
            except TakenError:
                if self._people.find(email) is not None:
                    email = ""
                continue
            return account
        raise TakenError(f"the name {plain!r} is taken a thousand times")

    # -- one's own account

    def prove(self, account: Account, password: str) -> bool:
        """Whether an account has a password at all, which this is. Raises StrangerError where it is another, TooManyError."""
        found = self._people.find(account.name)
        if found is None or not found[1]:
            return False
        key = f"name {account.name.casefold()}"
        self._failures.check(key, now=self._now())
        if not self._passwords.fits(found[1], password):
            self._failures.take(key, now=self._now())
            raise StrangerError("the password is another")
        self._failures.check(key, now=self._now())  # again, as many may have been guessing meanwhile
        return True

    def set_password(self, visitor: Visitor, *, old: str, new: str, programs: bool = False) -> None:
        """Change one's password; every login ends but the one that asks, and with ``programs`` every token and private feed.

        The token that asks stays. Raises StrangerError where the old password is wrong.
        Raises RefusedError where a token would give an account its first password, and with it a way in.
        """
        account = visitor.known()
        if not self.prove(account, old):
            visitor.need_presence("a first password")
        asks = visitor.login or visitor.token
        self._people.set_password(
            account.id, self._passwords.hash(new, account), but=asks.key if asks else "", programs=programs
        )
        self.admission.tell_of_password(account)

    def rename(self, account: Account, name: str) -> Account:
        """Call an account otherwise. Raises InputError, TakenError."""
        changed = replace(account, name=name_of(name))
        self._people.change(changed)
        return changed

    def logins(self, account: Account) -> tuple[Login, ...]:
        """Where the account is logged in, last seen first."""
        return self._people.logins(account.id, now=self._now())

    def log_out(self, account: Account, *, key: str = "", but: str = "") -> int:
        """End one login, or all but one."""
        return self._people.log_out(account.id, key=key, but=but)

    def grant(
        self,
        account: Account,
        *,
        label: str,
        scopes: frozenset[Scope],
        lasts: timedelta | None,
        by: Token | None = None,
    ) -> tuple[Token, str]:
        """A token and its secret, which is shown this once. Raises InputError, RefusedError.

        A token that asks for another (``by``) gives nothing that it does not have itself, not for longer than it
        lasts, and never the account: what it made outlives it, but makes nothing more.
        """
        if not scopes:
            raise InputError(f"a token that may do nothing; expected some of {', '.join(Scope)}")
        now, secret = self._now(), f"bs_{self._random()}"
        expires = now + lasts if lasts else None
        if by is not None:
            wider = scopes - (_scopes(by) - {Scope.ACCOUNT})
            if wider:
                raise RefusedError(f"a token cannot give what it does not have: {', '.join(sorted(wider))}")
            expires = min((end for end in (expires, by.expires) if end is not None), default=None)
        token = Token(
            key=self._key(),
            account=account.id,
            label=" ".join(label.split())[:80] or "token",
            scopes=tuple(sorted(scope.value for scope in scopes)),
            made=now,
            expires=expires,
        )
        self._people.grant(token, digest=digest(secret))
        return token, secret

    def tokens(self, account: Account) -> tuple[Token, ...]:
        """The account's tokens, newest first."""
        return self._people.tokens(account.id)

    def revoke(self, account: Account, key: str) -> bool:
        """Take a token back."""
        return self._people.revoke(account.id, key)

    def remove(self, account: Account) -> None:
        """Delete an account and all that is its own. Raises RefusedError for the last administrator."""
        self._keep_an_admin(account)
        self._people.remove(account.id)

    # -- administration

    def all(self, *, after: str = "", limit: int = 100) -> tuple[Account, ...]:
        """Accounts by name."""
        return self._people.accounts(after=after, limit=limit)

    def count(self, role: Role | None = None) -> int:
        """How many accounts there are."""
        return self._people.count(role)

    def account(self, id: str) -> Account:
        """The account of this id. Raises NotFoundError."""
        account = self._people.account(id)
        if account is None:
            raise NotFoundError(f"no account {id!r} here")
        return account

    def named(self, name: str) -> Account:
        """The account of this name or address. Raises NotFoundError."""
        found = self._people.find(name)
        if found is None:
            raise NotFoundError(f"nobody here is called {name!r}")
        return found[0]

    def set_role(self, account: Account, role: Role, *, by: Account | None) -> Account:
        """Give an account a role. Raises RefusedError for the last administrator."""
        account = self.account(account.id)  # as it is now
        if role is account.role:
            return account
        if role is not Role.ADMIN:
            self._keep_an_admin(account)
        changed = replace(account, role=role)
        self._people.change(changed)
        self.record(by, "role", account.name, role.value)
        return changed

    def ban(self, account: Account, *, by: Account | None, banned: bool = True, why: str = "") -> Account:
        """Shut an account out, or let it in again. Raises RefusedError for the last administrator."""
        account = self.account(account.id)  # as it is now
        if banned is account.banned:
            return account
        if banned:
            self._keep_an_admin(account)
        changed = replace(account, banned=banned)
        self._people.change(changed)
        self.record(by, "ban" if banned else "unban", account.name, why)
        return changed

    def invite(
        self, *, by: Account, email: str, role: Role, url: Callable[[str], str]
    ) -> tuple[str, Invitation, bool]:
        """Invite somebody: the link (``url`` of its secret), what it is good for, and whether it was mailed.

        Raises RefusedError, InputError.
        """
        secret = self.admission.invite(by, email=email, role=role)
        made = self.admission.invitation(secret)
        assert made is not None  # it was made just now
        self.record(by, "invite", made.email or "somebody", role.value)
        link = url(secret)
        try:
            mailed = self.admission.mail_invitation(secret, link)
        except TooManyError:  # the address was mailed often; the link can be handed over all the same
            mailed = False
        return link, made, mailed

    def uninvite(self, key: str, *, by: Account) -> bool:
        """Take an invitation back; False where there is none."""
        torn = self.admission.uninvite(key)
        if torn:
            self.record(by, "uninvite", key)
        return torn

    def record(self, by: Account | None, action: str, object: str, detail: str = "") -> None:
        """Write a line of the audit log."""
        deed = Deed(
            number=0,
            at=self._now(),
            actor=by.id if by else "",
            action=action,
            object=object,
            detail=detail[:500],
        )
        self._people.record(deed)

    def deeds(self, *, before: int | None = None, limit: int = 100) -> tuple[Deed, ...]:
        """The audit log, newest first."""
        return self._people.deeds(before=before, limit=limit)

    # -- within

    def _keep_an_admin(self, account: Account) -> None:
        if account.role is Role.ADMIN and not account.banned and self._people.count(Role.ADMIN) <= 1:
            raise RefusedError(f"{account.name!r} is the only administrator; make another one first")

    def _key(self) -> str:
        return digest(self._random())[:16]


def _scopes(token: Token) -> frozenset[Scope]:
    """What a token is for; every one reads."""
    return frozenset(scope for scope in Scope if scope.value in token.scopes) | {Scope.READ}

"""How one becomes somebody: invitations, accounts of one's own, new passwords, by links that are good once.

A link's secret is 32 random bytes, of which a digest is kept. Looking at a link's page uses nothing up, since
mail programs look at links by themselves; only what is sent from the page does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from broadsheet.errors import InputError, NotFoundError, RefusedError, TakenError
from broadsheet.library.people.names import digest, email_of, name_of
from broadsheet.library.people.passwords import Passwords
from broadsheet.library.throttle import Throttle
from broadsheet.store.people import RENEWAL, Account, People, Role, Ticket
from broadsheet.store.tallies import Tallies

INVITATION_LASTS: Final = timedelta(days=14)
LINK_LASTS: Final = timedelta(hours=2)
_MAILS: Final = 5  # to one address in an hour


class Registration(StrEnum):
    """Who may make an account."""

    CLOSED = "closed"  # an administrator makes them
    INVITED = "invited"  # whoever has an invitation
    OPEN = "open"  # whoever has an address that a mail reaches


class Purpose(StrEnum):
    """What a ticket is for."""

    INVITE = "invite"
    REGISTER = "register"
    RESET = RENEWAL


class Post(Protocol):
    """Sends a plain mail; returns once it will be sent, however often the house falls over."""

    def __call__(self, address: str, *, subject: str, text: str) -> None:
        """Send it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An open invitation. ``by`` is an account's id, "" for the command line."""

    key: str
    by: str
    email: str
    role: Role
    expires: datetime


class Admission:
    """Lets new people in, and those who forgot their password."""

    def __init__(
        self,
        people: People,
        tallies: Tallies,
        *,
        passwords: Passwords,
        now: Callable[[], datetime],
        random: Callable[[], str],
        registration: Registration = Registration.INVITED,
        post: Post | None = None,
    ) -> None:
        self._people = people
        self._passwords = passwords
        self._now = now
        self._random = random
        self._post = post
        self._mails = Throttle(tallies, "mail", limit=_MAILS, window=timedelta(hours=1))
        self.registration = registration

    @property
    def mails(self) -> bool:
        """Whether mail can be sent."""
        return self._post is not None

    def add(self, name: str, *, email: str = "", password: str = "", role: Role = Role.READER) -> Account:
        """Make an account, as an administrator does. Raises InputError, TakenError."""
        account = Account(
            id=self._key(),
            name=name_of(name),
            email=email_of(email),
            role=role,
            made=self._now(),
            confirmed=bool(email),
        )
        self._people.add(account, password=self._passwords.hash(password, account) if password else "")
        return account

    def invite(self, by: Account | None, *, email: str = "", role: Role = Role.READER) -> str:
        """An invitation: gives its secret, for a link to hand over. Raises RefusedError, InputError."""
        if by is not None and not by.role.may(role):
            raise RefusedError(f"a {by.role} cannot make somebody {role}")
        value = json.dumps({"email": email_of(email), "role": role.value})
        return self._issue(Purpose.INVITE, by.id if by else "", value, lasts=INVITATION_LASTS)

    def mail_invitation(self, secret: str, url: str) -> bool:
        """Mail an invitation to the address it has; False where it has none or no mail can be sent."""
        found = self.invitation(secret)
        if found is None or not found.email or self._post is None:
            return False
        self._ration(found.email)
        self._mail(found.email, "You are invited", _INVITED.format(url=url))
        return True

    def invitation(self, secret: str) -> Invitation | None:
        """An open invitation."""
        ticket = self._look(Purpose.INVITE, secret)
        return _invitation(ticket) if ticket else None

    def accept(self, secret: str, *, name: str, email: str, password: str) -> Account:
        """Take up an invitation. Raises NotFoundError where it is void, InputError, TakenError."""
        found = self.invitation(secret)
        if found is None:
            raise NotFoundError("this invitation was used, taken back or has expired")
        account = Account(
            id=self._key(),
            name=name_of(name),
            email=email_of(email) or found.email,
            role=found.role,
            made=self._now(),
            confirmed=bool(found.email) and email_of(email) in {"", found.email},
        )
        hashed = self._passwords.hash(password, account)
        # The account first: where its name is taken, the invitation is still good.
        self._people.add(account, password=hashed)
        if self._people.use(digest(secret), Purpose.INVITE, now=self._now()) is None:
            self._people.remove(account.id)  # somebody else was quicker with the same invitation
            raise NotFoundError("this invitation was used, taken back or has expired")
        return account

    def register(self, *, name: str, email: str, password: str, url: Callable[[str], str]) -> None:
        """Begin an account of one's own: a mail with a link (``url`` of a secret) finishes it.

        Says nothing of whether the address is known. Raises RefusedError, InputError, TakenError for the name.
        """
        if self.registration is not Registration.OPEN:
            raise RefusedError("this paper makes accounts by invitation only")
        account = Account(id=self._key(), name=name_of(name), email=email_of(email), made=self._now())
        if not account.email:
            raise InputError("no address given; expected one that a mail reaches")
        hashed = self._passwords.hash(password, account)
        self._ration(account.email)
        known = self._people.find(account.email)
        if known is None and self._people.find(account.name) is not None:
            raise TakenError(f"somebody here is called {account.name!r} already")
        if known is not None:
            self._mail(account.email, "You have an account already", _KNOWN.format(email=account.email))
            return
        value = json.dumps({"name": account.name, "email": account.email, "password": hashed})
        secret = self._issue(Purpose.REGISTER, "", value, lasts=LINK_LASTS)
        self._mail(account.email, "Finish your account", _REGISTER.format(url=url(secret)))

    def finish(self, secret: str) -> Account:
        """Make the account that a mailed link stands for. Raises NotFoundError, TakenError."""
        ticket = self._use(Purpose.REGISTER, secret)
        values = json.loads(ticket.value)
        account = Account(
            id=self._key(), name=values["name"], email=values["email"], made=self._now(), confirmed=True
        )
        self._people.add(account, password=values["password"])
        return account

    def forgot(self, email: str, *, url: Callable[[str], str]) -> None:
        """Mail a link for a new password, if somebody has the address; says nothing of whether."""
        address = email_of(email)
        self._ration(address)
        found = self._people.find(address)
        if found is not None and found[0].email and not found[0].banned:
            account = found[0]
            secret = self._issue(Purpose.RESET, account.id, account.email, lasts=LINK_LASTS)
            self._mail(account.email, "A new password", _RESET.format(name=account.name, url=url(secret)))

    def reset_link(self, account: Account) -> str:
        """The secret of a link for a new password, for an administrator to hand over."""
        return self._issue(Purpose.RESET, account.id, "", lasts=LINK_LASTS)

    def reset(self, secret: str, password: str, *, programs: bool = True) -> Account:
        """Set a new password by a mailed link; every login ends, and with ``programs`` every token and private feed.

        Raises NotFoundError, InputError.
        """
        ticket = self._look(Purpose.RESET, secret)
        account = self._people.account(ticket.account) if ticket else None
        if ticket is None or account is None:
            raise NotFoundError("this link was used or has expired")
        hashed = self._passwords.hash(password, account)
        self._use(Purpose.RESET, secret)
        self._people.set_password(account.id, hashed, programs=programs)
        # Whoever reads the mail of this address has shown that it is theirs; a link that was handed over shows nothing.
        if ticket.value and ticket.value == account.email and not account.confirmed:
            account = replace(account, confirmed=True)
            self._people.change(account)
        self.tell_of_password(account)
        return account

    def tell_of_password(self, account: Account) -> None:
        """Write to somebody whose address is known to be theirs that their password is another now."""
        if self._post is not None and account.email and account.confirmed:
            self._post(
                account.email, subject="Your password was changed", text=_CHANGED.format(name=account.name)
            )

    def is_open(self, purpose: Purpose, secret: str) -> bool:
        """Whether a link is still good. Looking does not use it."""
        return self._look(purpose, secret) is not None

    def invitations(self) -> tuple[Invitation, ...]:
        """Open invitations, newest first."""
        return tuple(map(_invitation, self._people.tickets([Purpose.INVITE], now=self._now())))

    def uninvite(self, key: str) -> bool:
        """Take an invitation back."""
        return self._people.tear(key)

    def _issue(self, purpose: Purpose, account: str, value: str, *, lasts: timedelta) -> str:
        now, secret = self._now(), self._random()
        ticket = Ticket(
            key=self._key(), purpose=purpose, account=account, value=value, made=now, expires=now + lasts
        )
        self._people.issue(ticket, digest=digest(secret))
        return secret

    def _look(self, purpose: Purpose, secret: str) -> Ticket | None:
        return self._people.look(digest(secret), purpose, now=self._now())

    def _use(self, purpose: Purpose, secret: str) -> Ticket:
        ticket = self._people.use(digest(secret), purpose, now=self._now())
        if ticket is None:
            raise NotFoundError("this link was used or has expired")
        return ticket

    def _ration(self, address: str) -> None:
        """Count an address that somebody wants mailed, whether or not it is known. Raises TooManyError."""
        self._mails.take(address.casefold(), now=self._now())

    def _mail(self, address: str, subject: str, text: str) -> None:
        if self._post is None:
            raise RefusedError("this paper cannot send mail; ask whoever runs it for a link")
        self._post(address, subject=subject, text=text)

    def _key(self) -> str:
        return digest(self._random())[:16]


def _invitation(ticket: Ticket) -> Invitation:
    value = json.loads(ticket.value)
    return Invitation(
        key=ticket.key,
        by=ticket.account,
        email=value["email"],
        role=Role(value["role"]),
        expires=ticket.expires,
    )


_KNOWN: Final = (
    "Somebody, probably you, asked for an account with the address {email}.\n\n"
    "There is one already. If you forgot the password, ask for a new one on the log-in page.\n"
    "If it was not you, nothing needs to be done.\n"
)
_REGISTER: Final = (
    "Open this page within two hours to finish your account:\n\n{url}\n\n"
    "If you did not ask for one, nothing needs to be done.\n"
)
_RESET: Final = (
    "For a new password of {name}, open this page within two hours:\n\n{url}\n\n"
    "If you did not ask for it, nothing needs to be done: the old one still works.\n"
)
_CHANGED: Final = (
    "{name} has a new password, as of just now.\n\n"
    "If it was not you, ask for another one on the log-in page at once, and take tokens and private feeds back with it.\n"
)
_INVITED: Final = (
    "You are invited to read, keep and discuss papers. Open this page within two weeks to make your account:\n\n{url}\n\n"
    "If you do not want one, nothing needs to be done.\n"
)

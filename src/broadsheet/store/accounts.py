"""The contract ``People`` in SQL, for every engine. Knows no password and no token, only what is kept of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from broadsheet.errors import NotFoundError, TakenError
from broadsheet.store import commons, personal
from broadsheet.store.engine import Session, Transaction
from broadsheet.store.people import RENEWAL, Account, Deed, Login, Role, Ticket, Token
from broadsheet.store.readers import FEED
from broadsheet.store.rows import moment, time_of

_ACCOUNT = "a.id, a.name, a.email, a.role, a.made, a.confirmed, a.banned"
_LOGIN = "l.key, l.account, l.made, l.seen, l.expires, l.agent"
_GRANT = "t.key, t.account, t.label, t.scopes, t.made, t.expires, t.used"
_TICKET = "key, purpose, account, value, made, expires"

# A login's or token's last use is noted no more often than this.
_NOTED: Final = timedelta(minutes=5)


class SqlPeople:
    """Accounts and how they come in, in one database."""

    def __init__(self, *, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    # -- accounts

    def add(self, account: Account, *, password: str = "") -> None:
        """Keep a new account. Raises TakenError."""
        with self._writing() as session:
            _refuse_taken(session, account)
            session.run(
                "INSERT INTO accounts VALUES (:id, :name, :known, :email, :address, :role, :made, :confirmed, "
                ":banned, :password)",
                made=moment(account.made),
                password=password,
                **_values(account),
            )

    def account(self, id: str) -> Account | None:
        """The account of this id."""
        with self._reading() as session:
            row = session.one(f"SELECT {_ACCOUNT} FROM accounts a WHERE a.id = :id", id=id)
        return _account(row) if row else None

    def find(self, name: str) -> tuple[Account, str] | None:
        """The account of this name or address, however cased, and its password's hash."""
        folded = fold(name)
        if not folded:
            return None
        with self._reading() as session:
            row = session.one(
                f"SELECT {_ACCOUNT}, a.password FROM accounts a WHERE a.known = :folded OR a.address = :folded",
                folded=folded,
            )
        return (_account(row[:-1]), row[-1]) if row else None

    def accounts(self, *, after: str = "", limit: int = 100) -> tuple[Account, ...]:
        """Accounts by name."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_ACCOUNT} FROM accounts a WHERE a.known > :after ORDER BY a.known LIMIT :limit",
                after=fold(after),
                limit=limit,
            )
        return tuple(map(_account, rows))

    def names_of(self, ids: Iterable[str]) -> Mapping[str, str]:
        """The names of accounts by id."""
        with self._reading() as session:
            rows = session.all("SELECT id, name FROM accounts WHERE id IN (:ids*)", ids=sorted(set(ids)))
        return dict(rows)

    def joined(self, ids: Iterable[str]) -> Mapping[str, datetime]:
        """Since when accounts are here, by id."""
        with self._reading() as session:
            rows = session.all("SELECT id, made FROM accounts WHERE id IN (:ids*)", ids=sorted(set(ids)))
        return {id: time_of(made) for id, made in rows}

    def count(self, role: Role | None = None) -> int:
        """How many accounts there are, banned ones not counted."""
        with self._reading() as session:
            (count,) = session.one(
                "SELECT count(*) FROM accounts WHERE banned = 0" + (" AND role = :role" if role else ""),
                **({"role": role.value} if role else {}),
            )
        return int(count)

    def change(self, account: Account) -> None:
        """Keep an account as it is now. Raises TakenError, NotFoundError."""
        with self._writing() as session:
            _refuse_taken(session, account)
            changed = session.run(
                "UPDATE accounts SET name = :name, known = :known, email = :email, address = :address, "
                "role = :role, confirmed = :confirmed, banned = :banned WHERE id = :id",
                **_values(account),
            )
            if not changed:
                raise NotFoundError(f"no account {account.id!r} here")
            if account.banned:
                for table in ("logins", "tokens", "tickets"):
                    session.run(f"DELETE FROM {table} WHERE account = :id", id=account.id)

    def rehash(self, id: str, password: str) -> None:
        """Keep another hash of the password that an account has."""
        with self._writing() as session:
            _keep_password(session, id, password)

    def set_password(self, id: str, password: str, *, but: str = "", programs: bool = False) -> None:
        """Keep the hash of a new password, and end what the former one opened."""
        with self._writing() as session:
            _keep_password(session, id, password)
            session.run(
                "DELETE FROM tickets WHERE account = :id AND purpose = :purpose", id=id, purpose=RENEWAL
            )
            for table in ("logins", "tokens") if programs else ("logins",):
                session.run(f"DELETE FROM {table} WHERE account = :id AND key <> :but", id=id, but=but)
            if programs:
                session.run(
                    "DELETE FROM preferences WHERE reader = :id AND name LIKE :feeds", id=id, feeds=f"{FEED}%"
                )
                personal.note_change(session, id)

    def remove(self, id: str) -> None:
        """Delete an account and all that is its own."""
        with self._writing() as session:
            session.run("DELETE FROM accounts WHERE id = :id", id=id)
            for table in ("logins", "tokens", "tickets", "identities"):
                session.run(f"DELETE FROM {table} WHERE account = :id", id=id)
            for table in ("marks", "follows", "preferences", "notices", "readers", "replies"):
                session.run(f"DELETE FROM {table} WHERE reader = :id", id=id)
            commons.leave(session, id)

    # -- coming in

    def log_in(self, login: Login, *, digest: str) -> None:
        """Keep a login."""
        with self._writing() as session:
            session.run(
                "INSERT INTO logins VALUES (:digest, :key, :account, :made, :seen, :expires, :agent)",
                digest=digest,
                key=login.key,
                account=login.account,
                made=moment(login.made),
                seen=moment(login.seen),
                expires=moment(login.expires),
                agent=login.agent,
            )

    def login(self, digest: str, *, now: datetime) -> tuple[Login, Account] | None:
        """The login of a digest and whose it is."""
        with self._reading() as session:
            row = session.one(
                f"SELECT {_LOGIN}, {_ACCOUNT} FROM logins l JOIN accounts a ON a.id = l.account "
                "WHERE l.digest = :digest AND l.expires > :now AND a.banned = 0",
                digest=digest,
                now=moment(now),
            )
        if row is None:
            return None
        login, account = _login(row[:6]), _account(row[6:])
        if now - login.seen >= _NOTED:
            with self._writing() as session:
                session.run(
                    "UPDATE logins SET seen = :now WHERE digest = :digest", now=moment(now), digest=digest
                )
        return login, account

    def logins(self, account: str, *, now: datetime) -> tuple[Login, ...]:
        """An account's logins, last seen first."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_LOGIN} FROM logins l WHERE l.account = :account AND l.expires > :now "
                "ORDER BY l.seen DESC, l.key",
                account=account,
                now=moment(now),
            )
        return tuple(map(_login, rows))

    def log_out(self, account: str, *, key: str = "", but: str = "") -> int:
        """End the login of a key, or all but the one named."""
        with self._writing() as session:
            return session.run(
                "DELETE FROM logins WHERE account = :account AND key " + ("= :key" if key else "<> :key"),
                account=account,
                key=key or but,
            )

    def grant(self, token: Token, *, digest: str) -> None:
        """Keep a token."""
        with self._writing() as session:
            session.run(
                "INSERT INTO tokens VALUES (:digest, :key, :account, :label, :scopes, :made, :expires, '')",
                digest=digest,
                key=token.key,
                account=token.account,
                label=token.label,
                scopes=" ".join(token.scopes),
                made=moment(token.made),
                expires=moment(token.expires) if token.expires else "",
            )

    def token(self, digest: str, *, now: datetime) -> tuple[Token, Account] | None:
        """The token of a digest and whose it is."""
        with self._reading() as session:
            row = session.one(
                f"SELECT {_GRANT}, {_ACCOUNT} FROM tokens t JOIN accounts a ON a.id = t.account "
                "WHERE t.digest = :digest AND (t.expires = '' OR t.expires > :now) AND a.banned = 0",
                digest=digest,
                now=moment(now),
            )
        if row is None:
            return None
        token, account = _token(row[:7]), _account(row[7:])
        if token.used is None or now - token.used >= _NOTED:
            with self._writing() as session:
                session.run(
                    "UPDATE tokens SET used = :now WHERE digest = :digest", now=moment(now), digest=digest
                )
        return token, account

    def tokens(self, account: str) -> tuple[Token, ...]:
        """An account's tokens, newest first."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_GRANT} FROM tokens t WHERE t.account = :account ORDER BY t.made DESC, t.key",
                account=account,
            )
        return tuple(map(_token, rows))

    def revoke(self, account: str, key: str) -> bool:
        """Take a token back."""
        with self._writing() as session:
            return (
                session.run(
                    "DELETE FROM tokens WHERE account = :account AND key = :key", account=account, key=key
                )
                > 0
            )

    def identify(self, issuer: str, subject: str) -> Account | None:
        """The account that an identity provider's subject belongs to."""
        with self._reading() as session:
            row = session.one(
                f"SELECT {_ACCOUNT} FROM identities i JOIN accounts a ON a.id = i.account "
                "WHERE i.issuer = :issuer AND i.subject = :subject",
                issuer=issuer,
                subject=subject,
            )
        return _account(row) if row else None

    def join(self, account: str, issuer: str, subject: str) -> None:
        """Note that a provider's subject is this account. Raises TakenError."""
        with self._writing() as session:
            row = session.one(
                "SELECT account FROM identities WHERE issuer = :issuer AND subject = :subject",
                issuer=issuer,
                subject=subject,
            )
            if row is not None and row[0] != account:
                raise TakenError(f"{subject!r} of {issuer} belongs to another account")
            if row is None:
                session.run(
                    "INSERT INTO identities VALUES (:issuer, :subject, :account)",
                    issuer=issuer,
                    subject=subject,
                    account=account,
                )

    # -- links in mails

    def issue(self, ticket: Ticket, *, digest: str) -> None:
        """Keep a ticket."""
        with self._writing() as session:
            session.run(
                "INSERT INTO tickets VALUES (:digest, :key, :purpose, :account, :value, :made, :expires)",
                digest=digest,
                key=ticket.key,
                purpose=ticket.purpose,
                account=ticket.account,
                value=ticket.value,
                made=moment(ticket.made),
                expires=moment(ticket.expires),
            )

    def look(self, digest: str, purpose: str, *, now: datetime) -> Ticket | None:
        """The ticket of a digest, not yet used nor expired."""
        with self._reading() as session:
            return _open_ticket(session, digest, purpose, now=now)

    def use(self, digest: str, purpose: str, *, now: datetime) -> Ticket | None:
        """The same, used up."""
        with self._writing() as session:
            ticket = _open_ticket(session, digest, purpose, now=now)
            if ticket is not None:
                session.run("DELETE FROM tickets WHERE digest = :digest", digest=digest)
        return ticket

    def tickets(self, purposes: Collection[str], *, now: datetime) -> tuple[Ticket, ...]:
        """Open tickets, newest first."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_TICKET} FROM tickets WHERE purpose IN (:purposes*) AND expires > :now "
                "ORDER BY made DESC, key",
                purposes=sorted(purposes),
                now=moment(now),
            )
        return tuple(map(_ticket, rows))

    def tear(self, key: str) -> bool:
        """Make a ticket useless."""
        with self._writing() as session:
            return session.run("DELETE FROM tickets WHERE key = :key", key=key) > 0

    # -- what was done

    def record(self, deed: Deed) -> None:
        """Append to the audit log."""
        with self._writing() as session:
            session.run(
                "INSERT INTO deeds SELECT coalesce(max(number), 0) + 1, :at, :actor, :action, :object, :detail "
                "FROM deeds",
                at=moment(deed.at),
                actor=deed.actor,
                action=deed.action,
                object=deed.object,
                detail=deed.detail,
            )

    def deeds(self, *, before: int | None = None, limit: int = 100) -> tuple[Deed, ...]:
        """The audit log, newest first."""
        with self._reading() as session:
            rows = session.all(
                "SELECT number, at, actor, action, object, detail FROM deeds WHERE number < :before "
                "ORDER BY number DESC LIMIT :limit",
                before=1 << 62 if before is None else before,
                limit=limit,
            )
        return tuple(
            Deed(number=n, at=time_of(at), actor=actor, action=action, object=object, detail=detail)
            for n, at, actor, action, object, detail in rows
        )

    def sweep(self, *, now: datetime) -> int:
        """Delete logins and tickets that have expired."""
        with self._writing() as session:
            return sum(
                session.run(f"DELETE FROM {table} WHERE expires <= :now", now=moment(now))
                for table in ("logins", "tickets")
            )


def fold(name: str) -> str:
    """A name or address as it is compared: compatibility forms and case folded, white space made single.

    Two names that look alike to a reader's eye in all but case are one; see Unicode's UAX 15 and 31.
    """
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def _keep_password(session: Session, id: str, password: str) -> None:
    session.run("UPDATE accounts SET password = :password WHERE id = :id", id=id, password=password)


def _refuse_taken(session: Session, account: Account) -> None:
    values = _values(account)
    for what, column in (("name", "known"), ("address", "address")):
        if values[column] and session.one(
            "SELECT 1 FROM accounts WHERE (known = :value OR address = :value) AND id <> :id",
            value=values[column],
            id=account.id,
        ):
            raise TakenError(
                f"somebody here has the {what} {values['name' if what == 'name' else 'email']!r} already"
            )


def _open_ticket(session: Session, digest: str, purpose: str, *, now: datetime) -> Ticket | None:
    row = session.one(
        f"SELECT {_TICKET} FROM tickets WHERE digest = :digest AND purpose = :purpose AND expires > :now",
        digest=digest,
        purpose=purpose,
        now=moment(now),
    )
    return _ticket(row) if row else None


def _values(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "known": fold(account.name),
        "email": account.email,
        "address": fold(account.email),
        "role": account.role.value,
        "confirmed": int(account.confirmed),
        "banned": int(account.banned),
    }


def _account(row: Any) -> Account:
    id, name, email, role, made, confirmed, banned = row
    return Account(
        id=id,
        name=name,
        email=email,
        role=Role(role),
        made=time_of(made),
        confirmed=bool(confirmed),
        banned=bool(banned),
    )


def _login(row: Any) -> Login:
    key, account, made, seen, expires, agent = row
    return Login(
        key=key,
        account=account,
        made=time_of(made),
        seen=time_of(seen),
        expires=time_of(expires),
        agent=agent,
    )


def _token(row: Any) -> Token:
    key, account, label, scopes, made, expires, used = row
    return Token(
        key=key,
        account=account,
        label=label,
        scopes=tuple(scopes.split()),
        made=time_of(made),
        expires=time_of(expires) if expires else None,
        used=time_of(used) if used else None,
    )


def _ticket(row: Any) -> Ticket:
    key, purpose, account, value, made, expires = row
    return Ticket(
        key=key, purpose=purpose, account=account, value=value, made=time_of(made), expires=time_of(expires)
    )

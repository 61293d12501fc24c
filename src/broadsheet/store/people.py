"""The contract of accounts: who may come in, as whom, and what was done in the house's name.

Secrets never come here: passwords as argon2 hashes, tokens of all kinds as SHA-256 digests of random
bytes, so that who reads the database can log in as nobody. An account's id is the name of its reader
in ``store.readers``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol


class Role(StrEnum):
    """What an account may do; each may what those before it may."""

    READER = "reader"
    CURATOR = "curator"
    ADMIN = "admin"

    def may(self, needed: Role) -> bool:
        """Whether this role is enough for what that one is needed for."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody. ``name`` is what others see; it and the address are unique, however they are cased."""

    id: str
    name: str
    email: str = ""  # "" where none is known
    role: Role = Role.READER
    made: datetime
    confirmed: bool = False  # whether the address is known to be theirs
    banned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A browser that somebody is logged in with. ``key`` names it to its owner; it opens nothing."""

    key: str
    account: str
    made: datetime
    seen: datetime
    expires: datetime
    agent: str = ""  # what the browser calls itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program comes in with. ``scopes``: see ``library.accounts``."""

    key: str
    account: str
    label: str
    scopes: tuple[str, ...]
    made: datetime
    expires: datetime | None = None
    used: datetime | None = None


# The purpose of a ticket for a new password: one that was set makes the others useless.
RENEWAL: Final = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a link in a mail is good for, once: an invitation, a confirmed address, a new password."""

    key: str
    purpose: str
    account: str = ""  # whose it is; of an invitation, who invited
    value: str = ""  # of an invitation the role, of an address the address
    made: datetime
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """A line of the audit log."""

    number: int
    at: datetime
    actor: str  # an account's id, "" for the command line
    action: str  # "ban", "role", "invite" …
    object: str
    detail: str = ""


class People(Protocol):
    """See ``store.contract`` for threads, transactions and errors. ``digest`` is always a SHA-256 in hex."""

    # -- accounts

    def add(self, account: Account, *, password: str = "") -> None:
        """Keep a new account and its password's hash. Raises TakenError naming what somebody else has."""
        ...

    def account(self, id: str) -> Account | None:
        """The account of this id."""
        ...

    def find(self, name: str) -> tuple[Account, str] | None:
        """The account of this name or address, however cased, and its password's hash ("" for none)."""
        ...

    def accounts(self, *, after: str = "", limit: int = 100) -> tuple[Account, ...]:
        """Accounts by name, from the one after ``after``."""
        ...

    def names_of(self, ids: Iterable[str]) -> Mapping[str, str]:
        """The names of accounts by id; unknown ones are left out."""
        ...

    def joined(self, ids: Iterable[str]) -> Mapping[str, datetime]:
        """Since when accounts are here, by id; unknown ones are left out."""
        ...

    def count(self, role: Role | None = None) -> int:
        """How many accounts there are, of a role or at all, banned ones not counted."""
        ...

    def change(self, account: Account) -> None:
        """Keep an account as it is now. Raises TakenError, NotFoundError. A banned one loses logins and tokens."""
        ...

    def rehash(self, id: str, password: str) -> None:
        """Keep another hash of the password that an account has."""
        ...

    def set_password(self, id: str, password: str, *, but: str = "", programs: bool = False) -> None:
        """Keep the hash of a new password, and with that end every login and every link for a new password.

        ``programs``: tokens and private feeds too. The login or token of the key ``but`` stays.
        """
        ...

    def remove(self, id: str) -> None:
        """Delete an account and all that is its own: logins, tokens, tickets, identities, and its reader's desk."""
        ...

    # -- coming in

    def log_in(self, login: Login, *, digest: str) -> None:
        """Keep a login."""
        ...

    def login(self, digest: str, *, now: datetime) -> tuple[Login, Account] | None:
        """The login of a digest and whose it is; None where it has expired, was ended, or the account is banned.

        That it was seen is noted at most once in five minutes, so that most requests write nothing.
        """
        ...

    def logins(self, account: str, *, now: datetime) -> tuple[Login, ...]:
        """An account's logins, last seen first."""
        ...

    def log_out(self, account: str, *, key: str = "", but: str = "") -> int:
        """End the login of a key, or all but the one named; how many ended."""
        ...

    def grant(self, token: Token, *, digest: str) -> None:
        """Keep a token."""
        ...

    def token(self, digest: str, *, now: datetime) -> tuple[Token, Account] | None:
        """The token of a digest and whose it is; None as for logins."""
        ...

    def tokens(self, account: str) -> tuple[Token, ...]:
        """An account's tokens, newest first, expired ones too."""
        ...

    def revoke(self, account: str, key: str) -> bool:
        """Take a token back; False where the account has none of this key."""
        ...

    def identify(self, issuer: str, subject: str) -> Account | None:
        """The account that an identity provider's subject belongs to."""
        ...

    def join(self, account: str, issuer: str, subject: str) -> None:
        """Note that a provider's subject is this account. Raises TakenError where it is another's."""
        ...

    # -- links in mails

    def issue(self, ticket: Ticket, *, digest: str) -> None:
        """Keep a ticket."""
        ...

    def look(self, digest: str, purpose: str, *, now: datetime) -> Ticket | None:
        """The ticket of a digest, not yet used nor expired. Looking does not use it."""
        ...

    def use(self, digest: str, purpose: str, *, now: datetime) -> Ticket | None:
        """The same, used up: of any number that ask at once, one gets it."""
        ...

    def tickets(self, purposes: Collection[str], *, now: datetime) -> tuple[Ticket, ...]:
        """Open tickets, newest first."""
        ...

    def tear(self, key: str) -> bool:
        """Make a ticket useless by its key; False where there was none."""
        ...

    # -- what was done

    def record(self, deed: Deed) -> None:
        """Append to the audit log; the deed's number is given by the store."""
        ...

    def deeds(self, *, before: int | None = None, limit: int = 100) -> tuple[Deed, ...]:
        """The audit log, newest first, from below a number."""
        ...

    def sweep(self, *, now: datetime) -> int:
        """Delete logins and tickets that have expired; how many."""
        ...

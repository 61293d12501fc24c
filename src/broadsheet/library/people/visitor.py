"""Whoever asks, and what they may. Values only; knows no password and no page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from broadsheet.errors import RefusedError, StrangerError
from broadsheet.store.people import Account, Login, Role, Token


class Scope(StrEnum):
    """What a token may be used for. Whoever is logged in with a browser has all that the role gives."""

    READ = "read"  # everything that the account can see
    DESK = "desk"  # change the account's own desk
    COMMUNITY = "community"  # vote, comment, submit
    CURATE = "curate"  # what a curator does
    ADMIN = "admin"  # what an administrator does
    ACCOUNT = "account"  # see to the account itself: name, logins, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever asks. ``reader`` is the name of the desk, "" for a stranger."""

    reader: str = ""
    account: Account | None = None
    login: Login | None = None  # came by a browser's login
    token: Token | None = None  # came by a program's token
    scopes: frozenset[Scope] = frozenset()  # what of the role's rights may be used

    def may(self, scope: Scope, role: Role = Role.READER) -> bool:
        """Whether the visitor may do what needs a scope and a role."""
        if not self.reader or scope not in self.scopes:
            return False
        return self.account is None or self.account.role.may(role)

    def need(self, scope: Scope, role: Role = Role.READER) -> None:
        """Raises StrangerError where one must be somebody for it, RefusedError where one may not."""
        if not self.reader:
            raise StrangerError("log in to do this")
        if scope not in self.scopes:
            raise RefusedError(f"this token may not do it: it lacks the scope {scope.value!r}")
        if not self.may(scope, role):
            raise RefusedError(f"this needs the role of {role.value}")

    def known(self) -> Account:
        """The visitor's account. Raises StrangerError where there is none."""
        if self.account is None:
            raise StrangerError("log in to see your account")
        return self.account

    def need_presence(self, deed: str) -> None:
        """Raises RefusedError where a token asks for what somebody must do in person, such as ``deed``.

        It is what would outlive the token: whoever finds one must not get further than it goes.
        """
        if self.token is not None:
            raise RefusedError(f"{deed} is for people at a browser, not for a token")


STRANGER: Final = Visitor(scopes=frozenset({Scope.READ}))
ALL_SCOPES: Final = frozenset(Scope)

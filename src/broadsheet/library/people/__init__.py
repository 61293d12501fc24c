"""Who comes in and what they may: accounts, admission, visitors. Knows no page and no database engine."""

from broadsheet.library.people.accounts import Accounts, Rules
from broadsheet.library.people.admission import Invitation, Post, Purpose, Registration
from broadsheet.library.people.visitor import ALL_SCOPES, STRANGER, Scope, Visitor

__all__ = [
    "ALL_SCOPES",
    "STRANGER",
    "Accounts",
    "Invitation",
    "Post",
    "Purpose",
    "Registration",
    "Rules",
    "Scope",
    "Visitor",
]

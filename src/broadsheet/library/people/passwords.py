"""Passwords: hashed by argon2id (RFC 9106), never kept."""

from __future__ import annotations

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from broadsheet.errors import InputError
from broadsheet.store.people import Account

# Long enough to hold off guessing at the rate that the throttle lets through; see NIST SP 800-63B.
SHORTEST: Final = 10
LONGEST: Final = 1000  # hashing takes longer the longer it is


class Passwords:
    """Hashes passwords and compares them."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        # Compared where nobody has the name, so that it takes as long as where somebody has.
        self._nobodys = hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str, account: Account) -> str:
        """What is kept of a new password. Raises InputError where it is too short or the account's own name."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise InputError(
                f"a password of {len(password):,} characters; expected {SHORTEST} to {LONGEST:,}"
            )
        if password.casefold() in {account.name.casefold(), account.email.casefold()}:
            raise InputError("the password is the account's own name; expected one that nobody guesses")
        return self._hasher.hash(password)

    def fits(self, kept: str, password: str) -> bool:
        """Whether a password is the one that this was kept of; takes as long where nothing is kept."""
        try:
            fits = self._hasher.verify(kept or self._nobodys, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
        return fits and bool(kept)

    def renewed(self, kept: str, password: str) -> str | None:
        """The same hashed anew where the parameters have grown since; None where it can stay."""
        return self._hasher.hash(password) if self._hasher.check_needs_rehash(kept) else None

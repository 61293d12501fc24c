"""Addresses that one reader gives away: signed names of private feeds, each taken back by itself. Pure.

A token says whose feed of what it is, and a number that changes when the reader takes it back; the
signature is an HMAC under the archive's own secret, so nobody makes one from outside.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

_MAKE: Final = b"broadsheet feed 1\n"
_SIZE: Final = 16  # bytes of the signature


@dataclass(frozen=True, slots=True)
class Grant:
    """Whose feed of what, and under which number it was given."""

    reader: str
    purpose: str
    number: str


def sign(grant: Grant, *, secret: bytes) -> str:
    """The token of a grant: letters that stand in an address as they are."""
    said = f"{grant.number}\n{grant.purpose}\n{grant.reader}".encode()
    return urlsafe_b64encode(_signature(said, secret) + said).decode().rstrip("=")


def read(token: str, *, secret: bytes) -> Grant | None:
    """What a token says; None where we did not sign it."""
    try:
        found = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        signature, said = found[:_SIZE], found[_SIZE:]
        if not hmac.compare_digest(signature, _signature(said, secret)):
            return None
        number, purpose, reader = said.decode().split("\n", 2)
    except ValueError:
        return None
    return Grant(reader, purpose, number)


def is_current(grant: Grant, number: str | None) -> bool:
    """Whether a grant bears the number that is kept now."""
    return number is not None and hmac.compare_digest(grant.number.encode(), number.encode())


def _signature(said: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, _MAKE + said, sha256)[:_SIZE]

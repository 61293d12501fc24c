"""Links that carry their own permission: signed, so that nobody else can make one; some expire. Knows no page.

A ticket is readable by anybody and made by nobody but who knows the key: HMAC-SHA256 (RFC 2104) over its
text, cut to 128 bits (section 5). It stands in an address, so it is short, and letters, digits, ``-``, ``_`` and ``.``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from broadsheet.errors import InputError, NotFoundError

_SIZE: Final = 16
_BETWEEN: Final = "\x1f"
_MAKE: Final = b"broadsheet link 1"  # so that another use of the same key gives nothing that holds here


class Deed(StrEnum):
    """What a ticket permits."""

    CONFIRM = "confirm"  # begin a subscription: address, reader and schedule
    LEAVE = "leave"  # end a subscription: its id
    SAVE = "save"  # keep a paper: reader and paper
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A permission. ``facts`` say for whom and what; ``until`` is None for one that never expires."""

    deed: Deed
    facts: tuple[str, ...]
    until: datetime | None = None


class Signer:
    """Signs and reads tickets with one key. Safe to share between threads."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.digest(key, _MAKE, hashlib.sha256)

    def sign(self, ticket: Ticket) -> str:
        """The ticket as text for an address. ``until`` is kept to the second."""
        until = str(int(ticket.until.timestamp())) if ticket.until else ""
        body = _BETWEEN.join((ticket.deed.value, until, *ticket.facts)).encode()
        return f"{_encode(body)}.{_encode(self._mark(body))}"

    def read(self, text: str, *, deed: Deed, now: datetime) -> Ticket:
        """The ticket that a text is. Raises NotFoundError where it is none of ours, InputError where it has expired."""
        body, mark = map(_decode, text.split(".", 1)) if text.count(".") == 1 else (b"", b"")
        if not hmac.compare_digest(mark, self._mark(body)):
            raise NotFoundError(
                "this link is none of ours, or it was cut off on its way; expected a whole one"
            )
        said, until, *facts = body.decode().split(_BETWEEN)
        if said != deed.value:
            raise NotFoundError(f"this link is made to {said}, not to {deed}")
        ticket = Ticket(deed, tuple(facts), datetime.fromtimestamp(int(until), UTC) if until else None)
        if ticket.until is not None and ticket.until <= now:
            day = f"{ticket.until.day} {ticket.until:%B %Y}"
            raise InputError(f"this link was good until {day}; expected a newer one")
        return ticket

    def _mark(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:_SIZE]


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):  # ValueError: letters beyond ASCII
        return b""

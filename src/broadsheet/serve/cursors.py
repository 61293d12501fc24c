"""Opaque marks of how far a list was read. A mark that was not made here raises NotFoundError."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import date

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.model import Paper


def write(*values: str | int) -> str:
    """A mark that holds these values."""
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(mark: str, *kinds: type) -> tuple[str | int, ...]:
    """The values of a mark, of these kinds. Raises NotFoundError."""
    try:
        values = json.loads(base64.b64decode(mark + "=" * (-len(mark) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _wrong(mark) from error
    if not isinstance(values, list) or [type(value) for value in values] != list(kinds):
        raise _wrong(mark)
    return tuple(values)


def read_offset(mark: str, *, most: int) -> int:
    """The number of items to pass over; 0 for an empty mark. Raises NotFoundError."""
    if not mark:
        return 0
    (offset,) = read(mark, int)
    if not 0 <= int(offset) <= most:
        raise _wrong(mark)
    return int(offset)


def after(place: int, *, of: int, most: int) -> str | None:
    """The mark of what comes after a place in a list of so many; None where nothing does, or past the last place."""
    return write(place) if place < min(of, most) else None


def read_day(mark: str) -> date | None:
    """The day of a mark; None for an empty one. Raises NotFoundError."""
    if not mark:
        return None
    (day,) = read(mark, str)
    try:
        return date.fromisoformat(str(day))
    except ValueError as error:
        raise _wrong(mark) from error


def read_name(mark: str) -> str:
    """The name of a mark; "" for an empty one. Raises NotFoundError."""
    if not mark:
        return ""
    (name,) = read(mark, str)
    if not str(name).isprintable():
        raise _wrong(mark)
    return str(name)


def write_place(paper: Paper) -> str:
    """The mark of a paper's place among all papers by day."""
    return write(paper.day.isoformat() if paper.day else "", str(paper.id))


def read_place(mark: str) -> tuple[date | None, PaperId] | None:
    """The day and id of a mark; None for an empty one. Raises NotFoundError."""
    if not mark:
        return None
    day, id = (str(value) for value in read(mark, str, str))
    try:
        return date.fromisoformat(day) if day else None, PaperId.parse(id)
    except (ValueError, InputError) as error:
        raise _wrong(mark) from error


def _wrong(mark: str) -> NotFoundError:
    return NotFoundError(f"no page at cursor {mark[:40]!r}; expected one that an answer gave, or none")

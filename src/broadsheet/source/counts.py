"""Read how many votes papers had somewhere, in the form that any counter's readings may have. Knows no counter.

Two forms, told apart by their first bytes, plain or gzipped:

- a table, its cells apart by commas or tabs, with a header that names ``id``, ``count`` and, unless the caller says
  when all of it was counted, ``at``;
- JSON: an array of objects with these fields, or one such object a line.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.source.counters import Counted
from broadsheet.source.files import LineReader, decode, read_bytes, read_head

# The columns of a table that hold the paper's id, the count and when it was.
Columns = tuple[str, str, str]
COLUMNS: Final[Columns] = ("id", "count", "at")
MOST: Final = 1_000_000_000

# From an object of the file, and when it was read, to the reading it holds. Raises InputError.
Entry = Callable[[Mapping[str, Any], datetime | None], Counted]


def plain(value: Mapping[str, Any], at: datetime | None) -> Counted:
    """The reading of one object of the plain form. Raises InputError."""
    id, said = value.get("id"), value.get("at")
    if not isinstance(id, str):
        raise InputError(f"got the id {str(id)[:40]!r}, wanted a paper's id")
    when = at if said is None else moment(said)
    if when is None:
        raise InputError("wanted 'at', the time when this was counted")
    return Counted(PaperId.parse(id), count(value.get("count")), when)


def read(
    path: Path, *, at: datetime | None = None, columns: Columns | None = None, entry: Entry = plain
) -> Iterator[Counted | RecordError]:
    """The file's readings in order, a RecordError for each that cannot be used.

    ``at``: when a file that does not say so was counted. A counter with a form of its own gives the ``columns`` that
    its tables have, if not the plain ones, and ``entry``, which reads an object. Raises InputError where the file is
    in neither form.
    """
    head = read_head(path).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in {b"[", b"{"}:
        yield from _listed(path, at, entry, lines=head[:1] == b"{")
    else:
        yield from _table(path, at, [COLUMNS, *([columns] if columns else [])])


def moment(text: object) -> datetime:
    """A moment in ISO 8601, in UTC where it names no zone. Raises InputError."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        if found is not None:
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InputError(f"got the time {str(text)[:40]!r}, wanted one like 2026-01-31T12:00:00+00:00")


def count(value: object) -> int:
    """A count, a number or its digits. Raises InputError."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(MOST)):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST:
        return value
    raise InputError(f"got a count of {str(value)[:40]!r}, wanted a whole number from 0 to {MOST:,}")


def _table(path: Path, at: datetime | None, known: Sequence[Columns]) -> Iterator[Counted | RecordError]:
    with LineReader(path) as reader:
        lines = reader.lines()
        _, first = next(lines, (0, b""))
        apart = "\t" if b"\t" in first else ","
        header = _cells(first, apart)
        fits = [c for c in known if set(c if at is None else c[:2]) <= set(header)]
        if not fits:
            forms = " or ".join(", ".join(columns) for columns in known)
            raise InputError(
                f"{path}: a table of votes has a header with {forms}; got {', '.join(header)[:200]!r}"
            )
        id, number, time = fits[0]
        for place, line in lines:
            try:
                cells = _cells(line, apart)
                if len(cells) != len(header):
                    raise InputError(f"got {len(cells)} cells, wanted {len(header)}")  # noqa: TRY301
                row = dict(zip(header, cells, strict=True))
                yield plain({"id": row[id], "count": row[number], "at": row.get(time)}, at)
            except InputError as error:
                yield RecordError(f"{path.name}:{place}", str(error), decode(line))


def _cells(line: bytes, apart: str) -> list[str]:
    try:
        return next(csv.reader([decode(line)], delimiter=apart), [])
    except csv.Error as error:
        raise InputError(f"not a line of a table: {error}") from error


def _listed(path: Path, at: datetime | None, entry: Entry, *, lines: bool) -> Iterator[Counted | RecordError]:
    for where, value in _objects(path, lines=lines):
        try:
            if not isinstance(value, Mapping):
                raise InputError(f"got {type(value).__name__}, wanted an object with a paper")  # noqa: TRY301
            yield entry(value, at)
        except InputError as error:
            yield RecordError(where, str(error), json.dumps(value)[:2000])


def _objects(path: Path, *, lines: bool) -> Iterator[tuple[str, Any]]:
    """Each object with its place. Raises InputError where the file is no JSON."""
    try:
        if not lines:
            for number, value in enumerate(json.loads(read_bytes(path)), start=1):
                yield f"{path.name}: entry {number}", value
            return
        with LineReader(path) as reader:
            for number, line in reader.lines():
                yield f"{path.name}:{number}", json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error

"""Read how many votes papers had elsewhere: tables of readings, and Hugging Face's daily list. Knows no database.

Two forms, told apart by their first bytes, plain or gzipped:

- tab-separated, with a header that names at least ``paper_id``, ``observed_at`` and ``upvotes``;
- JSON as ``GET /api/daily_papers`` answers: an array of objects with ``paper.id`` and ``paper.upvotes``, or one
  such object a line. It does not say when it was read, so the caller does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.model import VoteReading
from broadsheet.source.files import LineReader, decode, read_bytes, read_head

_WANTED = ("paper_id", "observed_at", "upvotes")
_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Counted:
    """One reading of one paper's votes; ``featured`` is the day it came onto the list, where that is said."""

    id: PaperId
    reading: VoteReading
    featured: date | None = None


def read(path: Path, *, at: datetime | None = None) -> Iterator[Counted | RecordError]:
    """The file's readings in order, a RecordError for each that cannot be used.

    ``at``: when a list without times was read; needed for JSON. Raises InputError where the file is in
    neither form, or needs ``at`` and has none.
    """
    head = read_head(path).removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] in {b"[", b"{"}:
        if at is None:
            raise InputError(f"{path} does not say when its votes were counted; say it")
        yield from _listed(path, at, lines=head[:1] == b"{")
    else:
        yield from _table(path)


def _table(path: Path) -> Iterator[Counted | RecordError]:
    with LineReader(path) as reader:
        lines = reader.lines()
        _, first = next(lines, (0, b""))
        header = decode(first).split("\t")
        if missing := [name for name in _WANTED if name not in header]:
            raise InputError(
                f"{path}: a table of votes has a header with {', '.join(_WANTED)}; missing: {', '.join(missing)}"
            )
        places = [header.index(name) for name in _WANTED]
        for number, line in lines:
            try:
                yield _row(decode(line).split("\t"), places, width=len(header))
            except InputError as error:
                yield RecordError(f"{path.name}:{number}", str(error), decode(line))


def _row(cells: list[str], places: list[int], *, width: int) -> Counted:
    if len(cells) != width:
        raise InputError(f"got {len(cells)} cells, wanted {width}")
    name, moment, votes = (cells[place] for place in places)
    return Counted(PaperId.parse(name), VoteReading(_moment(moment), _count(votes)))


def _listed(path: Path, at: datetime, *, lines: bool) -> Iterator[Counted | RecordError]:
    for where, value in _objects(path, lines=lines):
        try:
            yield _entry(value, at)
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


def _entry(value: Any, at: datetime) -> Counted:
    if not isinstance(value, Mapping):
        raise InputError(f"got {type(value).__name__}, wanted an object with a paper")
    paper = value.get("paper", value)
    if not isinstance(paper, Mapping) or not isinstance(paper.get("id"), str):
        raise InputError("wanted an object with paper.id, as Hugging Face's daily list has it")
    votes = paper.get("upvotes", value.get("upvotes"))
    listed = paper.get("submittedOnDailyAt")
    return Counted(
        PaperId.parse(paper["id"]),
        VoteReading(at, _count(votes)),
        _moment(listed).date() if isinstance(listed, str) else None,
    )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InputError(f"got the time {text!r}, wanted one like 2026-01-31T12:00:00+00:00") from error


def _count(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(_MOST)):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    raise InputError(f"got {str(value)[:40]!r} votes, wanted a whole number from 0 to {_MOST:,}")

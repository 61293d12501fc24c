"""The tables by which papers are found: editions, people, sketches, titles, what they say of others.

They can be made again from papers.

Rows are written in the order of their keys: so each page of a table is visited once a batch.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from broadsheet import titles
from broadsheet.model import HUGGING_FACE, AnnounceKind, Record, VoteReading, latest
from broadsheet.store.contract import Outline
from broadsheet.store.engine import Row, Session
from broadsheet.store.merge import Content
from broadsheet.store.rows import decode, encode_list, id_of, moment
from broadsheet.store.sheet import SHOWN

# The columns of `announcements` that make an Outline, in the order of `outline_of`.
OUTLINE = "id, kind, categories, votes, featured, version, sample, counts"

# The first kind counts where a paper has several on one day.
_KINDS = tuple(AnnounceKind)
_KIND_CODES = {kind: code for code, kind in enumerate(_KINDS)}

# For each table, how to take a row out again.
_TABLES = {
    "announcements": "DELETE FROM announcements WHERE day = :key AND paper = :no",
    "authors": "DELETE FROM authors WHERE key = :key AND paper = :no",
    "sketches": "DELETE FROM sketches WHERE band = :key AND paper = :no",
    "mentions": "DELETE FROM mentions WHERE target = :key AND paper = :no",
    "titles": "DELETE FROM titles WHERE key = :key AND paper = :no",
}

_Entry = tuple[Any, ...]  # a row of its table: key, paper, and what else there is


class Filing:
    """Gathers what changes in these tables, then writes it."""

    def __init__(self) -> None:
        self._out: dict[str, list[_Entry]] = {table: [] for table in _TABLES}
        self._into: dict[str, list[_Entry]] = {table: [] for table in _TABLES}

    def refile(self, no: int, before: Content | None, after: Content | None) -> None:
        """A paper is to be found by other things than before; None: not at all."""
        old, new = _entries(no, before), _entries(no, after)
        for table in _TABLES:
            if before is None:
                self._into[table] += new[table]
            else:
                self._out[table] += [row for row in old[table] if row not in new[table]]
                self._into[table] += [row for row in new[table] if row not in old[table]]

    def newly_mentioned(self) -> list[tuple[int, str]]:
        """The papers that speak of others for the first time, and of which."""
        return [(no, target) for target, no, *_ in self._into["mentions"]]

    def write(self, session: Session) -> None:
        """Write the changes."""
        for table, remove in _TABLES.items():
            out = sorted(self._out[table], key=_key)
            session.many(remove, [{"key": key, "no": no} for key, no, *_ in out])
            session.fill(table, sorted(self._into[table], key=_key))


def outline_of(
    key: str,
    kind: int,
    categories: str,
    votes: str | None,
    featured: str | None,
    version: int | None,
    sample: int,
    counts: str | None,
) -> Outline:
    """An outline from its row."""
    return Outline(
        id_of(key),
        _KINDS[kind],
        _categories_of(categories),
        _reading_of(*json.loads(votes)) if votes else None,
        date.fromisoformat(featured) if featured else None,
        version,
        bool(sample),
        tuple([_reading_of(*each) for each in json.loads(counts)]) if counts else (),
    )


def file_anew(session: Session, table: str) -> None:
    """Write one of these tables, which is empty, from the papers."""
    rows: list[_Entry] = []
    last = -1
    while some := session.all(
        "SELECT no, id, body FROM papers WHERE no > :last AND state = :shown ORDER BY no LIMIT 1000",
        last=last,
        shown=SHOWN,
    ):
        last = some[-1][0]
        for no, key, body in some:
            rows += _entries(no, decode(key, body)[0])[table]
    session.fill(table, sorted(rows, key=_key))


def _key(row: Row) -> tuple[Any, Any]:
    return row[0], row[1]


@lru_cache(maxsize=4096)
def _categories_of(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


def _reading_of(at: str, count: int, counter: str = HUGGING_FACE) -> VoteReading:
    return VoteReading(datetime.fromisoformat(at), count, counter)


_NONE: dict[str, list[_Entry]] = {table: [] for table in _TABLES}


def _entries(no: int, content: Content | None) -> dict[str, list[_Entry]]:
    if content is None:
        return _NONE
    return {
        "announcements": _announcements(no, content.record),
        "authors": [(key, no) for key in dict.fromkeys([a.key for a in content.record.authors])],
        "sketches": [(band, no) for band in dict.fromkeys(content.derived.sketch)],
        "mentions": [(mention.target, no) for mention in content.derived.mentions],
        "titles": [(key, no) for key in titles.keys(content.derived.title)],
    }


def _announcements(no: int, record: Record) -> list[_Entry]:
    if not record.announcements:
        return []
    days: dict[str, int] = {}
    for announcement in record.announcements:
        day, code = announcement.day.isoformat(), _KIND_CODES[announcement.kind]
        days[day] = min(code, days.get(day, code))
    counts = latest(record.readings) if record.readings else {}
    votes = [[moment(r.at), r.count] for name, r in counts.items() if name == HUGGING_FACE]
    others = [[moment(r.at), r.count, name] for name, r in counts.items() if name != HUGGING_FACE]
    outline = (
        record.id.value,
        encode_list(record.categories),
        json.dumps(votes[0]) if votes else None,
        record.featured.isoformat() if record.featured else None,
        record.version,
        int(record.sample),
        json.dumps(others) if others else None,
    )
    return [(day, no, kind, *outline) for day, kind in days.items()]

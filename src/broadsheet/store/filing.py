"""The tables by which papers are found: editions, people, sketches. They can be made again from papers.

Rows are written in the order of their keys: so each page of a table is visited once a batch.
"""

from __future__ import annotations

from typing import Any

from broadsheet.model import AnnounceKind
from broadsheet.store.engine import Session
from broadsheet.store.merge import Content

# The first kind counts where a paper has several on one day.
_KIND_CODES = {kind: code for code, kind in enumerate(AnnounceKind)}

# For each table, how to take a row out again.
_TABLES = {
    "announcements": "DELETE FROM announcements WHERE day = :key AND paper = :no",
    "authors": "DELETE FROM authors WHERE key = :key AND paper = :no",
    "sketches": "DELETE FROM sketches WHERE band = :key AND paper = :no",
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

    def write(self, session: Session) -> None:
        """Write the changes."""
        for table, remove in _TABLES.items():
            session.many(remove, [{"key": key, "no": no} for key, no, *_ in sorted(self._out[table])])
            session.fill(table, sorted(self._into[table]))


_NONE: dict[str, list[_Entry]] = {table: [] for table in _TABLES}


def _entries(no: int, content: Content | None) -> dict[str, list[_Entry]]:
    if content is None:
        return _NONE
    record = content.record
    featured = int(record.featured is not None)
    days: dict[str, int] = {}
    for announcement in record.announcements:
        day, code = announcement.day.isoformat(), _KIND_CODES[announcement.kind]
        days[day] = min(code, days.get(day, code))
    return {
        "announcements": [(day, no, kind, featured) for day, kind in days.items()],
        "authors": [(key, no) for key in dict.fromkeys([a.key for a in record.authors])],
        "sketches": [(band, no) for band in dict.fromkeys(content.derived.sketch)],
    }

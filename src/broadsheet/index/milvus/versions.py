"""Rows that are valid from one generation on until another replaces them. Knows no papers.

A row is never changed as readers see it: a new state is another row, valid *since* the generation to
come, and the former one is marked as valid *until* then. Readers ask for what is valid at their
generation, so all of a publication appears at once, when the generation's number does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from broadsheet.index.milvus.engine import Engine, Row, all_of, one_of

FOREVER: Final = 1 << 62

_LATEST: Final = f"until == {FOREVER}"
_CLOSED: Final = 500


def at(number: int) -> str:
    """What is valid at a generation."""
    return f"since <= {number} and until > {number}"


class Versions:
    """The rows of one collection. For one writer at a time."""

    def __init__(self, engine: Engine, collection: str, fields: Sequence[str]) -> None:
        """``fields`` are all that are stored, besides ``pk``, ``key``, ``since`` and ``until``."""
        self._engine = engine
        self.collection: Final = collection
        self._fields = ("pk", "key", "since", "until", *fields)

    def latest(self, keys: Sequence[str], fields: Sequence[str] = ()) -> dict[str, Row]:
        """The last state of each key that has one, published or not; whole rows, or some fields of them."""
        rows = self._engine.rows_of(
            self.collection,
            "key",
            keys,
            ("key", *fields) if fields else self._fields,
            where=_LATEST,
        )
        return {row["key"]: row for row in rows}

    def replace(self, fresh: Mapping[str, Row], former: Iterable[Row], *, number: int) -> None:
        """Make rows valid since a generation, and their former states, as ``latest`` gave them, until then."""
        self.close(former, number=number, replaced=fresh)
        self._engine.put(
            self.collection,
            [
                {**row, "pk": f"{key}#{number}", "key": key, "since": number, "until": FOREVER}
                for key, row in fresh.items()
            ],
        )

    def close(self, former: Iterable[Row], *, number: int, replaced: Mapping[str, Row] | None = None) -> None:
        """Make rows, as ``latest`` gave them, no longer valid at a generation."""
        rows = list(former)
        self._engine.put(self.collection, [{**row, "until": number} for row in rows if row["since"] < number])
        unseen = [row["pk"] for row in rows if row["since"] == number and row["key"] not in (replaced or {})]
        for start in range(0, len(unseen), _CLOSED):
            self._engine.delete(self.collection, one_of("pk", unseen[start : start + _CLOSED]))

    def undo(self, *, after: int) -> None:
        """Forget what a writer did for generations after this one and did not publish."""
        self._engine.delete(self.collection, f"since > {after}")
        undone = all_of([f"until > {after}", f"until < {FOREVER}"])
        while rows := self._engine.rows(self.collection, undone, self._fields, limit=_CLOSED):
            self._engine.put(self.collection, [{**row, "until": FOREVER} for row in rows])

    def sweep(self, *, before: int) -> None:
        """Delete what is valid at no generation from this one on."""
        self._engine.delete(self.collection, f"until <= {before}")

"""The paper table while it is being written. Knows no files.

See ``papers`` for what ordinals and digests are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index.papers import Lines, Papers, from_key, lines, to_key


class Ledger:
    """Ordinals, digests and days of all papers, and which of them changed. For one thread."""

    def __init__(self, papers: Papers) -> None:
        self._size = papers.size
        self._here = papers.here.copy()
        self._digests = papers.digests.copy()
        self._days = papers.days.copy()
        self._keys: list[bytes] = papers.keys.tolist()
        self._ordinals = {key: ordinal for ordinal, key in enumerate(self._keys) if key}
        self._changed: set[int] = set()
        self._made: dict[str, NDArray[np.uint64]] = {}

    def __len__(self) -> int:
        return int(self._here.sum())

    @property
    def size(self) -> int:
        """Ordinals are below this."""
        return self._size

    @property
    def here(self) -> NDArray[np.bool_]:
        """Whether each paper is in, by ordinal."""
        return self._here[: self._size]

    @property
    def digests(self) -> NDArray[np.uint64]:
        """Each paper's present text, by ordinal."""
        return self._digests[: self._size]

    def ordinal(self, id: PaperId) -> int:
        """The ordinal of a paper, here or gone; -1 where it never was."""
        return self._ordinals.get(to_key(id), -1)

    def is_here(self, id: PaperId) -> bool:
        """Whether the paper is in."""
        return (ordinal := self.ordinal(id)) >= 0 and bool(self._here[ordinal])

    def put(self, id: PaperId, *, digest: int, day: int) -> int:
        """Enter a paper, or its new state; its ordinal."""
        key = to_key(id)
        ordinal = self._ordinals.get(key)
        if ordinal is None:
            ordinal = self._size
            self._ordinals[key] = ordinal
            self._keys.append(key)
            self._grow(ordinal + 1)
        line = (True, digest, day)
        if (self._here[ordinal], self._digests[ordinal], self._days[ordinal]) != line:
            self._here[ordinal], self._digests[ordinal], self._days[ordinal] = line
            self._changed.add(ordinal)
        return ordinal

    def take_out(self, id: PaperId) -> None:
        """Mark a paper as gone."""
        if self.is_here(id):
            self._here[self.ordinal(id)] = False
            self._changed.add(self.ordinal(id))

    def take_out_all(self) -> None:
        """Mark every paper as gone; ordinals stay, and so do the vectors of whoever comes back."""
        self._changed |= set(np.flatnonzero(self._here[: self._size]).tolist())
        self._here[:] = False

    def changes(self) -> Lines | None:
        """The lines that changed since ``settled``; None where none did."""
        entries = [
            (o, int(self._digests[o]), int(self._days[o]), bool(self._here[o]), self._keys[o])
            for o in sorted(self._changed)
        ]
        return lines(entries) if entries else None

    def settled(self) -> None:
        """The changes have been written down."""
        self._changed.clear()

    # -- vectors and details

    def mark(
        self, name: str, ordinals: Sequence[int] | NDArray[Any], digests: Sequence[int] | NDArray[Any]
    ) -> None:
        """Note that what has this name, an encoder's vectors or details, was made of these papers' texts."""
        made = self._made_of(name)
        places = np.asarray(ordinals, dtype=np.int64)
        texts = np.asarray(digests, dtype=np.uint64)
        known = places < self._size
        made[places[known]] = texts[known]

    def has(self, name: str, ordinal: int, digest: int) -> bool:
        """Whether it was made of this text of a paper."""
        made = self._made.get(name)
        return made is not None and 0 <= ordinal < len(made) and int(made[ordinal]) == digest

    def having(self, name: str) -> int:
        """How many papers it was made of, of their present text."""
        return int((self.here & (self._made_of(name)[: self._size] == self.digests)).sum())

    def lacking(self, name: str, *, limit: int) -> tuple[PaperId, ...]:
        """Papers of whose present text it was not made, newest first, then last come first."""
        made = self._made_of(name)[: self._size]
        places = np.flatnonzero(self._here[: self._size] & (made != self._digests[: self._size]))
        newest = places[np.lexsort((-places, -self._days[places].astype(np.int64)))][:limit]
        return tuple(from_key(self._keys[place]) for place in newest)

    def _made_of(self, name: str) -> NDArray[np.uint64]:
        made = self._made.get(name)
        if made is None or len(made) < len(self._here):
            grown = np.zeros(len(self._here), dtype=np.uint64)
            if made is not None:
                grown[: len(made)] = made
            made = self._made[name] = grown
        return made

    def _grow(self, size: int) -> None:
        if size > len(self._here):
            room = max(1024, 2 * len(self._here))
            self._here = _longer(self._here, room)
            self._digests = _longer(self._digests, room)
            self._days = _longer(self._days, room)
        self._size = size


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    longer = np.zeros(size, dtype=array.dtype)
    longer[: len(array)] = array
    return longer

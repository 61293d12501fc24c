"""The papers that readers are chosen from, each placed in the day's space once for all readers. Knows no store."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.rank.recommend import Points

Place = Callable[[Sequence[PaperId]], Points]


@dataclass(frozen=True, slots=True)
class _Held:
    points: Points
    row: Mapping[PaperId, int]

    def of(self, ids: Sequence[PaperId]) -> Points:
        return self.points.take([self.row[id] for id in ids])


class Board:
    """Points of papers, kept from when many are first asked for together. Safe to share between threads.

    ``place`` gives the points of papers, in a second for each thousand; a paper without a vector is not kept, as the
    index has yet to come to it. Past ``most`` papers the board begins anew with those asked for: three kilobytes each.
    Of fewer than ``few`` nothing is kept, as they are quickly placed again.
    """

    def __init__(self, place: Place, *, most: int, few: int) -> None:
        self._place = place
        self._most = most
        self._few = few
        self._held = _Held(place(()), {})
        self._placing = threading.Lock()

    def points_beside(self, known: Points, ids: Sequence[PaperId]) -> Points:
        """The points of papers, in the order asked, without keeping any: those known, and the others from the board.

        One that is known without a vector may have one by now, and is placed again.
        """
        ready = np.flatnonzero(known.vectors.any(axis=1)).tolist()
        held = _Held(known, {PaperId.parse(known.ids[row]): row for row in ready})
        lacking = _missing(ids, held)
        return _joined(ids, held, lacking, self.points(lacking, keep=False))

    def points(self, ids: Sequence[PaperId], *, keep: bool = True) -> Points:
        """The points of papers, in the order asked. Without ``keep`` those that are not on the board do not come onto it."""
        held = self._held
        if all(id in held.row for id in ids):
            return held.of(ids)
        if len(ids) < self._few:
            return self._place(ids)
        if not keep:
            return _joined(ids, held, lacking := _missing(ids, held), self._place(lacking))
        with self._placing:  # once is enough
            held = self._held
            lacking = _missing(ids, held)
            placed = self._place(lacking)
            self._hold(ids, lacking, placed)
        return _joined(ids, held, lacking, placed)

    def is_quick(self, ids: Sequence[PaperId]) -> bool:
        """Whether all but a few of these papers are on the board."""
        row = self._held.row
        return sum(id not in row for id in ids) < self._few

    def _hold(self, ids: Sequence[PaperId], lacking: Sequence[PaperId], placed: Points) -> None:
        ready = np.flatnonzero(placed.vectors.any(axis=1)).tolist()
        if not ready:
            return
        held = self._held
        if len(held.row) + len(ready) > self._most:
            stay = list(dict.fromkeys(id for id in ids if id in held.row))
            held = _Held(held.of(stay), {id: row for row, id in enumerate(stay)})
        fresh = {lacking[row]: len(held.row) + place for place, row in enumerate(ready)}
        self._held = _Held(Points.stacked([held.points, placed.take(ready)]), {**held.row, **fresh})


def _missing(ids: Sequence[PaperId], held: _Held) -> list[PaperId]:
    return list(dict.fromkeys(id for id in ids if id not in held.row))


def _joined(ids: Sequence[PaperId], held: _Held, lacking: Sequence[PaperId], placed: Points) -> Points:
    """The points of ids, of which those that lack were placed just now."""
    known = list(dict.fromkeys(id for id in ids if id in held.row))
    row = {id: row for row, id in enumerate((*known, *lacking))}
    return Points.stacked([held.of(known), placed]).take([row[id] for id in ids])

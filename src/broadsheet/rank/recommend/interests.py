"""The several interests of a reader: what was kept, in groups whose number the papers decide.

Groups are made of vectors by spherical k-means (Dhillon and Modha 2001) from starts that lie far apart, for each
number up to a limit; kept is the number with the largest mean silhouette (Rousseeuw 1987), and one group where no
number parts the papers well. Knows no weights and no archive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.rank.recommend.space import Points

_MOST: Final = 8  # interests of a reader
_LEAST: Final = 3  # papers an interest has on average, at least
_PARTED: Final = 0.06  # silhouette up to which papers are one interest
_BETTER: Final = 0.02  # and by how much more groups must be better than fewer
_ROUNDS: Final = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What a reader set for an interest; ``weight`` 1 is as learned, 2 counts twice, 0 mutes it."""

    name: str | None = None
    weight: float = 1.0
    muted: bool = False

    @property
    def factor(self) -> float:
        """By how much its papers count."""
        return 0.0 if self.muted else max(self.weight, 0.0)


@dataclass(frozen=True, slots=True)
class Interest:
    """A group of kept papers. ``key`` is the id that was its most central paper when it came up.

    ``papers`` are its ids, the most central first; ``centre`` is a unit vector.
    """

    key: str
    papers: tuple[str, ...]
    centre: Vectors


def group(kept: Points, *, former: Sequence[Interest] = ()) -> tuple[Interest, ...]:
    """The interests that kept papers fall into, the largest first; ties by key.

    A new group takes the key of the former one with which it shares most papers, each key once.
    """
    rows = np.flatnonzero(kept.vectors.any(axis=1))
    if not len(rows):
        return ()
    vectors = kept.vectors[rows]
    groups = _best(vectors)
    made = [
        _interest(tuple(kept.ids[r] for r in rows[groups == g]), vectors[groups == g])
        for g in range(groups.max() + 1)
    ]
    return _ordered(_rekeyed(made, former))


def joined_by(interests: Sequence[Interest], kept: Points) -> tuple[Interest, ...]:
    """The interests with exactly these papers: new ones join the nearest, former ones leave.

    Without interests, the papers are grouped.
    """
    home = {id: n for n, interest in enumerate(interests) for id in interest.papers}
    row_of = {kept.ids[row]: row for row in np.flatnonzero(kept.vectors.any(axis=1)).tolist()}
    if not home.keys() & row_of.keys():
        return group(kept, former=interests)
    touched = {home[id] for id in home.keys() - row_of.keys()}
    if new := [id for id in row_of if id not in home]:
        near = nearest_of(interests, kept.take([row_of[id] for id in new])).tolist()
        home |= zip(new, near, strict=True)
        touched |= set(near)
    changed = []
    for n, interest in enumerate(interests):
        if n not in touched:
            changed.append(interest)
        elif own := [row for id, row in row_of.items() if home[id] == n]:
            made = _interest(tuple(kept.ids[row] for row in own), kept.vectors[own])
            changed.append(replace(made, key=interest.key))
    return _ordered(changed)


def nearest_of(interests: Sequence[Interest], points: Points) -> NDArray[np.intp]:
    """For each point the number of the interest whose centre is nearest."""
    centres = np.stack([interest.centre for interest in interests])
    nearest: NDArray[np.intp] = np.argmax(points.vectors @ centres.T, axis=1)
    return nearest


def _ordered(interests: Sequence[Interest]) -> tuple[Interest, ...]:
    return tuple(sorted(interests, key=lambda i: (-len(i.papers), i.key)))


def _interest(ids: tuple[str, ...], vectors: Vectors) -> Interest:
    centre = _unit(vectors.mean(axis=0)[np.newaxis])[0]
    closeness = vectors @ centre
    order = sorted(range(len(ids)), key=lambda n: (-closeness[n], ids[n]))
    return Interest(ids[order[0]], tuple(ids[n] for n in order), centre)


def _rekeyed(made: list[Interest], former: Sequence[Interest]) -> list[Interest]:
    shared = sorted(
        (
            (-len(set(new.papers) & set(old.papers)), old.key, n)
            for n, new in enumerate(made)
            for old in former
            if set(new.papers) & set(old.papers)
        )
    )
    keys: dict[int, str] = {}
    for _, key, n in shared:
        if n not in keys and key not in keys.values():
            keys[n] = key
    # A most central paper may be another's former key.
    for n, new in enumerate(made):
        if n not in keys:
            keys[n] = next((id for id in new.papers if id not in keys.values()), new.key)
    return [replace(new, key=keys[n]) for n, new in enumerate(made)]


def _best(vectors: Vectors) -> NDArray[np.intp]:
    """The group of each vector, for the number of groups that parts them best."""
    best = np.zeros(len(vectors), dtype=np.intp)
    most = _PARTED
    for count in range(2, min(_MOST, len(vectors) // _LEAST) + 1):
        groups = _parted(vectors, count)
        if len(np.unique(groups)) == count and (width := _silhouette(vectors, groups)) > most:
            best, most = groups, width + _BETTER
    return best


def _parted(vectors: Vectors, count: int) -> NDArray[np.intp]:
    """Groups of spherical k-means."""
    centres = _starts(vectors, count)
    groups = np.full(len(vectors), -1, dtype=np.intp)
    for _ in range(_ROUNDS):
        found: NDArray[np.intp] = np.argmax(vectors @ centres.T, axis=1)
        if np.array_equal(found, groups):
            break
        groups = found
        sums = np.stack([vectors[groups == g].sum(axis=0) for g in range(count)])
        filled = np.any(sums, axis=1, keepdims=True)
        centres = np.where(filled, _unit(sums), centres)
    return groups


def _starts(vectors: Vectors, count: int) -> Vectors:
    """The vector nearest to the mean, then again and again the one farthest from all chosen."""
    chosen = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    closest = vectors @ vectors[chosen[0]]
    while len(chosen) < count:
        chosen.append(int(np.argmin(closest)))
        closest = np.maximum(closest, vectors @ vectors[chosen[-1]])
    return vectors[chosen]


def _silhouette(vectors: Vectors, groups: NDArray[np.intp]) -> float:
    """The mean silhouette by cosine distance, not divided by the distances; a vector alone in its group counts 0.

    So papers that are all near each other are not parted by what little they differ in. Mean distances to all of a group come from the group's sum, so no pair is looked at.
    """
    sizes = np.bincount(groups)
    sums = np.stack([vectors[groups == g].sum(axis=0) for g in range(len(sizes))])
    alike = vectors @ sums.T
    rows = np.arange(len(groups))
    # Without the vector itself, whose cosine with itself is 1.
    own = 1 - (alike[rows, groups] - 1) / np.maximum(sizes[groups] - 1, 1)
    distances = 1 - alike / sizes
    distances[rows, groups] = np.inf
    other = distances.min(axis=1)
    return float(np.mean(np.where(sizes[groups] > 1, other - own, 0)))


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit

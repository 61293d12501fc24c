"""The several interests of a reader: what was kept, in groups whose number the papers decide.

Groups are made of vectors by spherical k-means (Dhillon and Modha 2001) from starts that lie far apart, for each
number up to a limit; kept is the number with the largest simplified silhouette (Hruschka et al. 2004), and one
group where no number parts the papers well. Knows no weights and no archive.
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
_PARTED: Final = 0.25  # silhouette below which papers are one interest
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
    held = {id for interest in interests for id in interest.papers}
    rows = np.flatnonzero(kept.vectors.any(axis=1))
    if not interests or not held & set(kept.ids):
        return group(kept, former=interests)
    at = {id: n for n, interest in enumerate(interests) for id in interest.papers}
    new = [r for r in rows.tolist() if kept.ids[r] not in at]
    if new:
        at |= zip(
            (kept.ids[r] for r in new), nearest_of(interests, kept.take(new)).tolist(), strict=True
        )
    changed = []
    for n, interest in enumerate(interests):
        own = [r for r in rows.tolist() if at[kept.ids[r]] == n]
        if own:
            made = _interest(tuple(kept.ids[r] for r in own), kept.vectors[own])
            changed.append(replace(made, key=interest.key))
    return _ordered(changed)


def nearest_of(interests: Sequence[Interest], points: Points) -> NDArray[np.intp]:
    """For each point the number of the interest whose centre is nearest."""
    centres = np.stack([interest.centre for interest in interests])
    return np.argmax(points.vectors @ centres.T, axis=1)


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
        groups, closeness = _parted(vectors, count)
        if len(np.unique(groups)) < count:
            continue
        width = _silhouette(closeness, groups)
        if width > most:
            best, most = groups, width
    return best


def _parted(vectors: Vectors, count: int) -> tuple[NDArray[np.intp], Vectors]:
    """Groups of spherical k-means, and each vector's closeness to each centre."""
    centres = _starts(vectors, count)
    groups = np.full(len(vectors), -1, dtype=np.intp)
    for _ in range(_ROUNDS):
        closeness = vectors @ centres.T
        found = np.argmax(closeness, axis=1)
        if np.array_equal(found, groups):
            break
        groups = found
        sums = np.stack([vectors[groups == g].sum(axis=0) for g in range(count)])
        centres = np.where(sums.any(axis=1)[:, np.newaxis], _unit(sums), centres)
    return groups, vectors @ centres.T


def _starts(vectors: Vectors, count: int) -> Vectors:
    """The vector nearest to the mean, then again and again the one farthest from all chosen."""
    chosen = [int(np.argmax(vectors @ vectors.mean(axis=0)))]
    closest = vectors @ vectors[chosen[0]]
    while len(chosen) < count:
        chosen.append(int(np.argmin(closest)))
        closest = np.maximum(closest, vectors @ vectors[chosen[-1]])
    return vectors[chosen]


def _silhouette(closeness: Vectors, groups: NDArray[np.intp]) -> float:
    """The mean of (b - a) / max(a, b), a and b being distances to the own and the next centre."""
    distances = 1 - closeness
    rows = np.arange(len(groups))
    own = distances[rows, groups]
    distances[rows, groups] = np.inf
    other = distances.min(axis=1)
    return float(np.mean((other - own) / np.maximum(np.maximum(own, other), 1e-9)))


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit

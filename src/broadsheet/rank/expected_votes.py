"""From an early count of votes, a later one: a middle guess and a band that holds four in five. Pure.

Three lines, for the tenth, fiftieth and ninetieth per cent, tell by which factor 1 + votes grows; they are fitted
by the pinball loss (Koenker and Bassett 1978), smoothed a little. The band is then widened or narrowed by what
made it hold four in five of papers that the lines had not seen (cross-conformal: each quarter of the time by lines
through the others; conformalized quantile regression,
Romano, Patterson and Candès 2019), counted on whole votes, as readers see them, and by itself for few and
many votes, for a week and for longer: a band that holds on the whole may fail for the papers most looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.model import VoteReading
from broadsheet.rank.expected_linear import Floats, minimise, sigmoid

LEVELS: Final = (0.1, 0.5, 0.9)
COVERS: Final = 0.83  # aimed at, so that four in five are held when times change
ENOUGH: Final = 200  # pairs of readings
_PARTS: Final = 4
_SMOOTH: Final = 0.02  # in log votes: a hundredth of the usual growth's spread
_RIDGE: Final = 1e-3
_DAY: Final = 86_400.0
_SHIFTS: Final = np.linspace(-0.5, 1.0, 301)
_VOTES: Final = (10, 30)  # up to so many are few, some; more are many
_DAYS: Final = 7.0  # up to so many ahead is soon
_GROUPS: Final = 2 * (len(_VOTES) + 1)
_FEW: Final = 60  # a group with fewer pairs goes by all


@dataclass(frozen=True, slots=True)
class Pair:
    """A paper's early reading, how long after its first one that was, and a later reading."""

    early: VoteReading
    age: float  # days
    later: VoteReading

    @property
    def ahead(self) -> float:
        """Days from the early reading to the later one."""
        return (self.later.at - self.early.at).total_seconds() / _DAY


@dataclass(frozen=True, slots=True)
class Outlook:
    """How many votes a paper will have: the middle guess, and the band that holds four in five."""

    votes: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Growth:
    """The three lines, shape (3, 6), how far each group's band was moved outwards, and what was learnt from when."""

    lines: Floats
    shifts: Floats
    facts: Mapping[str, str]

    def outlook(self, early: VoteReading, *, ahead: float, age: float = 0.0) -> Outlook:
        """How many votes a paper with this reading will have ``ahead`` days later.

        ``age``: days from its first reading to this one. Votes are never said to fall.
        """
        counts, days = np.array([early.count]), np.array([ahead])
        low, middle, high = self.whole(counts, days, np.array([age]))[0]
        return Outlook(int(middle), int(low), int(high))

    def whole(self, counts: NDArray[np.int64], ahead: Floats, age: Floats) -> Floats:
        """Low, middle and high whole votes for each early count, shape (n, 3)."""
        logs = _features(counts, ahead, age) @ self.lines.T
        return _whole(logs, counts, self.shifts[_group(counts, ahead)])


def pairs(readings: Sequence[VoteReading]) -> list[Pair]:
    """Every pair of a paper's readings in the order of time that are at least half a day apart."""
    if not readings:
        return []
    first = min(readings).at
    ordered = sorted(readings)
    return [
        Pair(early, (early.at - first).total_seconds() / _DAY, later)
        for number, early in enumerate(ordered)
        for later in ordered[number + 1 :]
        if (later.at - early.at).total_seconds() >= _DAY / 2
    ]


def learn_growth(found: Sequence[Pair], *, facts: Mapping[str, str]) -> Growth:
    """The lines through all pairs, their band by how lines through three quarters do on the fourth, in time.

    Raises InputError where there are fewer than 200.
    """
    if len(found) < ENOUGH:
        raise InputError(
            f"{len(found)} pairs of readings are too few to learn from; at least {ENOUGH} are needed"
        )
    ordered = sorted(found, key=lambda pair: (pair.early, pair.later))
    cuts = [len(ordered) * n // _PARTS for n in range(_PARTS + 1)]
    logs = np.concatenate(
        [
            _features(*_arrays(ordered[start:end])[:3]) @ _lines([*ordered[:start], *ordered[end:]]).T
            for start, end in pairwise(cuts)
        ]
    )
    counts, ahead, _, later = _arrays(ordered)
    groups = _group(counts, ahead)
    shifts = np.full(_GROUPS, _shift(logs, counts, later))
    for group in range(_GROUPS):
        own = groups == group
        if own.sum() >= _FEW:
            shifts[group] = _shift(logs[own], counts[own], later[own])
    return Growth(_lines(ordered), shifts, dict(facts))


def _lines(found: Sequence[Pair]) -> Floats:
    return np.stack([_line(found, level) for level in LEVELS])


def _shift(logs: Floats, counts: NDArray[np.int64], later: Floats) -> float:
    """The least shift with which the bands hold what is aimed at."""
    for shift in _SHIFTS:
        low, _, high = _whole(logs, counts, np.full(len(counts), shift)).T
        if ((low <= later) & (later <= high)).mean() >= COVERS:
            return float(shift)
    return float(_SHIFTS[-1])


def _group(counts: NDArray[np.int64], ahead: Floats) -> NDArray[np.int64]:
    groups: NDArray[np.int64] = 2 * np.searchsorted(_VOTES, counts) + (ahead > _DAYS)
    return groups


@dataclass(frozen=True, slots=True)
class Miss:
    """How far off outlooks were: the median of |guess - came| in votes, and the share that the bands held."""

    pairs: int
    median_error: float
    unchanged_error: float  # of saying that votes stay as they are
    held: float
    median_width: float


def misses(growth: Growth, found: Sequence[Pair]) -> Miss:
    """How far off outlooks are for pairs, of which there must be some."""
    counts, ahead, age, later = _arrays(found)
    low, middle, high = growth.whole(counts, ahead, age).T
    return Miss(
        len(found),
        float(np.median(np.abs(middle - later))),
        float(np.median(np.abs(counts - later))),
        float(((low <= later) & (later <= high)).mean()),
        float(np.median(high - low)),
    )


def first_to_last(found: Sequence[Pair]) -> list[Pair]:
    """Of one paper's pairs in order, that of its first reading and its last; none where it is not among them."""
    return [pair for pair in found if pair.age == 0][-1:]


def _arrays(found: Sequence[Pair]) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Early counts, days ahead, ages in days, later counts."""
    return (
        np.array([pair.early.count for pair in found], dtype=np.int64),
        np.array([pair.ahead for pair in found]),
        np.array([pair.age for pair in found]),
        np.array([pair.later.count for pair in found], dtype=np.float64),
    )


def _features(counts: NDArray[np.int64], ahead: Floats, age: Floats) -> Floats:
    votes, days, old = np.log1p(counts), np.log1p(ahead), np.log1p(age)
    return np.stack([np.ones_like(votes), votes, days, old, votes * days, old * days], axis=1)


def _line(found: Sequence[Pair], level: float) -> Floats:
    counts, ahead, age, later = _arrays(found)
    features = _features(counts, ahead, age)
    grown = np.log1p(later) - np.log1p(counts)

    def loss(line: Floats) -> tuple[float, Floats]:
        off = (grown - features @ line) / _SMOOTH
        # The pinball's corner, rounded: level * off above it, (level - 1) * off below.
        value = _SMOOTH * float((level * off + np.logaddexp(0.0, -off)).mean())
        slope = level - sigmoid(-off)
        return value + 0.5 * _RIDGE * float(line @ line), -(slope @ features) / len(off) + _RIDGE * line

    return minimise(loss, np.zeros(features.shape[1]), steps=500, tolerance=1e-9)


def _whole(logs: Floats, counts: NDArray[np.int64], shifts: Floats) -> Floats:
    low, middle, high = np.sort(logs, axis=1).T
    # However far inwards, the band still holds the middle guess.
    edges = np.stack([np.minimum(low - shifts, middle), middle, np.maximum(high + shifts, middle)], axis=1)
    whole: Floats = np.maximum(np.rint((1 + counts[:, None]) * np.exp(edges) - 1), counts[:, None])
    return whole

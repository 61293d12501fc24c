"""Trending: what papers were given, worth less the longer ago it came. Pure; knows no store and no clock."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import log
from operator import attrgetter
from typing import Final, NamedTuple

from broadsheet.ids import PaperId
from broadsheet.model import Counter, VoteReading

VOTES = "votes"


@dataclass(frozen=True, slots=True)
class Signal:
    """So many of a kind that came evenly from one moment to another; the same moment twice is that moment."""

    kind: str
    count: float
    since: datetime
    until: datetime
    weight: float = 1.0  # what each is worth when it comes


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of signal adds to a score: how many there were, and what they are worth now."""

    kind: str
    count: float
    value: float


@dataclass(frozen=True, slots=True)
class Score:
    """How much a paper trends, and the parts that make it up."""

    value: float
    parts: tuple[Part, ...] = ()


def trending(signals: Iterable[Signal], *, now: datetime, half_life: timedelta) -> Score:
    """The sum of all signals, each worth half as much with every ``half_life`` since it came.

    What came later than ``now`` counts as if it came at that moment. Parts are in order of their kind.
    """
    counts: dict[str, float] = {}
    values: dict[str, float] = {}
    for signal in signals:
        worth = signal.count * signal.weight * _left(signal, now=now, half_life=half_life)
        counts[signal.kind] = counts.get(signal.kind, 0) + signal.count
        values[signal.kind] = values.get(signal.kind, 0.0) + worth
    parts = tuple(Part(kind, counts[kind], values[kind]) for kind in sorted(counts))
    return Score(sum(part.value for part in parts), parts)


def arrivals(readings: Iterable[VoteReading], *, of: Counter, since: datetime) -> tuple[Signal, ...]:
    """When what one counter counts came: evenly between two readings, the first ones since ``since``.

    The signals bear the counter's name and weigh what one is worth to it. What a later reading no longer has is not
    counted; nor, of a counter of growth, what was there at the first.
    """
    ordered = sorted(readings)
    least = ordered[-1].count if ordered else 0
    steady: list[VoteReading] = []
    for reading in reversed(ordered):
        least = min(least, reading.count)
        steady.append(VoteReading(reading.at, least))
    first = min([since, *(r.at for r in steady)])
    points = [*([] if of.growth else [VoteReading(first, 0)]), *reversed(steady)]
    return tuple(
        Signal(of.name, later.count - earlier.count, earlier.at, later.at, weight=of.worth)
        for earlier, later in pairwise(points)
        if later.count > earlier.count
    )


class Doing(NamedTuple):
    """Somebody did something with a paper: ``kind`` is one of ``WEIGHTS``."""

    paper: PaperId
    kind: str
    reader: str
    at: datetime


# What each doing here counts beside a vote, which is said to everybody; looking at a paper says little.
WEIGHTS: Final[Mapping[str, float]] = {VOTES: 1.0, "saves": 0.7, "comments": 0.5, "reads": 0.1}

# A reader counts fully for so many papers a day; whoever does more has as much to give out in smaller parts.
FULL: Final = 20
# A new account begins with a part of a voice, and has all of it after a week.
FIRST_VOICE: Final = 0.2
GROWN: Final = timedelta(days=7)


def voices(
    doings: Iterable[Doing], *, joined: Mapping[str, datetime]
) -> Mapping[PaperId, tuple[Signal, ...]]:
    """What was done with each paper, as signals, so that nobody shouts others down.

    A reader counts once for each paper and kind, at the first time. On a day of many doings each counts less, so
    that they add up to ``FULL`` papers; so do those of an account that is young (``joined`` says since when it is
    there; readers without an account are the house's own and count fully).
    """
    first: dict[tuple[str, PaperId, str], Doing] = {}
    for doing in sorted(doings, key=attrgetter("at", "paper", "kind", "reader")):
        first.setdefault((doing.reader, doing.paper, doing.kind), doing)
    days = collections.Counter((doing.reader, doing.kind, doing.at.date()) for doing in first.values())
    found: dict[PaperId, list[Signal]] = {}
    for doing in first.values():
        crowd = days[doing.reader, doing.kind, doing.at.date()]
        voice = min(1.0, FULL / crowd) * _grown(doing, joined.get(doing.reader))
        found.setdefault(doing.paper, []).append(
            Signal(doing.kind, 1.0, doing.at, doing.at, weight=WEIGHTS[doing.kind] * voice)
        )
    return {paper: tuple(signals) for paper, signals in found.items()}


def _grown(doing: Doing, joined: datetime | None) -> float:
    if joined is None:
        return 1.0
    age = max((doing.at - joined) / GROWN, 0.0)
    return min(1.0, FIRST_VOICE + (1 - FIRST_VOICE) * age)


def _left(signal: Signal, *, now: datetime, half_life: timedelta) -> float:
    """The mean of 2^(-age / half-life) over the time in which a signal came."""
    oldest = max((now - signal.since) / half_life, 0.0)
    newest = max((now - signal.until) / half_life, 0.0) if signal.until != signal.since else oldest
    if oldest - newest < 1e-9:
        return float(2.0**-oldest)
    return float((2.0**-newest - 2.0**-oldest) / (log(2) * (oldest - newest)))

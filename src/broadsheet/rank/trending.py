"""Trending: what papers were given, worth less the longer ago it came. Pure; knows no store and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import log

from broadsheet.model import VoteReading

VOTES = "votes"


@dataclass(frozen=True, slots=True)
class Signal:
    """So many of a kind that came evenly from one moment to another; the same moment twice is that moment."""

    kind: str
    count: float
    since: datetime
    until: datetime


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
    kinds = sorted(signals, key=lambda signal: signal.kind)
    parts = tuple(
        Part(
            kind,
            sum(signal.count for signal in group),
            sum(signal.count * _left(signal, now=now, half_life=half_life) for signal in group),
        )
        for kind, group in ((kind, list(group)) for kind, group in groupby(kinds, key=lambda s: s.kind))
    )
    return Score(sum(part.value for part in parts), parts)


def arrivals(readings: Iterable[VoteReading], *, since: datetime) -> tuple[Signal, ...]:
    """When the votes of a counter came: evenly between two readings, the first ones since ``since``.

    Votes that a later reading no longer has are not counted.
    """
    ordered = sorted(readings)
    least = ordered[-1].count if ordered else 0
    steady: list[VoteReading] = []
    for reading in reversed(ordered):
        least = min(least, reading.count)
        steady.append(VoteReading(reading.at, least))
    first = min([since, *(r.at for r in steady)])
    points = [VoteReading(first, 0), *reversed(steady)]
    return tuple(
        Signal(VOTES, later.count - earlier.count, earlier.at, later.at)
        for earlier, later in pairwise(points)
        if later.count > earlier.count
    )


def _left(signal: Signal, *, now: datetime, half_life: timedelta) -> float:
    """The mean of 2^(-age / half-life) over the time in which a signal came."""
    oldest = max((now - signal.since) / half_life, 0.0)
    newest = max((now - signal.until) / half_life, 0.0)
    if oldest - newest < 1e-9:
        return float(2.0**-oldest)
    return float((2.0**-newest - 2.0**-oldest) / (log(2) * (oldest - newest)))

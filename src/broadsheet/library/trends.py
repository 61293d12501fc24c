"""What trends in a stretch of days, from what the store knows of votes. Knows no page and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.library.views import Trend
from broadsheet.model import AnnounceKind, Counter, Record
from broadsheet.rank.trending import VOTES, Doing, Signal, arrivals, trending, voices
from broadsheet.store.community import EventKind
from broadsheet.store.contract import Store

# So that a paper of the day before yesterday needs twice the votes of today's. Not tuned on anything.
HALF_LIFE: Final = timedelta(days=2)

_KINDS: Final = {
    EventKind.VOTE: VOTES,
    EventKind.SAVE: "saves",
    EventKind.READ: "reads",
    EventKind.COMMENT: "comments",
}


def trends(
    store: Store, start: date, end: date, *, counters: Iterable[Counter], now: datetime
) -> tuple[Trend, ...]:
    """The papers first announced from ``start`` to ``end`` that anybody did something with, most trending first.

    What ``counters`` counted elsewhere, each for itself, and what readers did here: votes, saves, comments, reads.
    Ties go by id. A stretch that is over is judged as of its end or of the last count, whichever is later; what came
    after that counts as if it came then.
    """
    days: dict[PaperId, date] = {}
    counted: set[PaperId] = set()
    for count in store.days(start, end):
        for outline in store.outline(count.day):
            if outline.kind is AnnounceKind.NEW:
                days.setdefault(outline.id, count.day)
                if any(r.count for r in (outline.votes, *outline.counts) if r is not None):
                    counted.add(outline.id)
    weighed = sorted(counters, key=lambda counter: counter.name)
    done = _done(store, since=_midnight(start), papers=days)
    papers = store.get_many(counted.union(done))
    signals = {
        id: (*_elsewhere(paper.record, weighed, since=_midnight(days[id])), *done.get(id, ()))
        for id, paper in papers.items()
    }
    last = max((r.at for p in papers.values() for r in p.record.readings), default=_midnight(start))
    moment = min(now, max(last, datetime.combine(end, time.max, UTC)))
    scores = {id: trending(each, now=moment, half_life=HALF_LIFE) for id, each in signals.items()}
    found = [Trend(id=id, day=days[id], score=score) for id, score in scores.items() if score.value > 0]
    return tuple(sorted(found, key=lambda trend: (-trend.score.value, trend.id)))


def _elsewhere(record: Record, counters: Sequence[Counter], *, since: datetime) -> Iterator[Signal]:
    """What each counter counted, apart from the others."""
    for counter in counters:
        readings = [reading for reading in record.readings if reading.counter == counter.name]
        yield from arrivals(readings, of=counter, since=since)


def _done(
    store: Store, *, since: datetime, papers: Collection[PaperId]
) -> Mapping[PaperId, tuple[Signal, ...]]:
    """What readers of this archive did with these papers."""
    events = [event for event in store.community.events(since) if event.paper in papers]
    if not events:
        return {}
    found = voices(
        (Doing(e.paper.value, _KINDS[e.kind], e.reader, e.at) for e in events),
        joined=store.people.joined({event.reader for event in events}),
    )
    return {PaperId.parse(paper): signals for paper, signals in found.items()}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

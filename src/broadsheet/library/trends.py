"""What trends in a stretch of days, from what the store knows of votes. Knows no page and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Stretch:
    """The papers first announced in a stretch of days, and what was counted of them elsewhere.

    It changes with the archive and with the counters' worth, not with what readers do.
    """

    start: date
    end: date
    days: Mapping[PaperId, date]
    elsewhere: Mapping[PaperId, tuple[Signal, ...]]
    last: datetime  # when anything of it was last counted


def stretch(store: Store, start: date, end: date, *, counters: Iterable[Counter]) -> Stretch:
    """The papers of the editions from ``start`` to ``end``, with what ``counters`` counted, each for itself."""
    days: dict[PaperId, date] = {}
    counted: set[PaperId] = set()
    for count in store.days(start, end):
        for outline in store.outline(count.day):
            if outline.kind is AnnounceKind.NEW:
                days.setdefault(outline.id, count.day)
                if any(r.count for r in (outline.votes, *outline.counts) if r is not None):
                    counted.add(outline.id)
    weighed = sorted(counters, key=lambda counter: counter.name)
    records = {id: paper.record for id, paper in store.get_many(counted).items()}
    return Stretch(
        start,
        end,
        days,
        {id: tuple(_elsewhere(record, weighed, since=_midnight(days[id]))) for id, record in records.items()},
        last=max((r.at for record in records.values() for r in record.readings), default=_midnight(start)),
    )


def trends(store: Store, among: Stretch, *, now: datetime) -> tuple[Trend, ...]:
    """The papers of a stretch that anybody did something with, here or elsewhere, most trending first.

    What readers did here: votes, saves, comments, reads. Ties go by id. A stretch that is over is judged as of its end
    or of the last count, whichever is later; what came after that counts as if it came then.
    """
    done = _done(store, since=_midnight(among.start), papers=among.days)
    moment = min(now, max(among.last, datetime.combine(among.end, time.max, UTC)))
    scores = {
        id: trending((*among.elsewhere.get(id, ()), *done.get(id, ())), now=moment, half_life=HALF_LIFE)
        for id in {*among.elsewhere, *done}
    }
    found = [Trend(id=id, day=among.days[id], score=score) for id, score in scores.items() if score.value > 0]
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
    return voices(
        (Doing(e.paper, _KINDS[e.kind], e.reader, e.at) for e in events),
        joined=store.people.joined({event.reader for event in events}) if events else {},
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

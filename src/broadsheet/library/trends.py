"""What trends in a stretch of days, from what the store knows of votes. Knows no page and no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.library.views import Trend
from broadsheet.model import AnnounceKind, Paper
from broadsheet.rank.trending import Score, arrivals, trending
from broadsheet.store.contract import Store

# So that a paper of the day before yesterday needs twice the votes of today's. Not tuned on anything.
HALF_LIFE: Final = timedelta(days=2)


def trends(store: Store, start: date, end: date, *, now: datetime) -> tuple[Trend, ...]:
    """The papers first announced from ``start`` to ``end`` that have votes, most trending first, ties by id.

    A stretch that is over is judged as of its end or of its last vote, whichever is later.
    """
    days: dict[PaperId, date] = {}
    for count in store.days(start, end):
        for outline in store.outline(count.day):
            if outline.kind is AnnounceKind.NEW and outline.votes is not None and outline.votes.count > 0:
                days.setdefault(outline.id, count.day)
    papers = store.get_many(days)
    last = max((r.at for p in papers.values() for r in p.record.votes), default=_midnight(start))
    moment = min(now, max(last, datetime.combine(end, time.max, UTC)))
    found = [
        Trend(id=id, day=days[id], score=_score(paper, days[id], moment)) for id, paper in papers.items()
    ]
    return tuple(sorted(found, key=lambda trend: (-trend.score.value, trend.id)))


def _score(paper: Paper, day: date, moment: datetime) -> Score:
    signals = arrivals(paper.record.votes, since=_midnight(day))
    return trending(signals, now=moment, half_life=HALF_LIFE)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)

"""What interest the papers of a day can expect, and what became of papers like them. Knows the store's contract.

What is remembered of authors is read once from the papers of the last year and kept until another day comes in:
reading it takes seconds in a large archive, asking it milliseconds. What a day's papers can expect is kept for the
hour, while no other papers are new on that day.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.library.cache import Kept
from broadsheet.model import AnnounceKind, Paper, Record
from broadsheet.rank.expected import Forecast, Interest, eligible
from broadsheet.rank.expected_authors import Past, Standing
from broadsheet.rank.expected_days import past_of
from broadsheet.rank.expected_file import shipped_growth
from broadsheet.rank.expected_votes import Outlook
from broadsheet.store.contract import Store

# Older days say little about what is liked now, and reading them takes time.
WINDOW: Final = timedelta(days=365)
_KEPT: Final = 16  # days; each of a thousand papers is a megabyte

_Said = tuple[tuple[PaperId, Forecast], ...]


@dataclass(frozen=True, slots=True)
class Expected:
    """A paper of a day and its forecast."""

    paper: Paper
    forecast: Forecast


class Expectations:
    """Forecasts for the days of one archive. Safe to share between threads."""

    def __init__(self, store: Store, model: Callable[[], Interest]) -> None:
        self._store = store
        self._model = model
        self._lock = threading.Lock()
        self._past: tuple[tuple[date | None, date], list[Past]] | None = None
        self._said: Kept[tuple[date, int], tuple[tuple[datetime, int], _Said]] = Kept(_KEPT)

    def of(
        self, day: date, *, hour: datetime, reasons: int = 3, limit: int | None = None
    ) -> tuple[Expected, ...]:
        """The papers of a day that forecasts are made for, the most expected first, ties by id."""
        new = tuple(o.id for o in self._store.outline(day) if o.kind is AnnounceKind.NEW)
        made_of = hour, hash(new)
        _, said = self._said.made(
            (day, reasons),
            lambda: (made_of, self._forecast(day, reasons=reasons)),
            still=lambda kept: kept[0] == made_of,
        )
        papers = self._store.get_many(id for id, _ in said[:limit])
        return tuple(Expected(papers[id], forecast) for id, forecast in said[:limit] if id in papers)

    def _forecast(self, day: date, *, reasons: int) -> _Said:
        pool = sorted(
            (p for p in self._store.edition(day) if p.day == day and eligible(p.record)), key=lambda p: p.id
        )
        standing = Standing(self._remembered(day))
        standing.upto(day)
        made = self._model().forecast([p.record for p in pool], standing=standing, reasons=reasons)
        said = zip((p.id for p in pool), made, strict=True)
        return tuple(sorted(said, key=lambda each: (-each[1].probability, each[0])))

    def _remembered(self, day: date) -> list[Past]:
        """What there is to remember of authors from the year before a day."""
        key = (self._store.neighbours(date.max)[0], day.replace(day=1))
        with self._lock:
            if self._past is None or self._past[0] != key:
                self._past = key, past_of(recent(self._store, since=key[1] - WINDOW))
            return self._past[1]


def outlook(paper: Paper, *, ahead: float) -> Outlook | None:
    """How many votes a paper will have so many days after they were last counted; None where they never were."""
    if not paper.record.votes:
        return None
    first, last = min(paper.record.votes), max(paper.record.votes)
    age = (last.at - first.at).total_seconds() / 86_400
    return shipped_growth().outlook(last, ahead=ahead, age=age)


def recent(store: Store, *, since: date) -> Iterator[Record]:
    """The records of all papers announced on a day or later, newest first, one at a time."""
    for paper in store.scan():  # newest first, those without a day last
        if paper.day is None or paper.day < since:
            break
        yield paper.record

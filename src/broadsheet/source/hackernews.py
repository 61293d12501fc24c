"""Hacker News: the points of stories that lead to papers on arXiv. Knows no database.

Asked is the search of https://hn.algolia.com/api: ``GET search_by_date`` gives the stories of a stretch of time whose
address has arXiv's name, at most 1,000, each with ``objectID``, ``url``, ``points`` and ``created_at_i`` (seconds).
A paper's count is the sum over its stories.

A request asks for the stories of one day. All days of the last weeks are asked for once, then each the more seldom the
older it is: points come within days. What each day gave is kept in the cursor, so that a run that was broken off goes
on with the next day. Papers that are older than the days looked at are not counted: there may be stories that
were not seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.ids import PaperId
from broadsheet.model import Paper
from broadsheet.source.counters import Counted, Counts
from broadsheet.source.counts import MOST
from broadsheet.source.fetch import Fetched, Fetcher, listing
from broadsheet.source.identity import arxiv_id

ADDRESS: Final = "https://hn.algolia.com/api/v1/search_by_date"
DAYS: Final = 42
_HITS: Final = 1000  # the most that one answer has; all of Hacker News has about as many stories a day
_SOON: Final = timedelta(minutes=10)
_SHARE: Final = 10  # a day is asked for again after a tenth of its age


@dataclass(frozen=True, slots=True)
class HackerNews:
    """The points of the stories of ``DAYS`` days.

    ``fetch`` gets an address; without it, a polite Fetcher of our own does, one request a second at most.
    """

    name: str = "hackernews"
    label: str = "Hacker News"
    unit: str = "point"
    worth: float = 0.2
    growth: bool = False
    address: str = ADDRESS
    fetch: Callable[[str], Fetched] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def count(self, cursor: str | None, *, papers: Iterable[Paper]) -> Iterator[Counts]:
        """The days that are due, one by one, then the readings of the papers that were on them."""
        now = self.now()
        days = [now.date() - timedelta(days=n) for n in range(DAYS)]
        ledger = {day: seen for day, seen in _read(cursor).items() if day in days}
        # What days gave to a run that was broken off has not been told yet.
        touched = {id for seen in ledger.values() for id in seen.points} if len(ledger) < DAYS else set()
        problems: list[RecordError] = []
        failure: SourceError | None = None
        with Fetcher(pause=1.0, limit=8 << 20) as fetcher:
            for day in days:
                before = ledger.get(day, _Day())
                if before.asked is not None and now - before.asked < _due(day, before.asked):
                    continue
                try:
                    found = self._ask(day, self.fetch or fetcher.get, problems)
                except SourceError as error:
                    failure = error
                    break
                touched |= {*before.points, *found}
                ledger[day] = _Day(now, found)
                if len(ledger) < DAYS:  # a sum of some days only would be no count
                    yield Counts(cursor=_write(ledger))
        if len(ledger) == DAYS:
            yield Counts((*_sums(ledger, touched, papers, now), *problems), cursor=_write(ledger))
        if failure is not None:
            raise failure

    def _ask(
        self, day: date, fetch: Callable[[str], Fetched], problems: list[RecordError]
    ) -> dict[PaperId, int]:
        start = int(datetime.combine(day, time(), UTC).timestamp())
        asked = {
            "query": "arxiv.org",
            "restrictSearchableAttributes": "url",
            "typoTolerance": "false",
            "tags": "story",
            "numericFilters": f"created_at_i>={start},created_at_i<{start + 86_400}",
            "hitsPerPage": str(_HITS),
        }
        url = f"{self.address}?{urlencode(asked)}"
        points: dict[PaperId, int] = {}
        for hit in _hits(fetch(url).body, url=url):
            try:
                id, number = _story(hit)
            except InputError as error:
                problems.append(RecordError(f"{self.name}: {day}", str(error), json.dumps(hit)[:2000]))
                continue
            if id is not None:
                points[id] = points.get(id, 0) + number
        return points


@dataclass(frozen=True, slots=True)
class _Day:
    """The points that stories of a day had, by paper, when they were asked for."""

    asked: datetime | None = None
    points: Mapping[PaperId, int] = field(default_factory=dict)


def _sums(
    ledger: Mapping[date, _Day], touched: set[PaperId], papers: Iterable[Paper], now: datetime
) -> Iterator[Counted]:
    """What the papers that were touched have over all days, under all of their names, in order of their ids."""
    named = {name: p.id for p in papers for name in (p.id, *p.aliases)} if touched else {}
    sums: dict[PaperId, int] = {}
    for seen in ledger.values():
        for name, points in seen.points.items():
            if (id := named.get(name)) is not None:
                sums[id] = sums.get(id, 0) + points
    told = {named[name] for name in touched if name in named}
    yield from (Counted(id, sums.get(id, 0), now) for id in sorted(told))


def _due(day: date, asked: datetime) -> timedelta:
    """How long after it was asked for a day is asked for again."""
    age = asked - datetime.combine(day + timedelta(days=1), time(), UTC)
    return max(_SOON, age / _SHARE)


def _hits(body: bytes, *, url: str) -> list[Any]:
    """The stories of an answer. Raises SourceError where it is none, or not whole."""
    answer, hits = listing(body, "hits", url=url)
    total = answer.get("nbHits")
    if not isinstance(total, int) or total > len(hits):
        raise SourceError(f"{url}: the answer has {len(hits)} stories of {total}; wanted all of them")
    return hits


def _story(hit: object) -> tuple[PaperId | None, int]:
    """The paper that a story leads to, None where it is none of arXiv's, and its points. Raises InputError."""
    if not isinstance(hit, dict):
        raise InputError(f"got {str(hit)[:40]!r}, wanted a story")
    url, points = hit.get("url"), hit.get("points")
    if not isinstance(url, str) or not _is_arxiv(url) or (id := arxiv_id(url)) is None:
        return None, 0
    if isinstance(points, bool) or not isinstance(points, int) or not 0 <= points <= MOST:
        raise InputError(
            f"got {str(points)[:40]!r} points for {id}, wanted a whole number from 0 to {MOST:,}"
        )
    return id, points


def _is_arxiv(url: str) -> bool:
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    return host == "arxiv.org" or host.endswith(".arxiv.org")


def _read(cursor: str | None) -> dict[date, _Day]:
    """What a cursor keeps; nothing where it cannot be read, as asking anew does no harm."""
    try:
        return {
            date.fromisoformat(day): _Day(
                datetime.fromisoformat(asked), {PaperId.parse(id): int(n) for id, n in points.items()}
            )
            for day, (asked, points) in json.loads(cursor or "{}").items()
        }
    except (ValueError, TypeError, AttributeError, InputError):
        return {}


def _write(ledger: Mapping[date, _Day]) -> str:
    return json.dumps(
        {
            day.isoformat(): [seen.asked.isoformat(), {str(id): n for id, n in sorted(seen.points.items())}]
            for day, seen in sorted(ledger.items())
            if seen.asked is not None
        },
        separators=(",", ":"),
    )

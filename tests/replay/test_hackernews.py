"""Hacker News as a counter: a server on loopback that answers as the search API does, faults included.

The fields are those that https://hn.algolia.com/api describes; limits as told in algolia/hn-search, issues 125 and 230.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import make_paper
from tests.replay.server import Answer, FakeTime, Replay, Request

from broadsheet.ids import PaperId
from broadsheet.model import Derived
from broadsheet.pipeline.votes import VotesReport, ask
from broadsheet.source.fetch import Fetcher
from broadsheet.source.hackernews import DAYS, HackerNews
from broadsheet.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
A, B = PaperId("2603.00001"), PaperId("2603.00002")


@dataclass
class Site:
    """Stories by their number: when, where they lead, their points. ``fault`` may answer instead."""

    stories: dict[int, tuple[datetime, Any, Any]] = field(default_factory=dict)
    fault: Callable[[Request, date], Answer | None] = lambda _request, _day: None
    asked: list[date] = field(default_factory=list)
    now: datetime = NOW

    def answer(self, request: Request) -> Answer:
        start, end = map(int, re.findall(r"created_at_i(?:>=|<)(\d+)", request.query["numericFilters"]))
        day = datetime.fromtimestamp(start, UTC).date()
        self.asked.append(day)
        if (fault := self.fault(request, day)) is not None:
            return fault
        assert request.path == "/api/v1/search_by_date"
        assert (request.query["query"], request.query["restrictSearchableAttributes"]) == ("arxiv.org", "url")
        hits = [
            {
                "objectID": str(id),
                "created_at_i": int(at.timestamp()),
                "url": url,
                "points": points,
                "title": "A story",
            }
            for id, (at, url, points) in self.stories.items()
            if start <= at.timestamp() < end
        ]
        return Answer(
            json.dumps({"hits": hits, "nbHits": len(hits), "page": 0, "nbPages": 1, "hitsPerPage": 1000})
        )


@pytest.fixture
def site(replay: Replay) -> Site:
    site = Site()
    replay.serve(site.answer)
    return site


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "papers.db")
    for id in (A, B):
        paper = make_paper(str(id), "A paper", day="2026-03-10")
        opened.put([(paper.record, Derived(title="A paper", abstract=""))], now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def count(
    site: Site, store: SqliteStore, replay: Replay, fake: FakeTime
) -> Iterator[Callable[[], VotesReport]]:
    with Fetcher(pause=1.0, deadline=5.0, clock=fake.clock, sleep=fake.sleep, now=fake.clock) as fetcher:

        def run() -> VotesReport:
            address = f"{replay.url}/api/v1/search_by_date"
            counter = HackerNews(address=address, fetch=fetcher.get, now=lambda: site.now)
            return ask(counter, store=store, now=lambda: site.now)

        yield run


def points(store: SqliteStore, id: PaperId = A) -> list[int]:
    paper = store.get(id)
    assert paper is not None
    assert paper.votes is None
    return [r.count for r in paper.record.readings if r.counter == "hackernews"]


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def test_a_papers_points_are_those_of_all_its_stories(
    site: Site, store: SqliteStore, count: Callable[[], VotesReport], replay: Replay
) -> None:
    site.stories = {
        1: (ago(9), "https://arxiv.org/abs/2603.00001", 3),
        2: (ago(2), "https://www.arxiv.org/pdf/2603.00001v2", 120),
        3: (ago(1), "https://arxiv.org/abs/2603.00002", 1),
        4: (ago(1), "https://arxiv.org/abs/2603.99999", 50),  # not in this archive
        5: (ago(1), "https://arxiv.org/list/cs.CL/recent", 9),
        6: (ago(1), "https://arxiv.org.example/abs/2603.00001", 900),
        7: (ago(1), "https://blog.example/arxiv.org/abs/2603.00001", 900),
        8: (ago(60), "https://arxiv.org/abs/2603.00002", 900),  # before it is looked for
        9: (ago(1), None, 7),
        10: (ago(1), "https://[arxiv.org/abs/2603.00001", 7),
    }
    report = count()
    assert (report.readings, report.unknown, report.rejected, report.error) == (2, (), 0, None)
    assert (points(store), points(store, B)) == ([123], [1])
    assert sorted(site.asked) == [TODAY - timedelta(days=n) for n in reversed(range(DAYS))]
    assert min(b.at - a.at for a, b in zip(replay.requests, replay.requests[1:], strict=False)) >= 1
    assert replay.most_at_once == 1


def test_a_day_is_asked_for_again_the_more_seldom_the_older_it_is(
    site: Site, store: SqliteStore, count: Callable[[], VotesReport]
) -> None:
    site.stories = {1: (ago(0.1), "https://arxiv.org/abs/2603.00001", 3), 2: (ago(30), "https://arxiv.org/abs/2603.00001", 5)}  # fmt: skip
    count()
    site.asked.clear()
    site.now = NOW + timedelta(minutes=5)
    assert count().taken.changed == 0
    assert site.asked == []
    site.stories[1] = (ago(0.1), "https://arxiv.org/abs/2603.00001", 40)
    site.now = NOW + timedelta(hours=1)
    count()
    assert site.asked == [TODAY], "yesterday ended twelve hours before it was asked for: due after 1.2 hours"
    assert points(store) == [8, 45]
    del site.stories[1]
    site.now = NOW + timedelta(hours=2)
    site.asked.clear()
    count()
    assert site.asked == [TODAY, TODAY - timedelta(days=1)]
    assert points(store) == [8, 45, 5], "a story that is gone takes its points with it"


def test_a_run_that_breaks_off_goes_on_with_the_next_day_and_tells_nothing_by_halves(
    site: Site, store: SqliteStore, count: Callable[[], VotesReport]
) -> None:
    site.stories = {1: (ago(2), "https://arxiv.org/abs/2603.00001", 3), 2: (ago(30), "https://arxiv.org/abs/2603.00001", 5)}  # fmt: skip
    broken = TODAY - timedelta(days=20)
    site.fault = lambda _, day: Answer("<html>Sorry</html>", kind="text/html") if day == broken else None
    report = count()
    assert "not JSON" in str(report.error)
    assert points(store) == [], "a sum of some days only would be no count"
    site.fault = lambda _, __: None
    site.asked.clear()
    assert count().error is None
    assert site.asked == [TODAY - timedelta(days=n) for n in range(20, DAYS)]
    assert points(store) == [8]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Answer(status=503, headers={"Retry-After": "7200"}), "503"),
        (Answer(status=403), "403"),
        (Answer(reset=True), "127.0.0.1"),
        (Answer('{"message": "internal"}'), "no list 'hits'"),
        (Answer('{"hits": [], "nbHits": 1500}'), "0 stories of 1500"),
        (Answer('{"hits": [], "nbHits": 0', promised=400), "127.0.0.1"),
        (Answer("[" * 100_000), "not JSON"),
    ],
)
def test_a_site_that_fails_is_told_of_and_nothing_is_made_up(
    site: Site, store: SqliteStore, count: Callable[[], VotesReport], fault: Answer, said: str
) -> None:
    site.stories = {1: (ago(2), "https://arxiv.org/abs/2603.00001", 3)}
    count()
    site.now = NOW + timedelta(hours=1)
    site.fault = lambda _, __: fault
    assert said in str(count().error)
    assert points(store) == [3]
    told = store.counters.known()["hackernews"]
    assert (told.counted, told.failed) == (NOW, site.now)
    assert said in told.error


def test_a_busy_site_is_given_the_pause_it_asks_for(
    site: Site, store: SqliteStore, count: Callable[[], VotesReport], fake: FakeTime
) -> None:
    site.stories = {1: (ago(2), "https://arxiv.org/abs/2603.00001", 3)}
    answers = iter([Answer(status=429, headers={"Retry-After": "7"}), Answer(status=502)])
    site.fault = lambda _, __: next(answers, None)
    assert count().error is None
    assert points(store) == [3]
    assert fake.slept[:1] == [7.0]


def test_a_story_that_cannot_be_read_is_reported_and_the_others_count(
    site: Site, store: SqliteStore, count: Callable[[], VotesReport]
) -> None:
    here = "https://arxiv.org/abs/2603.00001"
    site.stories = {
        1: (ago(2), here, 3),
        2: (ago(2), here, None),
        3: (ago(2), here, -4),
        4: (ago(2), here, True),
    }
    report = count()
    assert report.rejected == 3
    assert str(report.problems[0]).startswith("hackernews: 2026-03-18: got 'None' points for 2603.00001")
    assert points(store) == [3]


def test_a_cursor_that_cannot_be_read_begins_anew() -> None:
    def nothing(url: str) -> Any:
        raise AssertionError(url)

    site = HackerNews(fetch=nothing, now=lambda: NOW)
    with pytest.raises(AssertionError):
        list(site.count('{"2026-03-20": 3}', papers=()))

"""Votes of two counters on pages and for programs: each a part of its own, with its unit and its worth."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]
import pytest
from lxml import html

from broadsheet.ids import PaperId
from broadsheet.library.expectations import outlook
from broadsheet.model import Announcement, Counter, Record, VoteReading
from broadsheet.serve import tools
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

DAY = datetime(2026, 3, 18, tzinfo=UTC)
BOTH, POINTS, STARS = (PaperId(f"2603.0000{n}") for n in (1, 2, 3))
# All of it came at the first midnight of a day that is over, so it is worth 2^(-1/2) = 0.70711: 7.07 and 14.14.
WHY = "100 points on Hacker News (14.1), 10 upvotes on Hugging Face (7.1); worth 21.2 by now"


@pytest.fixture
def counted(archive: Archive) -> Archive:
    counters = archive.store.counters
    counters.describe(Counter(name="hackernews", label="Hacker News", unit="point", worth=0.2))
    counters.describe(Counter(name="stars", label="GitHub", unit="star", worth=1.0, growth=True))
    counters.succeed("hackernews", now=DAY.replace(hour=9, minute=5))
    counters.fail("stars", "secret of the house", now=DAY)
    plain = Record(id=BOTH, title="On sorting", source="test", announcements=(Announcement(DAY.date()),))
    records = [
        replace(plain, readings=(VoteReading(DAY, 10), VoteReading(DAY, 100, "hackernews"))),
        replace(plain, id=POINTS, title="On search", readings=(VoteReading(DAY, 30, "hackernews"),)),
        replace(plain, id=STARS, title="On stars", readings=(VoteReading(DAY, 80_000, "stars"),)),
    ]
    archive.store.put([(record, derive(record)) for record in records], now=DAY)
    return archive


def test_each_counter_is_a_part_of_a_score_on_pages_and_feeds(counted: Archive, own_client: Any) -> None:
    page: Any = html.fromstring(own_client.get("/trending?by=day").text)
    whys = [" ".join(why.text_content().split()) for why in page.find_class("why")]
    assert whys == [WHY, "30 points on Hacker News; worth 4.2 by now"]
    note = " ".join(page.find_class("note")[-1].text_content().split())
    assert (
        "points on Hacker News (one is worth 0.2 votes), upvotes on Hugging Face and stars on GitHub" in note
    )
    feed = feedparser.parse(own_client.get("/feeds/trending.atom?by=day").text)
    assert WHY in feed.entries[0].summary
    assert WHY in tools.trending(counted.library, lambda: counted.library.desk(""), tools.Trending(days=1))


def test_programs_get_the_same_parts_and_who_counts(counted: Archive, own_client: Any) -> None:
    first, second = own_client.get("/api/v1/trending?days=1").json()["papers"]
    assert first["parts"] == [
        {"kind": "hackernews", "count": 100, "unit": "point", "counter": "Hacker News", "value": 14.1421},
        {"kind": "huggingface", "count": 10, "unit": "upvote", "counter": "Hugging Face", "value": 7.0711},
    ]
    assert (first["votes"], second["votes"]) == (10, None)
    paper = own_client.get(f"/api/v1/papers/{BOTH}").json()
    assert [(c["counter"], c["count"]) for c in paper["counts"]] == [("hackernews", 100), ("huggingface", 10)]
    assert paper["vote_readings"] == paper["counts"][1]["readings"]
    counters = {each["name"]: each for each in own_client.get("/api/v1/counters").json()["counters"]}
    assert counters["hackernews"] == {
        "name": "hackernews",
        "label": "Hacker News",
        "unit": "point",
        "worth": 0.2,
        "growth": False,
        "counted": "2026-03-18T09:05:00Z",
        "fails": False,
    }
    assert counters["stars"]["fails"]


def test_upvotes_of_the_hubs_api_and_forecasts_stay_hugging_faces(counted: Archive, own_client: Any) -> None:
    listed = own_client.get(f"/api/daily_papers?date={DAY.date()}").json()
    assert {each["paper"]["id"]: each["paper"]["upvotes"] for each in listed} == {
        str(BOTH): 10,
        str(POINTS): None,
        str(STARS): None,
    }
    papers = counted.library.papers([BOTH, POINTS])
    early = outlook(papers[BOTH], ahead=7.0)
    assert early is not None
    assert early.votes < 50, "told from ten upvotes, not from a hundred points"
    assert outlook(papers[POINTS], ahead=7.0) is None
    assert [entry.reason.text for entry in counted.library.leads(date(2026, 3, 18))][:1] == [
        "10 votes by 18 March"
    ]


def told(page: str) -> dict[str, str]:
    """What a page's lists of facts say."""
    tree: Any = html.fromstring(page)
    return {dt.text_content(): " ".join(dt.getnext().text_content().split()) for dt in tree.iter("dt")}


def test_a_papers_page_and_the_about_page_say_who_counted(counted: Archive, own_client: Any) -> None:
    facts = told(own_client.get(f"/papers/{BOTH}").text)
    assert facts["Points on Hacker News"] == "100 by 18 Mar 2026"
    assert facts["Upvotes on Hugging Face"] == "10 by 18 Mar 2026"
    about = own_client.get("/about").text
    now = told(about)
    assert now["Points on Hacker News"] == "last counted on 18 Mar 2026, 09:05 UTC"
    assert now["Stars on GitHub"] == "not counted yet; could not be counted on 18 Mar 2026"
    assert "secret of the house" not in about
    assert "secret of the house" not in json.dumps(own_client.get("/api/v1/counters").json())


def test_a_counter_that_is_weighed_anew_ranks_anew(counted: Archive, own_client: Any) -> None:
    assert len(own_client.get("/api/v1/trending?days=1").json()["papers"]) == 2
    counted.store.counters.weigh("hackernews", 0.0)
    (only,) = own_client.get("/api/v1/trending?days=1").json()["papers"]
    assert only["score"] == 7.0711
    assert [part["value"] for part in only["parts"]] == [0.0, 7.0711]

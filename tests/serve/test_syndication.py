from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
from starlette.testclient import TestClient

from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Record
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive


def test_edition_feed_has_every_new_paper(client: TestClient, sample: list[dict[str, Any]]) -> None:
    wanted = {f"http://localhost/papers/{p['id']}" for p in sample if p["announced"] == "2026-03-17"}
    feed = feedparser.parse(client.get("/edition/2026-03-17.atom").content)
    assert not feed.bozo
    assert {entry.link for entry in feed.entries} == wanted
    items = client.get("/edition/2026-03-17.json").json()["items"]
    assert {item["url"] for item in items} == wanted


def test_feed_of_a_large_day_gives_its_first_papers_and_says_so(
    archive: Archive, own_client: TestClient
) -> None:
    day = date(2026, 3, 17)
    records = [
        Record(
            id=PaperId(f"2603.{number:05}"),
            title=f"Paper {number}",
            source="test",
            categories=("cs.CL" if number % 4 else "math.CO",),
            announcements=(Announcement(day),),
        )
        for number in range(240)
    ]
    archive.store.put([(r, derive(r)) for r in records], now=datetime(2026, 3, 18, tzinfo=UTC))
    feed = feedparser.parse(own_client.get(f"/edition/{day}.atom").content)
    assert len(feed.entries) == 100
    assert "100 of 240 papers" in feed.feed.subtitle
    assert {t.term for e in feed.entries for t in e.tags} == {"cs.CL", "math.CO"}
    every = own_client.get(f"/edition/{day}.json?all=1").json()
    assert len(every["items"]) == 240
    assert "description" not in every


def test_latest_feed_follows_the_newest_edition(client: TestClient, sample: list[dict[str, Any]]) -> None:
    feed = feedparser.parse(client.get("/feeds/edition.atom").content)
    assert len(feed.entries) == sum(p["announced"] == "2026-03-20" for p in sample)
    assert feed.feed.link == "http://localhost/"


def test_search_feed_gives_what_the_page_gives_and_why(client: TestClient) -> None:
    feed = feedparser.parse(client.get("/feeds/search.atom?q=agents&type=benchmark").content)
    assert not feed.bozo
    assert feed.entries
    assert feed.feed.link == "http://localhost/search?q=agents&type=benchmark"
    assert "<em>" in feed.entries[0].content[0].value


def test_author_feed_is_of_the_author(client: TestClient) -> None:
    feed = feedparser.parse(client.get("/feeds/authors/hao-zheng.atom").content)
    assert all("Hao Zheng" in {a.name for a in entry.authors} for entry in feed.entries)
    assert feed.entries


def test_public_address_stands_in_feeds(sample_archive: Archive) -> None:
    app = create_app(sample_archive.library, base_url="https://papers.example/")
    feed = TestClient(app, base_url="http://localhost").get("/feeds/edition.json").json()
    assert feed["feed_url"] == "https://papers.example/feeds/edition.json"
    assert feed["items"][0]["url"].startswith("https://papers.example/papers/")


@pytest.mark.parametrize(
    "path", ["/feeds/edition.atom", "/edition/2026-03-17.json", "/feeds/search.json?q=agents"]
)
def test_unchanged_feed_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": f'W/"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    dated = client.get(path, headers={"If-Modified-Since": first.headers["last-modified"]})
    assert dated.status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/edition/2026-03-14.atom", 404), ("/feeds/search.atom", 400), ("/edition/x.json", 400)],
)
def test_feed_of_nothing_is_an_error(client: TestClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_empty_archive_has_an_empty_feed(own_client: TestClient) -> None:
    answer = own_client.get("/feeds/edition.atom")
    feed = feedparser.parse(answer.content)
    assert not feed.bozo
    assert feed.entries == []

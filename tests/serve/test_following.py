"""Following authors, categories and searches: buttons, the news since the last visit, feeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, FollowKind, Record
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

START = datetime(2026, 3, 18, 8, tzinfo=UTC)


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


def news(page: str) -> dict[str, list[str]]:
    """The titles under each thing followed."""
    return {
        section.xpath("string(h2/a)"): [a.text_content() for a in section.xpath(".//article/h3/a")]
        for section in read(page).xpath("//section[contains(@class, 'follows')]")
    }


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reader(archive: Archive, clock: Clock) -> TestClient:
    app = create_app(archive.library, reader="me", now=clock)
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


Arrive = Callable[..., None]


@pytest.fixture
def arrive(archive: Archive, clock: Clock) -> Arrive:
    """A paper comes in now, announced today unless said otherwise."""

    def put(id: str, title: str, author: str, category: str, *, day: date | None = None) -> None:
        record = Record(
            id=PaperId(id),
            title=title,
            abstract=f"{title}: we show how.",
            source="test",
            authors=(Author(author),),
            categories=(category,),
            announcements=(Announcement(day or clock.at.date()),),
        )
        archive.store.put([(record, derive(record))], now=clock.at)
        wiring.catch_up(archive)

    return put


def press(client: TestClient, page: str, kind: str) -> None:
    """Presses the page's button to follow, as a browser without script does."""
    (form,) = read(client.get(page).text).xpath("//form[contains(@class, 'follow ')]")
    (button,) = form.xpath(".//button")
    assert button.get("value") == kind
    answer = client.post(form.action, data={**dict(form.form_values()), button.get("name"): kind})
    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_what_is_new_since_the_last_visit_stands_under_what_brought_it(
    reader: TestClient, arrive: Arrive, clock: Clock, archive: Archive
) -> None:
    arrive("2603.00001", "Old heaps", "Ada Byron", "cs.DS", day=date(2026, 2, 1))
    arrive("2603.00002", "Heaps of heaps", "Ada Byron", "cs.DS")
    for page, kind in (
        ("/authors/ada-byron", "author"),
        ("/edition/2026-03-18/cs.DS", "category"),
        ("/search?q=waves+on+gravel", "search"),
    ):
        press(reader, page, kind)
        assert "Followed" in reader.get(page).text
    follows = archive.library.desk("me").follows()
    assert {(f.kind, f.value) for f in follows} == {
        (FollowKind.AUTHOR, "ada-byron"),
        (FollowKind.CATEGORY, "cs.DS"),
        (FollowKind.SEARCH, "q=waves+on+gravel"),
    }
    first = news(reader.get("/following").text)
    # New is what was announced lately; a paper of two follows stands under the first.
    assert sorted(title for titles in first.values() for title in titles) == ["Heaps of heaps"]
    reader.post("/following/seen")
    clock.at += timedelta(days=1)
    arrive("2603.00003", "Waves on gravel and sand", "Bo Ek", "physics.flu-dyn")
    reader.post("/following/seen")
    assert news(reader.get("/following").text)["waves on gravel"] == ["Waves on gravel and sand"]
    assert news(reader.get("/following").text)["Ada Byron"] == []
    # A look at the same news within the hour is the same visit; the next day it is seen.
    clock.at += timedelta(minutes=30)
    reader.post("/following/seen")
    assert news(reader.get("/following").text)["waves on gravel"] == ["Waves on gravel and sand"]
    clock.at += timedelta(days=1)
    reader.post("/following/seen")
    assert not any(news(reader.get("/following").text).values())


def test_news_can_be_called_seen_at_once(reader: TestClient, arrive: Arrive) -> None:
    arrive("2603.00001", "Heaps", "Ada Byron", "cs.DS")
    press(reader, "/authors/ada-byron", "author")
    assert any(news(reader.get("/following").text).values())
    reader.post("/following/seen", data={"done": "1"})
    assert not any(news(reader.get("/following").text).values())


def test_looking_at_the_news_changes_nothing_by_itself(
    reader: TestClient, arrive: Arrive, archive: Archive
) -> None:
    arrive("2603.00001", "Heaps", "Ada Byron", "cs.DS")
    press(reader, "/authors/ada-byron", "author")
    before = archive.library.desk("me").state()
    reader.get("/following")
    reader.get("/desk")
    assert archive.library.desk("me").state() == before


def test_digest_alert_is_turned_off_and_following_ends(reader: TestClient, archive: Archive) -> None:
    desk = archive.library.desk("me")
    reader.post("/following", data={"set": "author", "value": "ada-byron", "label": "Ada", "alert": "0"})
    assert desk.follows()[0].alert is False
    answer = reader.post(
        "/following", data={"clear": "author", "value": "ada-byron"}, headers={"Accept": "application/json"}
    )
    assert answer.json() == {"kind": "author", "value": "ada-byron", "followed": False}
    assert desk.follows() == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"set": "planet", "value": "mars"},
        {"set": "author", "value": " "},
        {"set": "search", "value": "nonsense"},
        {"set": "search", "value": "type=poem"},
        {},
    ],
)
def test_what_cannot_be_followed_is_explained(reader: TestClient, fields: dict[str, str]) -> None:
    assert reader.post("/following", data=fields).status_code == 400


def test_feed_of_a_search_has_what_is_new_in_it_and_ends_where_relevance_does(
    reader: TestClient, arrive: Arrive
) -> None:
    arrive("2601.00001", "Waves on gravel, long ago", "Bo Ek", "physics.flu-dyn", day=date(2025, 12, 1))
    arrive("2603.00001", "Waves on gravel", "Bo Ek", "physics.flu-dyn", day=date(2026, 3, 1))
    arrive("2603.00002", "Waves on gravel and sand", "Bo Ek", "physics.flu-dyn")
    arrive("2603.00003", "Ravens count", "Cy Zuse", "q-bio.NC")
    feed = feedparser.parse(reader.get("/feeds/search.atom?q=waves+on+gravel").content)
    assert [e.title for e in feed.entries] == ["Waves on gravel and sand", "Waves on gravel"]


def test_feed_of_a_category_and_the_readers_own_feed(
    reader: TestClient, arrive: Arrive, archive: Archive
) -> None:
    arrive("2603.00001", "Heaps", "Ada Byron", "cs.DS", day=date(2026, 3, 1))
    arrive("2603.00002", "More heaps", "Al Abel", "cs.DS")
    arrive("2603.00003", "Ravens count", "Cy Zuse", "q-bio.NC")
    feed = feedparser.parse(reader.get("/feeds/categories/cs.DS.atom").content)
    assert [e.title for e in feed.entries] == ["More heaps", "Heaps"]
    assert feedparser.parse(reader.get("/feeds/categories/cs.atom").content).feed.title.endswith(
        "Computer Science"
    )
    reader.post("/following", data={"set": "category", "value": "cs.DS", "label": "Algorithms"})
    reader.post("/following", data={"set": "author", "value": "cy-zuse", "label": "Cy Zuse"})
    reader.post("/papers/2603.00001/marks", data={"set": "hidden"})
    token = archive.library.desk("me").open_feed("following")
    items = reader.get(f"/feeds/mine/{token}.json").json()["items"]
    assert [(i["title"], i["content_html"].rsplit("<p>", 1)[1]) for i in items] == [
        ("More heaps", "<em>in cs.DS</em></p>"),
        ("Ravens count", "<em>by Cy Zuse</em></p>"),
    ]

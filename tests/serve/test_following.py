"""Following authors, categories and searches: buttons, the news since the last visit, feeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
from lxml import etree, html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, FollowKind, MarkKind, Record
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
        section.xpath("string(h2)").rsplit(" ", 1)[0]: [
            a.text_content() for a in section.xpath(".//article/h3/a")
        ]
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
    assert "Ada Byron" in reader.get("/following").text
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


LISTS = (
    "/feeds/edition",
    "/edition/2026-03-18",
    "/feeds/search{}?q=heaps",
    "/feeds/authors/ada-byron",
    "/feeds/categories/cs.DS",
    "kept",
    "collection:thesis",
    "following",
)


@pytest.mark.parametrize("list_", LISTS)
def test_every_list_is_a_sound_feed_with_dates_of_its_papers(
    reader: TestClient, arrive: Arrive, archive: Archive, clock: Clock, list_: str
) -> None:
    arrive("2603.00001", "Heaps & <heaps>", "Ada Byron", "cs.DS", day=date(2026, 3, 2))
    arrive("2603.00002", "More heaps", "Ada Byron", "cs.DS")
    desk = archive.library.desk("me")
    for id in ("2603.00001", "2603.00002"):
        desk.mark(PaperId(id), MarkKind.SAVED)
        desk.mark(PaperId(id), MarkKind.COLLECTION, "thesis")
    desk.follow(FollowKind.CATEGORY, "cs.DS", "Algorithms")
    path = list_ if list_.startswith("/") else f"/feeds/mine/{desk.open_feed(list_)}"

    def address(ending: str) -> str:
        return path.format(ending) if "{}" in path else path + ending

    first = reader.get(address(".atom"))
    check_atom(first.content, address=f"http://localhost{address('.atom')}")
    check_json(reader.get(address(".json")).json(), address=f"http://localhost{address('.json')}")
    assert not feedparser.parse(first.content).bozo
    clock.at += timedelta(days=3)  # the clock changes nothing; a paper does
    assert reader.get(address(".atom")).content == first.content
    for condition in (
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    ):
        answer = reader.get(address(".atom"), headers=condition)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == first.headers["etag"]


ATOM = "{http://www.w3.org/2005/Atom}"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def check_atom(document: bytes, *, address: str) -> None:
    """The rules of RFC 4287 that bear on feeds of papers, by their sections."""
    root = etree.fromstring(document)
    assert root.tag == f"{ATOM}feed"
    for parent in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):  # 4.1.1, 4.1.2: exactly one
            assert len(parent.findall(f"{ATOM}{name}")) == 1, name
        for name in ("subtitle", "generator", "published", "summary", "content"):  # at most one
            assert len(parent.findall(f"{ATOM}{name}")) <= 1, name
        id = parent.findtext(f"{ATOM}id") or ""
        assert urlsplit(id).scheme in {"http", "https", "urn"}  # 4.2.6: an IRI
        for name in ("updated", "published"):  # 3.3: RFC 3339, with T and Z in capitals
            assert all(STAMP.fullmatch(e.text or "") for e in parent.findall(f"{ATOM}{name}"))
        alternates = [
            (link.get("type"), link.get("hreflang"))
            for link in parent.findall(f"{ATOM}link")
            if link.get("rel") == "alternate"
        ]
        assert len(alternates) == len(set(alternates)) >= 1
        assert all(link.get("href") for link in parent.findall(f"{ATOM}link"))  # 4.2.7.1
        for author in parent.findall(f"{ATOM}author"):  # 3.2.1
            assert len(author.findall(f"{ATOM}name")) == 1
        assert all(c.get("term") for c in parent.findall(f"{ATOM}category"))  # 4.2.2.1
    assert root.find(f"{ATOM}author") is not None  # 4.1.1, where an entry has none
    assert [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"] == [
        address
    ]
    ids = [entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) > 0
    newest = max(entry.findtext(f"{ATOM}updated") or "" for entry in root.findall(f"{ATOM}entry"))
    assert root.findtext(f"{ATOM}updated") == newest
    for content in root.iter(f"{ATOM}content"):  # 4.1.3.3: escaped, and suitable for a <div>
        assert content.get("type") == "html"
        assert not len(content)
        html.fromstring(f"<div>{content.text}</div>")


def check_json(document: Any, *, address: str) -> None:
    """What JSON Feed 1.1 asks for: https://www.jsonfeed.org/version/1.1/"""
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["title"]
    assert document["feed_url"] == address
    assert document["items"]
    for item in document["items"]:
        assert isinstance(item["id"], str)
        assert item["id"]
        assert item["content_html"] or item["content_text"]
        assert all(
            STAMP.fullmatch(item[name]) for name in ("date_published", "date_modified") if name in item
        )
        assert all(author["name"] for author in item.get("authors", ()))
        assert all(urlsplit(item[name]).scheme for name in ("url", "external_url") if name in item)


def test_paper_has_the_same_name_in_every_feed(reader: TestClient, arrive: Arrive) -> None:
    arrive("2603.00001", "Heaps", "Ada Byron", "cs.DS")
    paths = ("/feeds/edition.json", "/feeds/search.json?q=heaps", "/feeds/categories/cs.json")
    assert {reader.get(path).json()["items"][0]["id"] for path in paths} == {
        "https://arxiv.org/abs/2603.00001"
    }

"""The desk's pages: a library by part, tag and collection, searched and sorted; taken along; deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Record
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 18, tzinfo=UTC)
PAPERS = (
    ("2603.00001", "Sorting by heaps", "Ada Byron", "We sort numbers with heaps of heaps.", "cs.DS"),
    (
        "2603.00002",
        "Waves over gravel",
        "Bo Ek",
        "Water waves lose their force over gravel.",
        "physics.flu-dyn",
    ),
    ("2603.00003", "Birds that count", "Cy Zuse", "Ravens count numbers up to four.", "q-bio.NC"),
    ("2603.00004", "A zoo of heaps", "Al Abel", "We review heaps, from binary to Fibonacci.", "cs.DS"),
)


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


def titles(page: str) -> list[str]:
    return [" ".join(a.text_content().split()) for a in read(page).xpath("//article/h2/a")]


Say = Callable[..., None]


@pytest.fixture
def reader(archive: Archive) -> TestClient:
    records = [
        Record(
            id=PaperId(id),
            title=title,
            abstract=abstract,
            source="test",
            authors=(Author(author),),
            categories=(category,),
            announcements=(Announcement(date(2026, 3, 10 + number)),),
        )
        for number, (id, title, author, abstract, category) in enumerate(PAPERS)
    ]
    archive.store.put([(r, derive(r)) for r in records], now=NOW)
    wiring.catch_up(archive)
    return TestClient(wiring.web_app(archive), base_url="http://localhost", follow_redirects=False)


@pytest.fixture
def say(reader: TestClient) -> Say:
    def post(number: int, kind: str, text: str = "") -> None:
        data = {"set": kind, "text": text}
        assert reader.post(f"/papers/2603.0000{number}/marks", data=data).status_code == 303

    return post


@pytest.fixture
def library(say: Say) -> None:
    """Three papers kept, in order of their numbers; the fourth is put away."""
    for number in (1, 2, 3):
        say(number, "saved")
    say(4, "disliked", "known")
    say(1, "tag", "numbers")
    say(3, "tag", "numbers")
    say(3, "collection", "thesis/chapter 1")
    say(2, "note", "gravel as in Larvik")
    say(2, "read")


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", ["Waves over gravel", "Birds that count", "Sorting by heaps"]),
        ("?pile=unread", ["Birds that count", "Sorting by heaps"]),
        ("?pile=read", ["Waves over gravel"]),
        ("?pile=noted", ["Waves over gravel"]),
        ("?pile=away", ["A zoo of heaps"]),
        ("?tag=numbers", ["Birds that count", "Sorting by heaps"]),
        ("?collection=thesis/chapter+1", ["Birds that count"]),
        ("?tag=nothing", []),
        ("?sort=title", ["Birds that count", "Sorting by heaps", "Waves over gravel"]),
        ("?sort=author", ["Sorting by heaps", "Waves over gravel", "Birds that count"]),
        ("?sort=newest", ["Birds that count", "Waves over gravel", "Sorting by heaps"]),
        ("?q=heaps&pile=kept", ["Sorting by heaps"]),
        ("?q=-heaps+numbers&pile=kept", ["Birds that count"]),
    ],
)
def test_library_is_shown_by_part_label_order_and_search(
    reader: TestClient, query: str, wanted: list[str]
) -> None:
    page = reader.get(f"/desk{query}")
    assert page.status_code == 200
    found = titles(page.text)
    assert (found[:1] if "q=" in query else found) == wanted  # a search goes on by meaning


@pytest.mark.usefixtures("library")
def test_search_of_a_library_finds_nothing_outside_of_it(reader: TestClient) -> None:
    assert "A zoo of heaps" not in titles(reader.get("/desk?q=heaps").text)
    assert "A zoo of heaps" in titles(reader.get("/search?q=heaps&hidden=1").text)


@pytest.mark.parametrize("query", ["pile=lost", "sort=weight", "page=0"])
def test_part_that_is_none_is_explained(reader: TestClient, query: str) -> None:
    assert reader.get(f"/desk?{query}").status_code == 400


def test_saved_leads_to_the_desk(reader: TestClient) -> None:
    answer = reader.get("/saved")
    assert (answer.status_code, answer.headers["location"]) == (301, "/desk")


@pytest.mark.usefixtures("library")
def test_everything_comes_back_as_it_was_taken_along(
    reader: TestClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    reader.post("/following", data={"set": "author", "value": "ada-byron", "label": "Ada", "alert": "0"})
    reader.post("/desk/feeds", data={"open": "kept"})
    taken = reader.get("/desk/export.jsonl")
    assert "attachment" in taken.headers["content-disposition"]
    assert "feed:" not in taken.text  # whoever finds the file must not read along
    settings = Settings(data=tmp_path_factory.mktemp("other"), encoder="none")
    with wiring.open_archive(settings) as other:  # has none of the papers
        client = TestClient(wiring.web_app(other), base_url="http://localhost", follow_redirects=False)
        page = client.post("/desk/start/file", files={"file": ("desk.jsonl", taken.content)})
        assert "4 papers read" in page.text
        again = client.get("/desk/export.jsonl").text
        assert titles(client.get("/desk?tag=numbers").text) == ["Birds that count", "Sorting by heaps"]
    assert again.splitlines()[1:] == taken.text.splitlines()[1:]  # the first tells when
    head = json.loads(taken.text.splitlines()[0])
    assert (head["format"], head["version"]) == ("broadsheet desk", 1)


def test_desk_of_another_version_is_refused(reader: TestClient) -> None:
    line = b'{"format": "broadsheet desk", "version": 99}\n'
    page = reader.post("/desk/start/file", files={"file": ("desk.jsonl", line)})
    assert page.status_code == 400
    assert "version 99" in page.text


@pytest.mark.usefixtures("library")
def test_bibliography_has_the_part_that_is_shown_with_its_labels(reader: TestClient) -> None:
    every = parse_string(reader.get("/desk/export.bib").text)
    assert sorted(e.fields_dict["title"].value for e in every.entries) == [
        "Birds that count",
        "Sorting by heaps",
        "Waves over gravel",
    ]
    (one,) = parse_string(reader.get("/desk/export.bib?collection=thesis/chapter+1").text).entries
    assert one.fields_dict["keywords"].value == "numbers, thesis/chapter 1"


@pytest.mark.usefixtures("library")
def test_deleting_asks_first_and_then_leaves_nothing(reader: TestClient, archive: Archive) -> None:
    reader.post("/following", data={"set": "author", "value": "ada-byron", "label": "Ada"})
    page = read(reader.get("/desk/delete").text)
    assert "4 papers" in page.text_content()
    assert reader.post("/desk/delete").headers["location"] == "/desk/delete"
    assert archive.store.readers.marks("me")
    (form,) = [f for f in page.forms if f.action == "/desk/delete"]
    (button,) = form.xpath(".//button")
    reader.post(form.action, data={button.get("name"): button.get("value")})
    assert not archive.store.readers.marks("me")
    assert not archive.store.readers.follows("me")
    assert "Nothing is kept here yet" in reader.get("/desk").text


def test_private_feed_opens_for_its_address_alone_and_is_taken_back(say: Say, reader: TestClient) -> None:
    say(1, "collection", "thesis")
    page = "/desk?collection=thesis"

    def address() -> str:
        (link,) = read(reader.get(page).text).xpath("//section[@class='feed-key']//a[text()='Atom']/@href")
        return str(link)

    reader.post("/desk/feeds", data={"open": "collection:thesis", "back": page})
    first = address()
    answer = reader.get(first)
    assert "Sorting by heaps" in answer.text
    assert "private" in answer.headers["cache-control"]
    assert "noindex" in answer.headers["x-robots-tag"]
    assert reader.get(first, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    token = first.removeprefix("/feeds/mine/").removesuffix(".atom")
    for wrong in (token[:-2] + ("AA" if token[-2:] != "AA" else "BB"), token[4:], "x", ""):
        assert reader.get(f"/feeds/mine/{wrong}.atom").status_code == 404, wrong
    reader.post("/desk/feeds", data={"open": "collection:thesis", "back": page})
    second = address()
    assert (reader.get(first).status_code, reader.get(second).status_code) == (404, 200)
    reader.post("/desk/feeds", data={"close": "collection:thesis"})
    assert reader.get(second).status_code == 404


def test_desk_of_two_thousand_papers_is_paged(archive: Archive, reader: TestClient) -> None:
    from broadsheet.model import Mark, MarkKind

    records = [Record(id=PaperId(f"2602.{n:05}"), title=f"Paper {n:04}", source="test") for n in range(2000)]
    archive.store.put([(r, derive(r)) for r in records], now=NOW)
    archive.library.desk("me").keep(
        Mark(r.id, MarkKind.SAVED, NOW + timedelta(seconds=n)) for n, r in enumerate(records)
    )
    page = reader.get("/desk?page=2")
    assert titles(page.text)[0] == "Paper 1959"
    assert len(page.content) < 100_000

"""An author's page where several people may sign alike, and a reader who knows better."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Record
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 18, tzinfo=UTC)
PAPERS = (
    (
        "Sorting integers with heaps",
        "We sort integers by comparison of keys in binary heaps.",
        "cs.DS",
        "Al Abel",
    ),
    ("Heaps with few comparisons", "We count comparisons of keys in heaps of integers.", "cs.DS", "Al Abel"),
    ("Songs of young ravens", "Ravens learn their songs from older birds in winter.", "q-bio.NC", "Bo Ek"),
    ("Ravens in winter", "We observe how birds such as ravens feed in winter forests.", "q-bio.NC", "Bo Ek"),
)


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


def people(page: str) -> list[str]:
    return [
        " ".join(li.text_content().split()) for li in read(page).xpath("//section[@class='people']/ol/li")
    ]


@pytest.fixture
def reader(archive: Archive) -> TestClient:
    records = [
        Record(
            id=PaperId(f"2603.0000{number}"),
            title=title,
            abstract=abstract,
            source="test",
            authors=(Author("Wei Wang"), Author(other)),
            categories=(category,),
            announcements=(Announcement(date(2026, 3, 10) + timedelta(days=number)),),
        )
        for number, (title, abstract, category, other) in enumerate(PAPERS, start=1)
    ]
    archive.store.put([(r, derive(r)) for r in records], now=NOW)
    wiring.catch_up(archive)
    return TestClient(wiring.web_app(archive), base_url="http://localhost", follow_redirects=False)


def test_page_tells_people_apart_and_shows_each(reader: TestClient) -> None:
    page = reader.get("/authors/wei-wang").text
    assert "Probably 2 people" in page
    assert people(page) == ["2 papers in cs.DS, with Al Abel", "2 papers in q-bio.NC, with Bo Ek"]
    (link,) = read(page).xpath("//section[@class='people']/ol/li[2]/a/@href")
    shown = read(reader.get(link).text)
    assert shown.xpath("//article/h2/a/text()") == ["Ravens in winter", "Songs of young ravens"]
    assert reader.get("/authors/wei-wang?person=2601.00001").status_code == 404
    assert "Probably" not in reader.get("/authors/bo-ek").text


def test_reader_mends_it_without_script_for_themselves_alone(reader: TestClient, archive: Archive) -> None:
    def send(do: str, **fields: str) -> list[str]:
        (form, *_) = [
            f for f in read(reader.get("/authors/wei-wang").text).forms if "people" in (f.action or "")
        ]
        answer = reader.post(form.action, data={"do": do, **fields})
        assert answer.headers["location"] == "/authors/wei-wang"
        return people(reader.get("/authors/wei-wang").text)

    assert send("join", a="2603.00001", b="2603.00003") == []
    assert "One person, as you say" in reader.get("/authors/wei-wang").text
    assert len(archive.library.namesakes("wei-wang")) == 2  # for everybody else
    assert len(send("forget")) == 2
    moved = send("move", a="2603.00002", b="2603.00004")
    assert [line.split(" in ")[0] for line in moved] == ["3 papers", "1 paper"]
    assert len(send("move", a="2603.00002", b="")) == 3
    assert send("together") == []
    assert reader.post("/authors/wei-wang/people", data={"do": "marry"}).status_code == 400


def test_setting_that_cannot_be_read_mends_nothing(reader: TestClient, archive: Archive) -> None:
    for odd in ("[]", "{", '{"joined": [["x"]]}', '{"moved": 3}'):
        archive.library.desk("me").prefer("namesakes:wei-wang", odd)
        assert "Probably 2 people" in reader.get("/authors/wei-wang").text


def test_programs_tell_people_apart_and_mend_it_too(reader: TestClient) -> None:
    path = "/api/v1/namesakes/Wei%20Wang"
    found = reader.get(path).json()
    assert (found["key"], found["mended"]) == ("wei-wang", False)
    assert [(p["papers"], p["categories"], p["others"]) for p in found["people"]] == [
        (["2603.00002", "2603.00001"], ["cs.DS"], ["Al Abel"]),
        (["2603.00004", "2603.00003"], ["q-bio.NC"], ["Bo Ek"]),
    ]
    mended = reader.post(path, json={"do": "join", "paper": "2603.00001", "beside": "2603.00003"}).json()
    assert (mended["mended"], len(mended["people"])) == (True, 1)
    assert "One person, as you say" in reader.get("/authors/wei-wang").text
    assert reader.post(path, json={"do": "join", "paper": "?"}).status_code == 400
    assert reader.delete(path).status_code == 204
    assert reader.get(path).json() == found
    assert reader.get("/api/v1/namesakes/nobody").status_code == 404

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Record
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


NOW = datetime(2026, 3, 18, tzinfo=UTC)
RECORD = Record(
    id=PaperId("2603.00001"),
    title="On sorting",
    abstract="We sort.",
    source="test",
    announcements=(Announcement(date(2026, 3, 18)),),
    version=1,
)


@pytest.fixture
def shelf(archive: Archive, own_client: TestClient) -> TestClient:
    archive.store.put([(RECORD, derive(RECORD))], now=NOW)
    return own_client


def test_saving_works_without_script(shelf: TestClient) -> None:
    form = read(shelf.get("/edition/2026-03-18").text).forms[-2]
    assert form.method == "POST"
    answer = shelf.post(form.action, headers={"Origin": "http://localhost"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/edition/2026-03-18")
    assert "On sorting" in shelf.get("/saved").text
    assert ">Saved<" in shelf.get("/edition/2026-03-18").text
    shelf.post("/papers/2603.00001/unsave")
    assert "The shelf is empty" in shelf.get("/saved").text


def test_saving_by_script_answers_in_json(shelf: TestClient) -> None:
    answer = shelf.post("/papers/2603.00001/save", headers={"Accept": "application/json"})
    assert answer.json() == {"id": "2603.00001", "saved": True}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_cannot_save(shelf: TestClient, headers: dict[str, str]) -> None:
    assert shelf.post("/papers/2603.00001/save", headers=headers).status_code == 403
    assert shelf.post("/saved/seen", headers=headers).status_code == 403
    assert "The shelf is empty" in shelf.get("/saved").text


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "\x0b//x"]
)
def test_saving_sends_nobody_elsewhere(shelf: TestClient, back: str) -> None:
    answer = shelf.post("/papers/2603.00001/save", params={"back": back})
    assert answer.headers["location"] == "/papers/2603.00001"


def test_saving_needs_a_post(shelf: TestClient) -> None:
    assert shelf.get("/papers/2603.00001/save").status_code in {400, 404, 405}
    assert "The shelf is empty" in shelf.get("/saved").text


def test_saving_what_is_not_here_is_not_found(shelf: TestClient) -> None:
    assert shelf.post("/papers/2603.99999/save").status_code == 404


def test_withdrawal_of_a_saved_paper_is_told_once(archive: Archive, shelf: TestClient) -> None:
    shelf.post("/papers/2603.00001/save")
    gone = replace(RECORD, withdrawn=True, version=2)
    archive.store.put([(gone, derive(gone))], now=NOW)
    assert "was withdrawn" in shelf.get("/saved").text
    assert read(shelf.get("/saved").text).xpath("//li[@class='unseen']")
    shelf.post("/saved/seen")
    assert not read(shelf.get("/saved").text).xpath("//li[@class='unseen']")

"""What a reader says of a paper: by plain forms, by script, from our own pages only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Record
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 18, tzinfo=UTC)
JSON = {"Accept": "application/json"}
Say = Callable[..., Any]


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


def titles(page: str) -> list[str]:
    return [
        " ".join(a.text_content().split()) for a in read(page).xpath("//article/*[self::h2 or self::h3]/a")
    ]


@pytest.fixture
def reader(archive: Archive, own_client: TestClient) -> TestClient:
    """A site of four papers of one day, two of them in one section."""
    made = [("On sorting", "cs.DS"), ("On heaps", "cs.DS"), ("On waves", "math.AP"), ("On birds", "q-bio.PE")]
    records = [
        Record(
            id=PaperId(f"2603.0000{number}"),
            title=title,
            abstract=f"We study this matter: {title.lower()}.",
            source="test",
            categories=(category,),
            announcements=(Announcement(date(2026, 3, 18)),),
        )
        for number, (title, category) in enumerate(made, start=1)
    ]
    archive.store.put([(r, derive(r)) for r in records], now=NOW)
    wiring.catch_up(archive)
    return own_client


@pytest.fixture
def say(reader: TestClient) -> Say:
    """Sends a form of a paper as a script does, and gives how the reader stands to it."""

    def post(id: str = "2603.00001", **fields: str) -> Any:
        answer = reader.post(f"/papers/{id}/marks", data=fields, headers=JSON)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return post


def press(client: TestClient, page: str, id: str, label: str) -> Any:
    """Presses a button of a paper's card as a browser without script does."""
    tree = read(client.get(page).text)
    (form,) = tree.xpath(f"//article[@id='{id}']//form[@class='acts']")
    (button,) = [b for b in form.xpath(".//button") if b.text == label]
    fields = {button.get("name"): button.get("value")}
    assert form.get("method") == "post"
    return client.post(
        form.get("action"),
        data=fields,
        headers={"Referer": f"http://localhost{page}", "Sec-Fetch-Site": "same-origin"},
    )


def test_saving_works_without_script_and_leads_back_to_the_card(reader: TestClient) -> None:
    answer = press(reader, "/edition/2026-03-18", "2603.00001", "Save")
    assert (answer.status_code, answer.headers["location"]) == (303, "/edition/2026-03-18#2603.00001")
    press(reader, "/edition/2026-03-18", "2603.00001", "Saved")
    assert "Saved" not in [
        b.text for b in read(reader.get("/edition/2026-03-18").text).xpath("//form//button")
    ]


@pytest.mark.parametrize(("label", "kind"), [("Less", "disliked"), ("Hide", "hidden")])
def test_what_was_put_away_leaves_lists_and_can_be_undone_at_once(
    reader: TestClient, label: str, kind: str
) -> None:
    page = "/edition/2026-03-18"
    answer = press(reader, page, "2603.00002", label)
    assert answer.headers["location"] == page
    after = reader.get(page).text
    assert sorted(titles(after)) == ["On birds", "On sorting", "On waves"]
    assert "1 paper that you hid" in after
    (undo,) = read(after).xpath("//div[@class='done']/form[.//button[text()='Undo']]")
    assert "On heaps" in undo.text_content()
    assert "Undo" not in reader.get(page).text  # offered once
    (link,) = read(after).xpath("//p[contains(@class, 'left-out')]/a/@href")
    assert "On heaps" in titles(reader.get(link).text)
    assert "On heaps" not in titles(reader.get("/search?q=on+heaps").text)
    assert "1 paper that you hid" in reader.get("/search?q=on+heaps").text
    assert "On heaps" not in titles(reader.get(f"{page}/cs.DS").text)
    reader.post(undo.get("action"), data={"clear": kind})
    assert "On heaps" in titles(reader.get(page).text)


def test_section_of_which_everything_was_put_away_still_answers(say: Say, reader: TestClient) -> None:
    say("2603.00003", set="hidden")
    page = reader.get("/edition/2026-03-18/math.AP")
    assert page.status_code == 200
    assert "1 paper that you hid" in page.text


def test_reason_is_optional_and_can_be_given_later(say: Say) -> None:
    assert say(set="disliked")["reason"] == ""
    found = say(set="disliked", text="not my field")
    assert (found["disliked"], found["reason"]) == (True, "not my field")
    assert say(clear="disliked")["disliked"] is False


def test_tags_come_several_at_once_and_go_one_by_one(say: Say) -> None:
    assert say(set="tag", text="graphs,  to   read, graphs")["tags"] == ["graphs", "to read"]
    assert say(clear="tag", text="graphs")["tags"] == ["to read"]
    assert say(set="collection", text="thesis")["collections"] == ["thesis"]


def test_empty_note_takes_the_note_away(say: Say) -> None:
    assert say(set="note", text="see lemma 2\nand 3")["note"] == "see lemma 2\nand 3"
    assert say(set="note", text="  ")["note"] == ""


def test_marks_that_contradict_each_other_do_not_stand_together(say: Say) -> None:
    say(set="liked")
    found = say(set="disliked")
    assert (found["liked"], found["disliked"]) == (False, True)
    found = say(set="liked")
    assert (found["liked"], found["disliked"]) == (True, False)
    say(set="saved")
    found = say(set="hidden")
    assert (found["saved"], found["hidden"]) == (True, True)


def test_forms_of_a_paper_work_without_script(say: Say, reader: TestClient) -> None:
    say(set="tag", text="graphs & trees")
    tree = read(reader.get("/papers/2603.00001/marks").text)
    (remove,) = tree.xpath("//form[.//button[@value='tag'][@name='clear']]")
    fields = dict(remove.form_values()) | {"clear": "tag"}
    assert fields["text"] == "graphs & trees"
    answer = reader.post(
        remove.action, data=fields, headers={"Referer": "http://localhost/papers/2603.00001/marks"}
    )
    assert answer.headers["location"] == "/papers/2603.00001/marks"
    assert reader.get("/papers/2603.00001/marks", headers=JSON).json()["tags"] == []


def test_what_a_reader_said_stands_on_the_card(say: Say, reader: TestClient) -> None:
    say(set="note", text="<b>see lemma 2</b>")
    say(set="tag", text="graphs")
    say(set="read")
    (card,) = read(reader.get("/edition/2026-03-18").text).xpath("//article[@id='2603.00001']")
    assert "<b>see lemma 2</b>" in card.xpath("string(.//p[@class='yours'])")
    assert card.xpath(".//a[@href='/desk?tag=graphs']")
    assert "read" in card.get("class").split()


def test_reading_a_page_marks_nothing(say: Say, reader: TestClient) -> None:
    for path in ("/", "/papers/2603.00001", "/papers/2603.00001/marks", "/edition/2026-03-18"):
        reader.get(path)
    found = reader.get("/papers/2603.00001/marks", headers=JSON).json()
    assert not any(found[name] for name in found if name != "id")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_cannot_write(reader: TestClient, headers: dict[str, str]) -> None:
    for address in ("/papers/2603.00001/marks", "/desk/seen"):
        answer = reader.post(address, data={"set": "saved"}, headers=headers)
        assert answer.status_code == 403, address
    assert reader.get("/papers/2603.00001/marks", headers=JSON).json()["saved"] is False


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "\x0b//x"]
)
def test_form_sends_nobody_elsewhere(reader: TestClient, back: str) -> None:
    for fields, headers in (({"back": back}, {}), ({}, {"Referer": f"https://elsewhere.example{back}"})):
        answer = reader.post("/papers/2603.00001/marks", data={"set": "saved", **fields}, headers=headers)
        assert answer.headers["location"] == "/papers/2603.00001"


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/papers/2603.99999/marks", {"set": "saved"}, 404),
        ("/papers/2603.00001/marks", {"set": "adored"}, 400),
        ("/papers/2603.00001/marks", {}, 400),
        ("/papers/2603.00001/marks", {"set": "tag", "text": "t" * 81}, 400),
        ("/papers/2603.00001/marks", {"set": "note", "text": "n" * 300_000}, 413),
        ("/papers/2603.00001/marks", {"set": "read", "text": "why"}, 400),
    ],
)
def test_what_cannot_be_said_is_explained(
    reader: TestClient, path: str, fields: dict[str, str], status: int
) -> None:
    answer = reader.post(path, data=fields, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_paper_with_a_doi_is_marked_under_its_name(archive: Archive, own_client: TestClient) -> None:
    record = Record(id=PaperId.parse("10.1145/3292500.(a)"), title="On brackets", source="test")
    archive.store.put([(record, derive(record))], now=NOW)
    page = read(own_client.get("/papers/10.1145/3292500.(a)").text)
    (form,) = page.xpath("//form[@class='acts']")
    assert own_client.post(form.action, data={"set": "saved"}, headers=JSON).json()["saved"] is True

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from broadsheet import wiring
from broadsheet.store.people import Role

Read = Callable[[str], Any]
DAY = "/edition/2026-03-18"


def test_an_edition_is_set_with_a_note_and_a_line_on_why(house: Any, read: Read) -> None:
    ada, stranger = house.browser("Ada"), house.browser()
    assert "Edit this edition" not in stranger.get(DAY).text
    assert f"{DAY}/curate" in ada.get(DAY).text
    assert ada.get(f"{DAY}/curate").status_code == 200
    ada.post(f"{DAY}/pin", data={"id": "2603.00001", "place": "1", "note": "A classic."})
    ada.post(f"{DAY}/note", data={"text": "Good *morning*."})
    page = read(stranger.get(DAY).text)
    assert "chosen by the editor: A classic." in page.xpath("string(//section[@class='leads'])")
    assert page.xpath("//aside[@class='editor']//em/text()") == ["morning"]
    ada.post(f"{DAY}/unpin", data={"id": "2603.00001"})
    assert "chosen by the editor" not in stranger.get(DAY).text
    assert "pin 2603.00001 in 2026-03-18: A classic." in ada.get("/admin/log").text


def test_what_is_scheduled_shows_to_the_editor_alone(house: Any) -> None:
    ada = house.browser("Ada")
    ada.post(f"{DAY}/note", data={"text": "In the year 3000.", "since": "3000-01-01T07:00"})
    assert "In the year 3000." not in ada.get(DAY).text
    desk = ada.get(f"{DAY}/curate").text
    assert "In the year 3000." in desk
    assert "3000-01-01 07:00" in desk


def test_a_mistake_is_said_on_the_desk(house: Any) -> None:
    ada = house.browser("Ada")
    for form, status in (
        ({"id": "2603.99999"}, 404),
        ({"id": ""}, 400),
        ({"id": "2603.00001", "place": "0"}, 400),
        ({"id": "2603.00001", "place": "x"}, 400),
        ({"id": "2603.00001", "since": "tomorrow"}, 400),
    ):
        assert ada.post(f"{DAY}/pin", data=form).status_code == status, form
    assert house.archive.library.commons.curation(house.now.date(), scheduled=True).pins == ()


def test_only_curators_curate(house: Any) -> None:
    bob = house.browser("Bob")
    paths = [f"{DAY}/pin", f"{DAY}/unpin", f"{DAY}/note", "/papers/2603.00001/keep-out", "/moderate/links"]
    for path in paths:
        assert (
            bob.post(path, data={"id": "2603.00001", "text": "x", "verdict": "out", "why": "x"}).status_code
            == 403
        ), path
    assert bob.get(f"{DAY}/curate").status_code == 403
    house.accounts.set_role(house.bob, Role.CURATOR, by=house.ada)
    assert bob.get(f"{DAY}/curate").status_code == 200


def test_a_paper_that_is_kept_out_is_gone_for_readers(house: Any) -> None:
    wiring.catch_up(house.archive)
    ada, stranger = house.browser("Ada"), house.browser()
    assert ada.post("/papers/2603.00001/keep-out", data={"verdict": "out", "why": ""}).status_code == 400
    ada.post("/papers/2603.00001/keep-out", data={"verdict": "out", "why": "not a paper"})
    for path in (
        "/papers/2603.00001",
        "/papers/2603.00001.md",
        "/papers/2603.00001.bib",
        "/papers/2603.00001/similar",
        "/api/papers/2603.00001",
        "/oembed?url=http://localhost/papers/2603.00001",
    ):
        answer = stranger.get(path)
        assert (answer.status_code, "On sorting" in answer.text) == (404, False), path
    assert stranger.get("/api/papers/search?q=2603.00001").json() == []
    assert "On sorting" not in stranger.get(DAY).text
    assert "not a paper" in ada.get("/papers/2603.00001").text
    assert "not a paper" in ada.get("/moderate").text
    ada.post("/papers/2603.00001/keep-out", data={"verdict": "in"})
    assert stranger.get("/papers/2603.00001").status_code == 200

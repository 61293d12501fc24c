from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from broadsheet.ids import PaperId
from broadsheet.model import Author, Record
from broadsheet.text.derive import derive

Read = Callable[[str], Any]
ABSTRACT = (
    "We describe at some length how things are put into order, and why that takes no longer than it must."
)


def test_a_paper_that_is_here_is_submitted_by_id_or_link(house: Any, read: Read) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    assert (
        ada.post("/submit", data={"id": "https://arxiv.org/abs/2603.00001v1"}).headers["location"]
        == "/papers/2603.00001"
    )
    bob.post("/submit", data={"id": "2603.00001"})
    assert "by Ada" in " ".join(read(bob.get("/papers/2603.00001").text).text_content().split())
    assert "by Ada" in house.browser().get("/discussion").text


def test_a_paper_that_is_not_here_is_fetched(house: Any) -> None:
    asked = []

    def fetch(id: PaperId) -> None:
        asked.append(id)
        if id.value == "2603.00002":
            record = Record(id=id, title="Fetched", source="arxiv")
            house.archive.store.put([(record, derive(record))], now=house.now)

    ada = house.browser("Ada", fetch=fetch)
    assert ada.post("/submit", data={"id": "arXiv:2603.00002"}).headers["location"] == "/papers/2603.00002"
    answer = ada.post("/submit", data={"id": "2603.00003"})
    assert (answer.status_code, "arXiv knows no paper" in answer.text.replace("ArXiv", "arXiv")) == (
        400,
        True,
    )
    assert [id.value for id in asked] == ["2603.00002", "2603.00003"]


def test_what_cannot_be_fetched_is_described(house: Any, read: Read) -> None:
    ada = house.browser("Ada")
    answer = ada.post("/submit", data={"id": "10.1000/xyz"})
    assert answer.status_code == 400
    form = {
        "id": "10.1000/xyz",
        "title": "On putting in order",
        "authors": "Ada Lovelace; Bob Roe",
        "abstract": "Short.",
    }
    answer = ada.post("/submit", data=form)
    assert answer.status_code == 400
    assert read(answer.text).xpath("//input[@name='authors']/@value") == ["Ada Lovelace; Bob Roe"]
    answer = ada.post("/submit", data={**form, "abstract": ABSTRACT, "link": "https://example.org/order"})
    assert answer.headers["location"] == "/papers/10.1000/xyz"
    paper = house.archive.store.get(PaperId.parse("10.1000/xyz"))
    assert [a.name for a in paper.record.authors] == ["Ada Lovelace", "Bob Roe"]
    assert (paper.record.source, paper.record.links) == ("submitted", ("https://example.org/order",))


def test_the_same_description_is_one_paper(house: Any) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    form = {"title": "On putting in order", "authors": "Ada Lovelace", "abstract": ABSTRACT}
    one = ada.post("/submit", data=form).headers["location"]
    two = bob.post(
        "/submit", data={**form, "title": "On  Putting in Order", "abstract": ABSTRACT + " More."}
    ).headers["location"]
    assert one == two
    assert "More." not in house.browser().get(one).text


@pytest.mark.parametrize(
    "form",
    [
        {"id": ""},
        {"id": "not an id"},
        {"title": "x", "abstract": ABSTRACT},
        {"title": "On putting in order", "abstract": ABSTRACT, "link": "javascript:alert(1)"},
        {"title": "x" * 501, "abstract": ABSTRACT},
    ],
)
def test_what_is_no_paper_is_refused_with_a_reason(house: Any, form: dict[str, str]) -> None:
    answer = house.browser("Ada").post("/submit", data=form)
    assert answer.status_code == 400
    assert "expected" in answer.text
    assert house.archive.store.count() == 1


def test_an_offered_link_shows_once_a_curator_accepts_it(house: Any, read: Read) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    url = "https://github.com/ada/sorting"
    assert bob.post("/papers/2603.00001/links", data={"url": url, "kind": "code"}).status_code == 200
    assert url not in bob.get("/papers/2603.00001").text
    ada.post("/moderate/links", data={"paper": "2603.00001", "url": url, "verdict": "accept"})
    (link,) = read(bob.get("/papers/2603.00001").text).xpath(f"//ul[@class='links']//a[@href='{url}']")
    assert link.attrib["rel"] == "nofollow ugc noopener"
    assert (
        bob.post("/papers/2603.00001/links", data={"url": "javascript:x", "kind": "code"}).status_code == 400
    )


def test_a_curators_own_link_waits_for_nobody(house: Any, read: Read) -> None:
    ada, url = house.browser("Ada"), "https://github.com/ada/sorting"
    answer = ada.post("/papers/2603.00001/links", data={"url": f" {url} ", "kind": "code"})
    assert answer.headers["location"] == "/papers/2603.00001"
    assert read(house.browser().get("/papers/2603.00001").text).xpath(
        f"//ul[@class='links']//a[@href='{url}']"
    )
    assert "accept link 2603.00001" in " ".join(read(ada.get("/admin/log").text).text_content().split())


def test_an_authors_page_says_who_here_is_the_author_or_asks(house: Any, read: Read) -> None:
    record = Record(
        id=PaperId.parse("2603.00004"),
        title="Signed",
        source="test",
        authors=(Author("Bob Roe"),),
    )
    house.archive.store.put([(record, derive(record))], now=house.now)
    ada, bob, page = house.browser("Ada"), house.browser("Bob"), "/authors/bob-roe"
    assert "/authors/bob-roe/claim" in read(bob.get(page).text).xpath("//main//a/@href")
    assert (
        "Are you this author?" not in house.browser().get(page).text
    )  # strangers have no account to be it with
    bob.post("/authors/bob-roe/claim", data={"evidence": "my page"})
    ada.post("/moderate/claims", data={"author": "bob-roe", "reader": house.bob.id, "verdict": "accept"})
    assert "Reads here as Bob." in house.browser().get(page).text


def test_moderation_is_in_the_way_of_those_who_moderate_alone(house: Any, read: Read) -> None:
    ways = {
        name: set(read(house.browser(name).get("/about").text).xpath("//a/@href"))
        for name in ("Ada", "Bob", None)
    }
    assert "/moderate" in ways["Ada"]
    assert "/moderate" not in ways["Bob"] | ways[None]
    assert "/submit" in ways["Ada"] & ways["Bob"]
    assert "/submit" not in ways[None]
    assert "/discussion" in ways["Ada"] & ways["Bob"] & ways[None]


def test_a_claim_to_be_the_author_waits_for_a_curator(house: Any) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    assert bob.get("/authors/bob-roe/claim").status_code == 200
    assert bob.post("/authors/bob-roe/claim", data={"evidence": ""}).status_code == 400
    bob.post("/authors/bob-roe/claim", data={"evidence": "my page"})
    assert "my page" in ada.get("/moderate").text
    ada.post("/moderate/claims", data={"author": "bob-roe", "reader": house.bob.id, "verdict": "accept"})
    assert house.archive.library.commons.claimants("bob-roe") == ("Bob",)
    assert (
        bob.post("/moderate/claims", data={"author": "x", "reader": "y", "verdict": "accept"}).status_code
        == 403
    )

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet.categories import CATEGORIES
from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Author, Record
from broadsheet.serve.editions import allot
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


DAY = date(2026, 3, 18)


def links(page: str) -> set[str]:
    return {str(a) for a in read(page).xpath("//main//a/@href")}


def test_front_page_is_the_newest_edition(client: TestClient, sample: list[dict[str, Any]]) -> None:
    newest = [p for p in sample if p["announced"] == max(q["announced"] for q in sample)]
    page = client.get("/").text
    assert "Friday, 20 March 2026" in page
    assert f"{len(newest)} new papers" in page
    assert {f"/papers/{p['id']}" for p in newest} <= links(page)


def test_lead_stories_are_the_most_voted_of_the_day(client: TestClient, sample: list[dict[str, Any]]) -> None:
    day = [p for p in sample if p["announced"] == "2026-03-17"]
    most = max(day, key=lambda p: max(p["upvotes"])[1] if p["upvotes"] else 0)
    first = read(client.get("/edition/2026-03-17").text).xpath("//section[@class='leads']//h2/a/@href")[0]
    assert first == f"/papers/{most['id']}"


def test_every_card_or_the_name_of_its_section_says_why_it_is_there(client: TestClient) -> None:
    tree = read(client.get("/edition/2026-03-17").text)
    cards = tree.xpath("//article")
    assert len(cards) > 50
    silent = [card for card in cards if not card.xpath(".//p[@class='why']/text()")]
    assert silent
    assert all(card.xpath("ancestor::section/h2") for card in silent)
    assert "announced in" not in tree.xpath("string(//main)")


@pytest.mark.parametrize("path", [f"/edition/{DAY}/cross", f"/edition/{DAY}/replaced"])
def test_cross_lists_and_replacements_say_more_than_their_heading(
    archive: Archive, own_client: TestClient, path: str
) -> None:
    kind = AnnounceKind.CROSS if path.endswith("cross") else AnnounceKind.REPLACE
    record = Record(
        id=PaperId("2603.00001"),
        title="A paper",
        source="test",
        categories=("cs.CL", "cs.LG"),
        version=2,
        announcements=(Announcement(DAY, kind),),
    )
    archive.store.put([(record, derive(record))], now=datetime(2026, 3, 18, tzinfo=UTC))
    said = read(own_client.get(path).text).xpath("//article//p[@class='why']/text()")
    assert said == ["cross-listed to cs.LG" if kind is AnnounceKind.CROSS else "replaced by version 2"]


def test_card_shows_what_the_source_gave(client: TestClient, sample: list[dict[str, Any]]) -> None:
    paper = next(p for p in sample if p["announced"] == "2026-03-20" and len(p["authors"]) > 5 and p["links"])
    tree = read(client.get("/").text)
    card = tree.xpath(f"//article[.//a[@href='/papers/{paper['id']}']]")[0].text_content()
    assert paper["title"] in card
    assert paper["gist"] in card
    assert paper["authors"][0] in card
    assert f"and {len(paper['authors']) - 3} others" in card
    assert paper["categories"][0] in card
    assert paper["type"] in card


def test_sample_edition_is_announced_as_such(client: TestClient) -> None:
    page = client.get("/").text
    assert "A sample edition." in page
    assert "broadsheet sync" in page


def test_day_without_edition_says_why_and_names_its_neighbours(client: TestClient) -> None:
    page = client.get("/edition/2026-03-14").text  # a Saturday
    assert "Why is 14 March empty?" in page
    assert "Saturday" in page
    assert {"/edition/2026-03-13", "/edition/2026-03-16"} <= links(page)


def test_editions_lead_to_their_neighbours(client: TestClient) -> None:
    assert {"/edition/2026-03-16", "/edition/2026-03-18"} <= links(client.get("/edition/2026-03-17").text)


def test_section_pages_hold_every_paper_of_the_section_once(
    client: TestClient, sample: list[dict[str, Any]]
) -> None:
    wanted = {
        f"/papers/{p['id']}"
        for p in sample
        if p["announced"] == "2026-03-17" and p["categories"][0] == "cs.CV"
    }
    tree = read(client.get("/edition/2026-03-17/cs.CV").text)
    found = [str(a) for a in tree.xpath("//article//h2/a/@href")]
    assert len(found) == len(set(found))
    assert set(found) == wanted


@pytest.mark.parametrize("path", ["/edition/2026-03-17/cs.XX", "/edition/2026-03-17/cs.CV?page=9"])
def test_missing_section_or_page_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_day_that_is_none_is_explained(client: TestClient) -> None:
    answer = client.get("/edition/2026-02-30")
    assert answer.status_code == 400
    assert "expected year-month-day" in answer.text


def test_empty_archive_says_how_to_fill_it(own_client: TestClient) -> None:
    page = own_client.get("/").text
    assert "broadsheet sync" in page
    assert "broadsheet import" in page


@pytest.fixture
def big(archive: Archive, sample: list[dict[str, Any]]) -> Archive:
    """An edition of 1,500 new papers over 40 categories, largest first, with 300 cross-lists and 300 replacements."""
    codes = list(CATEGORIES)[:40]
    sizes = [max(1, 400 >> (i // 2)) for i in range(40)]
    homes = [code for code, size in zip(codes, sizes, strict=True) for _ in range(size)]
    homes = (homes + [codes[0]] * 1500)[:1500]
    kinds = [(home, AnnounceKind.NEW) for home in homes]
    kinds += [
        (codes[i % 40], kind) for kind in (AnnounceKind.CROSS, AnnounceKind.REPLACE) for i in range(300)
    ]
    number = count(1)
    records = [
        Record(
            id=PaperId(f"2603.{next(number):05}"),
            title=p["title"],
            abstract=p["abstract"],
            authors=tuple(Author(name) for name in p["authors"]),
            categories=(home, "cs.LG", "stat.ML"),
            announcements=(Announcement(DAY, kind),),
            source="test",
        )
        for (home, kind), p in zip(kinds, sample * 7, strict=False)
    ]
    derived = {r.title: derive(r) for r in records[: len(sample)]}
    archive.store.put([(r, derived[r.title]) for r in records], now=datetime(2026, 3, 18, tzinfo=UTC))
    return archive


def test_edition_of_1500_papers_stays_under_100_kilobytes(big: Archive, own_client: TestClient) -> None:
    assert big.store.count() == 2100
    answer = own_client.get(f"/edition/{DAY}")
    assert answer.status_code == 200
    assert len(answer.content) < 100_000
    sizes = own_client.get(f"/edition/{DAY}/astro-ph.CO")
    assert len(sizes.content) < 100_000


def test_large_edition_leads_to_every_section_with_its_size(big: Archive, own_client: TestClient) -> None:
    day = big.store.edition(DAY)
    new = [p for p in day if p.record.announcements[0].kind is AnnounceKind.NEW]
    homes = {p.record.categories[0] for p in new}
    page = own_client.get(f"/edition/{DAY}").text
    assert {f"/edition/{DAY}/{home}" for home in homes} <= links(page)
    assert {f"/edition/{DAY}/cross", f"/edition/{DAY}/replaced"} <= links(page)
    largest = sum(p.record.categories[0] == "astro-ph.CO" for p in new)
    assert f"All {largest} in {CATEGORIES['astro-ph.CO']}" in page


def test_pages_of_a_large_section_hold_every_paper_once(big: Archive, own_client: TestClient) -> None:
    wanted = {
        f"/papers/{p.id}"
        for p in big.store.edition(DAY)
        if p.record.categories[0] == "astro-ph.EP" and p.record.announcements[0].kind is AnnounceKind.NEW
    }
    found: list[str] = []
    path = f"/edition/{DAY}/astro-ph.EP"
    while path:
        tree = read(own_client.get(path).text)
        found += [str(a) for a in tree.xpath("//article//h2/a/@href")]
        after = tree.xpath("//a[@rel='next']/@href")
        path = f"/edition/{DAY}/astro-ph.EP{after[0]}" if after else ""
    assert len(found) == len(wanted)
    assert set(found) == wanted


def test_seats_go_by_the_root_of_the_size() -> None:
    # By hand: quotients sqrt(400)=20 /2, /3 …, sqrt(100)=10 /2 …; one seat each to begin with.
    assert allot([400, 100, 4, 1], room=16) == [10, 4, 1, 1]
    assert allot([2, 1], room=50) == [2, 1]
    assert allot([], room=5) == []


def test_paper_without_anything_but_a_title_invents_nothing(archive: Archive, own_client: TestClient) -> None:
    record = Record(id=PaperId("2603.00001"), title="On nothing", source="test")
    dated = replace(record, announcements=(Announcement(DAY),))
    archive.store.put([(dated, derive(dated))], now=datetime(2026, 3, 18, tzinfo=UTC))
    card = read(own_client.get(f"/edition/{DAY}").text).xpath("//article")[0]
    assert not card.xpath(".//p[@class='by' or @class='gist']")
    assert "vote" not in card.text_content()

"""Every card says what its source says of the paper and why it is there, and nothing else."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import html
from tests.acceptance.house import House

PAPERS: list[dict[str, Any]] = [
    {
        "id": "2601.00001",
        "title": "Sparse Tensor Factorization at Scale",
        "abstract": "Tensor factorization is slow on sparse data. We propose STF, a sampling method that factors "
        "sparse tensors ten times faster. Code is at https://github.com/example/stf.",
        "authors": ["Ada Lovelace", "Kurt Gödel"],
        "categories": ["cs.LG", "math.NA"],
        "announced": "2026-01-06",
        "published": "2026-01-04T12:00:00Z",
        "upvotes": [["2026-01-07T00:00:00Z", 12]],
    },
    {
        "id": "2601.00002",
        "title": "A Survey of Tensor Kernels",
        "abstract": "Tensor kernels have been studied for a decade. This survey reviews two hundred of them.",
        "authors": ["Ada Lovelace"],
        "categories": ["cs.MS"],
        "announced": "2026-01-06",
    },
]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("printed"))
    house.run("import", house.write("papers.jsonl", PAPERS))
    return house


@pytest.mark.parametrize(
    "address",
    ["/", "/edition/2026-01-06/cs.LG", "/search?q=tensor", "/papers/2601.00002", "/authors/ada-lovelace"],
)
def test_every_card_says_who_when_where_and_what(printed: House, address: str) -> None:
    with printed.pages() as client:
        answer = client.get(address)
        assert answer.status_code == 200
        cards = {_id(card): card for card in _cards(answer.text)}
    first = cards["2601.00001"]
    words = _words(first)
    assert "Sparse Tensor Factorization at Scale" in words
    assert "Ada Lovelace and Kurt Gödel" in words
    assert "2026" in _words(first.xpath(".//time")[0])
    assert {"cs.LG", "math.NA"} <= set(first.xpath(".//abbr/text()"))
    assert "12 votes" in words
    assert first.xpath(".//a[@class='code']/@href") == ["https://github.com/example/stf"]
    assert "method" in words
    assert _words(first.xpath(".//p[@class='gist']")[0])
    second = cards.get("2601.00002")
    if second is not None:
        said = _words(second)
        assert "survey" in said
        assert "vote" not in said
        assert not second.xpath(".//a[@class='code']")


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/edition/2026-01-06/cs.LG",
        "/archive/2026-W02",
        "/search?q=tensor",
        "/papers/2601.00002",
        "/authors/ada-lovelace",
    ],
)
def test_every_card_says_why_it_is_there(printed: House, address: str) -> None:
    with printed.pages() as client:
        cards = _cards(client.get(address).text)
    assert cards
    for card in cards:
        reasons = card.xpath(".//p[@class='why']")
        assert reasons
        assert _words(reasons[0])


def test_nothing_is_invented_where_the_source_is_silent(seed_house: House) -> None:
    with seed_house.pages() as client:
        cards = _cards(client.get("/search?q=pruning").text)
        page: Any = html.fromstring(client.get("/papers/page-001").text)
        front = client.get("/").text
    assert len(cards) >= 10
    for card in cards:
        assert not card.xpath(".//p[@class='by'] | .//time | .//abbr")
        assert "vote" not in _words(card.xpath(".//p[@class='facts']")[0])
        assert _words(card.xpath(".//p[@class='gist']")[0])
        assert _words(card.xpath(".//p[@class='why']")[0])
    facts = page.xpath("//aside//dt/text()")
    assert not {"Announced", "Submitted", "Updated", "Version", "Versions", "Published in"} & set(facts)
    assert not page.xpath("//header/p[@class='by']")
    bibtex = page.xpath("//pre[@id='bibtex']")[0].text_content()
    assert not re.search(r"^\s*(?:author|year|month|journal|doi|eprint) =", bibtex, re.MULTILINE)
    # Papers without a day stand in no edition.
    assert "282" not in front.split("<footer")[0] or "no edition" in front


def test_sample_data_are_announced_as_such(house: House) -> None:
    house.run("import", house.write("sample.jsonl", [PAPERS[1] | {"sample": True}]))
    with house.pages() as client:
        assert "sample" in client.get("/papers/2601.00002").text
        assert "sample" in client.get("/").text


def _cards(page: str) -> list[Any]:
    tree: Any = html.fromstring(page)
    found = tree.xpath("//article[contains(@class, 'card')][.//h2/a or .//h3/a]")
    return [card for card in found if "paper" not in card.get("class").split()]


def _id(card: Any) -> str:
    return str(card.xpath("(.//h2|.//h3)/a/@href")[0]).removeprefix("/papers/")


def _words(element: Any) -> str:
    return " ".join(element.text_content().split())

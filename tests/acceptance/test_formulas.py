"""A formula given as TeX is read as the formula, wherever it is read."""

from __future__ import annotations

import html
import re

import feedparser  # type: ignore[import-untyped]  # has no stubs
import pytest
from tests.acceptance.house import House, seen

PAPER = {
    "id": "2601.00001",
    "title": "Counting in $O(n\\sqrt{m})$ Time",
    "abstract": "We count subgraphs in $O(n\\sqrt{m})$ time on graphs of $m$ edges. Earlier ways are slower "
    "by $\\unknowncommand{x}$. This ``answers'' a question of Erd\\H{o}s {\\em et al.}~\\cite{old}.",
    "authors": ["Ada Lovelace"],
    "categories": ["cs.DS"],
    "announced": "2026-01-05",
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> House:
    house = House(tmp_path_factory.mktemp("counted"))
    house.run("import", house.write("papers.jsonl", [PAPER]))
    return house


def test_a_root_is_a_root_on_the_page(counted: House) -> None:
    with counted.pages() as client:
        for address in ("/papers/2601.00001", "/edition/2026-01-05", "/search?q=subgraphs"):
            page = client.get(address).text
            formula = re.search(r"<math\b[^>]*>.*?</math>", page, re.DOTALL)
            assert formula is not None
            assert "<msqrt>" in page, address
            assert re.sub(r"<[^>]*>|\s|[\u2061-\u2064]", "", formula[0]) == "O(nm)"  # the root is an element


def test_plain_text_has_it_in_unicode(counted: House) -> None:
    shown = counted.run("show", "2601.00001").stdout
    assert "Counting in O(n√m) Time" in shown
    assert "subgraphs in O(n√m) time" in shown
    assert "“answers” a question of Erdős et al." in " ".join(shown.split())
    hit = counted.json("search", "counting subgraphs")["hits"][0]
    assert hit["title"] == "Counting in O(n√m) Time"
    assert "O(n√m)" in hit["gist"]
    with counted.pages() as client:
        assert "<title>Counting in O(n√m) Time ·" in client.get("/papers/2601.00001").text


def test_feeds_have_it_in_unicode(counted: House) -> None:
    with counted.pages() as client:
        atom = feedparser.parse(client.get("/edition/2026-01-05.atom").content)
        assert not atom.bozo
        assert atom.entries[0].title == "Counting in O(n√m) Time"
        assert "O(n√m)" in html.unescape(re.sub(r"<[^>]*>", "", atom.entries[0].summary))
        item = client.get("/edition/2026-01-05.json").json()["items"][0]
        assert item["title"] == "Counting in O(n√m) Time"


def test_what_cannot_be_set_stays_visible_as_marked_source(counted: House) -> None:
    with counted.pages() as client:
        page = client.get("/papers/2601.00001").text
        assert re.search(r'<code class="tex">[^<]*\\unknowncommand', page)
        # Reference managers get the abstract as it is, like the citation.
        assert "\\" not in seen(page, without=["//pre[@id='bibtex']", "//meta[@name='citation_abstract']"])


def test_the_source_is_kept_and_words_of_it_find_the_paper(counted: House) -> None:
    assert counted.json("show", "2601.00001")["source"]["abstract"] == PAPER["abstract"]
    assert counted.json("search", "Erdos")["hits"][0]["id"] == "2601.00001"

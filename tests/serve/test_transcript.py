from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from markdown_it import MarkdownIt

from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Paper, Record
from broadsheet.serve.transcript import escaped, written
from broadsheet.text.derive import derive


def made(title: str, abstract: str = "", **more: Any) -> Paper:
    record = Record(id=PaperId.parse("2603.00001"), title=title, abstract=abstract, source="test", **more)
    return Paper(record=record, derived=derive(record), added=datetime(2026, 3, 2, tzinfo=UTC), seq=1)


@pytest.mark.parametrize(
    "text",
    [
        "2*3 and *four* _five_ `six` **seven** ~~eight~~",
        "<script>alert(1)</script> &lt;b&gt; &amp;",
        "[a link](javascript:alert(1)) ![an image](http://elsewhere/x.png) <http://elsewhere>",
        "# not a heading",
        "1. not a list",
        "12) neither",
        "- nor this",
        "+ nor this",
        "--- nor a rule",
        "=== nor this",
        "> not a quotation",
        r"a backslash \ and \* another",
        "| a | table |",
        "costs $5 and $6",
        "2603.12345 and 3-way and .5",
        "a first line\n    and an indented one\n\n# and a third",
    ],
)
def test_text_is_shown_as_it_is_and_becomes_no_markup(text: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(escaped(text))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    assert "".join(child.content for child in children) == " ".join(text.split())


def test_paper_has_its_title_authors_facts_and_abstract() -> None:
    paper = made(
        r"Stable $\alpha$",
        "We learn heavy tails. Code: https://github.com/ada/laws_of_tails",
        authors=(Author("Ada Lovelace"), Author("Paul Lévy")),
        categories=("cs.LG",),
        announcements=(Announcement(date(2026, 3, 2)),),
        venue="Annals *of* Tails",
    )
    html = MarkdownIt("commonmark").render(written(paper))
    assert "<h1>Stable α</h1>" in html
    assert "<p>Ada Lovelace, Paul Lévy</p>" in html
    assert "<li>Announced: 2 Mar 2026</li>" in html
    assert "<li>Published in: Annals *of* Tails</li>" in html
    assert '<a href="https://github.com/ada/laws_of_tails">' in html
    assert '<a href="https://arxiv.org/abs/2603.00001">' in html
    assert "<h2>Abstract</h2>" in html


def test_what_is_not_known_is_left_out() -> None:
    text = written(made("Alone"))
    assert "Abstract\n" not in text
    assert "Announced" not in text
    assert "None" not in text

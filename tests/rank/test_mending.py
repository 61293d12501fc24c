from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from broadsheet.index.contract import AnyOf, Filter, Holds, Without
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper
from broadsheet.rank.mending import mend
from broadsheet.rank.query import ParsedQuery, parse


@pytest.fixture
def mended(
    indexed: Callable[..., LocalSnapshot], paper: Callable[..., Paper]
) -> Callable[[str], ParsedQuery]:
    papers = [
        paper(
            f"2603.{n:05}",
            "Large language model",
            "Multimodal tensor train." if n else "Multimodal tensor train of research papers.",
            authors=["Przemysław Uznański"],
        )
        for n in range(25)
    ]
    one = papers[0]
    papers[0] = replace(one, record=replace(one.record, comment="Accepted at NeurIPS 2025"))
    snapshot = indexed(papers)
    return lambda text: mend(parse(text, today=date(2026, 3, 31)), snapshot)


@pytest.mark.parametrize(
    ("typed", "filter"),
    [
        ("author:uznansky", Filter(authors=("uznanski",))),
        ("venue:Nuerips", Filter(where=Holds("neurips", "venue"))),
        ('title:"lagre language"', Filter(where=Holds("large language", "title"))),
        ("tensro OR cat:cs", Filter(where=AnyOf((Holds("tensor"), Filter(categories=("cs",)))))),
    ],
)
def test_what_nobody_has_is_searched_as_meant_and_told(
    mended: Callable[[str], ParsedQuery], typed: str, filter: Filter
) -> None:
    query = mended(typed)
    assert query.filter == filter
    assert "searched for" in query.notes[0]


def test_mended_words_are_mended_for_the_encoder_and_the_ranking_too(
    mended: Callable[[str], ParsedQuery],
) -> None:
    query = mended('"tensro train" AND lagre')
    assert query.free_text == "tensor train large"
    assert query.words.scored == ("tensor train", "large")
    assert mended('"tensro train"').words.phrases == ("tensor train",)


@pytest.mark.parametrize("typed", ["author:uznanski", "author:xyzzy", "-author:uznansky", "-tensro"])
def test_what_is_known_or_hopeless_or_excluded_stays_as_typed(
    mended: Callable[[str], ParsedQuery], typed: str
) -> None:
    assert mended(typed) == parse(typed, today=date(2026, 3, 31))


def test_negated_author_is_not_guessed_at(mended: Callable[[str], ParsedQuery]) -> None:
    assert mended("-author:uznansky").filter == Filter(where=Without(Filter(authors=("uznansky",))))


def test_two_words_that_are_written_as_one_are_searched_as_one_too(
    mended: Callable[[str], ParsedQuery],
) -> None:
    query = mended("multi modal tensor")
    assert query.words.terms == ("multi", "modal", "tensor", "multimodal")
    assert "“multimodal”" in query.notes[0]


def test_papers_as_the_last_word_only_asks_unless_the_archive_speaks_of_such(
    mended: Callable[[str], ParsedQuery],
) -> None:
    assert (mended("tensor papers").words.terms, mended("tensor papers").free_text) == (("tensor",), "tensor")
    assert mended("research papers").words.terms == ("research", "papers")
    assert mended("papers").words.terms == ("papers",)

"""Where relevance ends, by hand arithmetic."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from broadsheet.index.analysis import tokens
from broadsheet.index.contract import Words
from broadsheet.model import Sentence
from broadsheet.rank import relevance
from broadsheet.rank.matches import find, sought
from broadsheet.rank.relevance import Evidence, evidence, line

TITLE = "Tensor rank"
ABSTRACT = "Of a tensor. Of graphs and ranks."
SENTENCES = (Sentence(0, 12), Sentence(13, 33))


def told(*terms: str, authors: tuple[str, ...] = (), cosine: float | None = None) -> Evidence:
    def frequencies(stems: Iterable[str]) -> dict[str, int]:
        return dict.fromkeys(stems, 10)

    wanted = sought(Words(terms=terms), analyse=tokens, frequencies=frequencies, papers=1000)
    found = find(wanted, title=TITLE, abstract=ABSTRACT, authors=authors, analyse=tokens)
    return evidence(wanted, found, SENTENCES, cosine=cosine)


def test_evidence_is_the_best_passage_alone() -> None:
    # All three words are in the paper, but no passage has more than two of them.
    assert told("tensor", "rank", "graph").passage == pytest.approx(2 / 3)
    assert told("tensor", "rank").passage == 1
    assert told("quark").passage == 0


def test_authors_belong_to_every_passage() -> None:
    assert told("tensor", "serre").passage == pytest.approx(1 / 2)
    assert told("tensor", "serre", authors=("J.-P. Serre",)).passage == 1


def test_paragraph_need_not_be_held_whole() -> None:
    # Two of forty equal words are a twentieth; measured by four of the rarest they are more than a quarter.
    others = tuple(f"word{n}" for n in range(38))
    assert told("tensor", "rank", *others).passage > 0.25


def test_cosine_is_kept_within_bounds() -> None:
    assert told("tensor", cosine=-0.2).cosine == 0
    assert told("tensor").cosine is None


@pytest.mark.parametrize("encoder", [None, *relevance.MODELS])
def test_more_evidence_never_answers_less(encoder: str | None) -> None:
    assert relevance.answers(Evidence(1.0, 0.6), encoder=encoder)
    assert not relevance.answers(Evidence(0.1, 0.1), encoder=encoder)


def test_unknown_encoder_is_judged_by_words_alone() -> None:
    assert relevance.answers(Evidence(1.0, 0.0), encoder="another")
    assert not relevance.answers(Evidence(0.0, 1.0), encoder="another")


@pytest.mark.parametrize(
    ("answering", "above"),
    [("+++---", 3), ("+-+--+---", 6), ("---+++", 0), ("++--", None), ("", None)],
)
def test_line_falls_before_three_in_a_row_that_do_not_answer(answering: str, above: int | None) -> None:
    assert line(sign == "+" for sign in answering) == above


def test_line_falls_at_the_end_of_a_list_that_ends_without_answers() -> None:
    assert line([True, False, False], ended=True) == 1
    assert line([True, True], ended=True) is None
    assert line([], ended=True) is None


def test_line_looks_no_further_than_it_must() -> None:
    seen = iter([True, False, False, False, True, True])
    assert line(seen) == 1
    assert list(seen) == [True, True]

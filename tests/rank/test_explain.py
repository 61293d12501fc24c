from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from broadsheet.index.analysis import tokens
from broadsheet.index.contract import Words
from broadsheet.model import Aspect, Sentence
from broadsheet.rank.explain import Explanation, explain
from broadsheet.rank.matches import find, sought

TITLE = "Tensor factorisations for the naïve"
ABSTRACT = "Nothing to see here. We factorise a tensor by ALS. The EM algorithm of 1977 is not used."
SENTENCES = (Sentence(0, 20), Sentence(21, 50, Aspect.METHOD), Sentence(51, 88))


def frequencies(stems: Iterable[str]) -> dict[str, int]:
    return {stem: {"algorithm": 900, "em": 4}.get(stem, 50) for stem in stems}


def why(
    *terms: str,
    phrases: Sequence[str] = (),
    words_share: float = 0.5,
    authors: Sequence[str] = (),
    nearness: dict[int, float] | None = None,
    loose: bool = False,
) -> Explanation:
    wanted = sought(
        Words(terms=terms, phrases=tuple(phrases)), analyse=tokens, frequencies=frequencies, papers=1000
    )
    return explain(
        wanted,
        find(wanted, title=TITLE, abstract=ABSTRACT, authors=authors, analyse=tokens),
        title=TITLE,
        abstract=ABSTRACT,
        sentences=SENTENCES,
        words_share=words_share,
        nearness=nearness,
        loose=loose,
    )


def sentence_of(explanation: Explanation) -> str:
    assert explanation.sentence is not None
    start, end = explanation.sentence
    return ABSTRACT[start:end]


def test_matched_words_are_shown_as_they_stand() -> None:
    explanation = why("FACTORIZATION", "tensors", "naive")
    assert explanation.matched == ("Tensor", "naïve", "tensor")
    assert why("factorisation").matched == ("factorisations", "factorise")


def test_reason_names_words_and_place() -> None:
    assert why("tensor", "factorisation", words_share=1).text == "“Tensor factorisations” in the title"
    assert why("algorithm", "EM").text == "“EM algorithm” in the abstract; close in meaning"
    assert (
        why("tensor", "algorithm", words_share=0).text
        == "by meaning; “Tensor” in the title, “algorithm” in the abstract"
    )


def test_authors_are_a_reason() -> None:
    explanation = why("Uznanski", words_share=1, authors=["Ada Castro", "Przemysław Uznański"])
    assert explanation.text == "written by Przemysław Uznański"
    assert explanation.matched == ()


@pytest.mark.parametrize(("share", "kind"), [(1.0, "words"), (0.5, "both"), (0.0, "meaning")])
def test_kind_follows_the_shares(share: float, kind: str) -> None:
    assert why("tensor", words_share=share).kind == kind


def test_no_shared_word_is_said() -> None:
    explanation = why("quark", words_share=0)
    assert explanation.text == "by meaning: close to your query, no shared word"
    assert (explanation.kind, explanation.matched, explanation.sentence) == ("meaning", (), None)


def test_sentence_with_the_weightiest_words_answers() -> None:
    assert sentence_of(why("tensor", "factorise")) == "We factorise a tensor by ALS."
    # "EM" is rarer than "tensor".
    assert sentence_of(why("EM", "tensor")) == "The EM algorithm of 1977 is not used."
    assert sentence_of(why(phrases=["EM algorithm"])) == "The EM algorithm of 1977 is not used."


def test_stop_words_match_only_when_nothing_else_was_asked() -> None:
    assert why("the", "tensor").matched == ("Tensor", "tensor")
    assert why("to", "be").matched == ("to",)


def test_without_words_the_nearest_sentence_answers() -> None:
    explanation = why("quark", words_share=0, nearness={0: 0.6, 1: 0.2, 2: 0.1})
    assert sentence_of(explanation) == "Nothing to see here."


def test_of_sentences_with_like_words_the_nearer_answers() -> None:
    # "tensor" and "1977" weigh the same; each is in one sentence.
    assert sentence_of(why("tensor", "1977")) == "We factorise a tensor by ALS."
    assert (
        sentence_of(why("tensor", "1977", nearness={1: 0.2, 2: 0.6}))
        == "The EM algorithm of 1977 is not used."
    )


def test_aspect_of_the_sentence_is_told() -> None:
    assert why("tensor", "factorise").aspect is Aspect.METHOD
    assert why("quark").aspect is None


def test_paper_of_a_mere_list_is_not_said_to_match_words() -> None:
    explanation = why(words_share=1)
    assert (explanation.kind, explanation.text) == ("newest", "by date, newest first")
    assert explanation.matched == ()


def test_stop_words_asked_for_alone_are_named() -> None:
    assert why("the", words_share=1).text == "“the” in the title"


def test_below_the_line_nothing_is_called_close() -> None:
    assert why("algorithm", "EM", loose=True).text == "“EM algorithm” in the abstract"
    assert why("quark", words_share=0, loose=True).text == "by meaning: among the nearest, no shared word"


def test_key_phrases_are_a_reason_where_nothing_else_holds_the_words() -> None:
    wanted = sought(Words(terms=("olympiad",)), analyse=tokens, frequencies=frequencies, papers=1000)
    found = find(wanted, title=TITLE, abstract=ABSTRACT, keys=["Maths Olympiads", "tensors"], analyse=tokens)
    told = explain(
        wanted, found, title=TITLE, abstract=ABSTRACT, sentences=SENTENCES, words_share=0.5, loose=True
    )
    assert (told.text, told.matched) == ("“Olympiads” among its key phrases", ("Olympiads",))

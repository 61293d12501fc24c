import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.model import Aspect, Sentence
from broadsheet.text.aspects import label
from broadsheet.text.gist import choose, trim
from broadsheet.text.sentences import split


def gist(text: str, title: str = "") -> str:
    spans = split(text)
    found = [
        Sentence(start, end, aspect) for (start, end), aspect in zip(spans, label(text, spans), strict=True)
    ]
    return choose(text, found, title=title)


def test_says_what_the_paper_does_rather_than_why() -> None:
    text = (
        "Parsing long documents is an important problem in many applications. In this paper, we propose a parser "
        "that reads a page in linear time. Experiments show that it is twice as fast as the best one."
    )
    assert gist(text) == "We propose a parser that reads a page in linear time."


def test_prefers_the_sentence_that_names_what_the_title_names() -> None:
    text = (
        "We present a study of sixty earlier systems and of their failures in practice. "
        "We present Quick, a parser for pages that reads each of them only once. It is fast."
    )
    assert gist(text, "Quick: Parsing Pages Once").startswith("We present Quick")


def test_says_what_was_found_where_nothing_was_proposed() -> None:
    text = "Dust in galaxies is of unknown age. The sample has 40 galaxies. We find that a third of the dust is old."
    assert gist(text) == "We find that a third of the dust is old."


def test_passive_voice_counts() -> None:
    text = "Bridges age. A new method for measuring cracks in bridges from photographs is proposed. Bridges are long."
    assert gist(text).startswith("A new method")


def test_the_only_sentence_is_the_gist() -> None:
    assert gist("Dust is old.") == "Dust is old."


@pytest.mark.parametrize(
    ("sentence", "trimmed"),
    [
        ("In this paper, we show it.", "We show it."),
        ("However, the sky is blue.", "The sky is blue."),
        ("To address these challenges, we propose it.", "We propose it."),
        ("Aims. We study dust.", "We study dust."),
        ("To this end, using lenses, we look.", "To this end, using lenses, we look."),
        ("However hard it is, we try.", "However hard it is, we try."),
        ("To address noise in labels, we relabel.", "To address noise in labels, we relabel."),
    ],
)
def test_a_lead_goes_only_where_the_rest_stands_by_itself(sentence: str, trimmed: str) -> None:
    assert trim(sentence) == trimmed


@given(st.text())
def test_never_empty_where_there_is_text(text: str) -> None:
    assert bool(gist(text)) == bool(text.strip())


@given(st.text(alphabet="we propose.In this paper, A", max_size=80))
def test_a_gist_is_an_extract(text: str) -> None:
    assert gist(text)[1:] in text


def test_no_sentences_give_the_text_itself() -> None:
    assert choose(" x ", []) == "x"
    assert choose("a b", [Sentence(0, 3, Aspect.OTHER)]) == "a b"

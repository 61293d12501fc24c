"""What is typed in one form and written in another is the same word."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.index import analysis
from broadsheet.index.contract import Words
from broadsheet.index.local import LocalIndex
from broadsheet.model import Paper

Publish = Callable[..., object]


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("𝒪(n)", "O(n)"),
        ("SP²OT", "SP2OT"),
        ("ℓ₁-norm", "l1 norm"),
        ("ﬁne-tuning", "fine tuning"),
        ("𝐗-former", "X-former"),
        ("Schro\u0308dinger", "Schrödinger"),
        ("Schrödinger", "Schro\u0308dinger"),
        ("ＢＥＲＴ", "bert"),
        ("E² = m²c⁴", "E2 = m2c4"),
        ("H₂O", "H2O"),
        ("ℝ", "R"),
        ("O(n√m)", "o(n√m)"),
    ],
)
def test_forms_of_a_letter_are_the_same_word(written: str, typed: str) -> None:
    assert analysis.stems(written) == analysis.stems(typed) != []
    assert [t.stem for t in analysis.tokens(written)] == [t.stem for t in analysis.tokens(typed)]
    assert analysis.spelt(written) == analysis.spelt(typed)


@pytest.mark.parametrize("text", ["We show 𝒪(n log n) time", "the ﬁrst SP²OT", "Schro\u0308dinger’s ½ cat"])
def test_places_of_words_are_those_of_the_text_as_it_stands(text: str) -> None:
    for token in analysis.tokens(text):
        shown = text[token.start : token.end]
        assert shown.strip() == shown != ""
        assert token.stem in analysis.stems(shown) or len(analysis.stems(shown)) > 1
    assert text[analysis.tokens(text)[0].start :].startswith(text[:2])


@given(st.text())
def test_any_text_has_words_within_itself_and_the_same_in_every_normal_form(text: str) -> None:
    tokens = analysis.tokens(text)
    assert all(0 <= t.start <= t.end <= len(text) for t in tokens)
    assert [t.stem for t in tokens] == analysis.stems(text)
    assert analysis.stems(unicodedata.normalize("NFC", text)) == analysis.stems(text)
    assert analysis.stems(unicodedata.normalize("NFD", text)) == analysis.stems(text)


def test_every_letter_joins_or_parts_words_as_in_the_engine() -> None:
    for number in range(0x3000):
        text = f"a{chr(number)}b"
        assert [t.stem for t in analysis.tokens(text)] == analysis.stems(text), hex(number)


@given(st.text(st.sampled_from("aAeE éÉœﬁ½²𝒪İıſK\u0308\u00ad-_’xyYsS19√中ⓐ")), st.data())
def test_words_of_some_stems_are_those_among_all_words(text: str, data: st.DataObject) -> None:
    tokens = analysis.tokens(text)
    only = data.draw(st.sets(st.sampled_from([t.stem for t in tokens] or ["absent"])))
    assert analysis.tokens(text, only=only) == tuple(t for t in tokens if t.stem in only)


def test_formula_typed_as_one_word_comes_first_where_it_stands(
    index: LocalIndex, publish: Publish, paper: Callable[..., Paper]
) -> None:
    publish(
        [
            paper("2603.00001", "Of letters", "Where m and n are large, n and m and o are written down."),
            *(paper(f"2603.001{n:02}", "Something else", "Of another kind.") for n in range(20)),
            paper(
                "2603.00002",
                "Matching in bipartite graphs",
                "It takes 𝒪(n√m) steps in the worst case of all.",
            ),
        ]
    )
    best = index.snapshot().words(Words(terms=("O(n√m)",)), k=2)
    assert [str(s.id) for s in best] == ["2603.00002", "2603.00001"]


def test_papers_are_found_by_plain_letters(
    index: LocalIndex, publish: Publish, paper: Callable[..., Paper]
) -> None:
    publish(
        [
            paper("2603.00001", "Matching in 𝒪(n√m) time", "Our method, SP²OT, transports."),
            paper("2603.00002", "Another", "Nothing of the kind."),
        ]
    )
    snapshot = index.snapshot()
    for typed in ("SP2OT", "sp²ot", "O(n√m)", "𝒪(n√m)"):
        assert [str(s.id) for s in snapshot.words(Words(terms=(typed,)), k=5)] == ["2603.00001"], typed
        assert [str(s.id) for s in snapshot.words(Words(phrases=(typed,)), k=5)] == ["2603.00001"], typed

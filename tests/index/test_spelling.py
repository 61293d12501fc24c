from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.index.spelling import mend, slips

KNOWN = {
    "tensor": 120,
    "sensor": 300,
    "transformer": 900,
    "transformers": 400,
    "graph": 80,
    "grap": 1,
    "attention": 500,
}


def mended(word: str) -> str | None:
    return mend(
        word,
        frequency=lambda w: KNOWN.get(w, 0),
        beginning=lambda start: [(w, n) for w, n in KNOWN.items() if w.startswith(start)],
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tensro", "tensor"),  # neighbours swapped
        ("tensr", "tensor"),  # a letter missing
        ("tenssor", "tensor"),  # a letter doubled
        ("yensor", "sensor"),  # one slip from both: the more common wins
        ("ttension", None),
        ("transfromres", "transformers"),  # two slips
        ("atentoin", "attention"),
        ("grap", "graph"),  # here once, which may be a slip of its author
        ("tensor", None),
        ("grp", None),  # too short to tell
        ("gpt4o", None),
        ("", None),
    ],
)
def test_word_is_mended(typed: str, meant: str | None) -> None:
    assert mended(typed) == meant


def test_words_typed_as_one_are_parted_where_they_often_stand_together() -> None:
    known = {"large": 90, "language": 80, "lang": 70, "uage": 70}

    def parted(word: str, together: int) -> str | None:
        return mend(
            word,
            frequency=lambda w: known.get(w, 0),
            beginning=lambda start: [],
            together=lambda one, other: together if (one, other) == ("large", "language") else 0,
        )

    assert parted("largelanguage", 40) == "large language"
    assert parted("largelanguage", 4) is None  # too seldom to be sure
    assert parted("languge", 40) == "language"


@given(st.text(alphabet="abcdef", min_size=1, max_size=8))
def test_slips_go_both_ways(word: str) -> None:
    for other in set(slips(word)) - {word, ""}:
        assert word in set(slips(other))


@given(st.data())
def test_every_word_two_slips_away_is_mended(data: st.DataObject) -> None:
    once = data.draw(st.sampled_from(sorted(set(slips("transformer")))))
    typed = data.draw(st.sampled_from(sorted(set(slips(once)))))
    if typed != "transformer" and typed[:2] == "tr" and len(typed) >= 8:
        known = {"transformer": 9}
        found = mend(typed, frequency=lambda w: known.get(w, 0), beginning=lambda _: known.items())
        assert found == "transformer"

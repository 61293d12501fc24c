from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.index.contract import Scored
from broadsheet.rank.fuse import average, reciprocal_rank


def scored(**scores: float) -> list[Scored]:
    return [Scored(PaperId(id), score) for id, score in scores.items()]


def test_average_of_scaled_scores() -> None:
    # By hand: words scale to a 1, b 0.5, c 0; meaning, of the usual spread, to b 1, d 0.25, a 0.
    fused = average(scored(a=30, b=20, c=10), scored(b=0.4, d=0.175, a=0.1), weight=0.5)
    assert [str(f.id) for f in fused] == ["b", "a", "d", "c"]
    assert [f.score for f in fused] == pytest.approx([0.75, 0.5, 0.125, 0])
    assert [f.words_share for f in fused] == pytest.approx([1 / 3, 1, 0, 0.5])


def test_weight_is_the_part_of_the_words() -> None:
    words, meaning = scored(a=2, b=1), scored(b=0.4, a=0.1)
    assert [str(f.id) for f in average(words, meaning, weight=0.6)] == ["a", "b"]
    assert [str(f.id) for f in average(words, meaning, weight=0.4)] == ["b", "a"]


def test_meaning_weighs_more_where_its_best_stands_out() -> None:
    words = scored(a=2, b=1)
    flat, sharp = scored(b=0.50, a=0.425), scored(b=0.9, a=0.1)
    assert [str(f.id) for f in average(words, flat)] == ["a", "b"]
    assert [str(f.id) for f in average(words, sharp)] == ["b", "a"]
    # A quarter of the usual spread of 0.3: by its root, half as much weight.
    assert average(words, flat)[0].score == pytest.approx(0.5 / (0.5 + 0.25))


@pytest.mark.parametrize(("words", "meaning", "share"), [(scored(a=5), [], 1), ([], scored(a=5), 0)])
def test_one_list_decides_alone(words: list[Scored], meaning: list[Scored], share: int) -> None:
    (fused,) = average(words, meaning)
    assert (fused.score, fused.words_share) == (1, share)


def test_no_lists_give_no_list() -> None:
    assert average([], []) == ()


def test_ties_go_to_the_lower_id() -> None:
    assert [str(f.id) for f in average(scored(b=1, a=1), scored(d=1, c=1))] == ["a", "b", "c", "d"]


def test_reciprocal_ranks_by_hand() -> None:
    # First in one list and second in the other: (1/61 + 1/62) / (2/61).
    fused = reciprocal_rank(scored(a=9, b=8), scored(b=1, a=0), k=60)
    assert [f.score for f in fused] == pytest.approx([(1 / 61 + 1 / 62) / (2 / 61)] * 2)
    assert [str(f.id) for f in fused] == ["a", "b"]


lists = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-5, 50)).map(
    lambda d: [Scored(PaperId(id), s) for id, s in d.items()]
)


@given(lists, lists, st.floats(0, 1))
def test_scores_and_shares_stay_between_0_and_1(
    words: list[Scored], meaning: list[Scored], weight: float
) -> None:
    fused = average(words, meaning, weight=weight)
    assert {f.id for f in fused} == {s.id for s in [*words, *meaning]}
    assert all(0 <= f.score <= 1 + 1e-9 and 0 <= f.words_share <= 1 for f in fused)
    assert [f.score for f in fused] == sorted((f.score for f in fused), reverse=True)

from __future__ import annotations

import json
from math import log2
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError
from broadsheet.evaluate.metrics import metric, ndcg_percent, ordered, weighted_tau

_CASES = json.loads((Path(__file__).parent / "goldens" / "trec_eval.json").read_text())["cases"]


@pytest.mark.parametrize("case", _CASES)
def test_values_are_those_of_trec_eval(case: dict[str, Any]) -> None:
    got = {name: metric(name)(case["ranking"], case["grades"]) for name in case["values"]}
    assert got == pytest.approx(case["values"], abs=1e-9)


def test_ndcg_percent_ranks_the_judged_pool_alone() -> None:
    # Ten judged, so 20 % is two ranks, and neither is discounted: (1 + 3) / (3 + 2).
    grades = {"a": 3, "b": 2, "c": 1, **{f"z{n}": 0 for n in range(7)}}
    assert ndcg_percent(["unjudged", "c", "a", "b"], grades, percent=20) == pytest.approx(4 / 5)


def test_ndcg_percent_discounts_from_the_third_rank_by_its_logarithm() -> None:
    grades = {"a": 3, "b": 2, "c": 1, "d": 0}
    got = 0 + 1 + 2 / log2(3) + 3 / log2(4)
    ideal = 3 + 2 + 1 / log2(3) + 0
    assert ndcg_percent(["d", "c", "b", "a"], grades, percent=100) == pytest.approx(got / ideal)


def test_mrr_at_k_does_not_see_behind_k() -> None:
    grades = {"right": 1}
    assert metric("mrr@2")(["x", "y", "right"], grades) == 0
    assert metric("mrr@3")(["x", "y", "right"], grades) == pytest.approx(1 / 3)


def test_ties_are_broken_by_id_whatever_order_they_come_in() -> None:
    assert ordered([("b", 0.5), ("a", 0.5), ("c", 0.9)]) == ("c", "a", "b")
    assert ordered([("a", 0.5), ("c", 0.9), ("b", 0.5)]) == ("c", "a", "b")


@pytest.mark.parametrize("name", ["ndcg", "ndcg@0", "ndcg%0", "ndcg%101", "map@10", "precision@5", ""])
def test_unknown_metric_is_refused_with_examples(name: str) -> None:
    with pytest.raises(InputError, match="ndcg@10"):
        metric(name)


_IDS = st.lists(st.sampled_from("abcdefghij"), unique=True)


@given(_IDS, st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 3)))
def test_every_metric_lies_between_zero_and_one(ranking: list[str], grades: dict[str, int]) -> None:
    for name in ("ndcg@5", "ndcg%40", "map", "recall@3", "mrr"):
        assert 0 <= metric(name)(ranking, grades) <= 1 + 1e-12


@given(st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 3), min_size=5))
def test_the_ideal_order_scores_one(grades: dict[str, int]) -> None:
    ideal = sorted(grades, key=lambda each: -grades[each])
    right = any(grades.values())
    for name in ("ndcg@5", "ndcg%40", "map", "recall@10", "mrr"):
        assert metric(name)(ideal, grades) == pytest.approx(1.0 if right else 0.0)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        # The example of scipy.stats.weightedtau's documentation, and its answer.
        ([12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.56694968153682723),
        ([1, 2, 3], [1, 2, 3], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        ([1, 1], [1, 2], 0.0),
        ([], [], 0.0),
    ],
)
def test_weighted_tau_is_that_of_scipy(first: list[float], second: list[float], wanted: float) -> None:
    assert weighted_tau(first, second) == pytest.approx(wanted, abs=1e-12)

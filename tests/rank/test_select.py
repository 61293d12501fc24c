"""Choosing for a digest: what theory guarantees, and what a reader is promised. Values worked by hand or by trying all sets."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.rank.select import Weights, _Worth, choose, choose_outside


def p(n: int) -> PaperId:
    return PaperId(f"2601.{n:05}")


def unit(*rows: list[float]) -> NDArray[np.float32]:
    vectors = np.array(rows, dtype=np.float32)
    normal: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normal


def chosen(count: int, **more: object) -> list[int]:
    ids = [p(n) for n in range(count)]
    found = choose(ids, **more)  # type: ignore[arg-type]
    return [ids.index(choice.id) for choice in found]


SPREAD = np.eye(6, dtype=np.float32)


def test_papers_that_have_nothing_in_common_come_by_relevance() -> None:
    relevance = np.array([0.1, 0.9, 0.5, 0.7, 0.3, 0.8])
    assert chosen(6, relevance=relevance, vectors=SPREAD, groups=["a"] * 6, k=3) == [1, 5, 3]


def test_second_paper_on_the_same_matter_gives_way_to_a_slightly_less_relevant_one_on_another() -> None:
    vectors = unit([1, 0, 0], [1, 0.5, 0], [0, 0, 1], [0, 1, 0.2])
    relevance = np.array([1.0, 0.95, 0.9, 0.1])
    assert chosen(4, relevance=relevance, vectors=vectors, groups=list("abcd"), k=2) == [0, 2]


def test_nearly_the_same_text_is_shown_once_under_its_most_relevant_name() -> None:
    vectors = unit([1, 0, 0], [1, 0.1, 0], [0, 1, 0])
    ids = [p(0), p(1), p(2)]
    found = choose(ids, relevance=np.array([0.8, 0.9, 0.1]), vectors=vectors, groups=["a"] * 3, k=3)
    assert [(choice.id, choice.also) for choice in found] == [(p(1), (p(0),)), (p(2), ())]


def test_no_category_takes_more_than_its_quota_while_others_have_papers() -> None:
    groups = ["a", "a", "a", "a", "b", "b"]
    relevance = np.array([0.9, 0.8, 0.7, 0.6, 0.2, 0.1])
    picked = chosen(6, relevance=relevance, vectors=SPREAD, groups=groups, k=4, quota=2)
    assert Counter(groups[i] for i in picked) == {"a": 2, "b": 2}


def test_quota_gives_way_before_the_digest_stays_short() -> None:
    picked = chosen(6, relevance=np.arange(6.0), vectors=SPREAD, groups=["a"] * 5 + ["b"], k=4, quota=1)
    assert len(picked) == 4


def test_every_interest_gets_a_paper_however_much_stronger_another_one_is() -> None:
    interests = np.array([[1, 0, 0]] * 4 + [[0, 1, 0], [0, 0, 1]], dtype=float)
    relevance = np.array([1.0, 0.99, 0.98, 0.97, 0.02, 0.01])
    found = choose(
        [p(n) for n in range(6)],
        relevance=relevance,
        vectors=SPREAD,
        groups=["a"] * 6,
        interests=interests,
        k=3,
        weights=Weights(coverage=0.0, interests=0.0),
    )
    assert [choice.interest for choice in found] == [0, 1, 2]


def test_interest_is_served_from_far_down_the_list() -> None:
    # 40 papers, of which k = 2 looks at the first 30: the other interest has only the last.
    relevance = np.linspace(1, 0, 40)
    interests = np.zeros((40, 2))
    interests[:39, 0] = interests[39, 1] = 1
    picked = chosen(
        40,
        relevance=relevance,
        vectors=np.eye(40, dtype=np.float32),
        groups=["a"] * 40,
        interests=interests,
        k=2,
    )
    assert picked == [0, 39]


def test_fewer_papers_than_places_are_all_shown() -> None:
    assert chosen(2, relevance=np.zeros(2), vectors=SPREAD[:2], groups=["a", "b"], k=10) == [0, 1]
    assert chosen(0, relevance=np.zeros(0), vectors=SPREAD[:0], groups=[], k=10) == []


_sets = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def _value(worth: _Worth, places: tuple[int, ...]) -> float:
    """The value of a set, from scratch."""
    worth._nearest[:], worth._served[:] = 0.0, 0.0
    total = 0.0
    for place in places:
        total += worth.gain(place)
        worth.add(place)
    return total


@settings(max_examples=40, deadline=None)
@given(_sets, st.sampled_from([1, 2, 9]))
def test_greedy_value_keeps_its_guarantee_against_the_best_of_all_sets(
    random: np.random.Generator, quota: int
) -> None:
    n, k = 9, 4
    vectors = random.normal(size=(n, 40)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance, groups = random.random(n), [str(g) for g in random.integers(0, 5, n)]
    if sum(min(quota, c) for c in Counter(groups).values()) < k:
        return  # the quota gives way, and with it the guarantee
    interests = random.random((n, 2))
    picked = chosen(
        n, relevance=relevance, vectors=vectors, groups=groups, interests=interests, k=k, quota=quota
    )
    worth = _Worth(relevance, vectors, interests, k=k, weights=Weights())
    best = max(
        _value(worth, places)
        for places in combinations(range(n), k)
        if max(Counter(groups[i] for i in places).values()) <= quota
    )
    # 1/2 holds under quotas, 1 - 1/e without.
    bound = 0.5 if quota < n else 1 - 1 / np.e
    assert _value(worth, tuple(picked)) >= bound * best - 1e-9


@settings(max_examples=40, deadline=None)
@given(_sets)
def test_lazy_greedy_takes_what_greedy_takes(random: np.random.Generator) -> None:
    n, k = 30, 6
    vectors = random.normal(size=(n, 40)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    relevance = random.random(n)
    lazy = chosen(n, relevance=relevance, vectors=vectors, groups=["a"] * n, k=k)
    worth = _Worth(relevance, vectors, np.zeros((n, 0)), k=k, weights=Weights())
    eager: list[int] = []
    for _ in range(k):
        gains = worth.gains()
        gains[eager] = -1.0
        eager.append(int(np.argmax(gains)))
        worth.add(eager[-1])
    assert sorted(lazy) == sorted(eager)


def test_gain_of_every_paper_falls_as_the_set_grows() -> None:
    random = np.random.default_rng(5)
    vectors = random.normal(size=(20, 6)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    worth = _Worth(random.random(20), vectors, random.random((20, 3)), k=5, weights=Weights())
    before = worth.gains()
    for place in (3, 11, 7):
        assert worth.gain(place) == pytest.approx(worth.gains()[place])
        worth.add(place)
        after = worth.gains()
        assert (after <= before + 1e-12).all()
        before = after


def test_outside_paper_is_the_best_of_the_foreign_field_nearest_to_the_reader() -> None:
    ids = [p(n) for n in range(5)]
    found = choose_outside(
        ids,
        standing=np.array([9.0, 3.0, 5.0, 5.0, 1.0]),
        relevance=np.array([0.9, 0.8, 0.2, 0.3, 0.1]),
        groups=["cs.CL", "math.CO", "math.CO", "q-bio.NC", "q-bio.NC"],
        home={"cs.CL"},
        k=1,
    )
    assert found == (p(3),)


def test_reader_of_whom_nothing_is_known_has_no_outside() -> None:
    assert choose_outside([p(1)], standing=np.ones(1), relevance=np.ones(1), groups=["a"], home=()) == ()

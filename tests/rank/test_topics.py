"""Choosing topics out of what is offered."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from broadsheet.index.contract import Vectors
from broadsheet.index.sample import centred
from broadsheet.rank.topics import VARIOUS, Flags, Grouping, group


def heaps(sizes: list[int], *, dim: int = 32, spread: float = 0.08, seed: int = 1) -> Vectors:
    """Unit vectors in heaps around orthogonal directions."""
    chance = np.random.default_rng(seed)
    rows = np.vstack([np.tile(np.eye(dim)[n], (size, 1)) for n, size in enumerate(sizes)])
    rows = rows + spread * chance.standard_normal(rows.shape)
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def all_of(size: int) -> Callable[[int], Flags]:
    """Every paper bears the name of every topic."""
    return lambda _: np.ones(size, dtype=np.bool_)


def grouped(rows: Vectors, *, cost: float = 2.0, smallest: int = 3) -> Grouping:
    """The topics of papers that are offered as topics themselves."""
    prices = np.full(len(rows), cost, dtype=np.float32)
    return group(rows @ rows.T, prices=prices, reach=0.2, smallest=smallest, named=all_of(len(rows)))


def test_the_number_of_topics_comes_from_the_papers() -> None:
    assert len(grouped(heaps([12, 9, 6, 4])).chosen) == 4
    assert len(grouped(heaps([15, 15])).chosen) == 2


def test_papers_of_one_heap_share_a_topic_and_the_largest_comes_first() -> None:
    found = grouped(heaps([5, 14, 9]))
    assert found.labels.tolist() == [2] * 5 + [0] * 14 + [1] * 9


def test_what_fits_nowhere_is_various() -> None:
    rows = heaps([10, 8, 1, 1])
    found = grouped(rows)
    assert found.labels[-2:].tolist() == [VARIOUS, VARIOUS]
    assert (found.labels[:-2] >= 0).all()


def test_no_topic_has_fewer_papers_than_the_smallest() -> None:
    found = grouped(heaps([10, 4, 4, 2]), cost=0.2, smallest=4)
    sizes = np.bincount(found.labels[found.labels >= 0])
    assert sizes.min() >= 4


def test_a_topic_takes_no_more_papers_without_its_name_than_with_it_and_the_nearest_of_them() -> None:
    rows = heaps([9, 7])
    bears = np.zeros(16, dtype=np.bool_)
    bears[[0, 1, 2]] = True
    near = np.eye(32, dtype=np.float32)[:1] @ rows.T
    found = group(near, prices=np.ones(1, dtype=np.float32), reach=0.2, named=lambda _: bears)
    nearest = sorted(range(3, 9), key=lambda row: -near[0, row])[:3]
    assert np.flatnonzero(found.labels == 0).tolist() == sorted([0, 1, 2, *nearest])


def test_one_name_may_bring_two_papers_without_it_and_no_name_none() -> None:
    near = np.eye(32, dtype=np.float32)[:2] @ heaps([9, 7]).T
    bears = np.arange(16) == 0
    found = group(near, prices=np.ones(2, dtype=np.float32), reach=0.2, named=lambda _: bears)
    assert np.bincount(found.labels + 1).tolist() == [13, 3]
    assert found.labels[0] == 0


def test_the_example_is_the_paper_nearest_to_its_topic() -> None:
    rows = heaps([9, 7])
    near = np.eye(32, dtype=np.float32)[:2] @ rows.T
    found = group(near, prices=np.ones(2, dtype=np.float32), reach=0.2, named=all_of(16))
    assert found.examples.tolist() == [int(near[0, :9].argmax()), 9 + int(near[1, 9:].argmax())]


def best_sum(rows: Vectors, *, cost: float, reach: float) -> float:
    """The most that any set of papers brings as centres, by trying all of them."""
    near = rows @ rows.T
    sums = [0.0]
    for size in range(1, 5):
        for chosen in combinations(range(len(rows)), size):
            best = np.maximum(near[list(chosen)].max(axis=0), reach)
            sums.append(float((best - reach).sum()) - size * cost)
    return max(sums)


@pytest.mark.parametrize("seed", range(6))
def test_chosen_papers_bring_nearly_as_much_as_the_best_choice_there_is(seed: int) -> None:
    from broadsheet.rank.topics import _exchanged, _greedy

    rows = heaps([4, 4, 4], spread=0.35, seed=seed)
    near, prices = rows @ rows.T, np.full(len(rows), 0.5, dtype=np.float32)
    chosen = _exchanged(near, _greedy(near, prices, 0.2), prices, 0.2)
    brought = float((np.maximum(near[chosen].max(axis=0), 0.2) - 0.2).sum()) - 0.5 * len(chosen)
    assert brought >= 0.97 * best_sum(rows, cost=0.5, reach=0.2)


def test_what_costs_less_is_taken_before_what_brings_as_much() -> None:
    rows = heaps([9, 7])
    near = rows @ rows.T
    offers, prices = np.vstack([near, near]), np.repeat([2.0, 1.0], 16)
    assert (group(offers, prices=prices, reach=0.2, named=all_of(16)).chosen >= 16).all()


def test_the_same_papers_give_the_same_topics() -> None:
    rows = heaps([9, 7, 5], spread=0.3)
    assert grouped(rows).labels.tolist() == grouped(rows.copy()).labels.tolist()


def test_two_papers_alone_make_no_topic() -> None:
    assert grouped(heaps([1, 1])).labels.tolist() == [VARIOUS, VARIOUS]


def test_centring_takes_away_what_all_have_in_common() -> None:
    rows = np.array([[1.0, 0.1], [1.0, -0.1]], dtype=np.float32)
    assert centred(rows, rows.mean(axis=0)) == pytest.approx(np.array([[0.0, 1.0], [0.0, -1.0]]))

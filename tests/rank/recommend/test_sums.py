"""Sums of papers as linear functions."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rank.recommend.world import World

from broadsheet.rank.recommend import Points
from broadsheet.rank.recommend.sums import Weights


def _product(one: Points, two: Points, power: float) -> float:
    """Inner product of two papers: every shared term by both weights and the power of its idf, and the vectors'."""
    first = dict(zip(one.terms.tolist(), zip(one.weights, one.rarity, strict=True), strict=True))
    shared = sum(
        first[t][0] * w * first[t][1] ** power
        for t, w in zip(two.terms.tolist(), two.weights, strict=True)
        if t in first
    )
    return float(shared + one.vectors[0] @ two.vectors[0])


@pytest.mark.parametrize("power", [0.0, 1.0, 1.5])
def test_sum_scores_as_its_papers_one_by_one(world: World, power: float) -> None:
    found = Weights.sum(world.of(0, 3, 1), np.array([1, 0.5, 2], np.float32), power=power)
    for n in (60, 61, 0):
        wanted = sum(i * _product(world.of(m), world.of(n), power) for m, i in ((0, 1), (3, 0.5), (1, 2)))
        assert found.score(world.of(n))[0] == pytest.approx(wanted, rel=1e-4)


def test_paper_more_and_less_leaves_the_sum(world: World) -> None:
    ones = np.ones(2, np.float32)
    before = Weights.sum(world.of(0, 3), ones, power=1)
    one = Weights.sum(world.of(1), ones[:1], power=1)
    more = before.plus(one)
    assert more.score(world.points) == pytest.approx(
        Weights.sum(world.of(0, 3, 1), np.ones(3, np.float32), power=1).score(world.points), rel=1e-4
    )
    assert more.plus(one, times=-1).score(world.points) == pytest.approx(before.score(world.points), abs=1e-4)

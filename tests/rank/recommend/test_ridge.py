"""Weights by ridge regression, against the normal equations solved outright."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.rank.recommend.world import World

from broadsheet.rank.recommend.ridge import Weights, solve, step
from broadsheet.rank.recommend.space import Points


def _dense(points: Points, terms: NDArray[np.uint32], share: float) -> NDArray[np.float64]:
    matrix = np.zeros((len(points), len(terms) + points.vectors.shape[1]))
    for n in range(len(points)):
        row = slice(points.starts[n], points.starts[n + 1])
        matrix[n, np.searchsorted(terms, points.terms[row])] = points.weights[row]
    matrix[:, len(terms) :] = points.vectors * share**0.5
    return matrix


def test_weights_are_those_of_the_normal_equations(world: World) -> None:
    points = world.of(*range(40))
    terms = np.unique(points.terms)
    targets = np.array([1.0 if n % 3 == 0 else 0.0 for n in range(40)], np.float32)
    importance = np.linspace(0.5, 2, 40).astype(np.float32)
    matrix = _dense(points, terms, 0.3)
    wanted = np.linalg.solve(
        matrix.T @ (importance[:, None] * matrix) + 0.5 * np.eye(matrix.shape[1]),
        matrix.T @ (importance * targets),
    )
    found = solve(points, targets, importance, terms=terms, penalty=0.5, share=0.3, start=Weights.none(16))
    assert found.score(points) == pytest.approx(matrix @ wanted, abs=5e-3)
    assert found.of_terms == pytest.approx(wanted[: len(terms)], abs=5e-3)


def test_it_begins_at_the_last_answer(world: World) -> None:
    points = world.of(*range(40))
    terms = np.unique(points.terms)
    targets = np.array([n % 3 == 0 for n in range(40)], np.float32)
    even = np.full(40, 1 / 40, np.float32)
    first = solve(points, targets, even, terms=terms, penalty=0.01, share=0.3, start=Weights.none(16))
    again = solve(points, targets, even, terms=terms, penalty=0.01, share=0.3, start=first)
    assert np.array_equal(first.of_terms, again.of_terms)


def test_other_terms_get_no_weight(world: World) -> None:
    points = world.of(0, 1, 2)
    terms = np.unique(world.of(0).terms)
    ones = np.ones(3, np.float32)
    found = solve(points, ones, ones, terms=terms, penalty=0.1, share=0.2, start=Weights.none(16))
    assert found.at(np.setdiff1d(points.terms, terms)).tolist() == [0] * len(
        np.setdiff1d(points.terms, terms)
    )


def test_step_meets_the_target_as_far_as_the_penalty_lets_it(world: World) -> None:
    points, paper = world.of(*range(0, 30, 3)), world.of(1)
    terms = np.unique(points.terms)
    ones = np.ones(10, np.float32)
    before = solve(
        points,
        ones,
        np.full(10, 0.1, np.float32),
        terms=terms,
        penalty=0.01,
        share=0.2,
        start=Weights.none(16),
    )
    after = step(before, paper, 1.0, importance=0.1, penalty=0.01, share=0.2)
    # The paper's own inner product is 1 + 0.2, so of what is missing 0.1 · 1.2 / (0.01 + 0.1 · 1.2) is made up.
    missing = 1 - float(before.score(paper)[0])
    assert float(after.score(paper)[0]) == pytest.approx(1 - missing * 0.01 / 0.13, abs=1e-4)
    assert (np.diff(after.terms.astype(np.int64)) > 0).all()

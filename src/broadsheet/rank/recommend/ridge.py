"""The weight of each term and direction by ridge regression. Knows numbers only.

Least squares on one and zero ranks as well as a support vector machine does here and needs no iteration
over losses; conjugate gradients (Hestenes and Stiefel 1952) solve it without forming a matrix, and begin at
the last answer when a single paper has changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.rank.recommend.bags import located
from broadsheet.rank.recommend.space import Points

# Where the residual has fallen to this share of the right side, more steps no longer change an order. Far below
# the penalty, or weights would remember where they began.
_TOLERANCE: Final = 1e-4
_STEPS: Final = 100

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear function of points: one weight a term (ascending; absent is 0), one a direction."""

    terms: NDArray[np.uint32]
    of_terms: Numbers
    of_vector: Vectors

    def score(self, points: Points) -> Numbers:
        """The function's value at each point, shape (n,)."""
        rows, places = located(self.terms, points.terms)
        values = points.weights[rows] * self.of_terms[places]
        papers = np.repeat(np.arange(len(points)), np.diff(points.starts))[rows]
        by_terms = np.bincount(papers, weights=values, minlength=len(points)).astype(np.float32)
        scores: Numbers = by_terms + points.vectors @ self.of_vector
        return scores

    def at(self, terms: NDArray[np.uint32]) -> Numbers:
        """The weights of these terms."""
        weights = np.zeros(len(terms), dtype=np.float32)
        rows, places = located(self.terms, terms)
        weights[rows] = self.of_terms[places]
        return weights

    @classmethod
    def none(cls, dim: int) -> Self:
        """The function that is zero everywhere."""
        return cls(np.zeros(0, np.uint32), np.zeros(0, np.float32), np.zeros(dim, np.float32))


def solve(
    points: Points,
    targets: Numbers,
    importance: Numbers,
    *,
    terms: NDArray[np.uint32],
    penalty: float,
    share: float,
    start: Weights,
) -> Weights:
    """The weights that minimise Σ importance·(target - value)² + penalty·|weights|².

    Only ``terms`` (ascending) get a weight. ``share`` is how much the vector's half counts beside the
    terms' half, as a factor of its part of the inner product. ``start`` is where to begin.
    """
    design = _Design.of(points, terms, scale=float(np.sqrt(share)))
    w = np.concatenate([start.at(terms), start.of_vector / np.float32(max(design.scale, 1e-9))])
    right = design.back(importance * targets)
    residual = right - _applied(design, w, importance, penalty)
    direction = residual.copy()
    energy = float(residual @ residual)
    enough = _TOLERANCE**2 * float(right @ right)
    for _ in range(_STEPS):
        if energy <= enough:
            break
        image = _applied(design, direction, importance, penalty)
        step = np.float32(energy / float(direction @ image))
        w += step * direction
        residual -= step * image
        before, energy = energy, float(residual @ residual)
        direction = residual + np.float32(energy / before) * direction
    return Weights(terms, w[: len(terms)], w[len(terms) :] * np.float32(design.scale))


def step(
    weights: Weights, point: Points, target: float, *, importance: float, penalty: float, share: float
) -> Weights:
    """The weights after one step towards a target at one point, all other points left alone.

    That is exact minimisation in the dual coordinate of the point (Hsieh et al. 2008,
    https://doi.org/10.1145/1390156.1390208).
    """
    missing = target - float(weights.score(point)[0])
    size = float(point.weights @ point.weights + share * (point.vectors @ point.vectors.T)[0, 0])
    move = np.float32(importance * missing / (penalty + importance * size))
    rows, places = located(weights.terms, point.terms)
    of_terms = weights.of_terms.copy()
    of_terms[places] += move * point.weights[rows]
    new = np.ones(len(point.terms), dtype=bool)
    new[rows] = False
    at = np.searchsorted(weights.terms, point.terms[new])
    return Weights(
        np.insert(weights.terms, at, point.terms[new]),
        np.insert(of_terms, at, move * point.weights[new]),
        weights.of_vector + move * np.float32(share) * point.vectors[0],
    )


@dataclass(frozen=True, slots=True)
class _Design:
    """Points as a matrix: the entries of a few terms, and all directions times ``scale``."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: Numbers
    vectors: Vectors
    width: int
    scale: float

    @classmethod
    def of(cls, points: Points, terms: NDArray[np.uint32], *, scale: float) -> Self:
        kept, places = located(terms, points.terms)
        rows = np.repeat(np.arange(len(points)), np.diff(points.starts))[kept]
        vectors = points.vectors * np.float32(scale)
        return cls(rows, places, points.weights[kept], vectors, len(terms), scale)

    def forth(self, w: Numbers) -> Numbers:
        """Matrix times weights: a value a point."""
        sums = np.bincount(self.rows, weights=self.values * w.take(self.columns), minlength=len(self.vectors))
        values: Numbers = sums.astype(np.float32) + self.vectors @ w[self.width :]
        return values

    def back(self, values: Numbers) -> Numbers:
        """Matrix transposed times values: a number a weight."""
        of_terms = np.bincount(
            self.columns, weights=self.values * values.take(self.rows), minlength=self.width
        )
        return np.concatenate([of_terms.astype(np.float32), values @ self.vectors])


def _applied(design: _Design, w: Numbers, importance: Numbers, penalty: float) -> Numbers:
    applied: Numbers = design.back(importance * design.forth(w)) + np.float32(penalty) * w
    return applied

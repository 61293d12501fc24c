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
from broadsheet.rank.recommend.space import Points

# Where the residual has fallen to this share of the right side, more steps no longer change an order.
_TOLERANCE: Final = 3e-3
_STEPS: Final = 60

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear function of points: one weight a term (ascending; absent is 0), one a direction."""

    terms: NDArray[np.uint32]
    of_terms: Numbers
    of_vector: Vectors

    def score(self, points: Points) -> Numbers:
        """The function's value at each point, shape (n,)."""
        values = points.weights * self.at(points.terms)
        rows = np.repeat(np.arange(len(points)), np.diff(points.starts))
        by_terms = np.bincount(rows, weights=values, minlength=len(points)).astype(np.float32)
        scores: Numbers = by_terms + points.vectors @ self.of_vector
        return scores

    def at(self, terms: NDArray[np.uint32]) -> Numbers:
        """The weights of these terms."""
        if not len(self.terms):
            return np.zeros(len(terms), dtype=np.float32)
        places = np.searchsorted(self.terms, terms)
        places[places == len(self.terms)] = 0
        return np.where(self.terms[places] == terms, self.of_terms[places], np.float32(0))

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
        places = np.searchsorted(terms, points.terms)
        places[places == len(terms)] = 0
        kept = terms[places] == points.terms if len(terms) else np.zeros(len(places), dtype=bool)
        rows = np.repeat(np.arange(len(points)), np.diff(points.starts))
        vectors = points.vectors * np.float32(scale)
        return cls(rows[kept], places[kept], points.weights[kept], vectors, len(terms), scale)

    def forth(self, w: Numbers) -> Numbers:
        """Matrix times weights: a value a point."""
        sums = np.bincount(
            self.rows, weights=self.values * w.take(self.columns), minlength=len(self.vectors)
        )
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

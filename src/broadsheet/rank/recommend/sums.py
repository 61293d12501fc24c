"""Sums of papers, and the linear function of papers that is made of them. Knows numbers only.

A paper adds to the sum each of its terms by tf·idf, times a power of its idf: what rare words two papers share
tells more than tf·idf says. A sum changes with one paper without the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.rank.recommend.bags import located, owners
from broadsheet.rank.recommend.space import Points

Numbers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear function of points: one weight a term (ascending; absent is 0), one a direction."""

    terms: NDArray[np.uint32]
    of_terms: Numbers
    of_vector: Vectors

    def score(self, points: Points) -> Numbers:
        """The function's value at each point, shape (n,)."""
        scores: Numbers = self.by_terms(points) + self.by_vector(points)
        return scores

    def by_terms(self, points: Points) -> Numbers:
        """What a point's terms are worth."""
        rows, places = located(self.terms, points.terms)
        values = points.weights[rows] * self.of_terms[places]
        papers = owners(points.starts)[rows]
        return np.bincount(papers, weights=values, minlength=len(points)).astype(np.float32)

    def by_vector(self, points: Points) -> Numbers:
        """What a point's vector is worth."""
        worth: Numbers = points.vectors @ self.of_vector
        return worth

    def at(self, terms: NDArray[np.uint32]) -> Numbers:
        """The weights of these terms."""
        weights = np.zeros(len(terms), dtype=np.float32)
        rows, places = located(self.terms, terms)
        weights[rows] = self.of_terms[places]
        return weights

    def plus(self, other: Self, *, times: float = 1.0) -> Self:
        """This function and so many times another."""
        factor = np.float32(times)
        rows, places = located(self.terms, other.terms)
        of_terms = self.of_terms.copy()
        of_terms[places] += factor * other.of_terms[rows]
        new = np.ones(len(other.terms), dtype=bool)
        new[rows] = False
        at = np.searchsorted(self.terms, other.terms[new])
        return type(self)(
            np.insert(self.terms, at, other.terms[new]),
            np.insert(of_terms, at, factor * other.of_terms[new]),
            self.of_vector + factor * other.of_vector,
        )

    def scaled(self, of_terms: float, of_vector: float) -> Self:
        """The function with its two halves multiplied."""
        return type(self)(
            self.terms, self.of_terms * np.float32(of_terms), self.of_vector * np.float32(of_vector)
        )

    @classmethod
    def sum(cls, points: Points, importance: Numbers, *, power: float) -> Self:
        """The sum of points, each multiplied by its importance, each term by this power of its idf."""
        terms, places = np.unique(points.terms, return_inverse=True)
        each = (
            np.repeat(importance, np.diff(points.starts))
            * points.weights
            * points.rarity ** np.float32(power)
        )
        of_terms = np.bincount(places, weights=each, minlength=len(terms)).astype(np.float32)
        return cls(terms, of_terms, importance @ points.vectors)

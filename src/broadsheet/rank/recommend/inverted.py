"""Papers by term: which of them share terms with others, and how much of these. Knows numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from broadsheet.rank.recommend.bags import located, owners, spread

if TYPE_CHECKING:
    from broadsheet.rank.recommend.space import Points


@dataclass(frozen=True, slots=True)
class Inverted:
    """``size`` papers by term: paper ``papers[k]`` has term t by ``weights[k]``, for k in t's row."""

    size: int
    terms: NDArray[np.uint32]  # ascending
    starts: NDArray[np.int64]
    papers: NDArray[np.int32]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, points: Points) -> Self:
        """These points by their terms."""
        order = np.argsort(points.terms, kind="stable")
        terms, firsts = np.unique(points.terms[order], return_index=True)
        starts = np.append(firsts, len(order)).astype(np.int64)
        papers = owners(points.starts)[order].astype(np.int32)
        return cls(len(points), terms, starts, papers, points.weights[order])

    def shared(self, points: Points) -> NDArray[np.float64]:
        """What each point shares with each of the papers, shape (len(points), size): the sum of the products of weights."""
        at, rows = located(self.terms, points.terms)
        places, ends = spread(self.starts, rows.astype(np.int64))
        times = np.diff(ends)
        cells = np.repeat(owners(points.starts)[at], times) * self.size + self.papers[places]
        sums: NDArray[np.float64] = np.bincount(
            cells,
            weights=np.repeat(points.weights[at], times) * self.weights[places],
            minlength=len(points) * self.size,
        ).astype(np.float64, copy=False)
        return sums.reshape(len(points), self.size)

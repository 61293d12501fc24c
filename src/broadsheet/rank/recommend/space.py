"""The space that papers are compared in: words weighed by how rare they are, and meaning without its lean.

A *space* is fitted to a background sample of the archive and is the same for all readers. In it a paper
is a *point* of two halves, each of length one: its terms by tf·idf (logarithmic tf), and its
vector, centred and partly whitened by the sample's covariance: a direction in which all papers of the archive
differ anyway says less about a reader. Knows no readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.rank.recommend.bags import Bags, end_to_end, owners, spread
from broadsheet.rank.recommend.crowd import Crowd

# A term in more of the sample than this says nothing.
_COMMON: Final = 0.25

# Papers at most that others are held against: more would find nearer ones, for more time.
_CROWD: Final = 6000

# Whitening: what is added to each direction's variance, in mean variances.
_SHRINK: Final = 0.3


@dataclass(frozen=True, slots=True)
class Points:
    """Papers in a space: ids, terms in compressed rows (see ``Bags``), and vectors of shape (n, dim).

    ``weights`` and ``rarity`` are the tf·idf and the idf of each term. ``common`` is how like papers of the archive at
    large each is (see ``Crowd``). A paper without text has no terms, one without vector has the zero vector.
    """

    ids: tuple[str, ...]
    starts: NDArray[np.int64]
    terms: NDArray[np.uint32]
    weights: NDArray[np.float32]
    rarity: NDArray[np.float32]
    vectors: Vectors
    common: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Self:
        """These rows, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        places, starts = spread(self.starts, chosen)
        return type(self)(
            tuple(self.ids[row] for row in chosen.tolist()),
            starts,
            self.terms[places],
            self.weights[places],
            self.rarity[places],
            self.vectors[chosen],
            self.common[chosen],
        )

    @classmethod
    def stacked(cls, parts: Sequence[Self]) -> Self:
        """The points of several, one after the other; at least one part."""
        return cls(
            tuple(id for part in parts for id in part.ids),
            end_to_end([part.starts for part in parts]),
            np.concatenate([part.terms for part in parts]),
            np.concatenate([part.weights for part in parts]),
            np.concatenate([part.rarity for part in parts]),
            np.concatenate([part.vectors for part in parts]),
            np.concatenate([part.common for part in parts]),
        )


@dataclass(frozen=True, slots=True)
class Space:
    """How terms weigh and vectors are turned; ``background`` are the sample's own points, ``crowd`` a larger sample."""

    terms: NDArray[np.uint32]  # ascending
    idf: NDArray[np.float32]
    rare: float  # idf of a term that at most one of the papers has
    mean: Vectors
    turn: Vectors  # shape (dim, dim)
    background: Points
    crowd: Crowd

    @classmethod
    def fitted(
        cls,
        ids: Sequence[str],
        bags: Bags,
        vectors: Vectors,
        *,
        sample: int = 1500,
        unlabelled: int | None = None,
    ) -> Self:
        """The space of papers of the archive, of which ``sample``, evenly taken, stand for all that is unlabelled.

        Twenty thousand papers count words well enough; one thousand cost a little, none give a plain space. Where
        some are of the one reader, the others stand first: the sample is taken of the first ``unlabelled``.
        """
        papers = len(ids)
        terms, frequencies = np.unique(bags.terms, return_counts=True)
        told = frequencies > 1  # what one paper has is as rare as what none has
        terms, frequencies = terms[told], frequencies[told]
        idf = (np.log((papers + 1) / (frequencies + 1)) + 1).astype(np.float32)
        if papers * _COMMON >= 5:  # of a handful of papers nothing is common
            idf[frequencies > papers * _COMMON] = 0
        rare = float(np.log((papers + 1) / 2) + 1)
        mean, turn = _whitening(vectors[vectors.any(axis=1)])
        nothing = Points((), np.zeros(1, np.int64), terms[:0], idf[:0], idf[:0], vectors[:0], idf[:0])
        nobody, _ = Crowd.of(nothing, nothing)
        space = cls(terms, idf, rare, mean, turn, nothing, nobody)
        among = papers if unlabelled is None else unlabelled

        def evenly(most: int) -> Points:
            rows = np.unique(np.linspace(0, among - 1, min(most, among)).astype(np.int64))
            return space.place([ids[row] for row in rows.tolist()], bags.take(rows), vectors[rows])

        background = evenly(sample)
        crowd, common = Crowd.of(evenly(_CROWD), background)
        return replace(space, background=replace(background, common=common), crowd=crowd)

    def place(self, ids: Sequence[str], bags: Bags, vectors: Vectors) -> Points:
        """The points of papers: as many ids as bags as vectors; the zero vector where one is not known."""
        at = np.searchsorted(self.terms, bags.terms)
        at[at == len(self.terms)] = 0
        known = self.terms[at] == bags.terms if len(self.terms) else np.zeros(len(at), dtype=bool)
        idf = np.full(len(at), self.rare, dtype=np.float32)
        idf[known] = self.idf[at[known]]
        weights = (1 + np.log(bags.counts)) * idf
        rows = owners(bags.starts)
        lengths = np.sqrt(np.bincount(rows, weights=weights * weights, minlength=len(bags)))
        weights /= np.maximum(lengths, 1e-9).astype(np.float32)[rows]
        kept = weights > 0
        starts = np.zeros(len(bags) + 1, dtype=np.int64)
        np.cumsum(np.bincount(rows[kept], minlength=len(bags)), out=starts[1:])
        turned = ((vectors - self.mean) @ self.turn).astype(np.float32)
        turned[~vectors.any(axis=1)] = 0
        turned /= np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), np.float32(1e-9))
        points = Points(
            tuple(ids),
            starts,
            bags.terms[kept],
            weights[kept].astype(np.float32),
            idf[kept],
            turned,
            np.zeros(len(ids), dtype=np.float32),
        )
        return replace(points, common=self.crowd.likeness(points))


def _whitening(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """Mean and turn: the inverse root of the covariance, shrunk the more the fewer vectors there are."""
    dim = vectors.shape[1]
    if len(vectors) < 2:
        return np.zeros(dim, dtype=np.float32), np.eye(dim, dtype=np.float32)
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors - mean
    variances, directions = np.linalg.eigh(centred.T @ centred / len(vectors))
    level = max(float(variances.mean()), 1e-12) * (_SHRINK + dim / len(vectors))
    turn = (directions / np.sqrt(np.maximum(variances, 0) + level)) @ directions.T
    return mean.astype(np.float32), (turn * np.sqrt(level)).astype(np.float32)

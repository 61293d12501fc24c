"""How evenly similar papers are spread over an archive, by plain cosine and as the product lists them.

In high dimensions a few points are among the nearest of very many: *hubs*. What is measured is the
k-occurrence N_k: in how many papers' lists of the k nearest a paper is (Radovanović, Nanopoulos and
Ivanović 2010, "Hubs in space", JMLR 11). Knows the index by its contract, and matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Snapshot, Vectors

_BLOCK: Final = 256  # lists made at a time
_READ: Final = 4096

Lists = NDArray[np.int64]  # (lists, k): rows of papers, nearest first; -1 where there is none


@dataclass(frozen=True, slots=True)
class Occurrence:
    """How often papers occur in lists of the nearest."""

    skewness: float  # of N_k; 0 for an even spread
    largest: int  # lists that the commonest paper is in
    largest_share: float  # … of all lists
    never: float  # share of papers that are in no list


@dataclass(frozen=True, slots=True, kw_only=True)
class HubReport:
    """k-occurrence by plain cosine and as the product lists similar papers, over the same papers."""

    papers: int  # that have a vector
    lists: int
    k: int
    cosine: Occurrence
    product: Occurrence


def evaluate_hubs(
    snapshot: Snapshot,
    ids: Sequence[PaperId],
    *,
    encoder: str,
    listed: Callable[[PaperId, int], Sequence[PaperId]],
    k: int = 10,
    sample: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> HubReport:
    """Lists of the k nearest for all papers, or for a random ``sample`` of them.

    ``listed`` gives the product's own list of k for a paper. ``progress`` is told (lists made, all).
    Raises InputError where fewer than k + 2 papers have a vector.
    """
    ids, vectors = _vectors(snapshot, ids, encoder)
    if len(ids) < k + 2:
        raise InputError(f"{len(ids)} papers with a vector are too few for lists of {k}")
    asked = np.arange(len(ids))
    if sample is not None and sample < len(ids):
        asked = np.sort(np.random.default_rng(seed).choice(asked, sample, replace=False))
    rows = {id: row for row, id in enumerate(ids)}
    ours = np.full((len(asked), k), -1, dtype=np.int64)
    for n, row in enumerate(asked):
        found = [rows[id] for id in listed(ids[row], k) if id in rows][:k]
        ours[n, : len(found)] = found
        if progress and ((n + 1) % _BLOCK == 0 or n + 1 == len(asked)):
            progress(n + 1, len(asked))
    return HubReport(
        papers=len(ids),
        lists=len(asked),
        k=k,
        cosine=occurrence(nearest_lists(vectors, asked=asked, k=k), papers=len(ids)),
        product=occurrence(ours, papers=len(ids)),
    )


def nearest_lists(vectors: Vectors, *, asked: NDArray[np.int64], k: int) -> Lists:
    """For each row asked about, the k nearest rows of unit vectors (n, dim) by cosine, without itself."""
    lists = np.empty((len(asked), k), dtype=np.int64)
    for start in range(0, len(asked), _BLOCK):
        rows = asked[start : start + _BLOCK]
        closeness = vectors[rows] @ vectors.T
        closeness[np.arange(len(rows)), rows] = -np.inf  # nobody is in their own list
        lists[start : start + len(rows)] = _best(closeness, _top(closeness, k), k)
    return lists


def occurrence(lists: Lists, *, papers: int) -> Occurrence:
    """The k-occurrence of papers 0 … papers - 1 in these lists.

    >>> occurrence(np.array([[1], [2], [1], [1]]), papers=4).largest
    3
    """
    counts = np.bincount(lists[lists >= 0].ravel(), minlength=papers).astype(np.float64)
    spread = counts.std()
    skewness = float(((counts - counts.mean()) ** 3).mean() / spread**3) if spread else 0.0
    largest = int(counts.max())
    return Occurrence(skewness, largest, largest / len(lists), float((counts == 0).mean()))


def _top(scores: Vectors, count: int) -> NDArray[np.int64]:
    """The columns of each row's largest ``count`` scores, in their order along the row."""
    cut = scores.shape[1] - count
    chosen: NDArray[np.int64] = np.sort(np.argpartition(scores, cut, axis=1)[:, cut:], axis=1)
    return chosen


def _best(scores: Vectors, columns: NDArray[np.int64], k: int) -> Lists:
    """Of these columns the k best of each row, ties by column."""
    order = np.argsort(-np.take_along_axis(scores, columns, axis=1), axis=1, kind="stable")[:, :k]
    best: Lists = np.take_along_axis(columns, order, axis=1)
    return best


def _vectors(snapshot: Snapshot, ids: Sequence[PaperId], encoder: str) -> tuple[list[PaperId], Vectors]:
    """Which of the papers have a vector that is not zero, and those vectors."""
    known: list[PaperId] = []
    parts: list[Vectors] = []
    for start in range(0, len(ids), _READ):
        here, vectors = snapshot.vectors_of(ids[start : start + _READ], encoder=encoder)
        lit = vectors.any(axis=1)
        known.extend(here[n] for n in np.flatnonzero(lit))
        parts.append(vectors[lit])
    return known, np.concatenate(parts) if parts else np.zeros((0, 0), dtype=np.float32)

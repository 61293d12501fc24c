"""How evenly similar papers are spread over an archive, before and after the product's correction.

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
from broadsheet.rank.similar import similar

# As in ``rank.similar``, whose lists are made here by the thousand; ``agreement`` tells whether they still are.
_CANDIDATES: Final = 100
_EACH: Final = 10
_SURROUNDINGS: Final = 10
_ITSELF: Final = 1 - 1e-3

_BLOCK: Final = 256  # lists made at a time
_READ: Final = 4096
_CHECKED: Final = 200  # lists compared with the product's own

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
    agreement: float  # share of the product's own lists that is in ours, over a sample


def evaluate_hubs(
    snapshot: Snapshot,
    ids: Sequence[PaperId],
    *,
    encoder: str,
    k: int = 10,
    sample: int | None = None,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> HubReport:
    """Lists of the k nearest for all papers, or for a random ``sample`` of them, by matrix products.

    The product asks its index paper by paper; these are the same lists made all at once, exactly,
    where the product's index is a little approximate. ``progress`` is told (lists made, all).
    Raises InputError where fewer than k + 2 papers have a vector.
    """
    ids, vectors = _vectors(snapshot, ids, encoder)
    if len(ids) < k + 2:
        raise InputError(f"{len(ids)} papers with a vector are too few for lists of {k}")
    random = np.random.default_rng(seed)
    asked = np.arange(len(ids))
    if sample is not None and sample < len(ids):
        asked = np.sort(random.choice(asked, sample, replace=False))
    plain, corrected = nearest_lists(
        vectors, snapshot.sample(encoder=encoder), asked=asked, k=k, progress=progress
    )
    checked = random.choice(len(asked), min(_CHECKED, len(asked)), replace=False)
    same = total = 0
    for n in checked:
        theirs = {hit.id for hit in similar(snapshot, ids[asked[n]], encoders=[encoder], k=k)}
        same += len(theirs & {ids[row] for row in corrected[n] if row >= 0})
        total += len(theirs)
    return HubReport(
        papers=len(ids),
        lists=len(asked),
        k=k,
        cosine=occurrence(plain, papers=len(ids)),
        product=occurrence(corrected, papers=len(ids)),
        agreement=same / total if total else 0.0,
    )


def nearest_lists(
    vectors: Vectors,
    sample: Vectors,
    *,
    asked: NDArray[np.int64],
    k: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Lists, Lists]:
    """For each row asked about, the k nearest rows by cosine, and by the product's correction.

    ``vectors`` are unit vectors (n, dim); ``sample`` those that the product takes for the whole.
    One product of matrices serves both: the directions that the product looks along are the vectors
    less the mean, so their closeness follows from the vectors' own.
    """
    mean = sample.mean(axis=0)
    leaning = vectors @ mean  # how far each lies along the common lean
    lengths = np.maximum(np.linalg.norm(vectors - mean, axis=1), np.float32(1e-12))
    lean = np.float32(mean @ mean)
    around = _surroundings(vectors, sample, mean)
    count = min(max(_CANDIDATES, _EACH * k), len(vectors) - 1)
    plain = np.empty((len(asked), k), dtype=np.int64)
    corrected = np.empty((len(asked), k), dtype=np.int64)
    for start in range(0, len(asked), _BLOCK):
        rows = asked[start : start + _BLOCK]
        stop = start + len(rows)
        closeness = vectors[rows] @ vectors.T
        closeness[np.arange(len(rows)), rows] = -np.inf  # nobody is in their own list
        plain[start:stop] = _best(closeness, _top(closeness, k), k)
        # What remains beside is the same for a whole row: the order is that along the direction.
        closeness -= leaning
        candidates = _top(closeness, count)
        centred = np.take_along_axis(closeness, candidates, axis=1) - leaning[rows, None] + lean
        centred /= lengths[rows, None] * lengths[candidates]
        scores = 2 * centred - around[candidates]
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        corrected[start:stop] = np.take_along_axis(candidates, order, axis=1)
        if progress:
            progress(stop, len(asked))
    return plain, corrected


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


def _surroundings(vectors: Vectors, sample: Vectors, mean: Vectors) -> Vectors:
    """Each paper's mean closeness to the nearest of the sample, itself left out, all centred."""
    there = _unit(sample - mean).T
    count = min(_SURROUNDINGS, len(sample))
    around: Vectors = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _READ):
        closeness = _unit(vectors[start : start + _READ] - mean) @ there
        closeness[closeness > _ITSELF] = -1.0
        cut = closeness.shape[1] - count
        around[start : start + _READ] = np.partition(closeness, cut, axis=1)[:, cut:].mean(axis=1)
    return around


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


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(1e-12))
    return unit

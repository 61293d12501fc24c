"""Group papers by topic: how many topics there are, a real paper for each, and what fits nowhere. Pure.

Papers are rows of centred unit vectors. A set of centres is judged by one sum (facility location with
outliers): every paper gains the cosine to its nearest centre, but at least ``reach``, and every
centre costs ``cost``. What gains no more than ``reach`` belongs to no topic; so the number of topics
comes from the data. Centres are at first papers (medoids), chosen greedily and then exchanged as
FasterPAM does (Schubert & Rousseeuw 2021), later the means of those that chose them. Centres known
from before may be offered too: they cost less and do not move, so that a topic stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors

Labels = NDArray[np.int64]

VARIOUS: Final = -1  # the label of papers that fit no topic
_ROUNDS: Final = 8  # of exchanging, and of moving centres; both mostly settle in three


@dataclass(frozen=True, slots=True)
class Grouping:
    """Papers by topic, the largest topic first."""

    labels: Labels  # (n,): which topic, or VARIOUS
    nearness: Vectors  # (n,): how near each paper is to its topic; of none, to the nearest
    centres: Vectors  # (k, dim), unit
    known: Labels  # (k,): the row of the centre that was known before, or -1
    examples: Labels  # (k,): the paper nearest to each centre


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Unit vectors without what they have in common: less ``mean``, at unit length again."""
    moved = vectors - mean
    unit: Vectors = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return unit


def group(
    vectors: Vectors,
    *,
    known: Vectors | None = None,
    lean: Vectors | None = None,
    cost: float = 2.0,
    known_cost: float = 1.0,
    reach: float = 0.2,
    smallest: int = 3,
) -> Grouping:
    """The topics of n papers, given as centred unit vectors (n, dim); time and memory grow with n².

    ``known``: centres from before, (m, dim). ``lean``: what else speaks for putting a paper to one of them,
    (m, n), in cosine. A topic has at least ``smallest`` papers. Ties go to the
    earlier row, so the same papers in the same order give the same topics.
    """
    given = np.zeros((0, vectors.shape[1]), dtype=np.float32) if known is None else known
    offers = np.vstack([given, vectors]).astype(np.float32)
    near = offers @ vectors.T
    if lean is not None:
        near[: len(given)] += lean
    prices = np.where(np.arange(len(offers)) < len(given), known_cost, cost).astype(np.float32)
    chosen = _exchanged(near, _greedy(near, prices, reach), prices, reach)
    old = np.array([c if c < len(given) else -1 for c in chosen], dtype=np.int64)
    centres = offers[chosen]
    for _ in range(_ROUNDS):
        labels = _nearest(_closeness(vectors, centres, old, lean), reach)
        sizes = np.bincount(labels[labels >= 0], minlength=len(centres))
        if len(sizes) and sizes.min() < smallest:
            # One at a time: the papers of the smallest may fill the next.
            kept = np.arange(len(centres)) != int(sizes.argmin())
            centres, old = centres[kept], old[kept]
            continue
        moved = _means(vectors, labels, centres)
        moved[old >= 0] = centres[old >= 0]
        if np.allclose(moved, centres, atol=1e-4):
            break
        centres = moved
    return _ordered(vectors, centres, old, lean, reach=reach, smallest=smallest)


def _greedy(near: Vectors, prices: Vectors, reach: float) -> list[int]:
    """Offers taken one by one, each the one that adds most above its price, as long as one does.

    Gains only fall as more is taken, so most of them need not be computed again (Minoux 1978).
    """
    best = np.full(near.shape[1], reach, dtype=np.float32)
    gains = np.maximum(near - best, 0).sum(axis=1) - prices
    taken: list[int] = []
    while len(gains):
        at = int(gains.argmax())
        gain = float(np.maximum(near[at] - best, 0).sum() - prices[at])
        if gain < gains[at] - 1e-5:
            gains[at] = gain
            continue
        if gain <= 0:
            break
        taken.append(at)
        best = np.maximum(best, near[at])
        gains[at] = -np.inf
    return taken


def _exchanged(near: Vectors, taken: list[int], prices: Vectors, reach: float) -> list[int]:
    """The same number of offers or fewer, after every exchange of one for another that brings more.

    For each offer, what it would bring in place of each of the taken ones comes from one pass over
    the papers, which keep their nearest and second nearest.
    """
    taken = list(taken)
    for _ in range(_ROUNDS):
        changed = False
        if not taken:
            break
        first, second, owner = _two_nearest(near[taken], reach)
        for offer in np.flatnonzero(np.maximum(near - first, 0).sum(axis=1) > 0):
            if offer in taken:
                continue
            row = near[offer]
            # With it, and without the owner, a paper goes to it or to its second nearest.
            fresh = np.maximum(row, first) - first
            kept = np.maximum(row, second) - first
            own = owner >= 0
            change = np.bincount(owner[own], weights=(kept - fresh)[own], minlength=len(taken))
            change += fresh.sum() + prices[taken] - prices[offer]
            at = int(change.argmax())
            if change[at] > 1e-4:
                taken[at] = int(offer)
                first, second, owner = _two_nearest(near[taken], reach)
                changed = True
        if not changed:
            break
    return taken


def _two_nearest(rows: Vectors, reach: float) -> tuple[Vectors, Vectors, Labels]:
    """For each paper: its nearest and second nearest gain, at least ``reach``, and whose the first is."""
    owner = rows.argmax(axis=0)
    columns = np.arange(rows.shape[1])
    first = rows[owner, columns]
    others = rows.copy()
    others[owner, columns] = -1
    second = np.maximum(others.max(axis=0), reach)
    return np.maximum(first, reach), second, np.where(first > reach, owner, -1)


def _closeness(vectors: Vectors, centres: Vectors, old: Labels, lean: Vectors | None) -> Vectors:
    """How near each centre is to each paper, (k, n)."""
    near = centres @ vectors.T
    if lean is not None:
        near[old >= 0] += lean[old[old >= 0]]
    return near


def _nearest(near: Vectors, reach: float) -> Labels:
    if not len(near):
        return np.full(near.shape[1], VARIOUS, dtype=np.int64)
    return np.where(near.max(axis=0) > reach, near.argmax(axis=0), VARIOUS).astype(np.int64)


def _means(vectors: Vectors, labels: Labels, centres: Vectors) -> Vectors:
    means = centres.copy()
    for topic in range(len(centres)):
        total = vectors[labels == topic].sum(axis=0)
        if length := float(np.linalg.norm(total)):
            means[topic] = total / length
    return means


def _ordered(
    vectors: Vectors, centres: Vectors, old: Labels, lean: Vectors | None, *, reach: float, smallest: int
) -> Grouping:
    while True:
        near = _closeness(vectors, centres, old, lean)
        labels = _nearest(near, reach)
        sizes = np.bincount(labels[labels >= 0], minlength=len(centres))
        if not len(sizes) or sizes.min() >= smallest:
            break
        kept = np.arange(len(centres)) != int(sizes.argmin())
        centres, old = centres[kept], old[kept]
    order = np.argsort(-sizes, kind="stable")
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(order)), VARIOUS
    labels, near = place[labels], near[order]
    examples = np.array(
        [int(np.where(labels == topic, near[topic], -2).argmax()) for topic in range(len(order))],
        dtype=np.int64,
    )
    nearness = near.max(axis=0, initial=-1)
    return Grouping(labels, nearness, centres[order], old[order], examples)

"""Choose topics for papers out of what is offered, and put every paper to one of them or to none. Pure.

A set of topics is judged by one sum (facility location with outliers): every paper gains its nearness
to the nearest topic, but at least ``reach``, and every topic costs its price. What gains no more than
``reach`` belongs to no topic; so the number of topics comes from the data. Topics are taken greedily
and then exchanged as FasterPAM does (Schubert & Rousseeuw 2021).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors

Labels = NDArray[np.int64]
Flags = NDArray[np.bool_]

VARIOUS: Final = -1  # the label of papers that fit no topic
_ROUNDS: Final = 8  # of exchanging, which mostly settles in three


@dataclass(frozen=True, slots=True)
class Grouping:
    """Papers by topic, the largest topic first."""

    labels: Labels  # (n,): which topic, or VARIOUS
    nearness: Vectors  # (n,): how near each paper is to its topic; of none, to the nearest
    chosen: Labels  # (k,): which offer each topic is
    examples: Labels  # (k,): the paper nearest to each


def group(
    near: Vectors,
    *,
    prices: Vectors,
    reach: float,
    smallest: int = 3,
    named: Callable[[int], Flags],
) -> Grouping:
    """The topics of n papers, of m that are offered with their nearness (m, n) and their prices (m,).

    A topic has at least ``smallest`` papers. ``named`` tells which papers, (n,), bear the name of an offer: of others a
    topic has as many at most, or two, the nearest ones. Ties go to the earlier offer.
    """
    chosen = np.array(sorted(_exchanged(near, _greedy(near, prices, reach), prices, reach)), dtype=np.int64)
    while len(chosen):
        labels = _nearest(near[chosen], reach)
        for topic, offer in enumerate(chosen.tolist()):
            _trim(labels, near[offer], topic, named(offer))
        sizes = np.bincount(labels[labels >= 0], minlength=len(chosen))
        failed = sizes < smallest
        if not failed.any():
            return _ordered(near[chosen], labels, sizes, chosen)
        # One at a time: the papers of the smallest may fill the next.
        chosen = np.delete(chosen, np.where(failed, sizes, len(labels) + 1).argmin())
    none: Labels = np.zeros(0, dtype=np.int64)
    return Grouping(np.full(near.shape[1], VARIOUS, dtype=np.int64), near.max(axis=0, initial=-1), none, none)


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
    """The same number of offers, after every exchange of one for another that brings more.

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


def _nearest(near: Vectors, reach: float) -> Labels:
    return np.where(near.max(axis=0) > reach, near.argmax(axis=0), VARIOUS).astype(np.int64)


def _trim(labels: Labels, near: Vectors, topic: int, named: Flags) -> None:
    """Takes the farthest papers that do not bear a topic's name out of it, where these are too many."""
    others = np.flatnonzero((labels == topic) & ~named)
    bearing = int(((labels == topic) & named).sum())
    most = max(bearing, 2) if bearing else 0
    labels[others[np.argsort(-near[others], kind="stable")][most:]] = VARIOUS


def _ordered(near: Vectors, labels: Labels, sizes: Labels, chosen: Labels) -> Grouping:
    order = np.argsort(-sizes, kind="stable")
    place = np.empty(len(order) + 1, dtype=np.int64)
    place[order], place[-1] = np.arange(len(order)), VARIOUS
    labels, near = place[labels], near[order]
    examples = [int(np.where(labels == topic, near[topic], -2).argmax()) for topic in range(len(order))]
    return Grouping(labels, near.max(axis=0), chosen[order], np.array(examples, dtype=np.int64))

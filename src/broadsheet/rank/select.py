"""Choose the papers of a digest: relevant, and together covering what there is. No I/O, no clock.

What a set of papers is worth is a monotone submodular function of it: a further paper is worth the
less, the more of what it brings is there already. Three parts are added up:

- its relevance, summed over the papers chosen;
- facility location: how near each candidate, weighted by its relevance, is to the nearest chosen one;
- for each interest of the reader, the root of the relevant papers chosen for it.

The greedy algorithm then reaches at least 1 − 1/e of the best value for a number of papers alone
(Nemhauser, Wolsey and Fisher 1978), half of it under quotas, which are a partition matroid (Fisher,
Nemhauser and Wolsey 1978), and in practice nearly all of it. It is run lazily (Minoux 1978): a gain only
falls, so a candidate is looked at again only when its last known gain is the largest. Facility location
with a sum over groups is how Lin and Bilmes (2011) chose sentences for a summary.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors

Floats = NDArray[np.float64]
Rule = Callable[[int], bool]

# As many candidates for each paper wanted: what comes after them is not relevant enough to be shown.
_DEPTH: Final = 15
# Nearly the same text: two versions of a work, or one work under two ids.
SAME: Final = 0.92


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What the parts count for, beside a relevance that counts 1 for a paper as good as the best k."""

    coverage: float = 4.0  # of the candidates, by facility location
    interests: float = 0.5  # shared by the reader's interests


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A chosen paper: for which interest, what it stands for, what was folded into it."""

    id: PaperId
    interest: int | None = None  # the number of the interest it belongs to most; None for none
    also: tuple[PaperId, ...] = ()  # of nearly the same text


def choose(
    ids: Sequence[PaperId],
    *,
    relevance: Floats,
    vectors: Vectors,
    groups: Sequence[str],
    interests: Floats | None = None,
    k: int = 10,
    quota: int | None = None,
    weights: Weights = Weights(),
) -> tuple[Choice, ...]:
    """The k papers to show, most relevant first; fewer where there are fewer. Ties go to the lower id.

    ``relevance`` (n,): higher is better, on any scale. ``vectors`` (n, dim): of length one. ``groups``:
    the category of each; at most ``quota`` papers come from one (None: no limit), unless there are not
    enough others to fill k. ``interests`` (n, m): how much each belongs to each interest of the reader, 0
    to 1; every interest that has a candidate gets a paper, as long as k allows.
    """
    if not ids or k <= 0:
        return ()
    members = np.zeros((len(ids), 0)) if interests is None else np.asarray(interests, dtype=np.float64)
    mains = _mains(members)
    order = sorted(range(len(ids)), key=lambda i: (-relevance[i], ids[i]))
    pool = _pool(order, mains, k=k)
    kept, folded = _fold(pool, vectors)
    worth = _Worth(np.asarray(relevance)[kept], vectors[kept], members[kept], k=k, weights=weights)
    places = _greedy(worth, [groups[i] for i in kept], [ids[i] for i in kept], k=k, quota=quota)
    places.sort(key=lambda place: (-relevance[kept[place]], ids[kept[place]]))
    return tuple(
        Choice(
            id=ids[kept[place]],
            interest=mains[kept[place]] if mains[kept[place]] >= 0 else None,
            also=tuple(ids[i] for i in folded.get(kept[place], ())),
        )
        for place in places
    )


def choose_outside(
    ids: Sequence[PaperId],
    *,
    standing: Floats,
    relevance: Floats,
    groups: Sequence[str],
    home: Collection[str],
    k: int = 1,
) -> tuple[PaperId, ...]:
    """The k papers from fields that are not the reader's: each field's best, nearest to the reader first.

    ``standing`` (n,) is what everybody thinks of a paper, by which a field sends its best one; among those,
    ``relevance`` (n,) to this reader decides. ``home``: the groups that are the reader's own; where none
    is known, nothing is outside.
    """
    if not home:
        return ()
    best: dict[str, int] = {}
    for i in sorted(range(len(ids)), key=lambda i: (-standing[i], -relevance[i], ids[i])):
        if groups[i] not in home:
            best.setdefault(groups[i], i)
    nearest = sorted(best.values(), key=lambda i: (-relevance[i], ids[i]))
    return tuple(ids[i] for i in nearest[:k])


def _pool(order: Sequence[int], mains: Sequence[int], *, k: int) -> list[int]:
    """The candidates worth comparing, most relevant first, with the best of each interest among them."""
    depth = _DEPTH * k
    if len(order) <= depth:
        return list(order)
    taken = set(order[:depth])
    spare = Counter[int]()
    for i in order[depth:]:
        if mains[i] >= 0 and spare[mains[i]] < k:
            spare[mains[i]] += 1
            taken.add(i)
    return [i for i in order if i in taken]


def _mains(members: Floats) -> list[int]:
    """The interest that each paper belongs to most; -1 for none."""
    if not members.shape[1]:
        return [-1] * len(members)
    mains: list[int] = np.where(members.max(axis=1) > 0, members.argmax(axis=1), -1).tolist()
    return mains


def _fold(pool: Sequence[int], vectors: Vectors) -> tuple[list[int], dict[int, list[int]]]:
    """The candidates without those that are nearly the same as a more relevant one, and what was folded."""
    near = vectors[list(pool)] @ vectors[list(pool)].T >= SAME
    kept: list[int] = []
    places: list[int] = []
    folded: dict[int, list[int]] = {}
    for place, i in enumerate(pool):
        same = next((j for j, other in zip(kept, places, strict=True) if near[place, other]), None)
        if same is None:
            kept.append(i)
            places.append(place)
        else:
            folded.setdefault(same, []).append(i)
    return kept, folded


class _Worth:
    """What a growing set is worth, and what each candidate would add to it."""

    def __init__(
        self, relevance: Floats, vectors: Vectors, members: Floats, *, k: int, weights: Weights
    ) -> None:
        low = float(relevance.min())
        high = float(np.sort(relevance)[-k:].mean())
        # From 0 for the last of the pool to 1 for the mean of its best k.
        self.relevance = (relevance - low) / (high - low) if high > low else np.ones(len(relevance))
        cosines = (vectors @ vectors.T).astype(np.float64)
        # What any two of them share says nothing: nearness begins at the mean.
        usual = min(float(cosines.mean()), 0.99)
        self._near: Floats = np.clip((cosines - usual) / (1.0 - usual), 0.0, 1.0)
        total = float(self.relevance.sum())
        self._demand = self.relevance * (weights.coverage * k / total if total else 0.0)
        self.members = members
        each = members.shape[1]
        # So that k papers as good as the best, spread evenly, are worth k here too.
        self._share = weights.interests * (k / each) ** 0.5 if each else 0.0
        self._gained = self.relevance[:, None] * members
        self._nearest = np.zeros(len(relevance))
        self._served = np.zeros(each)

    def gains(self) -> Floats:
        """What each candidate would add."""
        near = self._demand @ np.maximum(self._near - self._nearest[:, None], 0.0)
        served = np.sqrt(self._served + self._gained).sum(axis=1) - np.sqrt(self._served).sum()
        gains: Floats = self.relevance + near + self._share * served
        return gains

    def gain(self, place: int) -> float:
        """What one candidate would add."""
        near = self._demand @ np.maximum(self._near[place] - self._nearest, 0.0)
        served = np.sqrt(self._served + self._gained[place]).sum() - np.sqrt(self._served).sum()
        return float(self.relevance[place] + near + self._share * served)

    def add(self, place: int) -> None:
        """Take a candidate into the set."""
        np.maximum(self._nearest, self._near[place], out=self._nearest)
        self._served += self._gained[place]


def _greedy(
    worth: _Worth, groups: Sequence[str], ids: Sequence[PaperId], *, k: int, quota: int | None
) -> list[int]:
    """The places of the chosen, in the order in which they were taken."""
    heap = [(-gain, ids[place], place) for place, gain in enumerate(worth.gains().tolist())]
    heapq.heapify(heap)
    mains = _mains(worth.members)
    unserved = {main for main in mains if main >= 0}
    filled: Counter[str] = Counter()
    chosen: list[int] = []

    def open_to(place: int) -> bool:
        return quota is None or filled[groups[place]] < quota

    def owed(place: int) -> bool:
        return mains[place] in unserved and open_to(place)

    while len(chosen) < min(k, len(ids)):
        # Once there are no more seats than interests without a paper, the seats are theirs.
        rules: list[Rule] = [open_to, lambda _: True]
        if unserved and len(unserved) >= k - len(chosen):
            rules.insert(0, owed)
        place = next(found for rule in rules if (found := _take_best(heap, worth, rule)) is not None)
        chosen.append(place)
        worth.add(place)
        filled[groups[place]] += 1
        unserved.discard(mains[place])
    return chosen


def _take_best(heap: list[tuple[float, PaperId, int]], worth: _Worth, rule: Rule) -> int | None:
    """The place that adds most among those that a rule allows, taken off the heap of known gains."""
    aside = []
    best = None
    while heap and best is None:
        entry = heapq.heappop(heap)
        _, id, place = entry
        if not rule(place):
            aside.append(entry)
            continue
        entry = (-worth.gain(place), id, place)
        if not heap or entry <= heap[0]:
            best = place
        else:
            heapq.heappush(heap, entry)
    for entry in aside:
        heapq.heappush(heap, entry)
    return best

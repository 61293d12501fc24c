"""How good a ranking is, in one number. Knows ids and grades only.

A ranking is a sequence of document ids, best first; its order is what a reader sees, so ties were
broken by whoever made it. ``ordered`` breaks them by id, as the search itself does. Definitions are
trec_eval's unless the docstring cites another; all lie between 0 and 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from math import log2

from broadsheet.errors import InputError

Metric = Callable[[Sequence[str], Mapping[str, int]], float]


def ordered(scored: Iterable[tuple[str, float]]) -> tuple[str, ...]:
    """Ids by falling score, ties by id.

    >>> ordered([("b", 1.0), ("c", 2.0), ("a", 1.0)])
    ('c', 'a', 'b')
    """
    return tuple(id for id, _ in sorted(scored, key=lambda pair: (-pair[1], pair[0])))


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """nDCG@k with the grade as gain and 1/log2(rank + 1) as discount."""
    got = sum(max(grades.get(id, 0), 0) / log2(rank + 1) for rank, id in enumerate(ranking[:k], start=1))
    best = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    ideal = sum(grade / log2(rank + 1) for rank, grade in enumerate(best, start=1))
    return got / ideal if ideal else 0.0


def ndcg_percent(ranking: Sequence[str], grades: Mapping[str, int], *, percent: int) -> float:
    """CSFCube's nDCG%20: nDCG over the first so many per cent of the judged pool, ranked alone.

    Unjudged documents are taken out of the ranking first. The discount is that of Järvelin and
    Kekäläinen (2002) with base 2: none for the first two ranks, 1/log2(rank) after, as in the
    collection's own evaluation script (Mysore et al. 2021, https://arxiv.org/abs/2103.12906).
    """
    k = len(grades) * percent // 100
    pool = [grades[id] for id in ranking if id in grades]
    ideal = _dcg_2002(sorted(grades.values(), reverse=True)[:k])
    return _dcg_2002(pool[:k]) / ideal if ideal else 0.0


def average_precision(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """The mean, over all right documents, of the precision at each one's rank; 0 for those not found."""
    found = 0
    total = 0.0
    for rank, id in enumerate(ranking, start=1):
        if grades.get(id, 0) > 0:
            found += 1
            total += found / rank
    return total / right if (right := _right(grades)) else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], *, k: int) -> float:
    """The share of right documents among the first k."""
    found = sum(grades.get(id, 0) > 0 for id in ranking[:k])
    return found / right if (right := _right(grades)) else 0.0


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], *, k: int | None = None) -> float:
    """One over the rank of the first right document; 0 where none is among the first k."""
    return next((1 / rank for rank, id in enumerate(ranking[:k], start=1) if grades.get(id, 0) > 0), 0.0)


def weighted_tau(first: Sequence[float], second: Sequence[float]) -> float:
    """How alike two gradings order the same things, from -1 to 1; 0 where one of them orders nothing.

    Kendall's tau with hyperbolic weights: an exchange counts by the sum of 1/rank of both things, so that
    the top counts most; ranks are taken by either grading in turn and the two values averaged (Vigna
    2015, https://doi.org/10.1145/2736277.2741088).
    """
    return (_tau(first, second) + _tau(second, first)) / 2


def _tau(first: Sequence[float], second: Sequence[float]) -> float:
    order = sorted(range(len(first)), key=lambda n: (first[n], second[n]), reverse=True)
    both = one = other = 0.0
    for low in range(1, len(order)):
        for high in range(low):
            weight = 1 / (high + 1) + 1 / (low + 1)
            a = _sign(first[order[high]] - first[order[low]])
            b = _sign(second[order[high]] - second[order[low]])
            both += weight * a * b
            one += weight * a * a
            other += weight * b * b
    return both / (one * other) ** 0.5 if one and other else 0.0


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


_AT_RANK: Mapping[str, Callable[..., float]] = {"ndcg": ndcg, "recall": recall, "mrr": reciprocal_rank}


def metric(name: str) -> Metric:
    """The metric of a name: ``ndcg@10``, ``ndcg%20``, ``map``, ``recall@100``, ``mrr`` or ``mrr@10``.

    Raises InputError for other names.
    """
    match re.fullmatch(r"(ndcg|recall|mrr)@([1-9]\d*)|(ndcg)%([1-9]\d?|100)|(map|mrr)", name):
        case None:
            raise InputError(
                f"not a metric: {name!r}; expected e.g. 'ndcg@10', 'ndcg%20', 'map', 'recall@100', 'mrr@10'"
            )
        case found if found[4]:
            return partial(ndcg_percent, percent=int(found[4]))
        case found if found[5]:
            return average_precision if found[5] == "map" else reciprocal_rank
        case found:
            return partial(_AT_RANK[found[1]], k=int(found[2]))


def _right(grades: Mapping[str, int]) -> int:
    return sum(grade > 0 for grade in grades.values())


def _dcg_2002(gains: Sequence[int]) -> float:
    return sum(gain / max(log2(rank), 1.0) for rank, gain in enumerate(gains, start=1))

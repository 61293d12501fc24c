"""Merge ranked lists. Knows nothing of storage, words or vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from broadsheet.ids import PaperId
from broadsheet.index.contract import Scored


class Fused(NamedTuple):
    """A paper in the merged list; ``words_share`` is the share of its score that came from the words."""

    id: PaperId
    score: float  # 0…1 within one list
    words_share: float


# How far the best cosine usually lies above the last of a list, and how much an unusual distance counts.
_USUAL_SPREAD: Final = 0.3
_SPREAD_POWER: Final = 0.5
_LEAST_SPREAD: Final = 0.03  # of a list of one, or of equals


def average(words: Sequence[Scored], meaning: Sequence[Scored], *, weight: float = 0.5) -> tuple[Fused, ...]:
    """Both lists by the mean of their scores, each scaled to 0…1; ``weight`` is the words' part.

    A paper that a list lacks has 0 there. Without one list the other alone decides. This is the
    convex combination of min-max scaled scores (Bruch, Gai and Ingber 2023, "An analysis of fusion
    functions for hybrid retrieval"), which keeps what reciprocal ranks forget: by how much a paper leads.
    The scaling would make every list look equally sure of itself, so meaning counts more in a query whose
    best cosines stand out, and less where they are all alike. Scores are at most 1. Ties go to the lower id.
    """
    if not words and not meaning:
        return ()
    if not words or not meaning:
        share = 1.0 if words else 0.0
        return _ordered({id: (s, share) for id, s in scaled(words or meaning).items()})
    by_words, by_meaning = scaled(words), scaled(meaning)
    sureness = (_spread(meaning) / _USUAL_SPREAD) ** _SPREAD_POWER
    total = weight + (1 - weight) * sureness
    of_words, of_meaning = weight / total, (1 - weight) * sureness / total
    parts = {
        id: (of_words * by_words.get(id, 0.0), of_meaning * by_meaning.get(id, 0.0))
        for id in by_words | by_meaning
    }
    return _ordered({id: (w + m, w / (w + m) if w + m else 0.5) for id, (w, m) in parts.items()})


def reciprocal_rank(words: Sequence[Scored], meaning: Sequence[Scored], *, k: int = 60) -> tuple[Fused, ...]:
    """Both lists by the sum of 1 / (k + rank), scaled so that first in both is 1.

    Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual
    rank learning methods". Here for comparison. Ties go to the lower id.
    """
    best = 2 / (k + 1)
    by_words = {s.id: 1 / (k + rank) / best for rank, s in enumerate(words, 1)}
    by_meaning = {s.id: 1 / (k + rank) / best for rank, s in enumerate(meaning, 1)}
    sums = {id: (by_words.get(id, 0.0), by_meaning.get(id, 0.0)) for id in by_words | by_meaning}
    return _ordered({id: (w + m, w / (w + m)) for id, (w, m) in sums.items()})


def _spread(scored: Sequence[Scored]) -> float:
    return max(max(s.score for s in scored) - min(s.score for s in scored), _LEAST_SPREAD)


def scaled(scored: Sequence[Scored]) -> dict[PaperId, float]:
    """Scores with the best at 1 and the worst at 0; all 1 where they are equal."""
    if not scored:
        return {}
    low = min(s.score for s in scored)
    span = max(s.score for s in scored) - low
    return {s.id: (s.score - low) / span if span > 0 else 1.0 for s in scored}


def _ordered(scores: dict[PaperId, tuple[float, float]]) -> tuple[Fused, ...]:
    fused = sorted((-score, id, share) for id, (score, share) in scores.items())
    return tuple([Fused(id, -negative, share) for negative, id, share in fused])

"""Say where in a list of hits relevance ends. Knows what a hit holds of the query, no rank and no score.

Whether a paper answers is judged by what depends neither on the other hits nor on how they were ranked:
how much of the query, by the weight of its words, one passage of the paper holds (its title, or its
best sentence), and the cosine of the two. A logistic model makes one number of them; its few
coefficients come from ``scripts/calibrate_relevance.py``, what it is worth stands in ``bench/relevance.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broadsheet.model import Sentence
from broadsheet.rank.matches import Found, Sought, within

# The line is drawn where so many hits in a row do not seem to answer.
PATIENCE: Final = 3

# A passage that holds so much of the query, in words as rare as can be, need not hold the rest: a question
# may be a whole paragraph.
_ENOUGH: Final = 4.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a hit, each 0…1: the passage's share of the query, and the cosine, if known."""

    passage: float
    cosine: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """The logistic model's coefficients, and from which probability on a hit seems to answer."""

    constant: float
    passage: float
    cosine: float
    threshold: float

    def probability(self, evidence: Evidence) -> float:
        """How likely a hit answers, as far as the judgements go that this was learnt from."""
        x = self.constant + self.passage * evidence.passage + self.cosine * (evidence.cosine or 0.0)
        return 1 / (1 + math.exp(-x))


# By the encoder whose cosine it is; another encoder's cosines are on another scale, so words alone tell.
WORDS_ALONE: Final = Model(-5.20, 6.89, 0.0, 0.07)
MODELS: Final[Mapping[str, Model]] = {
    "static-v1": Model(-6.18, 5.69, 2.72, 0.10),
    "minilm-l6-v2/256": Model(-7.55, 4.63, 7.78, 0.11),
}


def evidence(
    sought: Sought, found: Found, sentences: Sequence[Sentence], *, cosine: float | None = None
) -> Evidence:
    """What speaks for a paper that holds ``found`` of what is ``sought``; its authors belong to every passage."""
    named = frozenset(stem for _, matches in found.authors for match in matches for stem in match.stems)
    title = frozenset(stem for match in found.title for stem in match.stems)
    passages = {title, *(within(found.abstract, sentence) for sentence in sentences)}
    best = max(sought.share(named | passage, enough=_ENOUGH) for passage in passages)
    return Evidence(best, None if cosine is None else min(1.0, max(0.0, cosine)))


def answers(evidence: Evidence, *, encoder: str | None) -> bool:
    """Whether a hit seems to answer. ``encoder``: whose cosine the evidence has."""
    known = MODELS.get(encoder or "")
    if known is None or evidence.cosine is None:
        return WORDS_ALONE.probability(evidence) >= WORDS_ALONE.threshold
    return known.probability(evidence) >= known.threshold


def line(answering: Iterable[bool], *, ended: bool = False) -> int | None:
    """How many hits stand above the line; None where it is not reached. Looks no further than it must.

    ``ended``: these are all the hits there are, so fewer than ``PATIENCE`` at the end are below as well.

    >>> line([True, True, False, True, False, False, False, True])
    4
    >>> line([True, False]), line([True, False], ended=True)
    (None, 1)
    """
    above = missed = 0
    for place, answers in enumerate(answering, start=1):
        above, missed = (place, 0) if answers else (above, missed + 1)
        if missed == PATIENCE:
            return above
    return above if ended and missed else None

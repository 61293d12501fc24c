"""Topics that stand for months, as a paper's standing heads do: name, place and mark are kept. Pure.

A topic is a term: its papers are those that speak of it and those that lie where these lie. Topics are
learnt from a sample of some weeks' papers and carried on from season to season: a standing topic that
still draws papers stays, moving a little with them; what no standing topic covers makes a new one, and
what draws none any more is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from broadsheet.index.contract import Vectors
from broadsheet.index.sample import centred
from broadsheet.model import Paper
from broadsheet.rank.topics import Grouping, group
from broadsheet.rank.topics_names import Vocabulary
from broadsheet.text.lexicon import Lexicon

COLOURS: Final = 8
SHAPES: Final = 2
MARKS: Final = COLOURS * SHAPES  # mark m has the colour m % COLOURS and the shape m // COLOURS

# What a topic costs, for the root of a paper: with it the number of topics grows as the root of n does.
_COST: Final = 0.05
_KNOWN: Final = 0.5  # of which a known one costs this share
_FULL: Final = 300  # papers; of fewer, a topic costs as much as of so many
_REACH: Final = 0.37
_STANDING: Final = 0.1  # how much nearer a known topic counts as than a new one, lest near terms take turns
_TOGETHER: Final = 0.5  # how far a new topic lies from where its users do to where its papers do
_DRIFT: Final = 0.25  # how far a known topic moves to where its papers now are
_REMOTE: Final = 0.45  # how far the mean of a topic's papers mostly lies from that of all
_MANY: Final = 3.0  # times as many papers as before make a topic new
_TREND: Final = 5  # papers; fewer may be chance


@dataclass(frozen=True, slots=True)
class Head:
    """A topic that is known: what it is called, how it is marked, where it lies."""

    key: str  # of its name
    text: str
    mark: int
    centre: Vectors  # (dim,), unit, centred
    lean: float  # what its name in a paper's title adds to the closeness of the two


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known before a day: topics, and the mean that all vectors are centred by."""

    mean: Vectors  # (dim,)
    heads: tuple[Head, ...]

    def seen_from(self, mean: Vectors) -> Standing:
        """The same topics for vectors that are centred by another mean."""
        shift = self.mean - mean
        return Standing(
            mean,
            tuple(replace(head, centre=_unit(_REMOTE * head.centre + shift)) for head in self.heads),
        )


def learn(
    vectors: Vectors,
    papers: Sequence[Paper],
    *,
    lexicon: Lexicon,
    before: Standing | None = None,
    cost: float = _COST,
) -> Standing:
    """The standing topics after n papers, given with their vectors (n, dim) in the same order."""
    mean = vectors.mean(axis=0) if before is None else before.mean
    rows = centred(vectors, mean)
    known = before.heads if before else ()
    vocabulary = vocabulary_of(papers, rows, known, lexicon=lexicon)
    found, heads = gather(rows, vocabulary, known, cost=cost, known_cost=_KNOWN * cost, reach=_REACH)
    old = {head.key for head in known}
    moved = (
        replace(head, centre=_between(head.centre, rows[found.labels == topic], _DRIFT))
        if head.key in old
        else head
        for topic, head in enumerate(heads)
    )
    return Standing(mean, tuple(moved))


def gather(
    rows: Vectors,
    vocabulary: Vocabulary,
    known: Sequence[Head],
    *,
    cost: float,
    known_cost: float,
    reach: float,
    smallest: int = 3,
) -> tuple[Grouping, tuple[Head, ...]]:
    """Papers by topic, and the head of each topic: those ``known`` as they were, others new.

    ``cost`` and ``known_cost`` are for the root of a paper.
    """
    offers = vocabulary.offers()
    near = np.array([vocabulary.nearness(head.key, head.centre, head.lean) for head in known])
    near = np.vstack([near.reshape(len(known), len(rows)) + _STANDING, offers.near]).astype(np.float32)
    root = max(len(rows), _FULL) ** 0.5
    prices = np.repeat([known_cost * root, cost * root], [len(known), len(offers.keys)]).astype(np.float32)
    keys = (*(head.key for head in known), *offers.keys)
    found = group(
        near,
        prices=prices,
        reach=reach,
        smallest=smallest,
        named=lambda offer: vocabulary.titled(keys[offer]),
    )
    heads: list[Head] = [known[offer] for offer in found.chosen if offer < len(known)]
    made: list[Head] = []
    for topic, offer in enumerate(found.chosen.tolist()):
        if offer < len(known):
            made.append(known[offer])
            continue
        term = offer - len(known)
        centre = _between(offers.places[term], rows[found.labels == topic], _TOGETHER)
        key = offers.keys[term]
        head = Head(
            key, vocabulary.spelt(key), free_mark([*known, *heads], centre), centre, float(offers.leans[term])
        )
        heads.append(head)
        made.append(head)
    return found, tuple(made)


def vocabulary_of(
    papers: Sequence[Paper], rows: Vectors, known: Sequence[Head], *, lexicon: Lexicon
) -> Vocabulary:
    """The terms of papers, whose centred unit vectors (n, dim) are given in the same order."""
    return Vocabulary(
        lexicon.read((paper.title, paper.abstract) for paper in papers),
        rows,
        acronyms=[acronym for paper in papers for acronym in paper.derived.acronyms],
        known=[head.key for head in known],
    )


def free_mark(heads: Iterable[Head], centre: Vectors) -> int:
    """The mark that is least like those of near topics: same marks far apart, same colours too. Ties: the lowest."""
    near = [(head.mark, float(head.centre @ centre)) for head in heads]
    worst = [
        (
            max((cosine for mark, cosine in near if mark == slot), default=-2.0),
            max((cosine for mark, cosine in near if mark % COLOURS == slot % COLOURS), default=-2.0),
        )
        for slot in range(MARKS)
    ]
    return min(range(MARKS), key=lambda slot: (worst[slot][0] + worst[slot][1], slot))


def is_new(centre: Vectors, members: Vectors, *, among: int, past: Vectors) -> bool:
    """Whether a topic draws far more of ``among`` papers than of ``past`` ones, (n, dim).

    A past paper counts where it is as near to the topic as half of its members are.
    """
    if not len(past) or len(members) < _TREND:
        return False
    line = float(np.median(members @ centre))
    before = (int((past @ centre >= line).sum()) + 0.5) / len(past)
    return len(members) / 2 / among >= _MANY * before


def _between(one: Vectors, members: Vectors, share: float) -> Vectors:
    """A place moved by a share of the way to where some papers lie."""
    mean = members.sum(axis=0)
    return _unit((1 - share) * one + share * _unit(mean))


def _unit(vector: Vectors) -> Vectors:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)

"""Topics that stand for months, as a paper's standing heads do: name, place and mark are kept. Pure.

They are learnt from a sample of some weeks' papers and carried on from season to season: a standing
topic that still draws papers stays, moving a little with them; what no standing topic covers makes
a new one, and what draws none any more is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.model import Paper
from broadsheet.rank.topics import Grouping, centred, group
from broadsheet.rank.topics_names import Name, Vocabulary, name_topics
from broadsheet.text.terms import terms

COLOURS: Final = 8
SHAPES: Final = 2
MARKS: Final = COLOURS * SHAPES  # mark m has the colour m % COLOURS and the shape m // COLOURS

# What a topic costs, for the root of a paper: with it the number of topics grows as the root of n does.
_COST: Final = 0.03
_KNOWN: Final = 0.5  # of which a known one costs this share
_REACH: Final = 0.35
_LOOKS: Final = 2  # how often the same papers are gathered, the later times by the names found before
_CALLED: Final = 0.35  # what a topic's name in a paper's title adds to the closeness of the two
# The share of a new topic's papers that must use its name; of a single word, which says less, more must.
_BORNE: Final = 0.25
_BORNE_WORD: Final = 0.6
_DRIFT: Final = 0.25  # how far a topic moves to where its papers now are
_MANY: Final = 3.0  # times as many papers as before make a topic new


@dataclass(frozen=True, slots=True)
class Head:
    """A topic that is known: what it is called, how it is marked, where it lies."""

    name: Name
    mark: int
    centre: Vectors  # (dim,), unit, centred


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known before a day: topics, and the mean that all vectors are centred by."""

    mean: Vectors  # (dim,)
    heads: tuple[Head, ...]

    @property
    def centres(self) -> Vectors:
        """The topics' places, (k, dim)."""
        return np.array([head.centre for head in self.heads], dtype=np.float32).reshape(-1, len(self.mean))


def learn(vectors: Vectors, papers: Sequence[Paper], *, before: Standing | None = None) -> Standing:
    """The standing topics after n papers, given with their vectors (n, dim) in the same order."""
    mean = vectors.mean(axis=0) if before is None else before.mean
    rows = centred(vectors, mean)
    vocabulary = vocabulary_of(papers, rows)
    cost = _COST * len(rows) ** 0.5
    heads: list[Head] = list(before.heads) if before else []
    for _ in range(_LOOKS):
        found = gather(rows, heads, vocabulary, cost=cost, known_cost=_KNOWN * cost, reach=_REACH)
        heads = _headed(rows, found, heads, vocabulary)
    return Standing(mean, tuple(heads))


def _headed(rows: Vectors, found: Grouping, heads: Sequence[Head], vocabulary: Vocabulary) -> list[Head]:
    """What was found as topics: those known before, moved a little, then new ones that their papers speak of."""
    kept = [heads[row] if row >= 0 else None for row in found.known]
    names = name_topics(
        vocabulary,
        found.labels,
        found.centres,
        held=[head.name.key if head else None for head in kept],
    )
    made: list[Head] = []
    for topic, (head, name) in enumerate(zip(kept, names, strict=True)):
        if head is not None and borne(name or head.name, vocabulary, found.labels == topic):
            centre = _drifted(head.centre, rows[found.labels == topic])
            made.append(Head(name or head.name, head.mark, centre))
    for topic, (head, name) in enumerate(zip(kept, names, strict=True)):
        members = found.labels == topic
        if head is None and name is not None and borne(name, vocabulary, members):
            centre = _between(found.centres[topic], rows[vocabulary.holders(name.key)])
            made.append(Head(name, free_mark(made, centre), centre))
    return made


def gather(
    rows: Vectors,
    heads: Sequence[Head],
    vocabulary: Vocabulary,
    *,
    cost: float,
    known_cost: float,
    reach: float,
) -> Grouping:
    """Papers by known topics, to which those go the more that use their names, and by new ones."""
    called = [vocabulary.calls(head.name.key) for head in heads]
    return group(
        rows,
        known=np.array([head.centre for head in heads], dtype=np.float32).reshape(-1, rows.shape[1]),
        lean=_CALLED * np.array(called, dtype=np.float32).reshape(len(heads), len(rows)),
        cost=cost,
        known_cost=known_cost,
        reach=reach,
    )


def borne(name: Name, vocabulary: Vocabulary, members: NDArray[np.bool_], *, least: float = _BORNE) -> bool:
    """Whether enough papers of a new topic use its name."""
    return vocabulary.use(name.key, members) >= (_BORNE_WORD if " " not in name.key else least)


def _between(centre: Vectors, users: Vectors) -> Vectors:
    """Half-way from where a topic's papers lie to where all that use its name do."""
    place = users.sum(axis=0)
    place = centre + place / max(float(np.linalg.norm(place)), 1e-9)
    return place / max(float(np.linalg.norm(place)), 1e-9)  # type: ignore[no-any-return]


def vocabulary_of(papers: Sequence[Paper], rows: Vectors) -> Vocabulary:
    """The terms of papers, whose centred unit vectors (n, dim) are given in the same order."""
    return Vocabulary(
        [terms(paper.title, paper.abstract) for paper in papers],
        rows,
        acronyms=[acronym for paper in papers for acronym in paper.derived.acronyms],
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
    if not len(past):
        return False
    line = float(np.median(members @ centre))
    before = (int((past @ centre >= line).sum()) + 0.5) / len(past)
    return len(members) / 2 / among >= _MANY * before


def _drifted(centre: Vectors, members: Vectors) -> Vectors:
    if not len(members):
        return centre
    mean = members.mean(axis=0)
    moved = (1 - _DRIFT) * centre + _DRIFT * mean / max(float(np.linalg.norm(mean)), 1e-9)
    return moved / max(float(np.linalg.norm(moved)), 1e-9)  # type: ignore[no-any-return]

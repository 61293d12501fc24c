"""Tell apart people who sign with one name: by whom they write with, and what about. Pure; knows no store.

Papers are gathered bottom-up, as author disambiguation usually does (Torvik and Smalheiser, "Author name
disambiguation in MEDLINE", 2009): a shared co-author joins at once, nearness in text and field joins where it
is clear. What is left apart is told apart only where the evidence for that is clear too; the rest stays together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors

# Groups whose mean vectors are nearer than this are taken as one person's, and so are those of one field that
# are nearer than the second. Chosen on half of the surnames of arxiv_daily; see docs/design/authors.md.
NEAR: Final = 0.5
NEAR_IN_FIELD: Final = 0.4
# Fewer papers say too little to call somebody another person.
LEAST: Final = 2
MOST: Final = 400  # papers that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A paper that bears the name: who else signed it, and its categories, the primary one first."""

    id: PaperId
    others: frozenset[str]  # the keys of its other authors
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """What a reader knows better: papers of the same person, and a paper's right place."""

    together: bool = False  # all of them are one person's
    joined: tuple[tuple[PaperId, PaperId], ...] = ()  # the people of these papers are one
    moved: tuple[
        tuple[PaperId, PaperId | None], ...
    ] = ()  # with whose paper it belongs; None: somebody else's


def people(
    papers: Sequence[Signed],
    vectors: Mapping[PaperId, Vectors],
    *,
    mending: Mending | None = None,
    near: float = NEAR,
    near_in_field: float = NEAR_IN_FIELD,
) -> tuple[tuple[PaperId, ...], ...]:
    """The papers by person, the one with most papers first, ties by id; each person's papers in their given order.

    ``vectors`` are unit vectors of the papers that have one; without them only co-authors and categories speak.
    """
    mending = mending or Mending()
    if mending.together or len(papers) < 2 * LEAST:
        groups = [list(papers)] if papers else []
    else:
        groups = _settle(_gather(_connected(papers), vectors, near, near_in_field), vectors)
    return _mended(papers, groups, mending)


def _connected(papers: Sequence[Signed]) -> list[list[Signed]]:
    """Papers that share co-authors, directly or over others."""
    root = list(range(len(papers)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    first: dict[str, int] = {}
    for place, paper in enumerate(papers):
        for other in paper.others:
            root[find(place)] = find(first.setdefault(other, place))
    found: dict[int, list[Signed]] = {}
    for place, paper in enumerate(papers):
        found.setdefault(find(place), []).append(paper)
    return list(found.values())


def _gather(
    groups: list[list[Signed]], vectors: Mapping[PaperId, Vectors], near: float, near_in_field: float
) -> list[list[Signed]]:
    """Join the nearest two groups until none are near enough."""
    made: list[list[Signed] | None] = list(groups)
    sums = np.stack([_sum(group, vectors) for group in groups])
    fields = [_fields(group) for group in groups]

    def to_all(place: int) -> Vectors:
        """How near one group is to every other; -1 where that is not near enough, or where one was joined."""
        nearness = _cosines(sums[place], sums)
        for other, group in enumerate(made):
            bar = near_in_field if fields[place] & fields[other] else max(near, near_in_field)
            if group is None or other == place or nearness[other] < bar:
                nearness[other] = -1.0
        return nearness

    table = np.stack([to_all(place) for place in range(len(groups))])
    while (best := int(table.argmax())) >= 0 and table.flat[best] >= near_in_field:
        one, other = sorted(divmod(best, len(groups)))
        made[one], made[other] = [*(made[one] or ()), *(made[other] or ())], None
        sums[one] += sums[other]
        fields[one] = _fields(made[one] or [])
        table[other, :] = table[:, other] = -1.0
        table[one, :] = table[:, one] = to_all(one)
    return [group for group in made if group is not None]


def _settle(groups: list[list[Signed]], vectors: Mapping[PaperId, Vectors]) -> list[list[Signed]]:
    """Groups too small to be somebody go to the nearest that is not."""
    large = [group for group in groups if len(group) >= LEAST]
    small = [group for group in groups if len(group) < LEAST]
    if not large:
        return [[paper for group in groups for paper in group]]
    sums = np.stack([_sum(group, vectors) for group in large])
    homes = [int(_cosines(_sum(group, vectors), sums).argmax()) for group in small]
    for group, home in zip(small, homes, strict=True):
        large[home].extend(group)
    return large


def _mended(
    papers: Sequence[Signed], groups: Sequence[Sequence[Signed]], mending: Mending
) -> tuple[tuple[PaperId, ...], ...]:
    home = {paper.id: place for place, group in enumerate(groups) for paper in group}
    for one, other in mending.joined:
        if one in home and other in home and home[one] != home[other]:
            gone, kept = home[other], home[one]
            home = {id: kept if place == gone else place for id, place in home.items()}
    for number, (id, beside) in enumerate(mending.moved, start=len(groups)):
        if id in home and (beside is None or beside in home):
            home[id] = number if beside is None else home[beside]
    found: dict[int, list[PaperId]] = {}
    for paper in papers:
        found.setdefault(home[paper.id], []).append(paper.id)
    return tuple(tuple(ids) for ids in sorted(found.values(), key=lambda ids: (-len(ids), min(ids))))


def _sum(group: Sequence[Signed], vectors: Mapping[PaperId, Vectors]) -> Vectors:
    known = [vectors[paper.id] for paper in group if paper.id in vectors]
    width = len(next(iter(vectors.values()), ()))
    total: Vectors = np.sum(known, axis=0) if known else np.zeros(width, dtype=np.float32)
    return total


def _fields(group: Sequence[Signed]) -> frozenset[str]:
    """The primary categories that a group's papers mostly have."""
    counts = Counter(paper.categories[0] for paper in group if paper.categories)
    return frozenset(code for code, count in counts.items() if 3 * count >= len(group))


def _cosines(one: Vectors, others: Vectors) -> Vectors:
    """The cosines of a vector to the rows of a matrix; 0 where either is nothing."""
    lengths = np.linalg.norm(others, axis=1) * np.linalg.norm(one)
    cosines: Vectors = np.zeros(len(others), dtype=np.float32)
    np.divide(others @ one, lengths, out=cosines, where=lengths > 0)
    return cosines

"""Choose the lead stories of a day. Knows nothing of storage, pages or users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId

# Fewer votes than this tell nothing: on a young list everyone has one or two.
FLOOR = 3


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead story, and what made it one: ``votes``, or how many papers of ``section`` it stands for."""

    id: PaperId
    section: str
    votes: int | None = None
    stands_for: int | None = None


def choose_leads(
    sections: Mapping[str, Sequence[PaperId]],
    *,
    votes: Mapping[PaperId, int],
    centrality: Mapping[PaperId, float],
    k: int = 4,
) -> tuple[Lead, ...]:
    """The k papers to open a day with: the most voted where people voted, else one for each large section.

    A section gives at most half of the leads, rounded up, so that one field never fills the page.
    Where votes do not fill it, the largest sections without a lead send the paper nearest to their
    centre. Ties go to the lower id.
    """
    home = {id: key for key, ids in sections.items() for id in ids}
    quota = -(-k // 2)
    chosen: list[Lead] = []
    taken: dict[str, int] = {}
    for id in sorted((i for i in home if votes.get(i, 0) >= FLOOR), key=lambda i: (-votes[i], i)):
        if len(chosen) < k and taken.get(home[id], 0) < quota:
            chosen.append(Lead(id, home[id], votes=votes[id]))
            taken[home[id]] = taken.get(home[id], 0) + 1
    led = {lead.id for lead in chosen}
    for key in sorted(sections, key=lambda s: (-len(sections[s]), s)):
        rest = [i for i in sections[key] if i not in led and i in centrality]
        if len(chosen) < k and key not in taken and rest:
            best = min(rest, key=lambda i: (-centrality[i], i))
            chosen.append(Lead(best, key, stands_for=len(sections[key])))
    return tuple(chosen)


def centralities(ids: Sequence[PaperId], vectors: NDArray[np.float32]) -> dict[PaperId, float]:
    """The cosine of each vector (n, dim) to the mean of the others; a lone paper has 0."""
    if len(ids) < 2:
        return dict.fromkeys(ids, 0.0)
    total = vectors.sum(axis=0)
    others = total - vectors
    norms = np.linalg.norm(others, axis=1)
    cosines = np.einsum("nd,nd->n", vectors, others) / np.where(norms > 0, norms, 1.0)
    return {id: float(c) for id, c in zip(ids, cosines, strict=True)}

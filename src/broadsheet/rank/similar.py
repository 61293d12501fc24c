"""The papers nearest in meaning to one, without hubs. Knows the index by its contract, no store.

In a narrow archive all vectors lean the same way, and papers near that lean turn up in everybody's
list. Two steps undo it: vectors are *centred* (the mean of the archive taken away), and each
paper's closeness is measured against how close it is to its own surroundings (CSLS: Conneau et al.
2018, "Word translation without parallel data"). Good for "similar papers", harmful for search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Snapshot, Vectors

# How many of the nearest are looked at again, at least and for each one asked for.
_CANDIDATES: Final = 100
_EACH: Final = 10
_SURROUNDINGS: Final = 10  # neighbours that make up a paper's surroundings

# An encoder that knows less of the archive than this would offer only what it happens to know.
_ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar paper: ``score`` orders the list, ``cosine`` is the plain closeness of the two."""

    id: PaperId
    score: float
    cosine: float


def similar(
    snapshot: Snapshot, id: PaperId, *, encoders: Sequence[str], k: int = 10
) -> tuple[Neighbour, ...]:
    """The k papers nearest to one, best first, ties by id; empty where it has no vector.

    ``encoders`` are tried in order: the first that knows the paper and half of the archive, else
    the first that knows the paper.
    """
    known = [(name, snapshot.vectors_of([id], encoder=name)[1]) for name in encoders]
    having = [(name, vectors[0]) for name, vectors in known if len(vectors)]
    if not having:
        return ()
    generation = snapshot.generation
    wide = [
        (name, vector)
        for name, vector in having
        if generation.encoders.get(name, 0) >= _ENOUGH * generation.papers
    ]
    name, vector = (wide or having)[0]
    sample = snapshot.sample(encoder=name)
    mean = sample.mean(axis=0)
    direction = _unit((vector - mean)[np.newaxis])[0]
    nearest = snapshot.vectors(direction, encoder=name, k=max(_CANDIDATES, _EACH * k))
    ids, vectors = snapshot.vectors_of([s.id for s in nearest if s.id != id], encoder=name)
    if not ids:
        return ()
    centred = _unit(vectors - mean)
    scores = _corrected(centred @ direction, centred, _unit(sample - mean))
    cosines = vectors @ vector
    found = [Neighbour(i, float(s), float(c)) for i, s, c in zip(ids, scores, cosines, strict=True)]
    return tuple(sorted(found, key=lambda n: (-n.score, n.id))[:k])


def _corrected(closeness: Vectors, centred: Vectors, sample: Vectors) -> Vectors:
    """Twice the closeness less each paper's mean closeness to its surroundings in the sample.

    The surroundings of the paper that was asked about are the same for all, so they are left out.
    """
    around = centred @ sample.T
    # A paper of the sample finds itself there; that is no surrounding.
    around[around > 1 - 1e-3] = -1.0
    count = min(_SURROUNDINGS, around.shape[1])
    nearest = np.partition(around, around.shape[1] - count, axis=1)[:, around.shape[1] - count :]
    corrected: Vectors = 2 * closeness - nearest.mean(axis=1)
    return corrected


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Vectors = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit

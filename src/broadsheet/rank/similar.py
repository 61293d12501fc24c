"""The papers most like one, whole or in one aspect, without hubs. Knows the index by its contract, no store.

Two lists are merged: papers near in meaning (vectors) and papers that share telling words (BM25 with
the paper itself as the query). In an aspect, the sentences that speak of it count once more, again by
meaning and by words. Scores are standardised before they are added up: by how many standard
deviations a paper stands above the best of the list.

In a narrow archive all vectors lean the same way, and papers near that lean turn up in everybody's
list. Two steps undo it: vectors are *centred* (the mean of the archive taken away), and each
paper's closeness is measured against how close it is to its own surroundings (CSLS: Conneau et al.
2018, "Word translation without parallel data"). Good for "similar papers", harmful for search.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Scored, Snapshot, Vectors, text_of
from broadsheet.index.sample import centred
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.model import Aspect, Paper
from broadsheet.rank import aspects
from broadsheet.rank.aspects import Read

# How deep each list goes, and over how many of its best a score is standardised.
_DEPTH: Final = 200
_TERMS: Final = 40  # of a paper, the most telling: more take longer and find no better
_IN_ASPECT: Final = 100  # the best as whole papers, of which the sentences are looked at

# An encoder that knows less of the archive than this would offer only what it happens to know.
_ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A similar paper: ``score`` orders the list, ``cosine`` is the plain closeness of the two vectors."""

    id: PaperId
    score: float
    cosine: float | None  # None where one of the two has no vector


def similar(
    snapshot: Snapshot,
    paper: Paper,
    *,
    encoders: Sequence[Encoder],
    by: Aspect | None = None,
    read: Read | None = None,
    words: Mapping[str, float] | None = None,
    k: int = 10,
) -> tuple[Neighbour, ...]:
    """The k papers most like one, best first, ties by id; by words alone where it has no vector.

    ``encoders`` are tried in order: the first that knows the paper and half of the archive, else
    the first that knows the paper. ``by`` an aspect, the sentences of the candidates decide as well:
    ``read`` gives the papers of ids, and the last encoder makes vectors where the index has none.
    ``words`` are the paper's as ``telling`` gives them, where somebody has them already.
    """
    depth = max(_DEPTH, k + 1)
    encoder, vector = _known(snapshot, paper.id, encoders)
    near: tuple[Scored, ...] = ()
    if encoder and vector is not None:
        sample = snapshot.sample(encoder=encoder)
        direction = centred(vector[np.newaxis], sample.mean)[0]
        near = snapshot.vectors(direction, encoder=encoder, k=depth)
    shared = snapshot.by_stems(telling(snapshot, text_of(paper)) if words is None else words, k=depth)
    ids = sorted({scored.id for scored in (*near, *shared)} - {paper.id})
    if not ids:
        return ()
    scores = standardised(_listed(ids, shared, full=depth))
    cosines: dict[PaperId, float] = {}
    if encoder and vector is not None:
        known, vectors = snapshot.vectors_of(ids, encoder=encoder)
        cosines = dict(zip(known, (vectors @ vector).tolist(), strict=True))
        seen = centred(vectors, sample.mean)
        # The surroundings of the paper that was asked about are the same for all, so they are left out.
        corrected = standardised(2 * (seen @ direction) - sample.surroundings(known, seen))
        scores += _placed(ids, known, corrected)
    order = np.argsort(-scores, kind="stable")  # ids ascend, so ties stay in their order
    ids, scores = [ids[n] for n in order.tolist()], scores[order]
    if by is not None:
        scores[:_IN_ASPECT] += _in_aspect(
            snapshot, paper, ids[:_IN_ASPECT], by=by, encoders=encoders, read=read
        )
        # Whoever was not looked at again stays behind.
        lead = scores[_IN_ASPECT:].max(initial=-np.inf) - scores[:_IN_ASPECT].min()
        scores[_IN_ASPECT:] -= max(0.0, lead)
    found = [
        Neighbour(id, float(score), cosines.get(id)) for id, score in zip(ids, scores.tolist(), strict=True)
    ]
    return tuple(sorted(found, key=lambda n: (-n.score, n.id))[:k])


def _in_aspect(
    snapshot: Snapshot,
    paper: Paper,
    ids: Sequence[PaperId],
    *,
    by: Aspect,
    encoders: Sequence[Encoder],
    read: Read | None,
) -> Vectors:
    """What is added to the scores of papers for being like one in an aspect; 0 where that is not known."""
    added = np.zeros(len(ids), dtype=np.float32)
    if texts := aspects.texts_of(paper, by):
        shared = snapshot.by_stems(telling(snapshot, " ".join(texts)), k=_DEPTH)
        added += standardised(_listed(ids, shared, full=_DEPTH))
    if read is not None:
        near, rows = aspects.closeness(snapshot, paper, ids, by=by, encoders=encoders, read=read)
        added[rows] += standardised(near[rows])
    return added


def telling(snapshot: Snapshot, text: str, *, most: int = _TERMS) -> Mapping[str, float]:
    """The stems of a text that tell most (by tf·idf), each weighing the root of how often it stands there."""
    counts = Counter(
        token.stem
        for token in snapshot.analyse(text)
        if token.stem not in STOP_WORDS and text[token.start : token.end].lower() not in STOP_WORDS
    )
    frequencies = snapshot.frequencies(counts)
    papers = snapshot.generation.papers
    weights = {stem: float(np.sqrt(count)) for stem, count in counts.items()}
    worth = {
        stem: weight * np.log(1 + (papers - frequencies[stem] + 0.5) / (frequencies[stem] + 0.5))
        for stem, weight in weights.items()
        if frequencies[stem]
    }
    return {stem: weights[stem] for stem in sorted(worth, key=lambda stem: (-worth[stem], stem))[:most]}


def standardised(scores: Vectors) -> Vectors:
    """Scores less the mean of the best of them, by their standard deviation; 0 where they are all one.

    >>> standardised(np.array([1.0, 3.0])).tolist()
    [-1.0, 1.0]
    """
    if not len(scores):
        return scores
    best = np.partition(scores, max(0, len(scores) - _DEPTH))[-_DEPTH:]
    spread = float(best.std())
    standard: Vectors = (scores - best.mean()) / (spread if spread > 1e-9 else 1.0)
    return standard


def _known(snapshot: Snapshot, id: PaperId, encoders: Sequence[Encoder]) -> tuple[str | None, Vectors | None]:
    """The encoder to compare by, and the paper's vector of it."""
    known = [(encoder.name, snapshot.vectors_of([id], encoder=encoder.name)[1]) for encoder in encoders]
    having = [(name, vectors[0]) for name, vectors in known if len(vectors) and vectors[0].any()]
    generation = snapshot.generation
    wide = [
        (name, vector)
        for name, vector in having
        if generation.encoders.get(name, 0) >= _ENOUGH * generation.papers
    ]
    return next(iter(wide or having), (None, None))


def _listed(ids: Sequence[PaperId], scored: Sequence[Scored], *, full: int) -> Vectors:
    """The scores of ids in a list; whoever is not in a list of ``full`` length is taken for its last."""
    scores = {each.id: each.score for each in scored}
    least = min(scores.values()) if len(scored) >= full else 0.0
    return np.array([scores.get(id, least) for id in ids], dtype=np.float32)


def _placed(ids: Sequence[PaperId], known: Sequence[PaperId], scores: Vectors) -> Vectors:
    """The scores of those that are known, the lowest of them for the others."""
    placed = dict(zip(known, scores.tolist(), strict=True))
    least = float(scores.min()) if len(scores) else 0.0
    return np.array([placed.get(id, least) for id in ids], dtype=np.float32)

"""Compare papers by the sentences that speak of one aspect. Knows the index by its contract, no store.

The sentences of an aspect count whole, the title and the other sentences a little, as they say what
the aspect is of: "we train it on pairs" means little by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Snapshot, Vectors
from broadsheet.index.encode import sentences
from broadsheet.model import Aspect, Paper, Sentence

Read = Callable[[Sequence[PaperId]], Mapping[PaperId, Paper]]

_OTHERS: Final = 0.3  # what the title and sentences of other aspects count
# Papers whose sentences are encoded where the index has no vectors of them, which takes its time.
_UNREAD: Final = 20
# Vectors of sentences that fewer of the papers have say little about which of them is nearest.
_ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """The sentences of two papers that say most nearly the same, both of one aspect."""

    aspect: Aspect
    one: Sentence
    other: Sentence
    cosine: float


@dataclass(frozen=True, slots=True)
class _Sentences:
    """Titles and sentences of several papers, one paper after the other."""

    vectors: Vectors  # (m, dim), of unit length
    starts: NDArray[np.int64]  # where each paper begins, and where the last ends
    kinds: NDArray[np.uint8]  # what each is, as ``sentences.ASPECTS`` numbers it


def texts_of(paper: Paper, aspect: Aspect) -> list[str]:
    """The sentences of a paper's abstract that speak of an aspect."""
    return [paper.abstract[s.start : s.end] for s in paper.derived.sentences if s.aspect is aspect]


def closeness(
    snapshot: Snapshot,
    paper: Paper,
    ids: Sequence[PaperId],
    *,
    by: Aspect,
    encoders: Sequence[Encoder],
    read: Read,
) -> tuple[Vectors, NDArray[np.intp]]:
    """How near each paper's sentences are to those of one in an aspect, and the rows for which that is known.

    It is the mean cosine of title and sentences to the mean of the one's. It is known of papers that
    have a sentence of the aspect, if the one has; where the index has no vectors of sentences, only of
    the first few, of which titles and sentences of the aspect are then read and encoded. Where it is not
    known the value is 0.
    """
    near = np.zeros(len(ids), dtype=np.float32)
    if not texts_of(paper, by):
        return near, np.zeros(0, dtype=np.intp)
    rows, found = _kept(snapshot, paper, ids, encoders) or _made(paper, ids, by, encoders[-1], read)
    weights = np.where(found.kinds == sentences.ASPECTS.index(by), 1.0, _OTHERS).astype(np.float32)
    ours = slice(found.starts[0], found.starts[1])
    direction = weights[ours] @ found.vectors[ours]
    direction /= max(float(np.linalg.norm(direction)), 1e-12)
    if not rows:
        return near, np.zeros(0, dtype=np.intp)
    begins = found.starts[1:-1]  # no paper is without a title, so each has a row of its own
    shares = np.add.reduceat(weights * (found.vectors @ direction), begins)
    shares /= np.add.reduceat(weights, begins)
    known = np.maximum.reduceat(weights, begins) == 1
    places = np.array(rows, dtype=np.intp)[known]
    near[places] = shares[known]
    return near, places


def vectors_of(
    snapshot: Snapshot, papers: Sequence[Paper], *, encoders: Sequence[Encoder], by: Aspect | None = None
) -> list[Vectors]:
    """For each paper the unit vectors of its title and its sentences, in their order.

    They are of the first encoder whose vectors the index has for all of these papers as they are now;
    else the last makes them, but only of what ``nearest_pair`` compares: the others are zero.
    """
    ids = [paper.id for paper in papers]
    lengths = [1 + len(paper.derived.sentences) for paper in papers]
    for encoder in encoders:
        details = snapshot.details_of(ids, name=sentences.name_of(encoder))
        present = [each for each in details if each is not None]
        if len(present) == len(ids):
            vectors, starts, _ = sentences.decode(present, code=sentences.code_of(encoder))
            if np.diff(starts).tolist() == lengths:
                return np.split(vectors, starts[1:-1])
    kinds = [kind for paper in papers for kind in (None, *(s.aspect for s in paper.derived.sentences))]
    texts = [text for paper in papers for text in sentences.texts_of(paper)]
    rows = [row for row, kind in enumerate(kinds) if kind is not None and _compared(kind, by)]
    made = np.zeros((len(texts), encoders[-1].dim), dtype=np.float32)
    made[rows] = encoders[-1].encode([texts[row] for row in rows])
    return np.split(made, np.cumsum(lengths)[:-1])


def nearest_pair(
    one: Paper, other: Paper, vectors: Vectors, others: Vectors, *, by: Aspect | None = None
) -> Pair | None:
    """The two sentences nearest to each other among those of the same aspect; None where there are none.

    ``vectors`` and ``others`` are those of title and sentences. What is told of the surroundings (where the
    code is, say) is not compared.
    """
    best: Pair | None = None
    cosines = vectors[1:] @ others[1:].T
    for n, sentence in enumerate(one.derived.sentences):
        if not _compared(sentence.aspect, by):
            continue
        for m, against in enumerate(other.derived.sentences):
            if sentence.aspect is against.aspect and (best is None or cosines[n, m] > best.cosine):
                best = Pair(sentence.aspect, sentence, against, float(cosines[n, m]))
    return best


def _compared(aspect: Aspect, by: Aspect | None) -> bool:
    """Whether sentences of an aspect are set against each other, ``by`` being the one asked for."""
    return aspect is by if by is not None else aspect is not Aspect.OTHER


def _kept(
    snapshot: Snapshot, paper: Paper, ids: Sequence[PaperId], encoders: Sequence[Encoder]
) -> tuple[Sequence[int], _Sentences] | None:
    """The sentences that the index has vectors of, the paper's own first; None where it has too few."""
    for encoder in encoders:
        ours, *theirs = snapshot.details_of([paper.id, *ids], name=sentences.name_of(encoder))
        found = [(row, each) for row, each in enumerate(theirs) if each is not None]
        if ours is not None and len(found) >= _ENOUGH * len(ids):
            decoded = sentences.decode([ours, *(each for _, each in found)], code=sentences.code_of(encoder))
            return [row for row, _ in found], _Sentences(*decoded)
    return None


def _made(
    paper: Paper, ids: Sequence[PaperId], by: Aspect, encoder: Encoder, read: Read
) -> tuple[Sequence[int], _Sentences]:
    """Titles and sentences of the aspect of the first few, encoded, the paper's own first."""
    few = ids[:_UNREAD]
    papers = read(few)
    rows = [row for row, id in enumerate(few) if id in papers]
    texts = [[each.title, *texts_of(each, by)] for each in (paper, *(papers[few[row]] for row in rows))]
    number = sentences.ASPECTS.index(by)
    kinds = [0 if place == 0 else number for each in texts for place in range(len(each))]
    return rows, _Sentences(
        encoder.encode([text for each in texts for text in each]),
        np.cumsum([0, *map(len, texts)], dtype=np.int64),
        np.array(kinds, dtype=np.uint8),
    )

"""The second stage: score the best candidates again by what is too dear to ask of every paper.

Four things are added to the merged score. *Late interaction* over word pieces (``late``); the
query's nearness to single *sentences*: a claim or a method is mostly one sentence of an abstract, which
the vector of the whole blurs; of a query that is itself sentences, how well the words of one of them
are met: a pasted paragraph speaks of several things, and hardly a paper of all; and of a query of two or three
words, how well words that go with them are (``related``). Knows the index by its contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Filter, PieceEncoder, Snapshot, Vectors
from broadsheet.index.encode import sentences
from broadsheet.index.encode.pieces import unpack
from broadsheet.rank.fuse import Fused, scaled
from broadsheet.rank.late import max_sim
from broadsheet.rank.similar import telling
from broadsheet.text.sentences import split

# How many candidates are scored again: the first fifty would do nearly as well, two hundred no better.
CANDIDATES: Final = 100

# Beside the merged score, which counts 1. Chosen on SciFact's training claims; right on npl_vaswani, cacm
# and acm_cr as well: see docs/design/ranking.md.
PIECES: Final = 0.3
SENTENCES: Final = 0.4

# Chosen on the first of every two of acm_cr's paragraphs, right on the others; shorter questions gain
# nothing by it, for half of their sentences only say that somebody asks.
ASKED_SENTENCES: Final = 0.4
_PARAGRAPH: Final = 40  # words
_SAYS_SOMETHING: Final = 4  # words of a sentence that is looked for by itself
_DEPTH: Final = 100  # of each sentence's list

# Chosen on pairs and triples of words of titles, over papers of arXiv without their titles; right on others.
RELATED: Final = 0.6

_NOTHING: Final = np.zeros(0, dtype=np.uint8)

# A paper's nearness is the mean of its so many nearest sentences.
_NEAREST: Final = 2


def by_pieces(
    snapshot: Snapshot, text: str, candidates: Sequence[Fused], *, encoder: PieceEncoder
) -> Vectors | None:
    """Late interaction of the query with each candidate, scaled to 0…1; None where nothing is known."""
    found = snapshot.details_of([c.id for c in candidates], name=encoder.pieces_name)
    if all(each is None for each in found):
        return None
    table = encoder.table()
    papers = unpack([_NOTHING if each is None else each for each in found])
    # Bytes are checked in the background only: a damaged number must not end a search.
    papers = [each[each < len(table)] for each in papers]
    (asked,) = encoder.pieces([text])
    scores = max_sim(asked, papers, table=table, units=encoder.units())
    return _scaled(scores, known=np.array([len(p) > 0 for p in papers]))


def by_sentences(
    snapshot: Snapshot, query: Vectors, candidates: Sequence[Fused], *, encoder: Encoder
) -> Vectors | None:
    """Nearness of the query to each candidate's nearest sentences, scaled to 0…1; None where nothing is known."""
    found = snapshot.details_of([c.id for c in candidates], name=sentences.name_of(encoder))
    known = np.array([each is not None for each in found])
    if known.sum() < len(found) / 2:
        return None
    details = [each for each in found if each is not None]
    cosines, starts = sentences.similarities(details, query, code=sentences.code_of(encoder))
    scores = np.zeros(len(found), dtype=np.float32)
    scores[known] = _mean_of_nearest(cosines, starts)
    return _scaled(scores, known=known)


def _mean_of_nearest(cosines: Vectors, starts: NDArray[np.int64]) -> Vectors:
    """For each paper, whose sentences' cosines begin at ``starts``, the mean of its nearest; 0 where it has none."""
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    order = np.lexsort((-cosines, owner))  # the sentences of each paper stay together, now the nearest first
    first = np.arange(len(cosines)) - starts[owner] < _NEAREST
    sums = np.bincount(owner[first], weights=cosines[order][first], minlength=len(starts) - 1)
    means: Vectors = (sums / np.clip(np.diff(starts), 1, _NEAREST)).astype(np.float32)
    return means


def by_asked_sentences(
    snapshot: Snapshot, text: str, candidates: Sequence[Fused], *, filter: Filter
) -> Vectors | None:
    """The best score of each candidate by the words of a single sentence of the query, 0…1.

    Scores are scaled within each sentence's list; a sentence whose best paper scores low counts less. None
    for a query that is not a paragraph.
    """
    if len(text.split()) <= _PARAGRAPH:
        return None
    said = [text[start:end] for start, end in split(text)]
    said = [sentence for sentence in said if len(sentence.split()) >= _SAYS_SOMETHING]
    if len(said) < 2:
        return None
    lists = [
        snapshot.by_stems(telling(snapshot, sentence), k=_DEPTH, filter=filter, titles=True)
        for sentence in said
    ]
    highest = max((scored[0].score for scored in lists if scored), default=0.0)
    best: dict[PaperId, float] = {}
    for scored in lists:
        tells = sqrt(scored[0].score / highest) if highest > 0 and scored else 0.0
        for id, score in scaled(scored).items():
            best[id] = max(tells * score, best.get(id, 0.0))
    return np.array([best.get(candidate.id, 0.0) for candidate in candidates], dtype=np.float32)


def again(
    candidates: Sequence[Fused],
    *,
    pieces: Vectors | None = None,
    near: Vectors | None = None,
    asked: Vectors | None = None,
    related: Vectors | None = None,
) -> tuple[Fused, ...]:
    """The candidates in their new order, scores 0…1 as before; ties by id.

    What is added is as ``by_pieces``, ``by_sentences``, ``by_asked_sentences`` and ``related.by_related`` give it.
    """
    total = 1.0 + (PIECES if pieces is not None else 0.0) + (SENTENCES if near is not None else 0.0)
    total += ASKED_SENTENCES if asked is not None else 0.0
    total += RELATED if related is not None else 0.0
    shares = np.array([candidate.words_share for candidate in candidates])
    scores = np.array([candidate.score for candidate in candidates])
    words = scores * shares
    if pieces is not None:
        scores, words = scores + PIECES * pieces, words + PIECES / 2 * pieces
    if near is not None:
        scores = scores + SENTENCES * near
    if asked is not None:
        scores, words = scores + ASKED_SENTENCES * asked, words + ASKED_SENTENCES * asked
    if related is not None:
        # Words that were not asked for are neither: they count to both as the merged lists do.
        scores, words = scores + RELATED * related, words + RELATED * related * shares
    shares = np.divide(words, scores, out=shares, where=scores > 0)
    ids = [candidate.id for candidate in candidates]
    found = sorted(zip((-scores / total).tolist(), ids, shares.tolist(), strict=True))
    return tuple([Fused(id, -negative, share) for negative, id, share in found])


def _scaled(scores: Vectors, *, known: NDArray[np.bool_]) -> Vectors:
    """Scores with the best at 1 and the worst at 0; what is not known stands at the mean of what is."""
    low, high = float(scores[known].min()), float(scores[known].max())
    scaled = (scores - low) / (high - low) if high > low else np.zeros_like(scores)
    scaled[~known] = scaled[known].mean()
    return scaled

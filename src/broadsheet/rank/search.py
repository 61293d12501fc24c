"""Answer a query by words and by meaning. Knows the index by its contract, no store, no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, PieceEncoder, Scored, Snapshot, Vectors, Words
from broadsheet.rank import rerank, senses
from broadsheet.rank.fuse import Fused, average
from broadsheet.rank.query import ParsedQuery
from broadsheet.rank.related import by_related

# How deep each list goes before they are merged. It grows in steps, not with every page, because
# scores are scaled within the lists; what a deeper step finds is put after what the step before gave,
# so that no paper is on two pages and none between them.
_DEPTHS: Final = (200, 1000, 5000)

# The words' part of the score, beside the fast encoder's vectors and beside the better one's. Chosen on
# SciFact's training claims, and right on its test claims, npl_vaswani and cacm; see bench/.
WORDS_BESIDE_FAST: Final = 0.8
WORDS_BESIDE_BETTER: Final = 0.5

# Fewer papers with both kinds of vectors do not say how to translate one score into the other.
_PAIRS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The answer to a query, best first."""

    hits: tuple[Fused, ...]
    total: int  # papers that match by words, or are here by meaning
    words: Words  # as searched, mended spellings included
    encoder: str | None  # whose vectors were used, the better ones if any; None: words only
    coverage: float  # share of the archive that has those vectors
    vector: Vectors | None = None  # the query in the fast encoder's eyes
    better_vector: Vectors | None = None  # and in the better one's, where that was asked
    notes: tuple[str, ...] = ()


def search(
    snapshot: Snapshot,
    query: ParsedQuery,
    *,
    fast: Encoder | None = None,
    better: Encoder | None = None,
    k: int = 20,
    weight: float | None = None,
    with_sentences: bool = True,
) -> Ranked:
    """The k papers that answer a query best, or the newest that pass its filter where it asks only that.

    ``fast`` has (nearly) every paper's vector, ``better`` perhaps only some; without both, words
    alone decide. ``weight`` is the words' part of the score, without a second stage; None leaves it to
    what is known of the encoders; ``with_sentences`` false leaves sentences out, to measure what they
    bring. Excluded words and phrases bind both lists: who quotes a phrase wants
    papers that hold it, also by meaning.
    """
    words, text, notes = _mended(snapshot, senses.read(snapshot, query))
    if not text:
        by_words = snapshot.words(words, k=k, filter=query.filter)
        hits = tuple(Fused(scored.id, 0.0, 1.0) for scored in by_words[:k])
        total = snapshot.count(words, filter=query.filter)
        return Ranked(hits=hits, total=total, words=words, encoder=None, coverage=0.0, notes=notes)
    asked = replace(query, words=words, free_text=text)
    merged: dict[PaperId, Fused] = {}
    for depth in (*(d for d in _DEPTHS if d < k), next((d for d in _DEPTHS if d >= k), k)):
        by_words = snapshot.words(words, k=depth, filter=query.filter)
        meaning = _meaning(snapshot, asked, fast=fast, better=better, depth=depth)
        share = meaning.coverage if better is not None and meaning.encoder == better.name else 0.0
        fused = average(by_words, meaning.scored, weight=words_weight(share) if weight is None else weight)
        if not merged and weight is None:
            fused = _again(
                snapshot, asked, fused, meaning, fast=fast, better=better if with_sentences else None
            )
        further = [hit for hit in fused if hit.id not in merged]
        merged |= {hit.id: hit for hit in further[: depth - len(merged)]}
    total = snapshot.count(words, filter=query.filter)  # after they were looked for, when it is known
    return Ranked(
        hits=tuple(merged.values())[:k],
        total=max(total, len(fused)),
        words=words,
        encoder=meaning.encoder,
        coverage=meaning.coverage,
        vector=meaning.vector,
        better_vector=meaning.better_vector,
        notes=notes,
    )


def _again(
    snapshot: Snapshot,
    query: ParsedQuery,
    fused: tuple[Fused, ...],
    meaning: _Meaning,
    *,
    fast: Encoder | None,
    better: Encoder | None,
) -> tuple[Fused, ...]:
    """The merged list with its first candidates scored again and the others after them."""
    first, rest = fused[: rerank.CANDIDATES], fused[rerank.CANDIDATES :]
    if len(first) < 2:
        return fused
    pieces = near = None
    if isinstance(fast, PieceEncoder):
        pieces = rerank.by_pieces(snapshot, query.free_text, first, encoder=fast)
    if better is not None and meaning.better_vector is not None:
        near = rerank.by_sentences(snapshot, meaning.better_vector, first, encoder=better)
    asked = rerank.by_asked_sentences(snapshot, query.free_text, first, filter=query.filter)
    related = by_related(snapshot, query, first)
    again = rerank.again(first, pieces=pieces, near=near, asked=asked, related=related)
    last = again[-1].score
    return (*again, *(Fused(hit.id, min(hit.score, last), hit.words_share) for hit in rest))


def words_weight(coverage: float) -> float:
    """The words' part of the score while the better encoder knows a share of the archive.

    It falls slowly at first: a list of half measured and half translated scores is hardly better
    than the fast one, as measured at 20, 50 and 80 per cent.
    """
    return WORDS_BESIDE_FAST + (WORDS_BESIDE_BETTER - WORDS_BESIDE_FAST) * coverage**2


@dataclass(frozen=True, slots=True)
class _Meaning:
    scored: tuple[Scored, ...] = ()
    encoder: str | None = None
    coverage: float = 0.0
    vector: Vectors | None = None
    better_vector: Vectors | None = None


def _meaning(
    snapshot: Snapshot, query: ParsedQuery, *, fast: Encoder | None, better: Encoder | None, depth: int
) -> _Meaning:
    """The papers nearest in meaning, by the better vectors as far as there are any.

    While the better encoder catches up, papers that it has not seen yet compete by a translated
    score: a line fitted, for this query, over the papers nearest by the fast vectors that have both.
    A fitted line pulls towards the mean, so a guess seldom overtakes a measurement that is clearly
    better.
    """
    covered = _coverage(snapshot, better)
    quick = _encoded(fast, query) if fast else None
    if better is not None and (covered == 1 or (fast is None and covered)):
        slow = _encoded(better, query)
        by_better = _nearest(snapshot, query, slow, better, depth)
        return _Meaning(by_better, better.name, covered, quick, slow)
    if fast is None or quick is None or not (known := _coverage(snapshot, fast)):
        return _Meaning()
    by_fast = _nearest(snapshot, query, quick, fast, depth)
    alone = _Meaning(by_fast, fast.name, known, quick)
    if better is None or not covered:
        return alone
    slow = _encoded(better, query)
    by_better = _nearest(snapshot, query, slow, better, depth)
    ids = sorted({s.id for s in (*by_fast, *by_better)})
    measured = _scores_of(snapshot, ids, slow, better)
    # Papers of the better list were chosen by the very score that is to be foretold, so a line
    # over them would lie.
    both = [s for s in by_fast if s.id in measured]
    if len(both) < _PAIRS:
        return alone
    slope, offset = _line([s.score for s in both], [measured[s.id] for s in both])
    scores = {s.id: offset + slope * s.score for s in by_fast} | measured
    merged = sorted((Scored(id, score) for id, score in scores.items()), key=lambda s: (-s.score, s.id))
    return _Meaning(tuple(merged[:depth]), better.name, covered, quick, slow)


def _encoded(encoder: Encoder, query: ParsedQuery) -> Vectors:
    vector: Vectors = encoder.encode([query.free_text])[0]
    return vector


def _nearest(
    snapshot: Snapshot, query: ParsedQuery, vector: Vectors, encoder: Encoder, depth: int
) -> tuple[Scored, ...]:
    return snapshot.vectors(vector, encoder=encoder.name, k=depth, filter=query.filter, words=query.words)


def _scores_of(
    snapshot: Snapshot, ids: Sequence[PaperId], vector: Vectors, encoder: Encoder
) -> dict[PaperId, float]:
    known, vectors = snapshot.vectors_of(ids, encoder=encoder.name)
    return dict(zip(known, np.einsum("nd,d->n", vectors, vector).tolist(), strict=True)) if known else {}


def _line(xs: Sequence[float], ys: Sequence[float]) -> tuple[float, float]:
    """Slope and offset of the least-squares line; level where it would fall."""
    x, y = np.array(xs), np.array(ys)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = max(0.0, float(((x - x.mean()) * (y - y.mean())).sum()) / spread) if spread else 0.0
    return slope, float(y.mean() - slope * x.mean())


def _coverage(snapshot: Snapshot, encoder: Encoder | None) -> float:
    generation = snapshot.generation
    if encoder is None or not generation.papers:
        return 0.0
    return generation.encoders.get(encoder.name, 0) / generation.papers


def _mended(snapshot: Snapshot, query: ParsedQuery) -> tuple[Words, str, tuple[str, ...]]:
    """The words made to fit the archive, the text with what was probably meant in place, and notes of it.

    A phrase that no paper has would leave nothing to show, so its words are searched instead.
    """
    words, text, notes = query.words, query.free_text, list(query.notes)
    for phrase in words.phrases:
        if not snapshot.count(Words(phrases=(phrase,))):
            kept = tuple(p for p in words.phrases if p != phrase)
            words = replace(words, phrases=kept, terms=(*words.terms, *phrase.split()))
            notes.append(
                f"No paper has the words “{phrase}” next to each other; they were searched one by one."
            )
    for term in dict.fromkeys(words.terms):
        if (meant := snapshot.suggestion(term)) is not None:
            words = replace(words, terms=(*words.terms, meant))
            text = re.sub(rf"(?<!\w){re.escape(term)}(?!\w)", meant, text)
            notes.append(f"“{term}” is hardly used here; “{meant}” was searched as well.")
    return words, text, tuple(notes)

"""Answer what is like a paper: lists of ids become hits with reasons. Knows no page and no database."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, PieceEncoder, Snapshot, Vectors, text_of
from broadsheet.library.views import Hit, Likeness, Reason
from broadsheet.model import Aspect, Paper
from broadsheet.rank import aspects
from broadsheet.rank.similar import Neighbour, telling
from broadsheet.rank.similar import similar as ranked
from broadsheet.store.contract import Store

# More than asked for are ranked, as some are folded into others.
_SPARE: Final = 6

# Two papers that are nearer than this and have the better part of their titles in common have one text.
_ONE_TEXT: Final = 0.92
_ONE_TITLE: Final = 0.5
_WORD: Final = re.compile(r"\w+")
# Years, parts and dimensions: what tells papers of one series apart.
_ORDINAL: Final = re.compile(r"\w*\d\w*|i{1,3}|iv|vi{0,3}|ix|x", re.ASCII)

_QUOTED: Final = 160  # letters of a sentence in a reason
_NAMED: Final = 3  # shared words there
# How long the fast encoder's vector of a word must be for the word to be named. The encoder learnt lengths from
# all of arXiv, where an archive of a few papers takes "usually" for rare: "above" .5, "usually" .7, "model" .75,
# "learning" .9, "network" 1.0, "galaxy" 1.4, "tensor" 1.8.
_TELLS: Final = 0.8


def similar(
    paper: Paper,
    *,
    snapshot: Snapshot,
    store: Store,
    fast: Encoder,
    better: Encoder | None,
    limit: int,
    by: Aspect | None = None,
) -> tuple[Hit, ...]:
    """The papers most like one, or most like it in one aspect; those of nearly the same text as one hit."""
    encoders = [encoder for encoder in (better, fast) if encoder is not None]
    words = telling(snapshot, text_of(paper))
    kept, papers = _near(
        paper, snapshot=snapshot, store=store, encoders=encoders, by=by, words=words, k=limit + _SPARE
    )
    hits = [
        Hit(
            paper=papers[first.id],
            score=first.score,
            words_share=0.0,
            also=tuple(n.id for n in rest),
            reason=_NONE,
        )
        for first, *rest in _folded(kept, papers, snapshot=snapshot, encoder=fast)
    ][:limit]
    near = {neighbour.id: neighbour for neighbour in kept}
    return tuple(_reasoned(paper, words, hits, near, snapshot=snapshot, encoders=encoders, by=by))


def earlier(
    paper: Paper, *, snapshot: Snapshot, store: Store, fast: Encoder, better: Encoder | None, among: int
) -> tuple[Paper, ...]:
    """Of the ``among`` papers most like one those announced before it, likest first; one of those of one text."""
    encoders = [encoder for encoder in (better, fast) if encoder is not None]
    kept, papers = _near(paper, snapshot=snapshot, store=store, encoders=encoders, k=among)
    firsts = [papers[first.id] for first, *_ in _folded(kept, papers, snapshot=snapshot, encoder=fast)]
    before = paper.day or date.max
    return tuple(one for one in firsts if one.day is not None and one.day < before)


def _near(
    paper: Paper,
    *,
    snapshot: Snapshot,
    store: Store,
    encoders: Sequence[Encoder],
    by: Aspect | None = None,
    words: Mapping[str, float] | None = None,
    k: int,
) -> tuple[list[Neighbour], Mapping[PaperId, Paper]]:
    """The neighbours of a paper, and these as the store has them."""
    found = ranked(snapshot, paper, encoders=encoders, by=by, read=store.get_many, words=words, k=k)
    # Papers folded or deleted since the generation was made are passed over.
    papers = {
        id: other for id, other in store.get_many([n.id for n in found]).items() if other.id == id != paper.id
    }
    return [neighbour for neighbour in found if neighbour.id in papers], papers


def _folded(
    found: Sequence[Neighbour], papers: Mapping[PaperId, Paper], *, snapshot: Snapshot, encoder: Encoder
) -> list[list[Neighbour]]:
    """The neighbours in their order, each with those after it that have nearly the same text."""
    known, vectors = snapshot.vectors_of([n.id for n in found], encoder=encoder.name)
    cosines = vectors @ vectors.T
    rows = {id: row for row, id in enumerate(known)}
    groups: list[list[Neighbour]] = []
    for neighbour in found:
        for group in groups:
            pair = (rows.get(group[0].id), rows.get(neighbour.id))
            cosine = float(cosines[pair]) if None not in pair else 0.0
            if cosine >= _ONE_TEXT and _one_title(papers[group[0].id], papers[neighbour.id]):
                group.append(neighbour)
                break
        else:
            groups.append([neighbour])
    return groups


def _one_title(one: Paper, other: Paper) -> bool:
    """Whether two titles have most words in common, and no number, part or year tells them apart."""
    first, second = (set(_WORD.findall(paper.title.casefold())) for paper in (one, other))
    numbered = {word for word in first ^ second if _ORDINAL.fullmatch(word)}
    return not numbered and len(first & second) >= _ONE_TITLE * len(first | second)


def _reasoned(
    paper: Paper,
    words: Mapping[str, float],
    hits: Sequence[Hit],
    near: Mapping[PaperId, Neighbour],
    *,
    snapshot: Snapshot,
    encoders: Sequence[Encoder],
    by: Aspect | None,
) -> list[Hit]:
    """The hits with the sentences that are most alike, the telling words they share, and both in a reason."""
    ours, *theirs = aspects.vectors_of(
        snapshot, [paper, *(hit.paper for hit in hits)], encoders=encoders, by=by
    )
    held = [_spelt(words, text_of(hit.paper), snapshot) for hit in hits]
    tell = _telling({word for each in held for word in each}, encoders[-1])
    reasoned = []
    for hit, vectors, common in zip(hits, theirs, held, strict=True):
        other = hit.paper
        shared = tuple(word for word in common if word in tell)[:_NAMED]
        cosine = near[other.id].cosine
        likeness = _likeness(paper, other, ours, vectors, by=by)
        text = _opening(paper, other, cosine, likeness, by=by)
        if shared:
            text += f"; both speak of {', '.join(f'“{word}”' for word in shared)}"
        if hit.also:
            text += f"; nearly the same text: {', '.join(map(str, hit.also))}"
        reasoned.append(
            replace(
                hit,
                matched=shared,
                sentence=likeness.there if likeness else None,
                aspect=likeness.aspect if likeness else None,
                likeness=likeness,
                reason=Reason("similar", text),
            )
        )
    return reasoned


def _spelt(stems: Collection[str], text: str, snapshot: Snapshot) -> list[str]:
    """Those of these stems that a text has, in their order, as they stand there first."""
    held: dict[str, str] = {}
    for token in snapshot.analyse(text, only=stems):
        held.setdefault(token.stem, text[token.start : token.end])
    return [held[stem] for stem in stems if len(held.get(stem, "")) > 2]


def _telling(words: Collection[str], encoder: Encoder) -> Collection[str]:
    """Those of these words that tell something wherever they stand; all, where the encoder does not know."""
    if not isinstance(encoder, PieceEncoder):
        return words
    table, asked = encoder.table(), sorted(words)
    pieces = encoder.pieces(asked)
    return {
        word
        for word, each in zip(asked, pieces, strict=True)
        if np.linalg.norm(table[each].sum(axis=0)) >= _TELLS
    }


def _likeness(
    paper: Paper, other: Paper, ours: Vectors, theirs: Vectors, *, by: Aspect | None
) -> Likeness | None:
    pair = aspects.nearest_pair(paper, other, ours, theirs, by=by)
    if pair is None:
        return None
    sentence = paper.abstract[pair.one.start : pair.one.end]
    return Likeness(pair.aspect, sentence, (pair.other.start, pair.other.end), pair.cosine)


def _opening(
    paper: Paper, other: Paper, cosine: float | None, likeness: Likeness | None, *, by: Aspect | None
) -> str:
    """How the two are alike: as texts, in a pair of sentences, or in meaning as wholes."""
    if cosine is not None and cosine >= _ONE_TEXT and _one_title(paper, other):
        return "nearly the same text as this paper"
    if likeness is None:
        if by is not None:
            return f"as a whole: no sentence of its {by.value} to compare"
        return "by words" if cosine is None else f"{_closeness(cosine)} in meaning"
    return f"{_closeness(likeness.cosine)} in {likeness.aspect.value} to “{_short(likeness.here)}”"


def _closeness(cosine: float) -> str:
    return "very close" if cosine >= 0.75 else "close" if cosine >= 0.5 else "near"


def _short(sentence: str) -> str:
    """A sentence, cut between words where it is long."""
    if len(sentence) <= _QUOTED:
        return sentence
    return f"{sentence[:_QUOTED].rsplit(' ', 1)[0].rstrip(' ,;:')} …"


_NONE: Final = Reason("similar", "")

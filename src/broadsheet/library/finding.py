"""Answer searches: the rankers' lists become hits with papers and reasons. Knows no page and no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Filter, Snapshot, Vectors
from broadsheet.index.encode import sentences
from broadsheet.index.fields import keys_of
from broadsheet.library.facets import FACETED, count_facets
from broadsheet.library.views import Hit, Reason, Results
from broadsheet.model import Paper
from broadsheet.rank import explain, matches, query, relevance
from broadsheet.rank import search as ranking
from broadsheet.rank.fuse import Fused
from broadsheet.rank.matches import Found, Sought
from broadsheet.rank.mending import mend
from broadsheet.rank.search import Ranked
from broadsheet.store.contract import Store

# So far down the line is looked for, and never further than is shown. Who finds a hundred papers that
# answer does not miss it.
_LOOKED: Final = 100

# A list by meaning may be longer than what matches by words only while it is this short.
_SHORT: Final = 10_000


def search(
    text: str,
    *,
    snapshot: Snapshot,
    store: Store,
    fast: Encoder,
    better: Encoder | None,
    filter: Filter,
    today: date,
    limit: int,
    offset: int,
    facets: bool = False,
) -> Results:
    """The papers that answer a query, best first."""
    parsed = mend(query.parse(text, today=today), snapshot)
    parsed = replace(parsed, filter=filter.narrowed(parsed.filter))
    seen = max(offset + limit + relevance.PATIENCE, FACETED if facets else 0)
    ranked = ranking.search(snapshot, parsed, fast=fast, better=better, k=seen)
    papers = store.get_many([fused.id for fused in ranked.hits])
    # A paper that left since the generation was made is passed over.
    page = [fused for fused in ranked.hits[offset : offset + limit] if fused.id in papers]
    wanted = matches.sought(
        ranked.words,
        analyse=snapshot.analyse,
        frequencies=snapshot.frequencies,
        papers=snapshot.generation.papers,
        suggest=snapshot.suggestion,
    )

    @cache
    def found(id: PaperId) -> Found:
        return _found(wanted, papers[id], snapshot)

    shown = {fused.id: papers[fused.id] for fused in page}
    near = _nearness(
        wanted,
        shown,
        {id: found(id) for id in shown},
        snapshot=snapshot,
        ranked=ranked,
        fast=fast,
        better=better,
    )
    looked = min(offset + limit + relevance.PATIENCE, _LOOKED)
    first = [fused.id for fused in ranked.hits[:looked]]
    cosines = _cosines(snapshot, ranked, first, fast=fast) if wanted.weights else {}

    def answers(id: PaperId) -> bool:
        if id not in papers:
            return False
        cosine, encoder = cosines.get(id, (None, None))
        told = relevance.evidence(wanted, found(id), papers[id].derived.sentences, cosine=cosine)
        return relevance.answers(told, encoder=encoder)

    ended = len(ranked.hits) <= looked and len(ranked.hits) < seen
    above = relevance.line(map(answers, first), ended=ended) if wanted.weights else None

    def hit(place: int, fused: Fused) -> Hit:
        paper = papers[fused.id]
        relevant = (above is None or place < above) if wanted.weights else None
        why = explain.explain(
            wanted,
            found(fused.id),
            title=paper.title,
            abstract=paper.abstract,
            sentences=paper.derived.sentences,
            words_share=fused.words_share,
            nearness=near.get(fused.id),
            loose=relevant is False,
        )
        return Hit(
            paper=paper,
            score=fused.score,
            words_share=fused.words_share,
            matched=why.matched,
            sentence=why.sentence,
            aspect=why.aspect,
            relevant=relevant,
            reason=Reason(why.kind, why.text),
        )

    return Results(
        query=text,
        filter=parsed.filter,
        hits=tuple(hit(place, fused) for place, fused in enumerate(page, start=offset)),
        offset=offset,
        total=ranked.total,
        by_words=_by_words(snapshot, ranked, parsed.filter),
        above=above,
        facets=count_facets([papers[f.id] for f in ranked.hits[:FACETED] if f.id in papers])
        if facets
        else None,
        encoder=ranked.encoder,
        coverage=ranked.coverage,
        notes=ranked.notes,
        generation=snapshot.generation,
    )


def _by_words(snapshot: Snapshot, ranked: Ranked, filter: Filter) -> int:
    if ranked.vector is None or ranked.total > _SHORT:
        return ranked.total
    return snapshot.count(ranked.words, filter=filter)


def _cosines(
    snapshot: Snapshot, ranked: Ranked, ids: Sequence[PaperId], *, fast: Encoder
) -> Mapping[PaperId, tuple[float, str]]:
    """Each paper's cosine to the query and whose it is: the better encoder's where it knows the paper."""
    found: dict[PaperId, tuple[float, str]] = {}
    for name, vector in ((fast.name, ranked.vector), (ranked.encoder, ranked.better_vector)):
        if name is not None and vector is not None:
            known, vectors = snapshot.vectors_of(ids, encoder=name)
            if known:
                found |= {
                    id: (cosine, name) for id, cosine in zip(known, (vectors @ vector).tolist(), strict=True)
                }
    return found


def _found(wanted: Sought, paper: Paper, snapshot: Snapshot) -> Found:
    return matches.find(
        wanted,
        title=paper.title,
        abstract=paper.abstract,
        authors=[author.name for author in paper.record.authors],
        keys=tuple(keys_of(paper)),
        acronyms=paper.derived.acronyms,
        analyse=snapshot.analyse,
    )


def _nearness(
    wanted: Sought,
    papers: Mapping[PaperId, Paper],
    found: Mapping[PaperId, Found],
    *,
    snapshot: Snapshot,
    ranked: Ranked,
    fast: Encoder,
    better: Encoder | None,
) -> Mapping[PaperId, Mapping[int, float]]:
    """The cosines of sentences to the query: all of a paper's where the index has their vectors.

    Else those of the sentences that may answer best, encoded now, all papers' at once.
    """
    near = _kept_nearness(snapshot, papers, better, ranked.better_vector)
    if ranked.vector is None:
        return near
    places = [
        (id, place)
        for id, paper in papers.items()
        if id not in near and len(few := explain.contenders(wanted, found[id], paper.derived.sentences)) > 1
        for place in few
    ]
    parts = [(papers[id].abstract, papers[id].derived.sentences[place]) for id, place in places]
    vectors = fast.encode([abstract[s.start : s.end] for abstract, s in parts])
    for (id, place), cosine in zip(places, (vectors @ ranked.vector).tolist(), strict=True):
        near.setdefault(id, {})[place] = cosine
    return near


def _kept_nearness(
    snapshot: Snapshot, papers: Mapping[PaperId, Paper], better: Encoder | None, query: Vectors | None
) -> dict[PaperId, dict[int, float]]:
    if better is None or query is None:
        return {}
    details = snapshot.details_of(list(papers), name=sentences.name_of(better))
    known = {id: rows for id, rows in zip(papers, details, strict=True) if rows is not None}
    cosines, starts = sentences.similarities(list(known.values()), query, code=sentences.code_of(better))
    near: dict[PaperId, dict[int, float]] = {}
    for id, (start, end) in zip(known, pairwise(starts.tolist()), strict=True):
        # The first is the title's; a text that changed since the generation was made is cut otherwise.
        if end - start == len(papers[id].derived.sentences) + 1:
            near[id] = dict(enumerate(cosines[start + 1 : end].tolist()))
    return near

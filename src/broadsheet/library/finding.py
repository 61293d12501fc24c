"""Answer searches: the rankers' lists become hits with papers and reasons. Knows no page and no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

from broadsheet.index.contract import Encoder, Filter, Snapshot, text_of
from broadsheet.library.views import Hit, Reason, Results
from broadsheet.model import Paper
from broadsheet.rank import explain, query
from broadsheet.rank import search as ranking
from broadsheet.rank import similar as neighbourhood
from broadsheet.rank.fuse import Fused
from broadsheet.rank.mending import mend
from broadsheet.store.contract import Store


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
) -> Results:
    """The papers that answer a query, best first."""
    parsed = mend(query.parse(text, today=today), snapshot)
    parsed = replace(parsed, filter=filter.narrowed(parsed.filter))
    ranked = ranking.search(snapshot, parsed, fast=fast, better=better, k=offset + limit)
    page = ranked.hits[offset:]
    papers = store.get_many([fused.id for fused in page])
    wanted = explain.sought(
        ranked.words,
        analyse=snapshot.analyse,
        frequencies=snapshot.frequencies,
        papers=snapshot.generation.papers,
    )

    def hit(fused: Fused, paper: Paper) -> Hit:
        why = explain.explain(
            wanted,
            title=paper.title,
            abstract=paper.abstract,
            sentences=paper.derived.sentences,
            authors=[author.name for author in paper.record.authors],
            words_share=fused.words_share,
            analyse=snapshot.analyse,
            query_vector=ranked.vector,
            encode=fast.encode if ranked.vector is not None else None,
        )
        return Hit(
            paper=paper,
            score=fused.score,
            words_share=fused.words_share,
            matched=why.matched,
            sentence=why.sentence,
            reason=Reason(why.kind, why.text),
        )

    return Results(
        query=text,
        filter=parsed.filter,
        # A paper that left since the generation was made is passed over.
        hits=tuple(hit(fused, papers[fused.id]) for fused in page if fused.id in papers),
        offset=offset,
        total=ranked.total,
        encoder=ranked.encoder,
        coverage=ranked.coverage,
        notes=ranked.notes,
        generation=snapshot.generation,
    )


def similar(
    paper: Paper, *, snapshot: Snapshot, store: Store, fast: Encoder, better: Encoder | None, limit: int
) -> tuple[Hit, ...]:
    """The papers nearest in meaning to one."""
    encoders = [encoder.name for encoder in (better, fast) if encoder is not None]
    found = neighbourhood.similar(snapshot, paper.id, encoders=encoders, k=limit)
    papers = store.get_many([n.id for n in found])
    analyse = cache(snapshot.analyse)  # the paper itself is read once, not once for each neighbour
    hits = []
    for neighbour in found:
        other = papers.get(neighbour.id)
        # Papers folded or deleted since the generation was made are passed over.
        if other is None or other.id == paper.id:
            continue
        shared = explain.shared_words(
            text_of(paper), text_of(other), analyse=analyse, frequencies=snapshot.frequencies
        )
        both = f"; both speak of {', '.join(f'“{word}”' for word in shared)}" if shared else ""
        hits.append(
            Hit(
                paper=other,
                score=neighbour.score,
                words_share=0.0,
                matched=shared,
                reason=Reason("similar", f"{_closeness(neighbour.cosine)} in meaning{both}"),
            )
        )
    return tuple(hits)


def _closeness(cosine: float) -> str:
    return "very close" if cosine >= 0.75 else "close" if cosine >= 0.5 else "near"

"""How good lists of similar papers are, where a collection says what is similar to what.

The queries of such a collection are papers of its own (CSFCube: Mysore et al. 2021), judged by
facet: similar in background, in method, in result. The product is asked for its list of whole papers
and for its list in the facet's aspect; beside them stand BM25 with the paper as the query, and plain
cosine. Knows the index by its contract, and names no backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from broadsheet.errors import InputError
from broadsheet.evaluate import hubs
from broadsheet.evaluate.collections import Collection, Query
from broadsheet.evaluate.indexed import document_of
from broadsheet.evaluate.retrieval import Report, judge
from broadsheet.index.contract import Encoder, Scored, Snapshot, text_of
from broadsheet.model import Aspect, Paper
from broadsheet.rank.similar import Neighbour, similar, telling

METRICS = ("ndcg%20", "ndcg@10", "map", "recall@100", "mrr")

_ALL: Final = 1_000_000  # words of a paper: no limit

# The aspects by the names that collections have for facets.
ASPECTS: Final = {"background": Aspect.PROBLEM, "method": Aspect.METHOD, "result": Aspect.RESULT}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarReport:
    """Similar papers by words alone, by plain cosine, and as the product lists them.

    The reports are there where the collection has queries made of papers.
    """

    hubs: hubs.HubReport
    words: Report | None = None
    cosine: Report | None = None
    product: Report | None = None  # as wholes, whatever the facet
    aspects: Report | None = None  # in the facet's aspect; as wholes where the facet is none

    @property
    def quality(self) -> tuple[Report, ...]:
        """The reports that there are."""
        return tuple(r for r in (self.words, self.cosine, self.product, self.aspects) if r is not None)


def evaluate_similar(
    collection: Collection,
    snapshot: Snapshot,
    papers: Sequence[Paper],
    *,
    encoders: Sequence[Encoder],
    sample: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SimilarReport:
    """Hubs among all documents, and the quality of the lists of those that queries are made of.

    ``papers`` are the collection's documents in their order; ``encoders`` are as ``similar`` takes them,
    and the first is the one whose cosine is measured. For quality the product is asked for the whole
    collection in order, because the judged pool is ranked alone. Raises InputError where a query's
    paper is not in the corpus.
    """
    held = {paper.id: paper for paper in papers}
    encoder = encoders[0].name
    whole = len(papers)

    def product(paper: Paper, k: int, by: Aspect | None = None) -> tuple[Neighbour, ...]:
        return similar(
            snapshot,
            paper,
            encoders=encoders,
            by=by,
            read=lambda ids: {id: held[id] for id in ids if id in held},
            k=k,
        )

    report = hubs.evaluate_hubs(
        snapshot,
        list(held),
        encoder=encoder,
        listed=lambda paper, k: [hit.id for hit in product(held[paper], k)],
        sample=sample,
        progress=progress,
    )
    asked = tuple(query for query in collection.queries if query.paper is not None)
    if not asked:
        return SimilarReport(hubs=report)
    of = {document.id: paper for document, paper in zip(collection.documents, papers, strict=True)}
    if missing := sorted({query.paper for query in asked if query.paper is not None} - of.keys()):
        raise InputError(f"{collection.name}: the query paper {missing[0]!r} is no document of the corpus")

    def judged(name: str, lists: Callable[[Query, Paper], Sequence[Scored | Neighbour]]) -> Report:
        answers = {
            query.id: [
                (document_of(collection, hit.id), hit.score) for hit in lists(query, of[query.paper or ""])
            ]
            for query in asked
        }
        return judge(replace(collection, queries=asked), answers, name=name, metrics=METRICS)

    def by_words(_: Query, paper: Paper) -> Sequence[Scored]:
        return snapshot.by_stems(telling(snapshot, text_of(paper), most=_ALL), k=whole)

    def by_cosine(_: Query, paper: Paper) -> Sequence[Scored]:
        _known, vectors = snapshot.vectors_of([paper.id], encoder=encoder)
        return snapshot.vectors(vectors[0], encoder=encoder, k=whole) if len(vectors) else ()

    return SimilarReport(
        hubs=report,
        words=judged("words", by_words),
        cosine=judged("cosine", by_cosine),
        product=judged("product", lambda _, paper: product(paper, whole)),
        aspects=judged("aspects", lambda query, paper: product(paper, whole, ASPECTS.get(query.facet or ""))),
    )

"""How good lists of similar papers are, where a collection says what is similar to what.

The queries of such a collection are papers of its own (CSFCube: Mysore et al. 2021), judged by
facet. The product has one list for a paper, whatever the facet; that is what is judged. Knows the
index by its contract, and names no backend.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from broadsheet.errors import InputError
from broadsheet.evaluate import hubs
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.indexed import document_of, paper_ids
from broadsheet.evaluate.retrieval import Report, judge
from broadsheet.ids import PaperId
from broadsheet.index.contract import Snapshot
from broadsheet.rank.similar import similar

METRICS = ("ndcg%20", "ndcg@10", "map", "recall@100", "mrr")


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarReport:
    """Similar papers by plain cosine and as the product lists them.

    The two reports are there where the collection has queries made of papers.
    """

    hubs: hubs.HubReport
    cosine: Report | None = None
    product: Report | None = None


def evaluate_similar(
    collection: Collection,
    snapshot: Snapshot,
    *,
    encoder: str,
    sample: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SimilarReport:
    """Hubs among all documents, and the quality of the lists of those that queries are made of.

    For quality the product's own ``similar`` is asked for the whole collection in order, because the
    judged pool is ranked alone. Raises InputError where a query's paper is not in the corpus.
    """
    ids = paper_ids(collection)
    report = hubs.evaluate_hubs(snapshot, ids, encoder=encoder, sample=sample, progress=progress)
    asked = replace(
        collection, queries=tuple(query for query in collection.queries if query.paper is not None)
    )
    papers = {query.paper for query in asked.queries if query.paper is not None}
    if not papers:
        return SimilarReport(hubs=report)
    places = dict(zip((document.id for document in collection.documents), ids, strict=True))
    if missing := sorted(papers - places.keys()):
        raise InputError(f"{collection.name}: the query paper {missing[0]!r} is no document of the corpus")

    def judged(name: str, lists: Callable[[PaperId], Sequence[tuple[PaperId, float]]]) -> Report:
        found = {
            paper: [(document_of(collection, id), score) for id, score in lists(places[paper])]
            for paper in sorted(papers)
        }
        answers = {query.id: found[query.paper] for query in asked.queries if query.paper is not None}
        return judge(asked, answers, name=name, metrics=METRICS)

    def by_cosine(id: PaperId) -> list[tuple[PaperId, float]]:
        _, vectors = snapshot.vectors_of([id], encoder=encoder)
        if not len(vectors):
            return []
        nearest = snapshot.vectors(vectors[0], encoder=encoder, k=len(ids))
        return [(each.id, each.score) for each in nearest if each.id != id]

    def by_product(id: PaperId) -> list[tuple[PaperId, float]]:
        return [(hit.id, hit.score) for hit in similar(snapshot, id, encoders=[encoder], k=len(ids))]

    return SimilarReport(
        hubs=report, cosine=judged("cosine", by_cosine), product=judged("product", by_product)
    )

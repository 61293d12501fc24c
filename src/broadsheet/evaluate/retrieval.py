"""Ask a search every question of a collection, and report. Knows a search only as a function.

A search is ``(query text, k) -> (document id, score) pairs, best first``. The order given is the
order judged. See ``evaluate.indexed`` for the product's own search and ``evaluate.dense`` for bare vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from broadsheet.errors import InputError
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.intervals import Interval, bootstrap
from broadsheet.evaluate.metrics import metric

Searcher = Callable[[str, int], Sequence[tuple[str, float]]]

METRICS = ("ndcg@10", "map", "recall@100", "mrr@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How well a search did: each metric's value for each query, and what was found."""

    collection: str
    search: str
    queries: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]  # metric name: one value a query, in their order
    found: Mapping[str, tuple[tuple[str, float], ...]]  # query id: documents and scores, best first

    def mean(self, name: str) -> float:
        """The metric's mean over the queries."""
        return float(np.mean(self.values[name]))

    def interval(self, name: str, *, seed: int = 0) -> Interval:
        """The 95 % bootstrap interval of the metric's mean."""
        return bootstrap(self.values[name], seed=seed)


def evaluate_retrieval(
    collection: Collection,
    search: Searcher,
    *,
    name: str,
    metrics: Sequence[str] = METRICS,
    depth: int = 1000,
) -> Report:
    """Ask every query for ``depth`` documents and judge the answers.

    A query made of a paper is not answered by that paper: it is left out of the ranking. Metrics of the judged
    pool (``ndcg%20``) need a ``depth`` of the whole collection. Raises InputError where a document
    comes twice in one answer.
    """
    measures = {each: metric(each) for each in metrics}
    values: dict[str, list[float]] = {each: [] for each in metrics}
    found: dict[str, tuple[tuple[str, float], ...]] = {}
    for query in collection.queries:
        answer = search(query.text, depth + (query.paper is not None))
        kept = tuple((id, score) for id, score in answer if id != query.paper)[:depth]
        ranking = [id for id, _ in kept]
        if len(set(ranking)) != len(ranking):
            raise InputError(f"{name} gave a document twice for query {query.id!r} of {collection.name}")
        for each, measure in measures.items():
            values[each].append(measure(ranking, collection.grades[query.id]))
        found[query.id] = kept
    return Report(
        collection=collection.name,
        search=name,
        queries=tuple(query.id for query in collection.queries),
        values={each: tuple(numbers) for each, numbers in values.items()},
        found=found,
    )


def by_facet(collection: Collection, report: Report, name: str) -> dict[str, float]:
    """The metric's mean for each facet that the collection's queries name."""
    groups: dict[str, list[float]] = {}
    for query, value in zip(collection.queries, report.values[name], strict=True):
        if query.facet is not None:
            groups.setdefault(query.facet, []).append(value)
    return {facet: float(np.mean(values)) for facet, values in sorted(groups.items())}


def write_run(report: Report, file: TextIO) -> None:
    """Write what was found as a TREC run: query, Q0, document, rank, score, name of the search.

    trec_eval orders by score in single precision and ignores the rank, so a score that does not
    fall is lowered to the next smaller one: it then judges the order that we judged.
    """
    tag = "-".join(report.search.split()) or "run"
    for query in report.queries:
        last = np.float32(np.inf)
        for rank, (document, score) in enumerate(report.found[query], start=1):
            last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
            file.write(f"{query} Q0 {document} {rank} {last!s} {tag}\n")

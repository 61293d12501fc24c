"""Ask a search every question of a collection, and report. Knows a search only as a function.

A search is ``(query text, k) -> (document id, score) pairs, best first``. The order given is the
order judged. See ``evaluate.indexed`` for the product's own search and ``evaluate.dense`` for bare vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import numpy as np

from broadsheet.errors import InputError
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.intervals import Difference, Interval, bootstrap, compare
from broadsheet.evaluate.metrics import metric

Searcher = Callable[[str, int], Sequence[tuple[str, float]]]
Found = Mapping[str, Sequence[tuple[str, float]]]  # query id: documents and scores, best first

METRICS = ("ndcg@10", "map", "recall@100", "mrr")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How well a search did: each metric's value for each query, and what was found."""

    collection: str
    search: str
    queries: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]]  # metric name: one value a query, in their order
    found: Found

    def mean(self, name: str) -> float:
        """The metric's mean over the queries."""
        return float(np.mean(self.values[name]))

    def interval(self, name: str, *, seed: int = 0) -> Interval:
        """The 95 % bootstrap interval of the metric's mean."""
        return bootstrap(self.values[name], seed=seed)

    def against(self, other: Report, name: str, *, seed: int = 0) -> Difference:
        """How much better this search is than another over the same queries, in the metric."""
        if self.queries != other.queries:
            raise InputError(
                f"{self.search} and {other.search} answered other queries; they cannot be paired"
            )
        return compare(self.values[name], other.values[name], seed=seed)


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
    found = {}
    for query in collection.queries:
        answer = search(query.text, depth + (query.paper is not None))
        found[query.id] = [(id, score) for id, score in answer if id != query.paper][:depth]
    return judge(collection, found, name=name, metrics=metrics)


def judge(collection: Collection, found: Found, *, name: str, metrics: Sequence[str] = METRICS) -> Report:
    """The report on answers already given, in their order; a query without an answer scores 0.

    Raises InputError where a document comes twice in one answer.
    """
    measures = {each: metric(each) for each in metrics}
    values: dict[str, list[float]] = {each: [] for each in metrics}
    kept: dict[str, tuple[tuple[str, float], ...]] = {}
    for query in collection.queries:
        kept[query.id] = tuple((id, score) for id, score in found.get(query.id, ()) if id != query.paper)
        ranking = [id for id, _ in kept[query.id]]
        if len(set(ranking)) != len(ranking):
            raise InputError(f"{name} gave a document twice for query {query.id!r} of {collection.name}")
        for each, measure in measures.items():
            values[each].append(measure(ranking, collection.grades[query.id]))
    return Report(
        collection=collection.name,
        search=name,
        queries=tuple(query.id for query in collection.queries),
        values={each: tuple(numbers) for each, numbers in values.items()},
        found=kept,
    )


def by_facet(collection: Collection, report: Report, name: str) -> dict[str, float]:
    """The metric's mean for each facet that the collection's queries name."""
    groups: dict[str, list[float]] = {}
    for query, value in zip(collection.queries, report.values[name], strict=True):
        if query.facet is not None:
            groups.setdefault(query.facet, []).append(value)
    return {facet: float(np.mean(values)) for facet, values in sorted(groups.items())}


def of_facet(collection: Collection, report: Report, facet: str) -> Report:
    """The report on the queries of one facet alone."""
    facets = {query.id: query.facet for query in collection.queries}
    rows = [n for n, query in enumerate(report.queries) if facets[query] == facet]
    return replace(
        report,
        queries=tuple(report.queries[n] for n in rows),
        values={name: tuple(values[n] for n in rows) for name, values in report.values.items()},
    )


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


def read_run(path: Path, collection: Collection) -> Found:
    """What a TREC run says was found for the collection's queries, in the order that trec_eval sees.

    That is by falling score in single precision, ties by falling document id; the ranks in the file
    are not looked at. Raises InputError, with file and line, for what is not a run, and where it
    answers none of the queries.
    """
    found: dict[str, list[tuple[str, float]]] = {query.id: [] for query in collection.queries}
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                match line.split():
                    case [query, _, document, _, score, *_] if _is_number(score):
                        if query in found:
                            found[query].append((document, float(np.float32(score))))
                    case []:
                        pass
                    case _:
                        raise InputError(
                            f"{path}:{number}: expected a line of a TREC run (query Q0 document rank score tag), "
                            f"got {line[:60].strip()!r}"
                        )
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the run {path}: {error}") from error
    if not any(found.values()):
        raise InputError(f"{path} answers no query of {collection.name}")
    for answers in found.values():
        answers.sort(key=lambda each: (each[1], each[0]), reverse=True)
    return found


def _is_number(text: str) -> bool:
    try:
        return not np.isnan(float(text))
    except ValueError:
        return False

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import indexed
from broadsheet.evaluate.collections import Collection, Document, Query
from broadsheet.evaluate.hubs import evaluate_hubs, nearest_lists, occurrence
from broadsheet.evaluate.similar import evaluate_similar
from broadsheet.ids import PaperId
from broadsheet.index.contract import Snapshot, Vectors
from broadsheet.index.local import LocalIndex
from broadsheet.model import Derived, Paper, Record
from broadsheet.rank.similar import similar

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class _Leaning:
    """Random vectors that all lean one way, as those of a narrow archive do, some more than others."""

    name = "leaning"
    dim = 24

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.stack([np.random.default_rng(int(text.split()[-1])).normal(size=24) for text in texts])
        vectors[:, 0] += 4
        unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _published(folder: Path, *, papers: int, queries: tuple[Query, ...] = ()) -> tuple[Collection, Snapshot]:
    documents = tuple(Document(f"d{n}", "", str(n)) for n in range(papers))
    grades = {query.id: {f"d{n}": n % 3 for n in range(0, papers, 2)} for query in queries}
    collection = Collection("leaning", documents, queries, grades)
    snapshot = indexed.publish(
        collection,
        LocalIndex(folder),
        derive=_derived,
        encoders=(_Leaning(),),
        now=_NOW,
    )
    return collection, snapshot


def _derived(record: Record) -> Derived:
    return Derived(title=record.title, abstract=record.abstract)


def _papers(collection: Collection) -> tuple[Paper, ...]:
    return tuple(indexed.papers_of(collection, derive=_derived, now=_NOW))


def _listed(collection: Collection, snapshot: Snapshot) -> Callable[[PaperId, int], list[PaperId]]:
    papers = {p.id: p for p in _papers(collection)}
    return lambda paper, k: [hit.id for hit in similar(snapshot, papers[paper], encoders=(_Leaning(),), k=k)]


def test_cosine_lists_are_the_nearest_without_the_paper_itself() -> None:
    angles = np.array([0.0, 0.1, 0.3, 0.7, 1.5, 3.1])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    plain = nearest_lists(vectors, asked=np.arange(6), k=2)
    assert plain.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1], [3, 2], [4, 3]]


def test_correction_takes_hubs_away(tmp_path: Path) -> None:
    collection, snapshot = _published(tmp_path, papers=600)
    report = evaluate_hubs(
        snapshot, indexed.paper_ids(collection), encoder="leaning", listed=_listed(collection, snapshot)
    )
    assert (report.papers, report.lists, report.k) == (600, 600, 10)
    assert report.product.skewness < report.cosine.skewness / 2
    assert report.product.largest < report.cosine.largest
    assert report.product.never < report.cosine.never


def test_sample_makes_fewer_lists_over_all_papers(tmp_path: Path) -> None:
    collection, snapshot = _published(tmp_path, papers=100)
    report = evaluate_hubs(
        snapshot,
        indexed.paper_ids(collection),
        encoder="leaning",
        listed=_listed(collection, snapshot),
        sample=30,
    )
    assert (report.papers, report.lists) == (100, 30)
    assert report.cosine.largest_share == pytest.approx(report.cosine.largest / 30)


def test_occurrence_by_hand() -> None:
    # Counts 3, 1, 0, 0: mean 1, third moment (8 - 1 - 1) / 4 = 1.5, variance (4 + 1 + 1) / 4 = 1.5.
    found = occurrence(np.array([[0], [0], [0], [1]]), papers=4)
    assert found.skewness == pytest.approx(1.5 / 1.5**1.5)
    assert (found.largest, found.largest_share, found.never) == (3, 0.75, 0.5)


def test_even_spread_has_no_skewness() -> None:
    assert occurrence(np.array([[1], [2], [0]]), papers=3).skewness == 0.0


def test_too_few_papers_are_said(tmp_path: Path) -> None:
    collection, snapshot = _published(tmp_path, papers=11)
    with pytest.raises(InputError, match="11 papers with a vector are too few for lists of 10"):
        evaluate_hubs(
            snapshot, indexed.paper_ids(collection), encoder="leaning", listed=_listed(collection, snapshot)
        )


def test_lists_of_query_papers_are_judged_without_the_paper_itself(tmp_path: Path) -> None:
    queries = (
        Query("a", "3", facet="method", paper="d3"),
        Query("b", "3", facet="result", paper="d3"),
        Query("c", "8"),
    )
    collection, snapshot = _published(tmp_path, papers=40, queries=queries)
    report = evaluate_similar(collection, snapshot, _papers(collection), encoders=(_Leaning(),))
    assert report.product is not None
    assert report.cosine is not None
    assert report.product.queries == ("a", "b")
    assert len(report.product.found["a"]) == 39
    assert "d3" not in [id for id, _ in report.product.found["a"]]
    assert report.product.values["recall@100"] == (1.0, 1.0)


def test_query_paper_that_is_no_document_is_said(tmp_path: Path) -> None:
    collection, snapshot = _published(tmp_path, papers=40, queries=(Query("a", "x", paper="lost"),))
    with pytest.raises(InputError, match="'lost' is no document"):
        evaluate_similar(collection, snapshot, _papers(collection), encoders=(_Leaning(),))

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import collections
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.retrieval import Searcher, by_facet, evaluate_retrieval, write_run


@pytest.fixture
def collection(fruit: Path) -> Collection:
    return collections.load(fruit)


def _always(*answer: tuple[str, float]) -> Searcher:
    return lambda query, k: answer[:k]


def test_means_are_over_the_judged_queries(collection: Collection) -> None:
    search = _always(("pear", 3.0), ("plum", 2.0), ("apple", 1.0))
    report = evaluate_retrieval(collection, search, name="fixed", metrics=("mrr", "recall@1"))
    # q1: plum is second. q2 is made of pear, which goes, so plum comes first.
    assert report.values["mrr"] == (0.5, 1.0)
    assert report.mean("recall@1") == pytest.approx(0.5)
    assert report.queries == ("q1", "q2")


def test_place_of_the_querys_own_paper_is_filled_by_the_next(collection: Collection) -> None:
    search = _always(("pear", 3.0), ("apple", 2.0), ("plum", 1.0))
    report = evaluate_retrieval(collection, search, name="fixed", metrics=("recall@2",), depth=2)
    assert report.found["q2"] == (("apple", 2.0), ("plum", 1.0))


def test_document_given_twice_is_refused(collection: Collection) -> None:
    with pytest.raises(InputError, match="twice for query 'q1'"):
        evaluate_retrieval(collection, _always(("plum", 2.0), ("plum", 1.0)), name="fixed")


def test_facets_are_averaged_apart(collection: Collection) -> None:
    report = evaluate_retrieval(collection, _always(("plum", 1.0)), name="fixed", metrics=("mrr",))
    assert by_facet(collection, report, "mrr") == {"method": 1.0}


def test_interval_holds_the_mean_and_repeats(collection: Collection) -> None:
    report = evaluate_retrieval(
        collection, _always(("pear", 3.0), ("plum", 2.0)), name="fixed", metrics=("mrr",)
    )
    interval = report.interval("mrr")
    assert interval.low <= report.mean("mrr") <= interval.high
    assert interval == report.interval("mrr")


def test_run_lines_keep_the_order_when_trec_eval_sorts_by_score(collection: Collection) -> None:
    search = _always(("apple", 1.0), ("plum", 1.0), ("pear", 1.0))
    report = evaluate_retrieval(collection, search, name="all one", metrics=("mrr",))
    file = io.StringIO()
    write_run(report, file)
    rows = [line.split() for line in file.getvalue().splitlines()]
    assert [row[:4] for row in rows if row[0] == "q1"] == [
        ["q1", "Q0", "apple", "1"],
        ["q1", "Q0", "plum", "2"],
        ["q1", "Q0", "pear", "3"],
    ]
    scores = [np.float32(row[4]) for row in rows if row[0] == "q1"]
    assert scores[0] > scores[1] > scores[2]
    assert {row[5] for row in rows} == {"all-one"}

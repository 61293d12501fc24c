from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import collections
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.retrieval import (
    Report,
    Searcher,
    by_facet,
    evaluate_retrieval,
    judge,
    read_run,
    write_run,
)


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


def _stored(report: Report, path: Path) -> Path:
    with path.open("w") as file:
        write_run(report, file)
    return path


def test_run_that_was_written_is_judged_the_same_when_read(collection: Collection, tmp_path: Path) -> None:
    search = _always(("pear", 1.0), ("plum", 1.0), ("apple", 0.5))
    report = evaluate_retrieval(collection, search, name="fixed")
    found = read_run(_stored(report, tmp_path / "fixed.run"), collection)
    again = judge(collection, found, name="read")
    assert again.values == report.values
    assert report.against(again, "mrr").by.mean == 0


def test_run_is_read_as_trec_eval_reads_it(collection: Collection, tmp_path: Path) -> None:
    run = tmp_path / "other.run"
    run.write_text("q1 Q0 apple 1 0.5 x\nq1 Q0 pear 2 0.7 x\nq1 Q0 plum 3 0.5 x\n\nq9 Q0 pear 1 1 x\n")
    found = read_run(run, collection)
    assert [id for id, _ in found["q1"]] == ["pear", "plum", "apple"]
    assert judge(collection, found, name="other").queries == ("q1", "q2")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("q1 Q0 apple\n", "x.run:1: expected a line of a TREC run"),
        ("q1 Q0 apple 1 0.5 x\nq1 Q0 plum 2 high x\n", "x.run:2: expected"),
        ("q7 Q0 apple 1 0.5 x\n", "answers no query of small"),
    ],
)
def test_file_that_is_no_run_is_refused(collection: Collection, tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "x.run").write_text(text)
    with pytest.raises(InputError, match=says):
        read_run(tmp_path / "x.run", collection)


def test_runs_are_scored_alike_by_trec_eval(tmp_path: Path) -> None:
    trec = pytest.importorskip("pytrec_eval", reason="pytrec-eval-terrier is not installed")
    random = np.random.default_rng(5)
    ids = [f"d{n:02}" for n in range(40)]
    queries = tuple(collections.Query(f"q{n}", str(n)) for n in range(12))
    grades = {
        query.id: {id: int(random.integers(-1, 4)) for id in random.choice(ids, 15, replace=False)}
        | {"d00": 1}
        for query in queries
    }
    collection = Collection("random", tuple(collections.Document(id, "", id) for id in ids), queries, grades)

    def search(query: str, k: int) -> list[tuple[str, float]]:
        order = np.random.default_rng(int(query)).permutation(ids)[:25]
        return [(str(id), float(3 - n // 4)) for n, id in enumerate(order)][:k]  # ties in fours

    names = {"ndcg@10": "ndcg_cut_10", "map": "map", "recall@100": "recall_100", "mrr": "recip_rank"}
    report = evaluate_retrieval(collection, search, name="random", metrics=tuple(names))
    lines = [line.split() for line in _stored(report, tmp_path / "r.run").read_text().splitlines()]
    run: dict[str, dict[str, float]] = {}
    for query_id, _, document, _, score, _ in lines:
        run.setdefault(query_id, {})[document] = float(score)
    theirs = trec.RelevanceEvaluator(grades, set(names.values())).evaluate(run)
    for name, trec_name in names.items():
        ours = dict(zip(report.queries, report.values[name], strict=True))
        assert ours == pytest.approx({query: value[trec_name] for query, value in theirs.items()}, abs=1e-9)

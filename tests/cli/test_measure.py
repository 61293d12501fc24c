"""What the commands that measure print, write and refuse, over a collection of forty documents."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

_KINDS = ("planets orbiting a distant star", "parsing sentences of many languages", "sorting lists in place")


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    folder = tmp_path / "kinds"
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": f"d{n}", "title": f"{_KINDS[n % 3]}, part {n}", "text": f"More on {_KINDS[n % 3]}."}
        for n in range(40)
    ]
    queries = [
        {"_id": f"q{n}", "text": kind, "paper": f"d{n}", "facet": "all"} for n, kind in enumerate(_KINDS)
    ]
    judgements = [f"q{n}\td{m}\t{int(m % 3 == n)}" for n in range(3) for m in range(40) if m != n]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus))
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in queries))
    (folder / "qrels" / "test.tsv").write_text("\n".join(judgements))
    return folder


def test_retrieval_is_measured_and_compared_with_its_own_run(
    run: Run, collection: Path, tmp_path: Path
) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    kept = tmp_path / "words.run"
    words = ("eval", "retrieval", str(collection), "--search", "words")
    first = json.loads(run(*words, "--run", str(kept), "--json", **cache).stdout)
    assert first["metrics"]["ndcg@10"]["mean"] == pytest.approx(1.0)
    assert first["facets"]["ndcg%20"] == {"all": pytest.approx(1.0)}
    assert set(first["per_query"]["mrr"]) == {"q0", "q1", "q2"}
    assert len(kept.read_text().splitlines()[0].split()) == 6
    second = json.loads(run(*words, "--against", str(kept), "--json", **cache).stdout)
    assert second["against"]["metrics"]["map"]["by"]["mean"] == 0
    said = run(
        "eval", "retrieval", str(collection), "--search", "fast", "--against", str(kept), **cache
    ).stdout
    assert "against words.run" in said


def test_wrong_run_is_refused_before_the_work(run: Run, collection: Path, tmp_path: Path) -> None:
    (tmp_path / "no.run").write_text("not a run\n")
    done = run("eval", "retrieval", str(collection), "--against", str(tmp_path / "no.run"), check=False)
    assert done.returncode == 2
    assert "no.run:1: expected a line of a TREC run" in done.stderr


def test_similar_papers_are_measured(run: Run, collection: Path, tmp_path: Path) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    found = json.loads(run("eval", "similar", str(collection), "--json", **cache).stdout)
    assert found["hubs"]["papers"] == 40
    assert list(found["quality"]) == ["words", "cosine", "product", "aspects"]
    assert found["quality"]["product"]["queries"] == 3
    for name in ("queries.jsonl", "qrels/test.tsv"):
        (collection / name).unlink()
    (collection / "corpus.jsonl").rename(collection / "papers.jsonl")
    said = run("eval", "similar", str(collection), "--sample", "20", **cache).stdout
    assert "kinds: 40 papers, 20 lists of 10" in said


def test_folder_that_is_no_collection_is_said(run: Run, tmp_path: Path) -> None:
    done = run("eval", "similar", str(tmp_path / "nowhere"), check=False)
    assert done.returncode == 2
    assert "is not a folder" in done.stderr

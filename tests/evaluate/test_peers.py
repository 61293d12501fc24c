"""Those we measure ourselves beside do find what they should; who is not installed is left out, aloud."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from bench import peers

from broadsheet.evaluate.collections import Collection, Document, Query

_SUBJECTS = ("galaxies", "parsing", "sorting", "proteins", "auctions", "knots", "lenses", "rivers")


@pytest.fixture
def subjects() -> Collection:
    documents = tuple(
        Document(f"{subject}-{n}", f"On {subject}", f"Theorem {n} about {subject} and nothing else")
        for n in range(10)
        for subject in _SUBJECTS[: 8 if n < 7 else 4]
    ) + tuple(Document(f"filler-{n}", f"Filler {n}", f"Padding number {n}") for n in range(60))
    queries = tuple(Query(subject, f"Is there anything on {subject}?") for subject in _SUBJECTS)
    grades = {
        subject: {each.id: 1 for each in documents if each.id.startswith(subject)} for subject in _SUBJECTS
    }
    return Collection("subjects", documents, queries, grades)


@pytest.mark.parametrize("name", peers.PEERS)
def test_every_peer_finds_the_subject(name: str, subjects: Collection, tmp_path: Path) -> None:
    for module in peers.NEEDS.get(name, ()):
        pytest.importorskip(module, reason=f"{module} is not installed: pip install 'broadsheet[bench]'")
    with peers.PEERS[name](subjects, tmp_path) as search:
        for query in subjects.queries:
            best = [id for id, _ in search(query.text, 5)]
            assert [id.partition("-")[0] for id in best] == [query.id] * 5


def test_latencies_are_ratios_to_tantivy(subjects: Collection, tmp_path: Path) -> None:
    rows = peers.compare(subjects, ["tantivy", "fts5"], cache=tmp_path)
    assert rows["tantivy"]["p50_ratio"] == 1
    assert rows["fts5"]["p50_ratio"] == pytest.approx(rows["fts5"]["p50_ms"] / rows["tantivy"]["p50_ms"])
    assert rows["fts5"]["ndcg@10"] == pytest.approx(1.0)


def test_peer_that_is_not_installed_is_said(
    subjects: Collection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if find_spec("bm25s") is not None:
        pytest.skip("bm25s is installed")
    rows = peers.compare(subjects, ["tantivy", "bm25s"], cache=tmp_path)
    assert set(rows) == {"tantivy"}
    assert "SKIPPED bm25s" in capsys.readouterr().err

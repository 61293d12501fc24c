"""What the commands of "For you" print, write and refuse."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

_KINDS = ("planets orbiting a distant star", "parsing sentences of many languages", "sorting lists in place")


def _lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _paper(n: int) -> dict[str, object]:
    kind = _KINDS[n % 3] if n < 30 else f"matter{n} seen through glass{n}"
    return {"_id": f"d{n}", "title": "" if n == 50 else f"{kind}, part {n}", "text": f"More on {kind}."}


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    library = _lines(tmp_path / "library.jsonl", [_paper(0), _paper(3)])
    candidates = _lines(tmp_path / "candidates.jsonl", [_paper(n) for n in range(60)])
    return "--library", str(library), "--candidates", str(candidates)


def test_candidates_are_ranked_with_reasons(run: Run, files: tuple[str, ...]) -> None:
    found = json.loads(run("rank", *files, "--limit", "5", "--json").stdout)
    assert [int(row["id"][1:]) % 3 for row in found["ranking"]] == [0] * 5
    assert not {"d0", "d3"} & {row["id"] for row in found["ranking"]}
    first = found["ranking"][0]
    assert {near["id"] for near in first["near"]} == {"d0", "d3"}
    assert "distant star" in {term["term"] for term in first["terms"]}
    assert [interest["papers"] for interest in found["interests"]] == [[*found["interests"][0]["papers"]]]
    assert first["interest"] == found["interests"][0]["key"]


def test_reasons_are_said_in_words(run: Run, files: tuple[str, ...]) -> None:
    said = run("rank", *files, "--limit", "3").stdout
    assert "like “planets orbiting a distant star, part" in said
    assert "; for " in said


def test_what_was_turned_down_sinks(run: Run, files: tuple[str, ...], tmp_path: Path) -> None:
    hidden = _lines(tmp_path / "hidden.jsonl", [_paper(1)])
    found = json.loads(run("rank", *files, "--negatives", str(hidden), "--limit", "99", "--json").stdout)
    assert [int(row["id"][1:]) % 3 for row in found["ranking"]][-7:] == [1] * 7


def test_library_of_another_kind_of_file_is_read(run: Run, files: tuple[str, ...], tmp_path: Path) -> None:
    bib = tmp_path / "kept.bib"
    bib.write_text("@article{a, title={Sorting lists in place}, author={Doe, Ann}, year={2020}}\n")
    found = json.loads(run("rank", "--library", str(bib), *files[2:], "--limit", "5", "--json").stdout)
    assert [int(row["id"][1:]) % 3 for row in found["ranking"]] == [2] * 5


def test_nothing_left_to_rank_is_said(run: Run, files: tuple[str, ...]) -> None:
    done = run("rank", *files[:2], "--candidates", files[1], check=False)
    assert done.returncode == 2
    assert "no paper that is not in the library already" in done.stderr


def test_readers_are_measured_and_compared_with_a_run(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "kinds"
    folder.mkdir()
    _lines(folder / "corpus.jsonl", [_paper(n) for n in range(60)])
    readers: list[dict[str, object]] = [
        {
            "reader": f"r{k}",
            "library": [f"d{k}", f"d{k + 3}"],
            "relevant": {f"d{n}": 1 + n % 2 for n in (k + 9, k + 12)},
        }
        for k in range(3)
    ]
    _lines(folder / "readers.jsonl", readers)
    kept = tmp_path / "words.run"
    run("eval", "recommend", str(folder), "--by", "words", "--run", str(kept))
    assert len(kept.read_text().splitlines()[0].split()) == 6
    found = json.loads(
        run("eval", "recommend", str(folder), "--against", str(kept), "--library", "1", "--json").stdout
    )
    assert set(found["per_query"]["ndcg@20"]) == {"r0", "r1", "r2"}
    assert found["metrics"]["recall@20"]["mean"] == 1
    assert found["against"]["search"] == "words.run"
    assert -1 <= found["weighted_tau"] <= 1
    said = run("eval", "recommend", str(folder), "--readers", "2").stdout
    assert "60 documents, 2 readers, profile" in said
    assert "weighted τ" in said

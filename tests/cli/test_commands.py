"""Commands do what their help says; what goes wrong ends in one sentence and a code that scripts can read."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

RECORDS = [
    {
        "_id": "2601.00001",
        "title": "Sparse Tensor Factorization at Scale",
        "text": "Tensor factorization is slow on sparse data. We propose STF, a sampling method that needs "
        "$O(n\\sqrt{m})$ time. It is ten times faster than the best rival. Code: https://github.com/example/stf.",
        "authors": ["Ada Lovelace", "Kurt Gödel"],
        "categories": ["cs.LG", "math.NA"],
        "announced": "2026-01-05",
    },
    {
        "_id": "2601.00002",
        "title": "A Survey of Bird Song",
        "text": "Bird song has been studied for a century. This survey reviews recordings of warblers.",
        "authors": ["Ada Lovelace"],
        "categories": ["q-bio.QM"],
        "announced": "2026-01-06",
    },
]


@pytest.fixture
def archive(run: Run, tmp_path: Path) -> Run:
    file = tmp_path / "papers.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in RECORDS))
    report = json.loads(run("import", str(file), "--json").stdout)
    assert (report["new"], report["rejected"]) == (2, 0)
    return run


def test_what_was_imported_is_found_shown_and_cited(archive: Run) -> None:
    results = json.loads(archive("search", "factorisation of tensors", "--json").stdout)
    first = results["hits"][0]
    assert first["id"] == "2601.00001"
    assert first["code"] == "https://github.com/example/stf"
    assert first["why"]["text"]
    shown = json.loads(archive("show", "2601.00001v3", "--json").stdout)
    assert "O(n√m)" in shown["abstract"]
    assert "$O(n\\sqrt{m})$" in shown["source"]["abstract"]
    assert [a["key"] for a in shown["authors"]] == ["ada-lovelace", "kurt-godel"]
    assert "eprint = {2601.00001}" in archive("show", "2601.00001", "--cite", "bibtex").stdout


def test_search_says_what_answers_where_it_ends_and_what_can_be_narrowed(archive: Run) -> None:
    results = json.loads(archive("search", "survey of bird song", "--json").stdout)
    assert [hit["relevant"] for hit in results["hits"]][:1] == [True]
    assert results["by_words"] == 1
    assert results["facets"]["hits"] == len(results["hits"])
    told = archive("search", "recipe for apple pie").stdout
    assert told.startswith("----- below here only loosely related")
    assert "% by meaning)" in told


def test_editions_are_the_days_that_the_source_gave(archive: Run) -> None:
    latest = json.loads(archive("edition", "--json").stdout)
    assert (latest["day"], latest["new"], latest["previous"]) == ("2026-01-06", 1, "2026-01-05")
    empty = json.loads(archive("edition", "2026-01-04", "--json").stdout)
    assert empty["empty"]
    assert empty["next"] == "2026-01-05"


def test_importing_again_changes_nothing(archive: Run, tmp_path: Path) -> None:
    report = json.loads(archive("import", str(tmp_path / "papers.jsonl"), "--json").stdout)
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 0, 2)


def test_bad_line_is_named_and_kept_and_the_rest_is_taken(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_text(json.dumps(RECORDS[0]) + "\n{broken\n" + json.dumps(RECORDS[1]) + "\n")
    rejects = tmp_path / "rejects.jsonl"
    done = run("import", str(file), "--rejects", str(rejects), "--json")
    assert json.loads(done.stdout)["new"] == 2
    assert "papers.jsonl:2" in done.stderr
    assert json.loads(rejects.read_text())["raw"] == "{broken"


def test_two_ids_of_a_work_can_be_folded_and_unfolded(archive: Run) -> None:
    archive("fold", "2601.00001", "2601.00002")
    hits = json.loads(archive("search", "bird song or tensors", "--json").stdout)["hits"]
    assert [hit["id"] for hit in hits] == ["2601.00001"]  # once, not once for each id
    assert json.loads(archive("show", "2601.00002", "--json").stdout)["id"] == "2601.00001"
    archive("unfold", "2601.00002")
    assert json.loads(archive("show", "2601.00002", "--json").stdout)["title"] == "A Survey of Bird Song"


def test_index_says_where_it_stands_and_can_be_made_anew(archive: Run) -> None:
    before = json.loads(archive("index", "--status", "--json").stdout)
    assert (before["papers"], before["changes_behind"]) == (2, 0)
    after = json.loads(archive("index", "--rebuild", "--json").stdout)
    assert after["papers"] == 2
    assert json.loads(archive("search", "warblers", "--json").stdout)["hits"][0]["id"] == "2601.00002"


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("show", "2601.99999"), 4, "no paper '2601.99999'"),
        (("show", "2402.0123"), 2, "expected an arXiv id such as"),
        (("edition", "yesterday"), 2, "expected YYYY-MM-DD"),
        (("edition",), 4, "holds no editions yet"),
        (("search", "anything"), 70, "`broadsheet index` makes it"),
        (("import", "no-such-file.jsonl"), 2, "no-such-file.jsonl"),
        (("--database", "mysql://x", "index", "--status"), 2, "expected an address such as 'postgresql://"),
        (("sync", "--from", "nowhere"), 2, "no host source called 'nowhere'; known: arxiv"),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(
    run: Run, words: tuple[str, ...], code: int, says: str
) -> None:
    done = run(*words, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert done.stderr.startswith("broadsheet: ")
    assert says in done.stderr


def test_unknown_setting_in_the_environment_is_refused(run: Run) -> None:
    done = run("index", "--status", check=False, BROADSHEET_PROT="1")
    assert done.returncode == 2
    assert "did you mean 'port'" in done.stderr


def test_a_port_already_taken_is_said_with_a_way_out(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port), check=False)
    assert done.returncode == 75
    assert f"port {port} on 127.0.0.1 is already taken" in done.stderr
    assert "--port" in done.stderr

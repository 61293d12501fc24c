"""Votes and expected interest from the command line: take votes in, learn from them, see a day, measure."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """Seventy days up to now, five papers each; those on agents are listed, the others hardly ever."""
    dice = random.Random(4)
    start = datetime.now(UTC).date() - timedelta(days=75)
    papers, votes = [], ["paper_id\tobserved_at\tupvotes"]
    for number in range(350):
        day = start + timedelta(days=number // 5)
        agents = number % 5 < 3
        papers.append(
            {
                "_id": f"2506.{number:05}",
                "title": f"On {'agents' if agents else 'matroids'} of kind {number}",
                "text": f"We study {dice.choice(('red', 'green'))} ones.",
                "authors": [f"Author {number % 23}"],
                "categories": ["cs.LG"],
                "announced": day.isoformat(),
            }
        )
        if dice.random() < (0.9 if agents else 0.05):
            votes += [
                f"2506.{number:05}\t{day + timedelta(days=n)}T00:02:00+00:00\t{dice.randrange(3) + 5 * n}"
                for n in (1, 3, 5)
            ]
    folder = tmp_path / "days"
    folder.mkdir()
    (folder / "papers.jsonl").write_text("".join(json.dumps(paper) + "\n" for paper in papers))
    (tmp_path / "votes.tsv").write_text("\n".join([*votes, f"2401.00001\t{start}\t3"]) + "\n")
    return folder


def test_votes_taken_in_teach_what_a_day_can_expect(run: Run, days: Path, tmp_path: Path) -> None:
    run("import", str(days / "papers.jsonl"))
    taken = json.loads(run("import-votes", str(tmp_path / "votes.tsv"), "--json").stdout)
    assert taken["unknown"] == ["2401.00001"]
    assert taken["changed"] > 150
    last = json.loads((days / "papers.jsonl").read_text().splitlines()[-1])["announced"]
    shipped = json.loads(run("expected", last, "--json").stdout)
    facts = json.loads(run("learn-interest", "--json").stdout)["facts"]
    assert facts["data"] == "the votes in this archive"
    learnt = json.loads(run("expected", last, "--json").stdout)
    assert [each["probability"] for each in learnt] != [each["probability"] for each in shipped]
    assert ["agents" in each["title"] for each in learnt] == [True, True, True, False, False]
    assert learnt[0]["without_authors"] > learnt[-1]["without_authors"]
    assert any(votes is not None for votes in learnt[0]["precedents"].values())
    said = run("expected", last).stdout
    assert "came onto the list" in said
    assert "“agents”" in said


def test_a_daily_list_needs_no_time_of_its_own(run: Run, days: Path, tmp_path: Path) -> None:
    run("import", str(days / "papers.jsonl"), "--no-index")
    path = tmp_path / "daily.json"
    path.write_text(json.dumps([{"paper": {"id": "2506.00003", "upvotes": 12}}]))
    said = run("import-votes", str(path), "--at", "2026-03-31T12:00:00Z").stdout
    assert said == "1 readings: 1 papers changed, 0 unchanged, 0 not in this archive\n"
    again = run("import-votes", str(path), "--at", "2026-03-31T12:00:00Z").stdout
    assert again.startswith("1 readings: 0 papers changed")


def test_learning_without_votes_says_what_is_missing(run: Run, days: Path) -> None:
    run("import", str(days / "papers.jsonl"), "--no-index")
    done = run("learn-interest", check=False)
    assert done.returncode == 2
    assert "import-votes" in done.stderr


def test_interest_is_measured_and_its_run_written(run: Run, days: Path, tmp_path: Path) -> None:
    until = (datetime.now(UTC).date() - timedelta(days=20)).isoformat()
    kept = tmp_path / "interest.run"
    words = ("eval", "interest", "--papers", str(days), "--votes", str(tmp_path / "votes.tsv"))
    told = json.loads(run(*words, "--train-until", until, "--run", str(kept), "--json").stdout)
    assert set(told["rankings"]) == {
        "with authors",
        "without authors",
        "authors as known at the start",
    }
    assert told["rankings"]["with authors"]["metrics"]["auc"]["mean"] > 0.8
    day, _, paper, rank, _, _ = kept.read_text().splitlines()[0].split()
    assert (day > until, rank, paper[:5]) == (True, "1", "2506.")
    said = run(*words, "--train-until", until).stdout
    assert "ndcg@10" in said
    assert "band holds" in said
    wrong = run(*words, "--train-until", "soon", check=False)
    assert wrong.returncode == 2
    assert "2025-12-31" in wrong.stderr


def test_one_count_a_paper_is_enough_to_measure_interest(run: Run, days: Path, tmp_path: Path) -> None:
    head, *lines = (tmp_path / "votes.tsv").read_text().splitlines()
    first = {line.split("\t")[0]: line for line in reversed(lines)}
    (tmp_path / "votes.tsv").write_text("\n".join([head, *first.values()]))
    until = (datetime.now(UTC).date() - timedelta(days=20)).isoformat()
    words = ("eval", "interest", "--papers", str(days), "--votes", str(tmp_path / "votes.tsv"))
    done = run(*words, "--train-until", until, "--json")
    assert json.loads(done.stdout)["later_votes"] is None
    assert "later votes not measured" in done.stderr

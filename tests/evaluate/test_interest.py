"""Expected interest measured: what is judged, and by what."""

from __future__ import annotations

import gzip
import json
import random
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import interest
from broadsheet.evaluate.interest import auc, days_after, evaluate_interest, grade, judge, reliability_of
from broadsheet.ids import PaperId

START = date(2025, 6, 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty days of ten papers: on agents half are listed the next day, on matroids one in ten."""
    dice = random.Random(3)
    papers, votes = [], ["paper_id\tobserved_at\tfeed\tupvotes"]
    for number in range(600):
        day = START + timedelta(days=number // 10)
        agents = number % 2 == 0
        id = f"2506.{number:05}"
        topic = "agents" if agents else "matroids"
        papers.append(
            {
                "_id": id,
                "title": f"On {topic} of {dice.choice(('red', 'green', 'blue'))} kind",
                "text": "We study them.",
                "authors": [f"Author {number % 41}"],
                "categories": ["cs.LG"],
                "announced": day.isoformat(),
            }
        )
        if dice.random() < (0.8 if agents else 0.1):
            for later, count in ((1, 4), (3, 7)):
                at = day + timedelta(days=later)
                votes.append(f"{id}\t{at}T00:02:00+00:00\tdaily\t{count}")
    folder = tmp_path_factory.mktemp("interest")
    with gzip.open(folder / "papers.jsonl.gz", "wt") as file:
        file.write("".join(json.dumps(paper) + "\n" for paper in papers))
    (folder / "votes.tsv").write_text("\n".join(votes) + "\n")
    return folder


def test_grades_and_auc_by_hand() -> None:
    assert [grade(votes) for votes in (0, 1, 2, 3, 7, 8, 1023)] == [1, 2, 2, 3, 4, 4, 11]
    # Pairs: 0.9 beats both, 0.4 ties one and loses none else: (2 + 1.5) / 4.
    assert auc([0.9, 0.4], [0.4, 0.1]) == pytest.approx(0.875)
    assert auc([], [0.1]) == 0.5


def test_a_day_is_judged_by_grades_and_by_votes(folder: Path) -> None:
    records = interest.read([folder], folder / "votes.tsv")
    day = days_after(records, START)[0]
    assert day.day == START + timedelta(days=1)
    ideal = [float(day.votes.get(record.id, -1)) for record in day.records]
    report = judge([day], {day.day: ideal}, name="ideal")
    assert {name: report.mean(name) for name in report.values} == pytest.approx(
        {"ndcg@10": 1.0, "recall@30": 1.0, "auc": 1.0, "ndcg@10 of votes": 1.0}
    )
    assert report.queries == ("2025-06-03",)
    worst = judge([day], {day.day: [-score for score in ideal]}, name="worst")
    assert worst.mean("auc") == 0.0


def test_days_of_fewer_than_three_listed_papers_are_not_judged() -> None:
    ids = [PaperId(f"2506.{n:05}") for n in range(3)]
    assert not interest.Day(START, (), {ids[0]: 1, ids[1]: 2}).judged
    assert interest.Day(START, (), dict.fromkeys(ids, 0)).judged


def test_reliability_by_hand(folder: Path) -> None:
    records = interest.read([folder], folder / "votes.tsv")
    days = days_after(records, START)[:10]
    base = np.mean([record.id in day.votes for day in days for record in day.records])
    kept = reliability_of(days, {day.day: [float(base)] * len(day.records) for day in days})
    assert kept.brier == pytest.approx(base * (1 - base))
    assert kept.brier == pytest.approx(kept.brier_constant)
    sure = reliability_of(
        days, {day.day: [float(record.id in day.votes) for record in day.records] for day in days}
    )
    assert (sure.brier, sure.ece) == (0.0, 0.0)
    assert [each.papers for each in sure.bins] == [10] * 10


def test_what_is_learnt_ranks_the_days_after_and_keeps_its_word(folder: Path) -> None:
    records = interest.read([folder], folder / "votes.tsv")
    report = evaluate_interest(records, train_until=date(2025, 7, 16))
    assert report.papers == 10 * 38, "the last seven days are too young to learn from"
    assert report.days == len([d for d in days_after(records, date(2025, 7, 16)) if d.judged])
    assert [each.search for each in report.rankings] == [
        interest.AUTHORS,
        interest.NO_AUTHORS,
        interest.FROZEN,
    ]
    for ranking in report.rankings:
        # Perfect knowledge of the topic alone orders so many pairs, chance half.
        assert ranking.mean("auc") > 0.75
    assert report.reliability[interest.NO_AUTHORS].ece < 0.12


def test_votes_after_the_last_day_change_nothing_that_is_learnt(folder: Path, tmp_path: Path) -> None:
    until = date(2025, 7, 16)
    whole = interest.read([folder], folder / "votes.tsv")
    cut = tmp_path / "cut.tsv"
    head, *lines = (folder / "votes.tsv").read_text().splitlines()
    # Every later reading says something else.
    cut.write_text(
        "\n".join(
            [head, *(line if line.split("\t")[1][:10] <= "2025-07-16" else line + "77" for line in lines)]
        )
    )
    other = interest.read([folder], cut)
    one = evaluate_interest(whole, train_until=until).model
    two = evaluate_interest(other, train_until=until).model
    assert one.vocabulary.names == two.vocabulary.names
    np.testing.assert_array_equal(one.full.weights, two.full.weights)
    assert one.full_calibration == two.full_calibration


def test_without_later_days_nothing_is_judged(folder: Path) -> None:
    records = interest.read([folder], folder / "votes.tsv")
    with pytest.raises(InputError, match="nothing can be judged"):
        evaluate_interest(records, train_until=date(2026, 1, 1))
    with pytest.raises(InputError, match="no papers"):
        interest.read([folder / "nowhere"], folder / "votes.tsv")

"""Votes become readings of papers that the archive holds, and of no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet.errors import RecordError
from broadsheet.ids import PaperId
from broadsheet.model import Derived, Record, VoteReading
from broadsheet.pipeline.votes import take_votes
from broadsheet.source.votes import Counted
from broadsheet.store.contract import Taken
from broadsheet.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 31, tzinfo=UTC)
KNOWN, OTHER, UNKNOWN = PaperId("2603.00001"), PaperId("2603.00002"), PaperId("2603.00003")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "papers.db")
    for id in (KNOWN, OTHER):
        record = Record(id=id, title=f"Paper {id}", abstract="What it says.", source="arxiv", version=2)
        opened.put([(record, Derived(title=record.title, abstract=record.abstract))], now=NOW)
    yield opened
    opened.close()


def counted(id: PaperId, day: int, count: int, featured: date | None = None) -> Counted:
    return Counted(id, VoteReading(datetime(2026, 3, day, tzinfo=UTC), count), featured)


def test_readings_go_to_known_papers_and_unknown_ones_are_reported(store: SqliteStore) -> None:
    file: list[Counted | RecordError] = [
        counted(KNOWN, 20, 4, date(2026, 3, 19)),
        counted(KNOWN, 22, 9, date(2026, 3, 21)),
        counted(UNKNOWN, 20, 1),
        RecordError("votes.tsv:4", "got '-1' votes"),
    ]
    report = take_votes(file, store=store, now=NOW)
    assert (report.readings, report.unknown, report.rejected) == (2, (UNKNOWN,), 1)
    assert report.taken == Taken(changed=1)
    paper = store.get(KNOWN)
    assert paper is not None
    assert [vote.count for vote in paper.record.votes] == [4, 9]
    assert paper.record.featured == date(2026, 3, 19), "the first day it was listed"
    assert (paper.title, paper.abstract, paper.record.source) == (f"Paper {KNOWN}", "What it says.", "arxiv")
    assert store.get(UNKNOWN) is None


def test_taking_the_same_votes_again_changes_nothing(store: SqliteStore) -> None:
    file = [counted(KNOWN, 20, 4), counted(OTHER, 20, 2)]
    take_votes(file, store=store, now=NOW)
    seq = store.last_seq()
    assert take_votes(file, store=store, now=NOW).taken == Taken(unchanged=2)
    assert store.last_seq() == seq


def test_two_names_of_one_paper_are_counted_together(store: SqliteStore) -> None:
    store.fold(KNOWN, OTHER, now=NOW)
    report = take_votes([counted(KNOWN, 20, 4), counted(OTHER, 21, 6)], store=store, now=NOW)
    assert (report.readings, report.unknown) == (2, ())
    paper = store.get(OTHER)
    assert paper is not None
    assert (paper.id, [vote.count for vote in paper.record.votes]) == (KNOWN, [4, 6])

"""What trends, and what changed, on a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder
from broadsheet.index.local import LocalIndex
from broadsheet.library import Library
from broadsheet.model import AnnounceKind, Announcement, Record, VoteReading
from broadsheet.store.contract import Store
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.derive import derive

NOW = datetime(2026, 3, 10, 12, 40, tzinfo=UTC)
A, B, C, D = (PaperId(f"2603.0000{n}") for n in (1, 2, 3, 4))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with SqliteStore.open(tmp_path / "broadsheet.db") as store:
        yield store


@pytest.fixture
def library(store: Store, tmp_path: Path, hashing: Callable[..., Encoder]) -> Library:
    return Library(store, LocalIndex(tmp_path / "index"), fast=hashing(), now=lambda: NOW)


def put(store: Store, *records: Record) -> None:
    store.put([(record, derive(record)) for record in records], now=NOW)


def record(
    id: PaperId,
    day: int,
    *votes: tuple[int, int],
    kind: AnnounceKind = AnnounceKind.NEW,
    deleted: bool = False,
) -> Record:
    """Announced on a day of March; ``votes`` are (day, count)."""
    return Record(
        id=id,
        title=f"Title {id}",
        source="test",
        announcements=(Announcement(date(2026, 3, day), kind),),
        readings=tuple(VoteReading(datetime(2026, 3, at, tzinfo=UTC), count) for at, count in votes),
        deleted=deleted,
    )


def test_what_trends_has_votes_and_is_new_in_these_days(store: Store, library: Library) -> None:
    put(
        store,
        record(A, 5, (6, 30)),
        record(B, 8, (9, 10)),
        record(C, 9, (10, 4), kind=AnnounceKind.CROSS),
        record(D, 9, (10, 0)),
    )
    found = library.trending(date(2026, 3, 1), date(2026, 3, 10))
    # At noon of the 10th 30 votes of 4.5 to 5.5 days ago are still worth more than 10 of 1.5 to 2.5 days ago:
    # (2^-2.25 − 2^-2.75) · 2 / ln 2 = 0.1777 and (2^-0.75 − 2^-1.25) · 2 / ln 2 = 0.5025 each.
    assert [(t.id, t.day) for t in found] == [(A, date(2026, 3, 5)), (B, date(2026, 3, 8))]
    assert [t.score.value for t in found] == pytest.approx([30 * 0.17766, 10 * 0.50251], abs=1e-3)
    assert [(p.kind, p.count) for p in found[0].score.parts] == [("huggingface", 30)]
    assert [t.id for t in library.trending(date(2026, 3, 8), date(2026, 3, 8))] == [B]


def test_days_that_are_over_are_judged_as_of_their_end(store: Store, library: Library) -> None:
    put(store, record(A, 2, (3, 8)))
    (found,) = library.trending(date(2026, 3, 2), date(2026, 3, 2))
    # Votes that came evenly over the day that just ended: (1 - 2^-0.5) · 2 / ln 2 = 0.84511 each.
    assert found.score.value == pytest.approx(8 * 0.84511, abs=1e-3)


def test_changes_give_each_paper_as_it_is_now_or_none(store: Store, library: Library) -> None:
    put(store, record(A, 2), record(B, 2), record(C, 2))
    put(store, record(A, 3))
    put(store, record(B, 2, deleted=True))
    lines = library.changes(0, limit=10)
    assert [(line.seq, line.id) for line in lines] == [(3, C), (4, A), (5, B)]
    assert [line.paper.id if line.paper else None for line in lines] == [C, A, None]
    assert library.changes(3, limit=1)[0].seq == 4
    store.fold(A, C, now=NOW)
    assert {line.id: line.paper is None for line in library.changes(0, limit=10)} == {
        A: False,
        B: True,
        C: True,
    }
    assert library.changes(library.changes(0, limit=10)[-1].seq, limit=10) == ()

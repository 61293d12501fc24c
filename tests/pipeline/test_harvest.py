"""Harvests from made-up hosts into a real store. Those over HTTP are in tests/replay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet.errors import RecordError, SourceError, StoreError
from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Derived, Record
from broadsheet.pipeline.harvest import Edition, HarvestReport, announce, harvest, sync
from broadsheet.source.contract import Announced, Batch, Item
from broadsheet.store.sqlite import SqliteStore

DAY = date(2025, 8, 20)


class Host:
    """A host with one paper on each page; its cursor is the number of pages seen."""

    name = "host"

    def __init__(self, pages: int = 5, *, fails_at: int | None = None) -> None:
        self._pages = pages
        self.fails_at = fails_at

    def harvest(self, cursor: str | None) -> Iterator[Batch]:
        for number in range(int(cursor or 0), self._pages):
            if number == self.fails_at:
                raise SourceError("the host is down")
            yield Batch((record(number), RecordError(str(number), "bad")), str(number + 1), self._pages)


class Feed:
    name = "feed"

    def __init__(self, *items: Item, day: date | None = DAY, error: SourceError | None = None) -> None:
        self._announced = Announced(day, items)
        self._error = error

    def today(self) -> Announced:
        if self._error:
            raise self._error
        return self._announced


def record(number: int, *announcements: Announcement, version: int = 1) -> Record:
    return Record(
        id=PaperId(f"2508.{number + 1:05}"),
        title=f"Paper {number}",
        source="host",
        version=version,
        announcements=announcements,
    )


def new(day: date = DAY, *, stated: bool = True) -> Announcement:
    return Announcement(day, AnnounceKind.NEW, stated=stated)


def derive(record: Record) -> Derived:
    return Derived(title=record.title, abstract=record.abstract)


def now() -> datetime:
    return datetime(2025, 8, 20, 6, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "papers.db")
    yield opened
    opened.close()


def test_a_harvest_tells_of_each_batch_and_reports_what_it_took(store: SqliteStore) -> None:
    heard: list[HarvestReport] = []
    report = harvest(Host(), store=store, derive=derive, now=now, progress=heard.append)
    assert (report.complete, report.batches, report.records, report.rejected) == (True, 5, 5, 5)
    assert report.taken.new == 5
    assert [h.records for h in heard] == [1, 2, 3, 4, 5]
    assert heard[0].total == 5
    assert store.cursor("host") == "5"


def test_a_harvest_that_is_stopped_goes_on_where_it_was(store: SqliteStore) -> None:
    assert not harvest(Host(), store=store, derive=derive, now=now, stop=lambda: True).complete
    assert (store.count(), store.cursor("host")) == (1, "1")
    report = harvest(Host(), store=store, derive=derive, now=now, stop=lambda: False)
    assert (report.complete, report.taken.new) == (True, 4)


def test_a_host_that_fails_is_reported_with_what_came_before(store: SqliteStore) -> None:
    host = Host(fails_at=2)
    report = harvest(host, store=store, derive=derive, now=now)
    assert (report.complete, report.taken.new, str(report.error)) == (False, 2, "the host is down")
    host.fails_at = None
    assert harvest(host, store=store, derive=derive, now=now).taken.new == 3


def test_the_store_failing_is_not_the_hosts_fault(store: SqliteStore) -> None:
    store.close()
    with pytest.raises(StoreError):
        harvest(Host(), store=store, derive=derive, now=now)


def test_rejects_are_counted_and_the_first_are_kept(store: SqliteStore) -> None:
    report = harvest(Host(30), store=store, derive=derive, now=now)
    assert report.rejected == 30
    assert [r.where for r in report.rejects] == [str(n) for n in range(20)]


def test_a_worked_out_day_gives_way_to_one_that_is_known(store: SqliteStore) -> None:
    early, late = new(date(2025, 8, 19), stated=False), new(date(2025, 8, 21), stated=False)

    class Twice:
        name = "twice"

        def harvest(self, cursor: str | None) -> Iterator[Batch]:
            yield Batch((record(0, new()), record(1, early)), "1")
            yield Batch((record(0, early), record(1, late)), "2")

    harvest(Twice(), store=store, derive=derive, now=now)
    held = store.get_many([PaperId("2508.00001"), PaperId("2508.00002")])
    assert [held[i].record.announcements for i in sorted(held)] == [(new(),), (early,)]


def test_a_feed_with_a_few_papers_that_had_been_held_back_is_fresh(store: SqliteStore) -> None:
    store.put([(r, derive(r)) for r in [record(0, new(date(2025, 8, 18), stated=False))]], now=now())
    feed = Feed(*(record(n, new()) for n in range(3)))
    store.put([(r, derive(r)) for r in [record(1, new(stated=False))]], now=now())
    report = announce(feed, store=store, derive=derive, now=now)
    assert (report.edition, report.unseen) == (Edition.TAKEN, 1)


def test_a_feed_without_a_date_or_without_records_is_an_empty_day(store: SqliteStore) -> None:
    bad = RecordError("x", "bad")
    assert announce(Feed(bad), store=store, derive=derive, now=now).rejects == (bad,)
    assert announce(Feed(record(0), day=None), store=store, derive=derive, now=now).edition is Edition.EMPTY
    assert store.count() == 0


def test_a_feed_that_fails_is_reported(store: SqliteStore) -> None:
    report = sync(
        [], [Feed(error=SourceError("down")), Feed(record(0, new()))], store=store, derive=derive, now=now
    )
    assert [f.edition for f in report.feeds] == [Edition.FAILED, Edition.TAKEN]
    assert str(report.error) == "down"
    assert report.taken.new == 1

"""What is made ready before anybody asks, and what stops it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.library import Library
from broadsheet.model import Announcement, Record
from broadsheet.serve import foresight
from broadsheet.serve.app import create_app
from broadsheet.serve.foresight import looking_ahead, make_ready
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive


def test_it_rests_much_longer_than_it_works(sample_archive: Archive) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        return False

    began = time.thread_time()
    assert make_ready(sample_archive.library, wait=rest)
    worked = time.thread_time() - began
    # The first search, what is for readers, what is expected, the topics of the newest day, and the leads of each.
    assert len(rests) == 4 + len(sample_archive.library.days())
    assert sum(rests) > 5 * worked


def test_it_stops_when_told(sample_archive: Archive) -> None:
    assert not make_ready(sample_archive.library, wait=lambda _: True)


def test_empty_archive_needs_nothing(archive: Archive) -> None:
    assert make_ready(archive.library, wait=lambda _: True)


def test_leads_are_those_of_the_edition(sample_archive: Archive) -> None:
    library: Library = sample_archive.library
    day = date(2026, 3, 17)
    assert library.leads(day) == library.edition(day).leads
    assert library.leads(day)


def test_it_ends_with_the_server_and_leaves_the_collector_as_it_was(sample_archive: Archive) -> None:
    before = gc.get_threshold()
    with TestClient(create_app(sample_archive.library), base_url="http://localhost") as client:
        assert client.get("/").status_code == 200
        assert gc.get_threshold() != before
    assert gc.get_threshold() == before


def test_what_was_made_ready_follows_the_archive(archive: Archive) -> None:
    day, later = date(2026, 3, 17), datetime(2026, 3, 18, tzinfo=UTC)

    def announce(title: str) -> None:
        record = Record(
            id=PaperId("2603.00001"), title=title, source="test", announcements=(Announcement(day),)
        )
        archive.store.put([(record, derive(record))], now=later)
        wiring.catch_up(archive)

    library = archive.library

    def titles() -> list[str]:
        return [paper.title for paper in library.papers(entry.id for entry in library.leads(day)).values()]

    with looking_ahead(library, pause=0.01):
        assert library.days() == ()
        announce("Before")
        assert [count.day for count in library.days()] == [day]
        assert titles() == ["Before"]
        announce("After")
        assert titles() == ["After"]


def test_it_looks_again_when_the_hour_is_over(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [datetime(2026, 3, 17, 23, 30, tzinfo=UTC)]
    looked: list[datetime] = []

    def make_ready(library: Library, **_: object) -> bool:
        looked.append(library.hour())
        return True

    monkeypatch.setattr(foresight, "make_ready", make_ready)
    library = Library(archive.store, archive.index, fast=archive.fast, now=lambda: now[0])
    with looking_ahead(library, pause=0.01):
        patience(lambda: looked == [datetime(2026, 3, 17, 23, tzinfo=UTC)])
        now[0] += timedelta(hours=1)
        patience(lambda: looked[1:] == [datetime(2026, 3, 18, tzinfo=UTC)])


def patience(came: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not came():
        assert time.monotonic() < end, "not within 10 s"
        time.sleep(0.01)

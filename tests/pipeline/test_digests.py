"""Rounds of the post: what one cannot be written keeps no other back; work is done again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from tests.deliver.mailhost import mail_host, server_of

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.deliver.outbox import Handed
from broadsheet.errors import SourceError
from broadsheet.pipeline.digests import Written, send_waiting, write_due
from broadsheet.pipeline.schedule import Stopped, repeat
from broadsheet.store.post import Schedule, State, Subscription
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    settings = Settings(data=tmp_path, encoder="none", base_url="https://papers.example.org")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        yield archive


def enrol(archive: Archive, *names: str, zone: str = "UTC") -> None:
    for name in names:
        archive.store.post.enrol(
            Subscription(
                id=name,
                address=f"{name}@example.org",
                schedule=Schedule(hour=9, zone=zone),
                confirmed=NOW,
                due=NOW,
            )
        )


def test_round_writes_and_sends_every_digest_once(archive: Archive) -> None:
    names = [f"n{number}" for number in range(60)]
    enrol(archive, *names)
    editor = wiring.editor_of(archive)
    assert write_due(editor, now=lambda: NOW) == Written(due=60, letters=60)
    assert write_due(editor, now=lambda: NOW) == Written()
    with mail_host() as host:
        handed = send_waiting(archive.store.post, server_of(host), now=lambda: NOW, connections=3)
        assert handed == Handed(sent=60)
        assert host.connections == 3
        assert sorted(address for _, address, _ in host.taken) == sorted(f"{n}@example.org" for n in names)
        assert set(host.by_id.values()) == {1}
    assert archive.store.post.letters() == {State.SENT: 60}


def test_digest_that_cannot_be_written_keeps_no_other_back_and_is_tried_later(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    enrol(archive, "a", "c")
    enrol(archive, "b", zone="Nowhere/Land")  # as if its zone had been taken off the map
    editor = wiring.editor_of(archive)
    assert write_due(editor, now=lambda: NOW) == Written(due=3, letters=2)
    assert "the digest for subscription b could not be written" in caplog.text
    # Not at once, but when its claim is over.
    assert write_due(editor, now=lambda: NOW) == Written()
    assert write_due(editor, now=lambda: NOW + timedelta(hours=1)) == Written(due=1)


def test_clock_that_steps_back_an_hour_makes_no_digest_come_twice(archive: Archive) -> None:
    enrol(archive, "a")
    editor = wiring.editor_of(archive)
    assert write_due(editor, now=lambda: NOW) == Written(due=1, letters=1)
    for minutes in range(-60, 61, 10):
        moment = NOW + timedelta(minutes=minutes)
        assert write_due(editor, now=partial(datetime.fromtimestamp, moment.timestamp(), UTC)) == Written()


def test_clock_that_was_a_year_ahead_keeps_nobody_waiting_for_a_year(archive: Archive) -> None:
    enrol(archive, "a")
    editor = wiring.editor_of(archive)
    assert write_due(editor, now=lambda: NOW + timedelta(days=365)).letters == 1
    # Set right, the timetable is too, and nothing is told before its time: NOW is a Friday, nine o'clock.
    assert write_due(editor, now=lambda: NOW + timedelta(hours=1)).letters == 0
    kept = archive.store.post.subscription("a")
    assert kept is not None
    assert kept.due == NOW + timedelta(days=3)


def test_letters_over_several_connections_wait_where_there_is_no_server(archive: Archive) -> None:
    enrol(archive, "a")
    write_due(wiring.editor_of(archive), now=lambda: NOW)
    with mail_host() as gone:
        pass
    with pytest.raises(SourceError):
        send_waiting(archive.store.post, server_of(gone), now=lambda: NOW, connections=2)
    assert archive.store.post.letters() == {State.WAITING: 1}


def test_work_is_done_again_after_any_failure(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    stop, done = threading.Event(), []

    def work(_: Stopped) -> None:
        done.append(1)
        if len(done) == 1:
            raise SourceError("the mail server is away")
        if len(done) == 2:
            raise ZeroDivisionError
        stop.set()

    with caplog.at_level(logging.ERROR):
        repeat(
            "the post", work, every=timedelta(milliseconds=1), stop=stop, turn=wiring.turn_of(archive, "post")
        )
    assert len(done) == 3
    explained, unexplained = caplog.records
    assert explained.getMessage() == "the post failed: the mail server is away"
    assert explained.exc_info is None
    assert unexplained.exc_info is not None


def test_work_that_is_stopped_is_not_done(archive: Archive) -> None:
    stop = threading.Event()
    stop.set()
    turn = wiring.turn_of(archive, "nothing")
    repeat("nothing", lambda _: pytest.fail("was done"), every=timedelta(0), stop=stop, turn=turn)

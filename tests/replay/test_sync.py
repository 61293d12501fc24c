"""Harvest, feed and API into a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from broadsheet.errors import ThrottledError
from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Derived, MarkKind, Paper, Record
from broadsheet.pipeline.harvest import Edition, SyncReport, collect, harvest, sync
from broadsheet.source.arxiv import Arxiv
from broadsheet.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.replay.server import Answer, Replay

MONDAY = "Mon, 18 Aug 2025 12:00:00 GMT"  # 8:00 in New York: edition of Tuesday the 19th
TUESDAY = "Tue, 19 Aug 2025 12:00:00 GMT"  # edition of Wednesday the 20th


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "papers.db")
    yield opened
    opened.close()


@pytest.fixture
def run(store: SqliteStore, arxiv: Callable[..., Arxiv]) -> Callable[[], SyncReport]:
    source = arxiv(since=date(2025, 8, 18))

    def once() -> SyncReport:
        return sync(source.harvests, source.feeds, store=store, derive=derive, now=now)

    return once


def derive(record: Record) -> Derived:
    return Derived(title=record.title, abstract=record.abstract)


def now() -> datetime:
    return datetime(2025, 8, 20, 6, tzinfo=UTC)


def paper(store: SqliteStore, id: str) -> Paper:
    found = store.get(PaperId(id))
    assert found is not None
    return found


def test_a_sync_harvests_and_then_takes_the_days_feed(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001", versions=[(TUESDAY, "")]), token=""),
        replay.feed(
            replay.entry("2508.00001v1"), replay.entry("2508.00009v1", "cross", title="From the feed")
        ),
    )
    report = run()
    assert report.error is None
    assert report.taken.new == 2
    (feed,) = report.feeds
    assert (feed.edition, feed.day, feed.items, feed.unseen) == (Edition.TAKEN, date(2025, 8, 20), 2, 1)
    assert {str(p.id) for p in store.edition(date(2025, 8, 20))} == {"2508.00001", "2508.00009"}
    assert paper(store, "2508.00001").record.announcements == (
        Announcement(date(2025, 8, 20), AnnounceKind.NEW, stated=True),
    )


def test_a_second_sync_of_the_same_changes_nothing(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    answers = [
        replay.page(replay.raw("2508.00001", versions=[(TUESDAY, "")]), token=""),
        replay.feed(replay.entry("2508.00001v1"), replay.entry("2508.00002v1")),
    ]
    replay.script(*answers, *answers)
    run()
    before = store.last_seq()
    report = run()
    assert report.feeds[0].edition is Edition.KNOWN
    assert report.taken.unchanged == 1
    assert store.last_seq() == before


def test_yesterdays_batch_under_a_fresh_date_is_no_new_edition(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    yesterday = [
        replay.raw(f"2508.0000{n}", versions=[(MONDAY, "")], datestamp="2025-08-19") for n in range(1, 5)
    ]
    today = [replay.raw(f"2508.0001{n}", versions=[(TUESDAY, "")]) for n in range(1, 3)]
    stale = replay.feed(*(replay.entry(f"2508.0000{n}v1", day="2025-08-20") for n in range(1, 5)))
    fresh = replay.feed(*(replay.entry(f"2508.0001{n}v1", day="2025-08-20") for n in range(1, 3)))
    replay.script(replay.page(*yesterday, *today, token=""), stale, replay.error("noRecordsMatch"), fresh)
    assert run().feeds[0].edition is Edition.STALE
    assert {str(p.id) for p in store.edition(date(2025, 8, 20))} == {"2508.00011", "2508.00012"}
    assert {str(p.id) for p in store.edition(date(2025, 8, 19))} == {f"2508.0000{n}" for n in range(1, 5)}
    assert run().feeds[0].edition is Edition.TAKEN
    assert [a.stated for a in paper(store, "2508.00011").record.announcements] == [True]


def test_the_same_batch_under_two_dates_is_stale_even_where_nothing_else_is_known(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.error("noRecordsMatch"),
        replay.feed(replay.entry("2508.00001v1", "cross", day="2025-08-22"), day="2025-08-22"),
        replay.error("noRecordsMatch"),
        replay.feed(replay.entry("2508.00001v1", "cross", day="2025-08-23"), day="2025-08-23"),
    )
    assert run().feeds[0].edition is Edition.TAKEN
    assert run().feeds[0].edition is Edition.STALE
    assert store.edition(date(2025, 8, 23)) == ()


def test_an_empty_feed_at_the_weekend_is_fine(replay: Replay, run: Callable[[], SyncReport]) -> None:
    replay.script(replay.error("noRecordsMatch"), replay.feed(day="2025-08-23"))
    report = run()
    assert report.error is None
    assert report.feeds[0].edition is Edition.EMPTY


def test_the_feed_does_not_undo_what_the_harvest_knows_better(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.page(
            replay.raw(
                "2508.00001", versions=[(TUESDAY, "")], authors="Ada Lovelace (London)", comments="9 pages"
            ),
            token="",
        ),
        replay.feed(replay.entry("2508.00001v1", creator="Ada Lovelace", abstract="An  abstract.")),
    )
    run()
    record = paper(store, "2508.00001").record
    assert record.authors[0].affiliation == "London"
    assert record.comment == "9 pages"
    assert record.published == datetime(2025, 8, 19, 12, tzinfo=UTC)


def test_a_replacement_that_only_the_feed_has_brings_its_text_and_keeps_the_history(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001", versions=[(MONDAY, "")], datestamp="2025-08-19"), token=""),
        replay.feed(replay.entry("2508.00001v2", "replace", title="A Better Title")),
    )
    run()
    found = paper(store, "2508.00001")
    assert found.record.title == "A Better Title"
    assert found.record.version == 2
    assert [r.title for r in store.history(found.id)] == ["A Title"]
    assert [(a.day, a.kind) for a in found.record.announcements] == [
        (date(2025, 8, 19), AnnounceKind.NEW),
        (date(2025, 8, 20), AnnounceKind.REPLACE),
    ]


def test_wrapped_and_unwrapped_text_is_the_same_text(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.page(
            replay.raw(
                "2508.00001", title="On\n  Lines", abstract="  It is\nwrapped.", versions=[(TUESDAY, "")]
            ),
            token="",
        ),
        replay.feed(replay.entry("2508.00001v2", "replace", title="On Lines", abstract="It is wrapped.")),
    )
    run()
    assert store.history(PaperId("2508.00001")) == ()


def test_a_deletion_removes_and_a_withdrawal_marks(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), replay.raw("2508.00002"), token=""),
        replay.feed(),
        replay.page(
            replay.deleted("2508.00001"),
            replay.raw("2508.00002", versions=[(TUESDAY, ""), ("Wed, 20 Aug 2025 12:00:00 GMT", "I")]),
            token="",
        ),
        replay.feed(),
    )
    run()
    store.readers.mark("reader", PaperId("2508.00002"), MarkKind.SAVED, now=now())
    run()
    assert store.get(PaperId("2508.00001")) is None
    assert paper(store, "2508.00002").record.withdrawn
    assert [n.kind.value for n in store.readers.notices("reader")] == ["withdrawn"]


def test_an_edit_of_the_record_later_on_does_not_announce_it_again(
    replay: Replay, store: SqliteStore, run: Callable[[], SyncReport]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001", versions=[(MONDAY, "")], datestamp="2025-08-19"), token=""),
        replay.feed(),
        replay.page(
            replay.raw(
                "2508.00001", versions=[(MONDAY, "")], datestamp="2025-08-21", more="<doi>10.1000/x</doi>"
            ),
            token="",
        ),
        replay.feed(),
    )
    run()
    run()
    record = paper(store, "2508.00001").record
    assert record.doi == "10.1000/x"
    assert [a.day for a in record.announcements] == [date(2025, 8, 19)]


def test_a_failing_host_is_reported_after_what_came_before_is_saved(
    replay: Replay, store: SqliteStore, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer]
) -> None:
    source = arxiv(since=date(2025, 8, 18))
    replay.script(
        replay.page(replay.raw("2508.00001"), token="t"),
        *[answer(status=500)] * 6,
        replay.page(replay.raw("2508.00002"), token=""),
    )
    report = harvest(source.harvests[0], store=store, derive=derive, now=now)
    assert not report.complete
    assert "goes on from the saved cursor" in str(report.error)
    assert store.count() == 1
    assert harvest(source.harvests[0], store=store, derive=derive, now=now).complete
    assert store.count() == 2
    assert replay.requests[-1].query["resumptionToken"] == "t"


def test_a_host_that_wants_a_pause_ends_the_sync_for_all_its_parts(
    replay: Replay, store: SqliteStore, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer]
) -> None:
    source = arxiv(sets=("cs", "stat"), since=date(2025, 8, 18))
    replay.script(answer(status=429, headers={"Retry-After": "86400"}))
    report = sync(source.harvests, source.feeds, store=store, derive=derive, now=now)
    assert isinstance(report.error, ThrottledError)
    assert len(report.harvests) == 1
    assert report.feeds == ()


def test_one_set_that_fails_does_not_keep_the_others_out(
    replay: Replay, store: SqliteStore, arxiv: Callable[..., Arxiv]
) -> None:
    source = arxiv(sets=("nonsense", "cs"), since=date(2025, 8, 18))
    replay.script(
        replay.error("badArgument", "Set does not exist"),
        replay.page(replay.raw("2508.00001"), token=""),
        replay.feed(),
        replay.feed(),
    )
    report = sync(source.harvests, source.feeds, store=store, derive=derive, now=now)
    assert "Set does not exist" in str(report.error)
    assert store.count() == 1


def test_single_papers_come_by_the_api(
    replay: Replay, store: SqliteStore, arxiv: Callable[..., Arxiv]
) -> None:
    replay.script(replay.results(replay.result("2508.00001v1"), total=1))
    report = collect(
        "arxiv",
        arxiv().fetch([PaperId("2508.00001"), PaperId("2508.00002")]),
        store=store,
        derive=derive,
        now=now,
    )
    assert (report.taken.new, report.rejected, report.complete) == (1, 1, True)
    assert str(report.rejects[0]) == "2508.00002: arXiv knows no such paper"

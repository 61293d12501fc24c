"""Contract of the store: papers, editions, people, readers' shelves."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet.errors import NotFoundError, StoreError
from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, DayCount, MarkKind, Record, VoteReading
from broadsheet.store.contract import Outline, Store, Taken

Rec = Callable[..., Record]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
A, B, C = (PaperId.parse(f"2603.0000{n}") for n in (1, 2, 3))


def day(number: int) -> date:
    return date(2026, 3, number)


def test_an_empty_store_answers_everything(store: Store) -> None:
    assert store.get(A) is None
    assert store.get_many([A, B]) == {}
    assert store.get_many([]) == {}
    assert (store.count(), store.last_seq()) == (0, 0)
    assert not any(
        (store.edition(day(2)), store.outline(day(2)), store.days(), store.history(A), store.changes(0))
    )
    assert store.neighbours(day(2)) == (None, None)
    assert not any(
        (
            store.by_author("ada-lovelace"),
            store.readers.marked("ada", MarkKind.SAVED),
            store.readers.notices("ada"),
        )
    )
    assert list(store.scan()) == []


def test_get_many_is_keyed_by_the_ids_asked_for_in_their_order(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"), rec("2603.00002"))
    assert list(store.get_many(iter([B, C, A, B]))) == [B, A]


def test_an_edition_holds_everything_announced_that_day_by_id(store: Store, rec: Rec, take: Take) -> None:
    take(
        rec("2603.00003", days=["2026-03-02 replace"]),
        rec("hep-th/9901001", days=["2026-03-02 cross"]),
        rec("2603.00001", days=["2026-03-02", "2026-03-04 replace"]),
        rec("2603.00002", days=["2026-03-03"]),
    )
    assert [str(p.id) for p in store.edition(day(2))] == ["2603.00001", "2603.00003", "hep-th/9901001"]
    assert [str(p.id) for p in store.edition(day(4))] == ["2603.00001"]
    assert store.edition(day(5)) == ()


def test_an_outline_tells_what_an_edition_is_set_from(store: Store, rec: Rec, take: Take) -> None:
    votes = tuple(VoteReading(NOW + timedelta(hours=n), n) for n in (2, 1))
    take(
        rec("2603.00002", days=["2026-03-02 cross", "2026-03-02", "2026-03-04 replace"], version=3),
        rec("2603.00001", days=["2026-03-02"], categories=("cs.CL", "ä \ud83d"), readings=votes, sample=True),
        rec("hep-th/9901001", days=["2026-03-02 replace-cross"], featured=day(3)),
        rec("2603.00003"),
    )
    assert store.outline(day(2)) == (
        Outline(A, AnnounceKind.NEW, categories=("cs.CL", "ä \ud83d"), votes=votes[0], sample=True),
        Outline(B, AnnounceKind.NEW, version=3),
        Outline(PaperId.parse("hep-th/9901001"), AnnounceKind.REPLACE_CROSS, featured=day(3)),
    )
    assert store.outline(day(4)) == (Outline(B, AnnounceKind.REPLACE, version=3),)
    assert store.outline(day(5)) == ()


def test_an_outline_follows_every_change(store: Store, rec: Rec, take: Take) -> None:
    early, late = VoteReading(NOW, 1), VoteReading(NOW + timedelta(hours=1), 9)
    take(rec("2603.00001", days=["2026-03-02"], readings=(early,)), rec("2603.00002", days=["2026-03-02"]))
    take(rec("2603.00001", categories=("math.CO",), readings=(late,), featured=day(4), version=2))
    assert store.outline(day(2))[0] == Outline(
        A, AnnounceKind.NEW, categories=("math.CO",), votes=late, featured=day(4), version=2
    )
    store.fold(A, B, now=NOW)
    assert [o.id for o in store.outline(day(2))] == [A]
    store.unfold(B, now=NOW)
    take(rec("2603.00001", deleted=True))
    assert store.outline(day(2)) == (Outline(B, AnnounceKind.NEW),)


def test_days_count_each_paper_once_under_its_first_kind(store: Store, rec: Rec, take: Take) -> None:
    take(
        rec("2603.00001", days=["2026-03-02", "2026-03-02 cross"], featured=day(3)),
        rec("2603.00002", days=["2026-03-02 cross"]),
        rec("2603.00003", days=["2026-03-02 replace", "2026-03-05"]),
        rec("2603.00004", days=["2026-03-02 replace-cross"]),
    )
    second = DayCount(day(2), new=1, cross=1, replaced=2, featured=1)
    fifth = DayCount(day(5), new=1)
    assert store.days() == (second, fifth)
    assert store.days(day(2), day(2)) == (second,)
    assert store.days(start=day(3)) == (fifth,)
    assert store.days(end=day(4)) == (second,)
    assert store.days(day(3), day(4)) == ()


def test_a_day_learned_later_moves_into_the_editions(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"))
    assert store.days() == ()
    take(rec("2603.00001", days=["2026-03-02"]))
    take(rec("2603.00001", days=["2026-03-02"], featured=day(3)))
    assert store.days() == (DayCount(day(2), new=1, featured=1),)


def test_neighbours_skip_days_without_an_edition(store: Store, rec: Rec, take: Take) -> None:
    take(*(rec(f"2603.0000{n}", days=[f"2026-03-0{n}"]) for n in (2, 3, 6)))
    assert store.neighbours(day(3)) == (day(2), day(6))
    assert store.neighbours(day(4)) == (day(3), day(6))
    assert store.neighbours(day(2)) == (None, day(3))
    assert store.neighbours(day(9)) == (day(6), None)
    assert store.neighbours(date.max) == (day(6), None)


def test_an_author_has_papers_newest_first(store: Store, rec: Rec, take: Take) -> None:
    moment = datetime(2026, 3, 4, 23, tzinfo=UTC)
    take(
        rec("2603.00001", people=["Ada Lovelace"], days=["2026-03-02"]),
        rec("2603.00005", people=["Lovelace, Ada"], days=["2026-03-09"]),
        rec("2603.00003", people=["B", "ADA LOVELACE"], published=moment),
        rec("2603.00002", people=["Ada Lovelace"], days=["2026-03-04"]),
        rec("2603.00004", people=["Ada Lovelace"]),
    )
    found = [str(p.id) for p in store.by_author("ada-lovelace")]
    assert found == ["2603.00002", "2603.00003", "2603.00001", "2603.00004"]
    assert [str(p.id) for p in store.by_author("ada-lovelace", limit=2, offset=1)] == found[1:3]


def test_authors_follow_the_latest_record(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", people=["Ada Lovelace"], version=1))
    take(rec("2603.00001", people=["Emmy Noether"], version=2))
    assert store.by_author("ada-lovelace") == ()
    assert [p.id for p in store.by_author("emmy-noether")] == [A]


def test_a_reader_keeps_papers_last_saved_first(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"), rec("2603.00002"), rec("2603.00003"))
    store.readers.mark("ada", A, MarkKind.SAVED, now=NOW)
    store.readers.mark("ada", C, MarkKind.SAVED, now=NOW + timedelta(microseconds=1))
    store.readers.mark("ada", B, MarkKind.SAVED, now=NOW + timedelta(seconds=1))
    store.readers.mark("ada", A, MarkKind.SAVED, now=NOW + timedelta(hours=1))
    assert [p.id for p in store.readers.marked("ada", MarkKind.SAVED)] == [B, C, A]
    assert {m.paper for m in store.readers.marks("ada")} == {A, B, C}
    assert (store.readers.marked("bob", MarkKind.SAVED), {m.paper for m in store.readers.marks("bob")}) == (
        (),
        set(),
    )
    store.readers.unmark("ada", C, MarkKind.SAVED)
    store.readers.unmark("ada", C, MarkKind.SAVED)
    store.readers.unmark("bob", A, MarkKind.SAVED)
    assert [p.id for p in store.readers.marked("ada", MarkKind.SAVED)] == [B, A]


def test_saving_what_is_not_here_is_refused(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"), rec("2603.00001", deleted=True))
    for id in (A, B):
        with pytest.raises(NotFoundError, match=str(id)):
            store.readers.mark("ada", id, MarkKind.SAVED, now=NOW)


def test_a_deleted_paper_leaves_the_shelf_and_returns_to_it(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"))
    store.readers.mark("ada", A, MarkKind.SAVED, now=NOW)
    take(rec("2603.00001", deleted=True))
    assert (store.readers.marked("ada", MarkKind.SAVED), {m.paper for m in store.readers.marks("ada")}) == (
        (),
        set(),
    )
    take(rec("2603.00001"))
    assert {m.paper for m in store.readers.marks("ada")} == {A}


def test_notices_are_seen_once_read_and_go_with_the_save(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", version=1))
    store.readers.mark("ada", A, MarkKind.SAVED, now=NOW)
    store.readers.mark("bob", A, MarkKind.SAVED, now=NOW)
    take(rec("2603.00001", "Another Title", version=2), now=NOW)
    store.readers.see_notices("ada")
    assert [n.seen for n in store.readers.notices("ada")] == [True]
    assert [n.seen for n in store.readers.notices("bob")] == [False]
    store.readers.unmark("ada", A, MarkKind.SAVED)
    assert store.readers.notices("ada") == ()
    assert len(store.readers.notices("bob")) == 1


def test_readers_names_are_values_not_sql(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"))
    name = "'; DROP TABLE papers; -- % :reader %(x)s"
    store.readers.mark(name, A, MarkKind.SAVED, now=NOW)
    assert {m.paper for m in store.readers.marks(name)} == {A}
    assert store.by_author(name) == ()


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.count()
    store.close()

"""Contract of the store: what readers say of papers, what they follow, what they prefer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.model import Follow, FollowKind, Mark, MarkKind, Record
from broadsheet.store.contract import Store, Taken
from broadsheet.store.sql import SqlStore

Rec = Callable[..., Record]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
A, B, C = (PaperId.parse(f"2603.0000{n}") for n in (1, 2, 3))


@pytest.fixture
def papers(rec: Rec, take: Take) -> None:
    take(rec("2603.00001"), rec("2603.00002"), rec("2603.00003"))


@pytest.mark.usefixtures("papers")
def test_a_paper_has_one_mark_of_each_kind_and_many_tags(store: Store) -> None:
    desk = store.readers
    assert desk.mark("ada", A, MarkKind.SAVED, now=NOW)
    assert not desk.mark("ada", A, MarkKind.SAVED, now=LATER)
    assert desk.mark("ada", A, MarkKind.TAG, text="graphs", now=NOW)
    assert desk.mark("ada", A, MarkKind.TAG, text="to read", now=NOW)
    assert not desk.mark("ada", A, MarkKind.TAG, text="graphs", now=LATER)
    assert desk.marks_of("ada", [A, B]) == {
        A: (
            Mark(A, MarkKind.SAVED, NOW),
            Mark(A, MarkKind.TAG, NOW, "graphs"),
            Mark(A, MarkKind.TAG, NOW, "to read"),
        )
    }
    assert desk.marks_of("bob", [A]) == {}
    assert desk.unmark("ada", A, MarkKind.TAG, text="graphs")
    assert not desk.unmark("ada", A, MarkKind.TAG, text="graphs")
    assert [m.text for m in desk.marks("ada", kinds=[MarkKind.TAG])] == ["to read"]


@pytest.mark.usefixtures("papers")
def test_a_note_or_a_reason_replaces_the_former(store: Store) -> None:
    desk = store.readers
    long = "Ünïcode, 'quoted'; -- and long. " * 300
    for kind in (MarkKind.NOTE, MarkKind.DISLIKED):
        assert desk.mark("ada", A, kind, text="first", now=NOW)
        assert desk.mark("ada", A, kind, text=long, now=LATER)
        assert not desk.mark("ada", A, kind, text=long, now=LATER + timedelta(hours=1))
        assert desk.marks("ada", kinds=[kind]) == (Mark(A, kind, LATER, long),)
        assert desk.unmark("ada", A, kind)
    assert desk.marks("ada") == ()


@pytest.mark.usefixtures("papers")
def test_many_marks_are_made_at_once_each_at_its_moment(store: Store) -> None:
    desk = store.readers
    desk.mark("ada", A, MarkKind.SAVED, now=NOW)
    before = desk.state("ada")
    unknown = PaperId.parse("2603.99999")
    made = desk.mark_all(
        "ada",
        [
            Mark(A, MarkKind.SAVED, LATER),  # it stands already
            Mark(B, MarkKind.SAVED, LATER),
            Mark(B, MarkKind.TAG, LATER, "graphs"),
            Mark(unknown, MarkKind.SAVED, LATER),
        ],
    )
    assert made == 2
    assert desk.state("ada") > before
    assert desk.marks("ada") == (
        Mark(B, MarkKind.SAVED, LATER),
        Mark(B, MarkKind.TAG, LATER, "graphs"),
        Mark(A, MarkKind.SAVED, NOW),
    )


@pytest.mark.usefixtures("papers")
def test_marks_come_newest_first(store: Store) -> None:
    desk = store.readers
    desk.mark("ada", B, MarkKind.SAVED, now=NOW)
    desk.mark("ada", A, MarkKind.SAVED, now=NOW)
    desk.mark("ada", C, MarkKind.LIKED, now=LATER)
    assert [(m.paper, m.kind.value) for m in desk.marks("ada")] == [
        (C, "liked"),
        (A, "saved"),
        (B, "saved"),
    ]
    assert [p.id for p in desk.marked("ada", MarkKind.SAVED)] == [A, B]
    assert [p.id for p in desk.marked("ada", MarkKind.LIKED)] == [C]


@pytest.mark.usefixtures("papers")
def test_a_collection_lists_its_papers(store: Store) -> None:
    desk = store.readers
    desk.mark("ada", A, MarkKind.COLLECTION, text="thesis", now=NOW)
    desk.mark("ada", B, MarkKind.COLLECTION, text="thesis", now=LATER)
    desk.mark("ada", C, MarkKind.COLLECTION, text="seminar", now=LATER)
    desk.mark("bob", C, MarkKind.COLLECTION, text="thesis", now=LATER)
    assert [p.id for p in desk.marked("ada", MarkKind.COLLECTION, text="thesis")] == [B, A]
    assert {p.id for p in desk.marked("ada", MarkKind.COLLECTION)} == {A, B, C}


def test_marking_what_is_not_here_is_not_found(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001"))
    take(rec("2603.00001", deleted=True))
    for id in (A, B):
        with pytest.raises(NotFoundError, match=str(id)):
            store.readers.mark("ada", id, MarkKind.LIKED, now=NOW)
    assert store.readers.names() == ()


@pytest.mark.usefixtures("papers")
def test_marks_of_folded_papers_are_one_and_part_again(store: Store) -> None:
    desk = store.readers
    desk.mark("ada", A, MarkKind.NOTE, text="of the first", now=NOW)
    desk.mark("ada", B, MarkKind.NOTE, text="of the second", now=LATER)
    desk.mark("ada", B, MarkKind.TAG, text="graphs", now=NOW)
    store.fold(A, B, now=LATER)
    assert desk.marks("ada") == (
        Mark(A, MarkKind.NOTE, LATER, "of the second"),
        Mark(A, MarkKind.TAG, NOW, "graphs"),
    )
    assert set(desk.marks_of("ada", [A, B])) == {A, B}
    store.unfold(B, now=LATER)
    assert [(m.paper, m.text) for m in desk.marks("ada", kinds=[MarkKind.NOTE])] == [
        (B, "of the second"),
        (A, "of the first"),
    ]
    store.fold(A, B, now=LATER)
    assert desk.unmark("ada", A, MarkKind.NOTE)
    store.unfold(B, now=LATER)
    assert desk.marks("ada", kinds=[MarkKind.NOTE]) == ()


def test_what_is_followed_keeps_its_moment_and_takes_a_new_name(store: Store) -> None:
    desk = store.readers
    search = Follow(kind=FollowKind.SEARCH, value="q=graph+networks", label="Graphs", at=NOW)
    author = Follow(kind=FollowKind.AUTHOR, value="ada-lovelace", label="Ada Lovelace", at=NOW)
    desk.follow("ada", search)
    desk.follow("ada", author)
    desk.follow(
        "ada", Follow(kind=FollowKind.SEARCH, value=search.value, label="Nets", alert=False, at=LATER)
    )
    renamed = Follow(kind=FollowKind.SEARCH, value=search.value, label="Nets", alert=False, at=NOW)
    assert desk.follows("ada") == (author, renamed)
    assert desk.follows("bob") == ()
    assert desk.unfollow("ada", FollowKind.AUTHOR, "ada-lovelace")
    assert not desk.unfollow("ada", FollowKind.AUTHOR, "ada-lovelace")
    assert desk.follows("ada") == (renamed,)


@pytest.mark.usefixtures("papers")
def test_every_change_moves_a_readers_state(store: Store) -> None:
    desk = store.readers
    states = [desk.state("ada")]
    assert states == [0]
    desk.mark("ada", A, MarkKind.SAVED, now=NOW)
    states.append(desk.state("ada"))
    desk.unmark("ada", A, MarkKind.SAVED)
    states.append(desk.state("ada"))
    desk.follow("ada", Follow(kind=FollowKind.CATEGORY, value="cs.CL", label="Language", at=NOW))
    states.append(desk.state("ada"))
    desk.prefer("ada", "dial", "0.3")
    states.append(desk.state("ada"))
    desk.forget("ada")
    states.append(desk.state("ada"))
    assert states == sorted(set(states))
    assert desk.state("bob") == 0
    before = desk.turn()
    desk.prefer("bob", "dial", "0.3")
    assert desk.turn() == before + 1


@pytest.mark.usefixtures("papers")
def test_forgetting_a_reader_leaves_nothing_and_touches_nobody_else(
    store: Store, rec: Rec, take: Take
) -> None:
    desk = store.readers
    for reader in ("ada", "bob"):
        desk.mark(reader, A, MarkKind.SAVED, now=NOW)
        desk.mark(reader, B, MarkKind.NOTE, text="mine", now=NOW)
        desk.follow(reader, Follow(kind=FollowKind.CATEGORY, value="cs.CL", label="Language", at=NOW))
        desk.prefer(reader, "dial", "0.3")
    take(rec("2603.00001", withdrawn=True, version=2))
    desk.forget("ada")
    assert (desk.marks("ada"), desk.follows("ada"), desk.notices("ada")) == ((), (), ())
    assert desk.preferences("ada") == {}
    assert len(desk.marks("bob")) == 2
    assert (len(desk.follows("bob")), len(desk.notices("bob"))) == (1, 1)
    assert desk.preferences("bob") == {"dial": "0.3"}


def test_a_setting_is_kept_until_it_is_forgotten(store: Store) -> None:
    store.readers.prefer("ada", "zone", "Europe/Vienna")
    store.readers.prefer("ada", "zone", "Asia/Tokyo")
    assert store.readers.preferences("ada") == {"zone": "Asia/Tokyo"}
    store.readers.prefer("ada", "zone", None)
    assert store.readers.preferences("ada") == {}


def test_a_store_has_one_secret_that_stays(opener: Callable[[], SqlStore]) -> None:
    first = opener()
    assert len(first.secret()) == 32
    assert opener().secret() == first.secret()
    assert first.secret() != bytes(32)


@pytest.mark.usefixtures("papers")
@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_no_database_holds_is_refused_with_a_reason(store: Store, text: str) -> None:
    desk = store.readers
    for say in (
        lambda: desk.mark("ada", A, MarkKind.NOTE, text=text, now=NOW),
        lambda: desk.marks_of(text, [A]),
        lambda: store.by_author(text, limit=1),
    ):
        with pytest.raises(InputError, match="not a text"):
            say()
    assert desk.marks_of("ada", [A]) == {}

"""Contract of the store: two ids of one work."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.model import Derived, MarkKind, Notice, NoticeKind, Paper, Record, VoteReading
from broadsheet.store.contract import Store, Taken

Rec = Callable[..., Record]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
A, B, C = (PaperId.parse(f"2603.0000{n}") for n in (1, 2, 3))


def get(store: Store, id: PaperId) -> Paper:
    paper = store.get(id)
    assert paper is not None
    return paper


@pytest.fixture(autouse=True)
def papers(rec: Rec, take: Take) -> tuple[Record, Record]:
    """Two papers, each with its own day, vote, tag and author."""
    first = rec(
        "2603.00001",
        "Kept",
        "Kept text.",
        days=["2026-03-02"],
        people=["Ada Lovelace"],
        readings=(VoteReading(NOW, 3),),
        tags=("a",),
        version=1,
    )
    second = rec(
        "2603.00002",
        "Other",
        "Other text.",
        days=["2026-03-04"],
        people=["Ada Lovelace", "Emmy Noether"],
        readings=(VoteReading(LATER, 7),),
        tags=("b",),
        version=4,
        withdrawn=True,
    )
    take(first, second)
    return first, second


def test_folding_unites_days_votes_and_tags_under_the_kept_text(store: Store) -> None:
    assert store.fold(A, B, now=LATER)
    paper = get(store, B)
    assert paper == get(store, A)
    assert (paper.id, paper.title, paper.abstract, paper.aliases) == (A, "Kept", "Kept text.", (B,))
    assert [a.day.day for a in paper.record.announcements] == [2, 4]
    assert (paper.votes, paper.record.tags) == (7, ("a", "b"))
    assert (paper.record.version, paper.record.withdrawn, paper.revised) == (1, False, 0)
    assert store.get_many([A, B, C]) == {A: paper, B: paper}


def test_a_folded_paper_is_in_no_list_of_its_own(store: Store) -> None:
    store.fold(A, B, now=LATER)
    assert store.count() == 1
    assert [p.id for p in store.edition(date(2026, 3, 4))] == [A]
    assert [(d.day.day, d.new) for d in store.days()] == [(2, 1), (4, 1)]
    assert [p.id for p in store.by_author("ada-lovelace")] == [A]
    assert store.by_author("emmy-noether") == ()
    assert [p.id for p in store.scan()] == [A]


def test_folding_is_in_the_change_log(store: Store) -> None:
    store.fold(A, B, now=LATER)
    changes = store.changes(2)
    assert [change.seq for change in changes] == [3, 4]
    assert {(change.id, change.gone) for change in changes} == {(A, False), (B, True)}


def test_folding_again_changes_nothing(store: Store) -> None:
    store.fold(A, B, now=LATER)
    before = store.last_seq()
    assert not store.fold(A, B, now=LATER)
    assert not store.fold(B, A, now=LATER)
    assert store.last_seq() == before


def test_folding_asks_for_two_papers_that_are_there(store: Store) -> None:
    with pytest.raises(InputError):
        store.fold(A, A, now=LATER)
    for pair in ((A, C), (C, A)):
        with pytest.raises(NotFoundError, match="2603.00003"):
            store.fold(*pair, now=LATER)


def test_unfolding_restores_both(store: Store) -> None:
    before = [replace(get(store, id), seq=0) for id in (A, B)]
    store.fold(A, B, now=LATER)
    assert store.unfold(B, now=LATER)
    assert [replace(get(store, id), seq=0) for id in (A, B)] == before
    assert [p.id for p in store.edition(date(2026, 3, 4))] == [B]
    assert [p.id for p in store.by_author("emmy-noether")] == [B]
    assert {(change.id, change.gone) for change in store.changes(4)} == {(A, False), (B, False)}
    assert not store.unfold(B, now=LATER)
    assert not store.unfold(A, now=LATER)
    assert not store.unfold(C, now=LATER)


def test_unfolded_papers_are_remembered_as_apart_until_folded_again(store: Store) -> None:
    store.fold(A, B, now=LATER)
    assert store.kept_apart(A) == frozenset()
    store.unfold(B, now=LATER)
    assert store.kept_apart(A) == {B}
    assert store.kept_apart(B) == {A}
    assert store.fold(A, B, now=LATER)
    assert (store.kept_apart(A), store.kept_apart(B)) == (frozenset(), frozenset())


def test_a_source_does_not_fold_what_somebody_unfolded(store: Store, rec: Rec, take: Take) -> None:
    store.fold(A, B, now=LATER)
    store.unfold(B, now=LATER)
    take(rec("2603.00001", "Kept", "Kept text.", also=(B,), version=1))
    assert get(store, B).id == B
    assert store.count() == 2


def test_later_records_of_a_folded_paper_merge_without_replacing_text(
    store: Store, rec: Rec, take: Take
) -> None:
    store.fold(A, B, now=LATER)
    taken = take(rec("2603.00002", "Other, Revised", "New.", days=["2026-03-06 replace"], version=5))
    assert taken == Taken(changed=1)
    paper = get(store, A)
    assert (paper.title, paper.abstract, paper.record.version, paper.revised) == ("Kept", "Kept text.", 1, 0)
    assert [a.day.day for a in paper.record.announcements] == [2, 4, 6]
    store.unfold(B, now=LATER)
    other = get(store, B)
    assert (other.title, other.record.version, other.revised) == ("Other, Revised", 5, 1)
    assert [a.day.day for a in other.record.announcements] == [4, 6]
    assert [revision.title for revision in store.history(B)] == ["Other"]
    assert [a.day.day for a in get(store, A).record.announcements] == [2]


def test_what_readers_cannot_see_of_a_folded_paper_is_no_change(store: Store, rec: Rec, take: Take) -> None:
    store.fold(A, B, now=LATER)
    before = store.last_seq()
    assert take(rec("2603.00002", "Other, Revised", "New.", version=5)) == Taken(unchanged=1)
    assert store.last_seq() == before


def test_later_records_of_the_kept_paper_replace_its_text(store: Store, rec: Rec, take: Take) -> None:
    store.fold(A, B, now=LATER)
    take(rec("2603.00001", "Kept, Revised", "Kept text.", version=2))
    paper = get(store, B)
    assert (paper.title, paper.revised) == ("Kept, Revised", 1)
    assert [a.day.day for a in paper.record.announcements] == [2, 4]
    assert [revision.title for revision in store.history(B)] == ["Kept"]


def test_saves_of_both_are_saves_of_the_kept_paper(store: Store) -> None:
    store.readers.mark("ada", A, MarkKind.SAVED, now=NOW)
    store.readers.mark("ada", B, MarkKind.SAVED, now=LATER)
    store.readers.mark("bob", B, MarkKind.SAVED, now=NOW)
    store.fold(A, B, now=LATER)
    assert [p.id for p in store.readers.marked("ada", MarkKind.SAVED)] == [A]
    assert [p.id for p in store.readers.marked("bob", MarkKind.SAVED)] == [A]
    assert {m.paper for m in store.readers.marks("bob")} == {A}
    assert store.readers.notices("bob") == (Notice(A, NoticeKind.FOLDED, LATER),)
    store.unfold(B, now=LATER)
    assert {m.paper for m in store.readers.marks("ada")} == {A, B}
    assert {m.paper for m in store.readers.marks("bob")} == {B}


def test_unsaving_a_folded_paper_forgets_it_under_both_names(store: Store) -> None:
    store.readers.mark("ada", A, MarkKind.SAVED, now=NOW)
    store.readers.mark("ada", B, MarkKind.SAVED, now=NOW)
    store.fold(A, B, now=LATER)
    store.readers.unmark("ada", A, MarkKind.SAVED)
    assert (store.readers.marked("ada", MarkKind.SAVED), store.readers.notices("ada")) == ((), ())
    store.unfold(B, now=LATER)
    assert store.readers.marked("ada", MarkKind.SAVED) == ()


def test_what_was_folded_into_the_other_comes_along(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00003", "Third", days=["2026-03-06"]))
    store.fold(B, C, now=NOW)
    store.fold(A, B, now=LATER)
    paper = get(store, C)
    assert (paper.id, paper.aliases) == (A, (B, C))
    assert [a.day.day for a in paper.record.announcements] == [2, 4, 6]
    store.unfold(C, now=LATER)
    assert (get(store, C).id, get(store, B).id) == (C, A)
    assert [a.day.day for a in get(store, A).record.announcements] == [2, 4]


def test_folding_a_folded_paper_folds_the_one_that_it_is_part_of(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00003"))
    store.fold(B, C, now=NOW)
    assert store.fold(A, C, now=LATER)
    assert {get(store, id).id for id in (A, B, C)} == {A}


def test_deleting_a_folded_paper_leaves_the_kept_one(store: Store, rec: Rec, take: Take) -> None:
    store.readers.mark("bob", B, MarkKind.SAVED, now=NOW)
    store.fold(A, B, now=NOW)
    assert take(rec("2603.00002", deleted=True), now=LATER) == Taken(changed=1)
    assert store.get(B) is None
    paper = get(store, A)
    assert (paper.aliases, [a.day.day for a in paper.record.announcements]) == ((), [2])
    assert store.readers.notices("bob")[0] == Notice(B, NoticeKind.DELETED, LATER)


def test_deleting_the_kept_paper_sets_the_other_free(store: Store, rec: Rec, take: Take) -> None:
    store.fold(A, B, now=NOW)
    take(rec("2603.00001", deleted=True), now=LATER)
    assert store.get(A) is None
    assert (get(store, B).title, store.count()) == ("Other", 1)


def test_papers_alike_are_found_for_many_at_once(store: Store, rec: Rec) -> None:
    d, e = PaperId.parse("2603.00004"), PaperId.parse("2603.00005")
    bands = {A: (1, 2, 3), B: (2, 3, 4), C: (3, -(2**63)), d: (-(2**63), 7, 7), e: (9,)}
    for id, sketch in bands.items():
        text = f'"sketch":[1,2] of {id}'  # nothing that a text says is taken for a sketch
        record = rec(str(id), abstract=text, version=8)
        store.put([(record, Derived(title="", abstract=text, sketch=sketch))], now=NOW)
    assert store.alike([A, C, e]) == {A: (B, C), C: (A, B, d)}
    assert store.alike([A, C], limit=1) == {A: (B,), C: (A,)}
    assert store.alike([d, PaperId.parse("2603.99999")]) == {d: (C,)}
    assert store.alike([]) == {}
    store.fold(A, B, now=LATER)
    assert store.alike([A, B]) == {A: (C,)}
    store.put([(rec(str(C), version=9), Derived(title="", abstract="", sketch=(9,)))], now=LATER)
    assert store.alike([A, C, d]) == {C: (e,)}


def test_few_papers_among_many_are_compared_as_many_are(store: Store, rec: Rec) -> None:
    others = [PaperId.parse(f"2603.{n:05}") for n in range(100, 150)]
    batch = [
        (rec(str(id)), Derived(title="", abstract="", sketch=(n, n % 25 + 1000)))
        for n, id in enumerate(others)
    ]
    store.put(batch, now=NOW)
    pairs = {id: (others[(n + 25) % 50],) for n, id in enumerate(others)}
    assert store.alike(others) == pairs
    assert {id: found for one in others for id, found in store.alike([one]).items()} == pairs

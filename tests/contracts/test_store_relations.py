"""Contract of the store: which papers speak of which, by name and by title, whichever comes first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from broadsheet import titles
from broadsheet.ids import PaperId
from broadsheet.library.relations import relations
from broadsheet.model import MarkKind, Record
from broadsheet.store.contract import Cursor, Store
from broadsheet.text.derive import derive, read_mentions

Rec = Callable[..., Record]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
OLD, NEW = PaperId.parse("2602.00001"), PaperId.parse("2603.00001")


def put(store: Store, *records: Record) -> None:
    store.put([(record, derive(record)) for record in records], now=NOW)


def told(store: Store, id: PaperId) -> list[tuple[str, str, bool]]:
    paper = store.get(id)
    assert paper is not None
    return [(one.kind.value, str(one.paper.id), one.outward) for one in relations(store, paper)]


def test_what_is_said_of_a_paper_is_known_when_it_comes_later(store: Store, rec: Rec) -> None:
    put(store, rec("2603.00001", "On the second", comment="Extended version of arXiv:2602.00001"))
    assert told(store, NEW) == []
    put(store, rec("2602.00001", "On the first"))
    assert told(store, NEW) == [("version", "2602.00001", True)]
    assert told(store, OLD) == [("version", "2603.00001", False)]


def test_what_is_no_longer_said_or_whose_paper_left_is_forgotten(store: Store, rec: Rec) -> None:
    put(store, rec("2602.00001", "On the first"), rec("2603.00001", comment="Reply to arXiv:2602.00001"))
    assert told(store, OLD) == [("answers", "2603.00001", False)]
    put(store, rec("2603.00001", comment="12 pages", version=2))
    assert told(store, OLD) == []
    put(store, rec("2603.00001", comment="Reply to arXiv:2602.00001", version=3))
    put(store, rec("2603.00001", deleted=True))
    assert told(store, OLD) == []


def test_a_newer_abstract_leaves_what_the_comment_says(store: Store, rec: Rec) -> None:
    put(store, rec("2602.00001", "On the first"), rec("2603.00001", comment="Reply to arXiv:2602.00001"))
    put(store, rec("2603.00001", abstract="Written anew.", version=2))
    assert told(store, OLD) == [("answers", "2603.00001", False)]


def test_names_series_and_titles_need_the_same_people(store: Store, rec: Rec) -> None:
    people = {"people": ["Ada Lovelace", "Emmy Noether"]}
    said = "We introduce FreeScaler, which extends FreeScale to video."
    put(
        store,
        rec("2602.00001", "FreeScale: Images at any size", **people),
        rec("2603.00001", "Video at any size", said, people=["Ada Lovelace"]),
        rec("2603.00002", "Sound at any rate", said, people=["Leonhard Euler"]),
        rec("2603.00003", "Galaxies in rows. I. Theory", **people),
        rec("2603.00004", "Galaxies in rows. II. Practice", **people),
        rec("2603.00005", "Galaxies in rows. III. Regrets", people=["Leonhard Euler"]),
        rec("2603.00006", "Video at any size", "Another text.", people=["Ada Lovelace"]),
    )
    assert told(store, OLD) == [("extends", "2603.00001", False)]
    assert told(store, PaperId.parse("2603.00003")) == [("series", "2603.00004", True)]
    assert ("version", "2603.00006", True) in told(store, NEW)


def test_a_name_that_two_papers_have_means_neither(store: Store, rec: Rec) -> None:
    people = {"people": ["Ada Lovelace"]}
    put(
        store,
        rec("2602.00001", "FreeScale: Images at any size", **people),
        rec("2603.00001", "Video at any size", "This extends FreeScale to video.", **people),
    )
    assert told(store, NEW) == [("extends", "2602.00001", True)]
    put(store, rec("2602.00002", "FreeScale: Weighing fish", **people))
    assert told(store, NEW) == []


def test_who_saved_a_paper_hears_that_it_is_disputed_once(store: Store, rec: Rec) -> None:
    put(store, rec("2602.00001", "All primes are odd numbers"))
    store.readers.mark("ada", OLD, MarkKind.SAVED, now=NOW)
    put(store, rec("2603.00001", "Comment on “All primes are odd numbers”"))
    put(store, rec("2603.00001", "Comment on “All primes are odd numbers”", "Two is not.", version=2))
    assert [(n.paper, n.kind.value) for n in store.readers.notices("ada")] == [(OLD, "disputed")]


def test_papers_of_an_older_version_are_read_again_where_that_was_left_off(store: Store, rec: Rec) -> None:
    put(store, rec("2602.00001", "On the first"))
    store.readers.mark("ada", OLD, MarkKind.SAVED, now=NOW)
    records = [rec(f"2603.0000{n}", comment="Comment on arXiv:2602.00001") for n in (1, 2, 3)]
    # As a version that looked for no mentions wrote them.
    store.put([(record, replace(derive(record), mentions=())) for record in records], now=NOW)
    assert store.reread(read_mentions, limit=10, now=NOW) == 0  # nothing says that it is due
    store.set_cursor(Cursor("reread", "0"))
    store.fold(NEW, PaperId.parse("2603.00003"), now=NOW)
    before = store.last_seq()
    assert store.reread(read_mentions, limit=2, now=NOW) == 2
    assert [id for _, id, _ in told(store, OLD)] == ["2603.00001"]
    assert [store.reread(read_mentions, limit=2, now=NOW) for _ in range(3)] == [2, 0, 0]
    assert [id for _, id, _ in told(store, OLD)] == ["2603.00001", "2603.00002"]
    assert {str(change.id) for change in store.changes(before)} == {"2603.00001", "2603.00002"}
    assert store.readers.notices("ada") == ()
    store.unfold(PaperId.parse("2603.00003"), now=NOW)
    assert len(told(store, OLD)) == 3


def test_titles_are_found_by_their_keys(store: Store, rec: Rec) -> None:
    put(store, rec("2602.00001", "FreeScale: Images at any size"))
    (key,) = [key for key in titles.keys("freescale: again") if key.startswith(":")]
    assert [str(paper.id) for paper in store.titled([key], limit=9)[key]] == ["2602.00001"]
    put(store, rec("2602.00001", "CostlyScale: Images at any size", version=2))
    assert store.titled([key], limit=9) == {}

"""Contract of the store: what ``put`` does with records."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import (
    Acronym,
    AnnounceKind,
    Announcement,
    Aspect,
    Author,
    Change,
    Derived,
    Link,
    LinkKind,
    MarkKind,
    NoticeKind,
    PaperType,
    Record,
    Revision,
    Sentence,
    Version,
    VoteReading,
)
from broadsheet.store.contract import Cursor, Store, Taken

Rec = Callable[..., Record]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ID = PaperId.parse("2603.00001")
DOI = PaperId.parse("10.1145/3292500.3330701")


def test_every_field_of_a_paper_comes_back_as_it_went_in(store: Store) -> None:
    record = Record(
        id=PaperId.parse("hep-th/9901001"),
        title="On $\\alpha$\n  and “quotes” 汉字",
        source="arxiv",
        abstract="First. Second {\\em x} \x00 \ud800.",
        authors=(Author("Przemysław Uznański", "Wrocław"), Author("A B")),
        categories=("hep-th", "math.AG"),
        published=datetime(1999, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        updated=datetime(2000, 1, 1, tzinfo=UTC),
        announcements=(
            Announcement(date(1999, 1, 4)),
            Announcement(date(1999, 1, 5), AnnounceKind.CROSS, stated=False),
        ),
        versions=(
            Version(1, datetime(1999, 1, 2, tzinfo=UTC), "12kb", "D"),
            Version(2),
        ),
        version=2,
        withdrawn=True,
        comment="12 pages",
        venue="J. Phys. 1",
        doi="10.1/x",
        licence="CC BY",
        links=("https://a.example", "https://b.example"),
        also=(DOI, PaperId("page-1", Scheme.OWN)),
        featured=date(1999, 1, 6),
        readings=(VoteReading(datetime(1999, 2, 1, tzinfo=UTC), 3),),
        tags=("to read",),
        collections=("physics/strings",),
        gist="A gist of its own.",
        aspects={Aspect.METHOD: "How.", Aspect.RESULT: "What."},
        keyphrases=("strings",),
        type=PaperType.THEORY,
        sample=True,
    )
    derived = Derived(
        title="On α and “quotes” 汉字",
        abstract="First. Second x.",
        complete=False,
        sentences=(Sentence(0, 6, Aspect.PROBLEM), Sentence(7, 16)),
        gist="First.",
        acronyms=(Acronym("QFT", "quantum field theory"),),
        links=(Link("https://a.example", LinkKind.CODE),),
        type=PaperType.SURVEY,
        keyphrases=("strings", "branes"),
        sketch=(1, -(2**63), 2**63 - 1),
    )
    assert store.put([(record, derived)], now=NOW) == Taken(new=1)
    paper = store.get(record.id)
    assert paper is not None
    assert paper.record == record
    assert paper.derived == derived
    assert paper.aliases == record.also
    assert (paper.added, paper.revised, paper.seq) == (NOW, 0, 1)


def test_a_record_met_again_changes_nothing(store: Store, rec: Rec, take: Take) -> None:
    records = [rec("2603.00001", days=["2026-03-02"]), rec("2603.00002", people=["A B"])]
    assert take(*records) == Taken(new=2)
    assert take(*records, now=LATER) == Taken(unchanged=2)
    assert store.last_seq() == 2


def test_reading_the_same_record_better_changes_what_was_derived(store: Store, rec: Rec) -> None:
    record = rec("2603.00001")
    store.put([(record, Derived(title="A Title", abstract="An abstract."))], now=NOW)
    better = Derived(title="A Title", abstract="An abstract.", gist="An abstract.")
    assert store.put([(record, better)], now=LATER) == Taken(changed=1)
    paper = store.get(ID)
    assert paper is not None
    assert (paper.derived, paper.revised) == (better, 0)


def test_records_of_one_paper_in_one_batch_are_one_paper(store: Store, rec: Rec, take: Take) -> None:
    taken = take(
        rec("2603.00001", days=["2026-03-02"]),
        rec("2603.00001", days=["2026-03-04 replace"]),
        rec("2603.00001", "Another", version=2),
    )
    assert taken == Taken(new=1)
    paper = store.get(ID)
    assert paper is not None
    assert [a.day.day for a in paper.record.announcements] == [2, 4]
    assert (paper.title, paper.revised) == ("Another", 1)
    assert len(store.changes(0)) == 1


def test_lists_and_votes_are_united(store: Store, rec: Rec, take: Take) -> None:
    first, second = VoteReading(NOW, 3), VoteReading(LATER, 5)
    take(
        rec("2603.00001", days=["2026-03-05 cross"], tags=("a", "b"), links=("https://x.example",)),
        rec("2603.00001", days=["2026-03-02"], tags=("b", "c"), readings=(second,), collections=("shelf",)),
        rec("2603.00001", readings=(first,), featured=date(2026, 3, 3)),
    )
    paper = store.get(ID)
    assert paper is not None
    assert paper.record.announcements == (
        Announcement(date(2026, 3, 2)),
        Announcement(date(2026, 3, 5), AnnounceKind.CROSS),
    )
    assert paper.record.tags == ("a", "b", "c")
    assert paper.record.links == ("https://x.example",)
    assert paper.record.votes == (first, second)
    assert paper.record.collections == ("shelf",)
    assert paper.record.featured == date(2026, 3, 3)
    assert paper.votes == 5


def test_a_stated_day_goes_before_the_same_day_worked_out(store: Store, rec: Rec, take: Take) -> None:
    guessed = replace(rec("2603.00001"), announcements=(Announcement(date(2026, 3, 2), stated=False),))
    take(guessed)
    take(rec("2603.00001", days=["2026-03-02"]))
    take(guessed)
    paper = store.get(ID)
    assert paper is not None
    assert paper.record.announcements == (Announcement(date(2026, 3, 2), stated=True),)


def test_a_stated_day_takes_the_paper_out_of_the_edition_that_was_worked_out(
    store: Store, rec: Rec, take: Take
) -> None:
    guessed = replace(rec("2603.00001"), announcements=(Announcement(date(2026, 3, 2), stated=False),))
    take(guessed)
    assert [p.id for p in store.edition(date(2026, 3, 2))] == [ID]
    take(rec("2603.00001", days=["2026-03-03"]))
    take(guessed)
    paper = store.get(ID)
    assert paper is not None
    assert paper.record.announcements == (Announcement(date(2026, 3, 3)),)
    assert store.edition(date(2026, 3, 2)) == ()
    assert [d.day for d in store.days()] == [date(2026, 3, 3)]


def test_a_later_version_replaces_the_text_and_keeps_the_former(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "Old Title", "Old text.", version=1, comment="5 pages"))
    assert take(rec("2603.00001", "New Title", "New text.", version=2), now=LATER) == Taken(changed=1)
    paper = store.get(ID)
    assert paper is not None
    assert (paper.title, paper.abstract, paper.record.version, paper.revised) == (
        "New Title",
        "New text.",
        2,
        1,
    )
    assert paper.record.comment == "5 pages"
    assert store.history(ID) == (Revision("Old Title", "Old text.", 1, LATER),)


def test_an_earlier_version_fills_gaps_but_replaces_nothing(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "New", "New text.", version=2, categories=("cs.LG",)))
    take(rec("2603.00001", "Old", "Old text.", version=1, categories=("cs.CV",), licence="CC BY"))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.title, paper.record.version, paper.record.categories) == ("New", 2, ("cs.LG",))
    assert paper.record.licence == "CC BY"
    assert store.history(ID) == ()


def test_without_versions_the_later_update_counts(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "Second", updated=NOW))
    take(rec("2603.00001", "First", updated=NOW - timedelta(days=3)))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.title, paper.record.updated) == ("Second", NOW)
    take(rec("2603.00001", "Third", updated=LATER))
    paper = store.get(ID)
    assert paper is not None
    assert paper.title == "Third"


def test_an_undated_record_does_not_overrule_a_dated_one(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "Attention Is Not All You Need", version=1))
    take(rec("2603.00001", "attention is not all you need", "", source="bibtex", tags=("mine",)))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.title, paper.record.source, paper.record.tags) == (
        "Attention Is Not All You Need",
        "test",
        ("mine",),
    )


def test_a_file_with_two_undated_texts_of_a_paper_can_be_taken_in_again(
    store: Store, rec: Rec, take: Take
) -> None:
    file = [rec("2603.00001", "First", "One."), rec("2603.00001", "Second", "Two.")]
    take(*file)
    before = store.last_seq()
    assert take(*file, now=LATER) == Taken(unchanged=1)
    assert store.last_seq() == before
    assert [revision.title for revision in store.history(ID)] == ["First"]


def test_a_later_version_may_bring_a_former_text_back(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "First", version=1))
    take(rec("2603.00001", "Second", version=2))
    take(rec("2603.00001", "First", version=3))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.title, paper.revised) == ("First", 2)


def test_nothing_known_is_erased_by_empty_fields(store: Store, rec: Rec, take: Take) -> None:
    full = rec(
        "2603.00001",
        people=["A B"],
        categories=("cs.LG",),
        published=NOW,
        updated=NOW,
        versions=(Version(1),),
        version=1,
        comment="c",
        venue="v",
        doi="10.1/x",
        licence="l",
        gist="g",
        aspects={Aspect.METHOD: "m"},
        keyphrases=("k",),
        type=PaperType.SURVEY,
    )
    take(full)
    take(rec("2603.00001", "A Title", "", updated=LATER))
    paper = store.get(ID)
    assert paper is not None
    assert paper.record == replace(full, updated=LATER)
    assert paper.abstract == "An abstract."


def test_a_text_that_differs_in_white_space_is_the_same_text(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "A  Title", "An\n abstract.", version=1))
    take(rec("2603.00001", "A Title", "An abstract.", version=2))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.record.abstract, paper.record.version, paper.revised) == ("An\n abstract.", 2, 0)
    assert store.history(ID) == ()


def test_learning_an_abstract_is_no_revision(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", "A Title", ""))
    take(rec("2603.00001", "A Title", "An abstract."))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.abstract, paper.revised) == ("An abstract.", 0)


def test_what_a_source_stated_stays_when_another_only_gives_text(store: Store) -> None:
    stated = Record(id=ID, title="T", source="sample", abstract="One. Two.", gist="Stated.")
    bare = Record(id=ID, title="T", source="arxiv", abstract="One. Two.", version=1)
    store.put([(stated, Derived(title="T", abstract="One. Two.", gist="Stated."))], now=NOW)
    store.put([(bare, Derived(title="T", abstract="One. Two.", gist="Two."))], now=LATER)
    paper = store.get(ID)
    assert paper is not None
    assert (paper.record.source, paper.record.gist, paper.derived.gist) == ("arxiv", "Stated.", "Stated.")


def test_a_link_some_source_gave_survives_a_new_text(store: Store) -> None:
    code = Link("https://github.com/a/b", LinkKind.CODE)
    first = Record(id=ID, title="T", source="x", abstract="One.", links=(code.url,))
    second = Record(id=ID, title="T", source="x", abstract="Two.", version=1)
    store.put([(first, Derived(title="T", abstract="One.", links=(code,)))], now=NOW)
    store.put([(second, Derived(title="T", abstract="Two."))], now=LATER)
    paper = store.get(ID)
    assert paper is not None
    assert paper.derived.links == (code,)


def test_a_withdrawal_is_kept_until_a_later_version_takes_it_back(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", version=1))
    take(rec("2603.00001", version=2, withdrawn=True))
    take(rec("2603.00001", version=2))  # a source that does not tell withdrawals
    paper = store.get(ID)
    assert paper is not None
    assert paper.record.withdrawn
    take(rec("2603.00001", version=3))
    paper = store.get(ID)
    assert paper is not None
    assert not paper.record.withdrawn


def test_readers_of_a_saved_paper_hear_of_revision_withdrawal_and_deletion(
    store: Store, rec: Rec, take: Take
) -> None:
    take(rec("2603.00001", version=1), rec("2603.00002"))
    store.readers.mark("ada", ID, MarkKind.SAVED, now=NOW)
    hours = [NOW + timedelta(hours=n) for n in range(1, 5)]
    take(rec("2603.00001", "Better Title", version=2), now=hours[0])
    take(rec("2603.00001", "Better Title", version=3, withdrawn=True), now=hours[1])
    take(rec("2603.00001", deleted=True), now=hours[2])
    take(rec("2603.00002", "Nobody saved this", version=2), now=hours[3])
    assert [(n.paper, n.kind, n.at, n.seen) for n in store.readers.notices("ada")] == [
        (ID, NoticeKind.DELETED, hours[2], False),
        (ID, NoticeKind.WITHDRAWN, hours[1], False),
        (ID, NoticeKind.REVISED, hours[0], False),
    ]
    assert store.readers.notices("bob") == ()


def test_deletion_takes_a_paper_out_and_a_later_record_brings_it_back(
    store: Store, rec: Rec, take: Take
) -> None:
    record = rec("2603.00001", people=["Ada Lovelace"], days=["2026-03-02"])
    take(record)
    assert take(rec("2603.00001", "", "", deleted=True), now=LATER) == Taken(removed=1)
    assert store.get(ID) is None
    assert store.edition(date(2026, 3, 2)) == ()
    assert store.days() == ()
    assert store.by_author("ada-lovelace") == ()
    assert list(store.scan()) == []
    assert store.count() == 0
    assert store.changes(0) == (Change(2, ID, gone=True),)
    assert take(rec("2603.00001", "", "", deleted=True), now=LATER) == Taken()

    assert take(record, now=LATER) == Taken(new=1)
    paper = store.get(ID)
    assert paper is not None
    assert (paper.record, paper.added) == (record, NOW)
    assert [p.id for p in store.edition(date(2026, 3, 2))] == [ID]
    assert store.changes(2) == (Change(3, ID),)


def test_deleting_what_is_unknown_does_nothing(store: Store, rec: Rec, take: Take) -> None:
    assert take(rec("2603.00001", deleted=True)) == Taken()
    assert (store.last_seq(), store.count()) == (0, 0)


def test_a_record_merges_through_its_other_names(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", version=1))
    taken = take(rec(str(DOI), "A Title, As Printed", also=(ID,), venue="KDD", source="bibtex"))
    assert taken == Taken(changed=1)
    for name in (ID, DOI):
        paper = store.get(name)
        assert paper is not None
        assert (paper.id, paper.title, paper.record.venue) == (ID, "A Title", "KDD")
        assert paper.aliases == (DOI,)
    assert store.count() == 1


def test_a_name_given_before_its_record_leads_to_the_same_paper(store: Store, rec: Rec, take: Take) -> None:
    take(rec(str(DOI), "A Title", "", also=(ID,), source="bibtex"))
    take(rec("2603.00001", "A Title", "An abstract.", version=1))
    paper = store.get(ID)
    assert paper is not None
    assert (paper.id, paper.abstract, paper.record.version) == (DOI, "An abstract.", 1)
    assert store.count() == 1


def test_a_record_that_names_two_papers_folds_them(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", days=["2026-03-02"]), rec(str(DOI), days=["2026-03-04"]))
    assert store.count() == 2
    take(rec("2603.00001", days=["2026-03-02"], also=(DOI,)), now=LATER)
    paper = store.get(DOI)
    assert paper is not None
    assert paper.id == ID
    assert [a.day.day for a in paper.record.announcements] == [2, 4]
    assert store.count() == 1


def test_deleting_a_mere_alias_leaves_the_paper(store: Store, rec: Rec, take: Take) -> None:
    take(rec("2603.00001", also=(DOI,)))
    assert take(rec(str(DOI), deleted=True)) == Taken()
    assert store.get(DOI) is not None


def test_the_cursor_is_saved_with_its_batch(store: Store, rec: Rec, take: Take) -> None:
    assert store.cursor("arxiv") is None
    take(rec("2603.00001"), cursor=Cursor("arxiv", "2026-03-07"))
    take(cursor=Cursor("arxiv", "2026-03-08"))
    store.set_cursor(Cursor("biorxiv", "x"))
    assert (store.cursor("arxiv"), store.cursor("biorxiv")) == ("2026-03-08", "x")


def test_a_batch_that_fails_changes_nothing(store: Store, rec: Rec) -> None:
    good, bad = rec("2603.00001"), replace(rec("2603.00002"), id=PaperId("a/b", Scheme.OWN))
    derived = Derived(title="A Title", abstract="")
    with pytest.raises(InputError, match="a/b"):
        store.put([(good, derived), (bad, derived)], now=NOW, cursor=Cursor("arxiv", "1"))
    naive = replace(good, published=datetime(2026, 1, 1))  # noqa: DTZ001  that is the mistake
    with pytest.raises(InputError, match="time zone"):
        store.put([(good, derived), (naive, derived)], now=NOW)
    assert (store.count(), store.last_seq(), store.cursor("arxiv")) == (0, 0, None)

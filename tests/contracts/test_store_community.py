"""Contract of the store: votes, comments, submissions, curation, moderation, claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.model import MarkKind, Record
from broadsheet.store.community import (
    Claim,
    Comment,
    CommentState,
    Curation,
    Event,
    EventKind,
    LinkOffer,
    Note,
    Pin,
    Report,
    Submission,
    Verdict,
)
from broadsheet.store.contract import Store, Taken
from broadsheet.store.people import Account

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
A, B, C = (PaperId.parse(f"2603.0000{n}") for n in (1, 2, 3))
DAY = date(2026, 3, 9)


def after(**much: float) -> datetime:
    return NOW + timedelta(**much)


@pytest.fixture(autouse=True)
def papers(rec: Callable[..., Record], take: Callable[..., Taken]) -> None:
    take(rec("2603.00001"), rec("2603.00002"))


def comment(
    id: str, paper: PaperId = A, *, author: str = "ada", at: datetime = NOW, parent: str = ""
) -> Comment:
    return Comment(id=id, paper=paper, author=author, at=at, text=f"text of {id}", parent=parent)


# -- votes


def test_a_reader_votes_once_and_can_take_it_back(store: Store) -> None:
    votes = store.community
    assert votes.vote("ada", A, now=NOW)
    assert not votes.vote("ada", A, now=after(hours=1))
    assert votes.vote("bob", A, now=NOW)
    assert votes.votes([A, B, C]) == {A: 2}
    assert votes.voted("ada", [A, B]) == {A}
    assert votes.unvote("ada", A)
    assert not votes.unvote("ada", A)
    assert votes.votes([A]) == {A: 1}
    with pytest.raises(NotFoundError):
        votes.vote("ada", C, now=NOW)


def test_votes_for_folded_papers_count_each_reader_once(store: Store) -> None:
    votes = store.community
    for reader, id in (("ada", A), ("ada", B), ("bob", B)):
        votes.vote(reader, id, now=NOW)
    store.fold(A, B, now=NOW)
    assert votes.votes([A, B]) == {A: 2, B: 2}
    assert not votes.vote("bob", A, now=NOW)
    assert votes.unvote("ada", A)
    assert votes.votes([A]) == {A: 1}
    store.unfold(B, now=NOW)
    assert votes.votes([A, B]) == {B: 1}


def test_events_are_what_people_did_since(store: Store) -> None:
    store.community.vote("ada", A, now=NOW)
    store.community.vote("bob", B, now=after(hours=2))
    store.readers.mark("ada", B, MarkKind.SAVED, now=after(hours=1))
    store.readers.mark("bob", B, MarkKind.READ, now=after(hours=1))
    store.readers.mark("bob", B, MarkKind.NOTE, text="private", now=after(hours=1))
    store.discussion.comment(comment("c1", at=after(hours=3)))
    store.discussion.comment(comment("c2", at=after(hours=4)))
    store.discussion.set_comment_state("c2", CommentState.HIDDEN)
    assert store.community.events(after(minutes=30)) == (
        Event(B, EventKind.READ, "bob", after(hours=1)),
        Event(B, EventKind.SAVE, "ada", after(hours=1)),
        Event(B, EventKind.VOTE, "bob", after(hours=2)),
        Event(A, EventKind.COMMENT, "ada", after(hours=3)),
    )
    assert len(store.community.events(NOW)) == 5


def test_what_readers_say_and_what_editors_do_move_their_own_states(store: Store) -> None:
    said: list[Callable[[], object]] = [
        lambda: store.community.vote("ada", A, now=NOW),
        lambda: store.discussion.comment(comment("c1")),
        lambda: store.community.submit("ada", A, now=NOW),
    ]
    done: list[Callable[[], object]] = [
        lambda: store.community.write_note(DAY, Note(text="x", by="ada", since=NOW)),
        lambda: store.community.hide_paper(A, by="bob", why="spam", now=NOW),
        lambda: store.community.pin(DAY, Pin(paper=B, place=1, note="", by="mo", since=NOW)),
    ]
    states = [(store.community.state(), store.community.editorial_state())]
    for act in said + done:
        act()
        states.append((store.community.state(), store.community.editorial_state()))
    assert states == [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (3, 3)]


# -- comments


def test_comments_stand_in_order_and_answer_each_other(store: Store) -> None:
    talk = store.discussion
    first = comment("c1")
    answer = comment("c2", author="bob", at=after(minutes=1), parent="c1")
    elsewhere = comment("c3", B)
    for one in (first, answer, elsewhere):
        talk.comment(one)
    assert talk.comments(A) == (first, answer)
    assert talk.comment_counts([A, B, C]) == {A: 2, B: 1}
    assert talk.latest_comments(limit=2) == (answer, first)
    assert talk.latest_comments(author="bob") == (answer,)
    with pytest.raises(NotFoundError):
        talk.comment(comment("c4", C))
    with pytest.raises(NotFoundError):
        talk.comment(comment("c4", B, parent="c1"))


def test_a_comment_is_edited_and_deleted(store: Store) -> None:
    talk = store.discussion
    talk.comment(comment("c1"))
    talk.edit_comment("c1", "better", now=after(minutes=5))
    found = talk.find_comment("c1")
    assert found is not None
    assert (found.text, found.edited) == ("better", after(minutes=5))
    talk.set_comment_state("c1", CommentState.DELETED)
    found = talk.find_comment("c1")
    assert found is not None
    assert (found.text, found.state) == ("", CommentState.DELETED)
    assert talk.comment_counts([A]) == {}
    with pytest.raises(NotFoundError):
        talk.edit_comment("c1", "back", now=NOW)
    with pytest.raises(NotFoundError):  # what its author deleted stays so
        talk.set_comment_state("c1", CommentState.SHOWN)
    with pytest.raises(NotFoundError):
        talk.edit_comment("c9", "x", now=NOW)


def test_a_hidden_comment_keeps_its_text(store: Store) -> None:
    store.discussion.comment(comment("c1"))
    store.discussion.set_comment_state("c1", CommentState.HIDDEN)
    assert store.discussion.latest_comments() == ()
    store.discussion.set_comment_state("c1", CommentState.SHOWN)
    assert store.discussion.latest_comments() == (comment("c1"),)


def test_reports_wait_until_somebody_settles_them(store: Store) -> None:
    talk = store.discussion
    for id in ("c1", "c2", "c3"):
        talk.comment(comment(id))

    def report(id: str, reader: str, minutes: int) -> bool:
        return talk.report(Report(comment=id, reader=reader, reason="spam", at=after(minutes=minutes)))

    assert report("c1", "bob", 1)
    assert not report("c1", "bob", 2)
    assert report("c2", "bob", 3)
    assert report("c2", "eve", 4)
    assert report("c3", "bob", 0)
    assert [(c.id, len(r)) for c, r in talk.reports()] == [("c2", 2), ("c3", 1), ("c1", 1)]
    talk.set_comment_state("c2", CommentState.HIDDEN)
    talk.settle_reports("c3")
    assert [c.id for c, _ in talk.reports()] == ["c1"]
    with pytest.raises(NotFoundError):
        report("c2", "dan", 5)


# -- papers


def test_the_first_to_submit_a_paper_is_told(store: Store) -> None:
    community = store.community
    assert community.submit("ada", A, now=NOW)
    assert not community.submit("bob", A, now=after(hours=1))
    assert community.submit("bob", B, now=after(hours=1))
    assert community.submissions([A, C]) == {A: Submission(paper=A, reader="ada", at=NOW)}
    assert [s.paper for s in community.latest_submissions()] == [B, A]
    assert [s.paper for s in community.latest_submissions(reader="ada")] == [A]
    store.fold(A, B, now=NOW)
    assert community.submissions([B])[B].reader == "ada"


def test_a_paper_can_be_kept_out_and_let_in_again(store: Store) -> None:
    community = store.community
    assert community.hide_paper(A, by="mo", why="spam", now=NOW)
    assert not community.hide_paper(A, by="mo", why="again", now=NOW)
    assert community.hidden_papers() == {A: "spam"}
    assert community.show_paper(A)
    assert not community.show_paper(A)
    assert community.hidden_papers() == {}


def test_offered_links_wait_for_a_verdict(store: Store) -> None:
    community = store.community

    def offer(url: str, minutes: int = 0) -> LinkOffer:
        return LinkOffer(paper=A, url=url, kind="code", reader="ada", at=after(minutes=minutes))

    one, two = offer("https://github.com/a/b", 1), offer("https://github.com/a/c")
    assert community.offer_link(one)
    assert not community.offer_link(one)
    assert community.offer_link(two)
    assert community.open_links() == (two, one)
    assert community.links(A) == ()
    assert community.judge_link(A, one.url, Verdict.ACCEPTED)
    assert community.judge_link(A, two.url, Verdict.REFUSED)
    assert not community.judge_link(A, "https://elsewhere.example", Verdict.ACCEPTED)
    assert [link.url for link in community.links(A)] == [one.url]
    assert community.open_links() == ()
    assert not community.offer_link(two)  # a refused one is not asked for again


# -- authors


def test_claims_wait_for_a_verdict(store: Store) -> None:
    community = store.community
    mine = Claim(author="ada-lovelace", reader="ada", evidence="ORCID 0000-0001", at=NOW)
    assert community.claim(mine)
    assert not community.claim(mine)
    assert community.claim(Claim(author="ada-lovelace", reader="eve", evidence="", at=after(hours=1)))
    assert [c.reader for c in community.open_claims()] == ["ada", "eve"]
    assert community.judge_claim("ada-lovelace", "ada", Verdict.ACCEPTED)
    assert community.judge_claim("ada-lovelace", "eve", Verdict.REFUSED)
    assert not community.judge_claim("ada-lovelace", "nobody", Verdict.ACCEPTED)
    assert [c.reader for c in community.claims(author="ada-lovelace")] == ["ada"]
    assert [c.author for c in community.claims(reader="ada")] == ["ada-lovelace"]
    assert community.claims(reader="eve") == community.open_claims() == ()


# -- editions


def test_an_edition_shows_what_was_pinned_for_now(store: Store) -> None:
    community = store.community
    now = Pin(paper=A, place=2, note="Read this.", by="mo", since=NOW)
    soon = Pin(paper=B, place=1, note="", by="mo", since=after(hours=1))
    community.pin(DAY, now)
    community.pin(DAY, soon)
    community.write_note(DAY, Note(text="Good morning.", by="mo", since=after(hours=2)))
    assert community.curation(DAY, now=NOW) == Curation(day=DAY, pins=(now,))
    assert community.curation(DAY, now=after(hours=1)).pins == (soon, now)
    assert community.curation(DAY).note == Note(text="Good morning.", by="mo", since=after(hours=2))
    assert community.curation(date(2026, 3, 10)) == Curation(day=date(2026, 3, 10))
    community.pin(DAY, Pin(paper=B, place=3, note="Later.", by="mo", since=NOW))
    assert [p.paper for p in community.curation(DAY).pins] == [A, B]
    assert community.unpin(DAY, A)
    assert not community.unpin(DAY, A)
    community.write_note(DAY, None)
    assert community.curation(DAY).note is None


def test_a_deleted_account_leaves_no_name_behind(store: Store) -> None:
    store.people.add(Account(id="ada", name="Ada", made=NOW))
    store.community.vote("ada", A, now=NOW)
    store.community.vote("bob", A, now=NOW)
    store.community.submit("ada", A, now=NOW)
    store.discussion.comment(comment("c1"))
    store.discussion.comment(comment("c2", author="bob", parent="c1"))
    store.people.remove("ada")
    assert store.community.votes([A]) == {A: 1}
    gone, answer = store.discussion.comments(A)
    assert (gone.text, gone.author, gone.state) == ("", "", CommentState.DELETED)
    assert answer.text == "text of c2"
    assert store.community.submissions([A])[A].reader == ""

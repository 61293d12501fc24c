"""Subscriptions from question to digest: what is asked, what is begun, what each digest tells of."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.conftest import make_paper

from broadsheet import wiring
from broadsheet.deliver.editor import Editor, schedule_of
from broadsheet.deliver.signing import Deed
from broadsheet.errors import InputError, NotFoundError, TooManyError
from broadsheet.model import Announcement, MarkKind
from broadsheet.store.post import Done, Schedule, Subscription, Waiting
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

# Friday morning, the day of the sample's edition.
NOW = datetime(2026, 3, 20, 5, tzinfo=UTC)
WEEKDAYS = Schedule(days=(0, 1, 2, 3, 4), hour=7, zone="Europe/Paris")


@pytest.fixture
def editor(archive: Archive) -> Editor:
    return wiring.editor_of(archive)


def asked(editor: Editor, *, now: datetime = NOW) -> Sequence[Waiting]:
    return editor.post.claim_letters("test", now=now, until=now + timedelta(minutes=1), limit=9)


def link(body: bytes, page: str) -> str:
    """The ticket of the first link of a kind in a letter's plain text."""
    message = email.message_from_bytes(body, policy=email.policy.default)
    part = message.get_body(("plain",))
    assert part is not None
    found = re.search(rf"https://papers\.example\.org/mail/{page}/(\S+)", part.get_content())
    assert found is not None
    return found[1]


def confirmed(editor: Editor, *, reader: str = "me", schedule: Schedule = WEEKDAYS) -> Subscription:
    editor.ask("ada@example.org", reader=reader, schedule=schedule, now=NOW)
    (letter,) = asked(editor)
    return editor.confirm(link(letter.letter.body, "subscribe"), now=NOW)


def write(editor: Editor, subscription: Subscription, *, now: datetime) -> Done:
    """One digest, filed."""
    claimed = editor.post.claim_due("w", now=now, until=now + timedelta(minutes=1), limit=9)
    assert [s.id for s in claimed] == [subscription.id]
    done = editor.write(claimed[0], now=now)
    editor.post.file("w", [done], now=now)
    return done


def announce(archive: Archive, day: str, *ids: str) -> None:
    """Papers that come in on another day."""
    records = [
        replace(
            make_paper(id, f"Paper {id}", "It is new.").record,
            announcements=(Announcement(date.fromisoformat(day)),),
        )
        for id in ids
    ]
    archive.store.put([(record, derive(record)) for record in records], now=NOW)


def test_nothing_is_kept_until_the_owner_of_the_address_confirms(editor: Editor) -> None:
    editor.ask("Ada@Example.org", reader="me", schedule=WEEKDAYS, now=NOW)
    assert editor.post.subscriptions() == ()
    (letter,) = asked(editor)
    assert letter.letter.address == "Ada@example.org"
    ticket = link(letter.letter.body, "subscribe")
    assert editor.requested(ticket, now=NOW).schedule == WEEKDAYS
    assert editor.post.subscriptions() == ()
    kept = editor.confirm(ticket, now=NOW)
    assert (kept.address, kept.reader, kept.schedule) == ("Ada@example.org", "me", WEEKDAYS)
    assert kept.due == datetime(2026, 3, 20, 6, tzinfo=UTC)  # seven o'clock in Paris
    assert editor.confirm(ticket, now=NOW + timedelta(days=1)).id == kept.id


def test_question_can_be_answered_for_a_week(editor: Editor) -> None:
    editor.ask("ada@example.org", reader="", schedule=WEEKDAYS, now=NOW)
    ticket = link(asked(editor)[0].letter.body, "subscribe")
    with pytest.raises(InputError, match="27 March 2026"):
        editor.confirm(ticket, now=NOW + timedelta(days=7))


def test_nobody_can_have_an_address_flooded_with_questions(editor: Editor) -> None:
    for _ in range(3):
        editor.ask("ada@example.org", reader="", schedule=WEEKDAYS, now=NOW)
    with pytest.raises(TooManyError):
        editor.ask("ada@example.org", reader="", schedule=WEEKDAYS, now=NOW)
    editor.ask("ada@example.org", reader="", schedule=WEEKDAYS, now=NOW + timedelta(days=1, minutes=1))


def test_nobody_can_have_us_ask_many(editor: Editor) -> None:
    for number in range(20):
        editor.ask(f"n{number}@example.org", reader="", schedule=WEEKDAYS, now=NOW, asker="203.0.113.7")
    with pytest.raises(TooManyError):
        editor.ask("other@example.org", reader="", schedule=WEEKDAYS, now=NOW, asker="203.0.113.7")
    editor.ask("other@example.org", reader="", schedule=WEEKDAYS, now=NOW, asker="203.0.113.8")


def test_first_digest_tells_of_the_latest_edition_and_later_ones_of_what_came_since(
    archive: Archive, editor: Editor
) -> None:
    subscription = confirmed(editor)
    first = write(editor, subscription, now=NOW + timedelta(hours=1))
    assert first.letter is not None
    assert (first.edition, first.covered) == ("2026-03-20", date(2026, 3, 20))
    assert first.due == datetime(2026, 3, 23, 6, tzinfo=UTC)  # Monday
    # Nothing came in over the weekend: no letter.
    nothing = write(editor, subscription, now=first.due)
    assert (nothing.letter, nothing.covered) == (None, date(2026, 3, 20))
    announce(archive, "2026-03-23", "2603.90001")
    announce(archive, "2026-03-24", "2603.90002", "2603.90003")
    third = write(editor, subscription, now=nothing.due)
    assert third.letter is not None
    assert third.edition == "2026-03-24"
    body = email.message_from_bytes(third.letter.body, policy=email.policy.default)
    assert "23 to 24 March 2026" in body.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_reader_who_wants_to_be_told_so_is_told_that_nothing_is_new(editor: Editor) -> None:
    subscription = confirmed(editor, schedule=replace(WEEKDAYS, if_empty=True))
    first = write(editor, subscription, now=NOW + timedelta(hours=1))
    second = write(editor, subscription, now=first.due)
    assert second.letter is not None
    assert b"nothing new" in second.letter.body
    third = write(editor, subscription, now=second.due)
    assert third.letter is not None  # each such day has a name of its own
    assert third.edition != second.edition


def test_news_alone_is_worth_a_letter_and_is_told_once(archive: Archive, editor: Editor) -> None:
    subscription = confirmed(editor)
    first = write(editor, subscription, now=NOW + timedelta(hours=1))
    paper = next(iter(archive.store.scan()))
    archive.library.desk("me").mark(paper.id, MarkKind.SAVED)
    record = replace(paper.record, withdrawn=True, version=9)
    archive.store.put([(record, derive(record))], now=NOW + timedelta(days=1))
    second = write(editor, subscription, now=first.due)
    assert second.letter is not None
    assert b"was withdrawn" in second.letter.body
    assert second.told == NOW + timedelta(days=1)
    assert write(editor, subscription, now=second.due).letter is None


def test_digest_after_a_long_pause_chooses_from_the_last_month(archive: Archive, editor: Editor) -> None:
    subscription = confirmed(editor)
    first = write(editor, subscription, now=NOW + timedelta(hours=1))
    assert first.letter is not None
    for number, day in enumerate(("2026-04-01", "2026-06-10", "2026-06-20")):
        announce(archive, day, f"2606.9000{number}")
    late = datetime(2026, 6, 22, 6, tzinfo=UTC)
    done = write(editor, subscription, now=late)
    assert done.letter is not None
    text = done.letter.body.decode()
    assert "10 to 20 June 2026" in text


def test_links_of_a_letter_save_and_hide_for_its_reader(archive: Archive, editor: Editor) -> None:
    done = write(editor, confirmed(editor), now=NOW + timedelta(hours=1))
    assert done.letter is not None
    desk = archive.library.desk("me")
    for deed, kind in ((Deed.SAVE, MarkKind.SAVED), (Deed.HIDE, MarkKind.HIDDEN)):
        ticket = link(done.letter.body, deed.value)
        reader, paper = editor.deed(ticket, deed, now=NOW)
        assert (reader, desk.marks(kind)) == ("me", ())
        assert editor.do(ticket, deed, now=NOW) == editor.do(ticket, deed, now=NOW) == paper
        assert [mark.paper for mark in desk.marks(kind)] == [paper]
        with pytest.raises(InputError, match="was good until"):
            editor.do(ticket, deed, now=NOW + timedelta(days=61))


def test_public_letter_saves_for_nobody(editor: Editor) -> None:
    done = write(editor, confirmed(editor, reader=""), now=NOW + timedelta(hours=1))
    assert done.letter is not None
    assert b"/mail/save/" not in done.letter.body


def test_unsubscribing_ends_it_and_may_be_done_again(editor: Editor) -> None:
    subscription = confirmed(editor)
    done = write(editor, subscription, now=NOW + timedelta(hours=1))
    assert done.letter is not None
    message = email.message_from_bytes(done.letter.body, policy=email.policy.default)
    address = message["List-Unsubscribe"].strip("<>")
    ticket = address.removeprefix("https://papers.example.org/mail/unsubscribe/")
    assert ticket == link(done.letter.body, "unsubscribe")
    for _ in range(2):
        assert editor.leave(ticket, now=NOW + timedelta(days=900)).id == subscription.id  # never expires
    (stopped,) = editor.post.subscriptions()
    assert (stopped.due, stopped.why) == (None, "unsubscribed")


def test_preview_holds_no_permissions_and_changes_nothing(archive: Archive, editor: Editor) -> None:
    confirmed(editor)
    before = editor.post.subscriptions()
    text = editor.preview("me", day=None, now=NOW)
    assert "/mail/" not in text.html + text.plain
    assert "Friday, 20 March 2026" in text.plain
    assert editor.post.subscriptions() == before
    with pytest.raises(NotFoundError, match="2026-03-21"):
        editor.preview("me", day=date(2026, 3, 21), now=NOW)


@pytest.mark.parametrize(
    ("days", "hour", "zone"), [([], 7, "UTC"), ([7], 7, "UTC"), ([0], 24, "UTC"), ([0], 7, "Atlantis")]
)
def test_schedule_that_is_none_is_refused(days: list[int], hour: int, zone: str) -> None:
    with pytest.raises(InputError):
        schedule_of(days=days, hour=hour, zone=zone, if_empty=False)

"""The post: claims that end, letters written once, and nothing lost between two holders."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.contracts.conftest import NOW, Opener, open_at

from broadsheet.store.post import Done, Letter, Schedule, State, Subscription
from broadsheet.store.sql import SqlStore

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def subscription(name: str = "a", *, reader: str = "", due: datetime = NOW, **more: object) -> Subscription:
    values = {
        "id": f"id-{name}",
        "address": f"{name}@example.org",
        "reader": reader,
        "schedule": Schedule(days=(0, 2, 6), hour=7, zone="Europe/Paris", if_empty=True),
        "confirmed": NOW,
        "covered": date(2026, 3, 6),
        "due": due,
    }
    return Subscription(**(values | more))  # type: ignore[arg-type]


def letter(name: str = "a") -> Letter:
    return Letter(
        address=f"{name}@example.org", message_id=f"<{name}@here>", body=b"Subject: x\r\n\r\nHello \xff"
    )


def done(name: str = "a", *, edition: str = "2026-03-09", text: Letter | None = None) -> Done:
    return Done(
        subscription=f"id-{name}",
        letter=text,
        edition=edition,
        covered=date(2026, 3, 9),
        told=NOW,
        due=NOW + DAY,
    )


def test_subscription_comes_back_as_it_was_enrolled(store: SqlStore) -> None:
    kept = store.post.enrol(subscription(reader="me"))
    assert kept == subscription(reader="me")
    assert store.post.subscription("id-a") == kept
    assert store.post.subscription("id-b") is None
    assert store.post.subscriptions() == store.post.subscriptions(reader="me") == (kept,)
    assert store.post.subscriptions(reader="") == ()


def test_one_address_has_one_subscription_of_each_reader(store: SqlStore) -> None:
    store.post.enrol(subscription())
    later = subscription(id="other", schedule=Schedule(days=(5,), hour=9), covered=None, due=NOW + DAY)
    kept = store.post.enrol(later)
    # The schedule is the new one; where it stands is not.
    assert (kept.id, kept.schedule, kept.covered, kept.due) == (
        "id-a",
        later.schedule,
        date(2026, 3, 6),
        NOW + DAY,
    )
    store.post.enrol(subscription(id="mine", reader="me"))
    assert [s.id for s in store.post.subscriptions(address="a@example.org")] == ["id-a", "mine"]


def test_stopped_subscription_is_never_due_and_begins_anew_when_confirmed_again(store: SqlStore) -> None:
    store.post.enrol(subscription())
    assert store.post.stop("id-a", why="unsubscribed")
    assert not store.post.stop("id-a", why="again")
    stopped = store.post.subscription("id-a")
    assert stopped is not None
    assert (stopped.due, stopped.why) == (None, "unsubscribed")
    assert store.post.claim_due("h", now=NOW + DAY, until=NOW + 2 * DAY, limit=9) == ()
    kept = store.post.enrol(subscription(covered=date(2026, 5, 1)))
    assert (kept.covered, kept.due, kept.why) == (date(2026, 5, 1), NOW, "")


def test_due_subscription_is_one_holders_until_its_claim_ends(store: SqlStore) -> None:
    store.post.enrol(subscription())
    store.post.enrol(subscription("b", due=NOW + MINUTE))
    store.post.enrol(subscription("c", due=NOW - MINUTE))
    first = store.post.claim_due("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert [s.id for s in first] == ["id-c", "id-a"]  # longest due first; b is not due yet
    assert store.post.claim_due("two", now=NOW, until=NOW + MINUTE, limit=9) == ()
    again = store.post.claim_due("two", now=NOW + MINUTE, until=NOW + 2 * MINUTE, limit=2)
    assert [s.id for s in again] == ["id-c", "id-a"]


def test_what_a_clock_that_ran_ahead_put_off_is_due_when_it_is_set_right(store: SqlStore) -> None:
    year = NOW + 365 * DAY
    store.post.enrol(subscription(due=year))
    waiting(store, "b", "c")
    store.post.claim_due("ahead", now=year, until=year + MINUTE, limit=9)
    first, second = store.post.claim_letters("ahead", now=year, until=year + MINUTE, limit=9)
    store.post.put_off("ahead", first.no, due=year + MINUTE, error="451 later")
    # Set right, and whoever had claimed them is dead: a year is nothing to wait for.
    assert [s.id for s in store.post.claim_due("two", now=NOW, until=NOW + MINUTE, limit=9)] == ["id-a"]
    found = store.post.claim_letters("two", now=NOW, until=NOW + MINUTE, limit=9)
    assert sorted(w.no for w in found) == [first.no, second.no]


def test_letter_and_what_it_told_of_are_noted_together(store: SqlStore) -> None:
    store.post.enrol(subscription())
    store.post.claim_due("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert store.post.file("one", [done(text=letter())], now=NOW) == 1
    kept = store.post.subscription("id-a")
    assert kept is not None
    assert (kept.covered, kept.told, kept.due) == (date(2026, 3, 9), NOW, NOW + DAY)
    assert store.post.letters() == {State.WAITING: 1}


def test_day_with_nothing_to_tell_moves_on_without_a_letter(store: SqlStore) -> None:
    store.post.enrol(subscription())
    store.post.claim_due("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert store.post.file("one", [done()], now=NOW) == 0
    kept = store.post.subscription("id-a")
    assert kept is not None
    assert kept.due == NOW + DAY
    assert store.post.letters() == {}


def test_holder_whose_claim_was_taken_over_files_nothing(store: SqlStore) -> None:
    store.post.enrol(subscription())
    store.post.claim_due("slow", now=NOW, until=NOW + MINUTE, limit=9)
    store.post.claim_due("quick", now=NOW + MINUTE, until=NOW + DAY, limit=9)
    assert store.post.file("slow", [done(text=letter("slow"))], now=NOW) == 0
    assert store.post.file("quick", [done(text=letter("quick"))], now=NOW) == 1
    assert store.post.file("quick", [done(text=letter("quick2"))], now=NOW) == 0  # it gave its claim back
    assert store.post.letters() == {State.WAITING: 1}


def test_same_edition_is_never_queued_twice_for_a_subscription(store: SqlStore) -> None:
    store.post.enrol(subscription())
    for name in ("first", "second"):
        store.post.hurry("id-a", now=NOW)
        store.post.claim_due("one", now=NOW, until=NOW + MINUTE, limit=9)
        store.post.file("one", [done(text=letter(name))], now=NOW)
    claimed = store.post.claim_letters("two", now=NOW, until=NOW + MINUTE, limit=9)
    assert [w.letter.message_id for w in claimed] == ["<first@here>"]


def test_who_unsubscribed_while_a_digest_was_composed_gets_none(store: SqlStore) -> None:
    store.post.enrol(subscription())
    store.post.claim_due("one", now=NOW, until=NOW + MINUTE, limit=9)
    store.post.stop("id-a", why="unsubscribed")
    assert store.post.file("one", [done(text=letter())], now=NOW) == 0


def waiting(store: SqlStore, *names: str) -> None:
    for name in names:
        store.post.queue(letter(name), now=NOW)


def test_letter_comes_back_byte_for_byte(store: SqlStore) -> None:
    waiting(store, "a")
    (claimed,) = store.post.claim_letters("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert claimed.letter == letter()
    assert (claimed.attempts, claimed.queued, claimed.doubtful) == (0, NOW, False)


def test_claimed_letter_is_one_holders_until_its_claim_ends(store: SqlStore) -> None:
    waiting(store, "a", "b", "c")
    ones = store.post.claim_letters("one", now=NOW, until=NOW + MINUTE, limit=2)
    twos = store.post.claim_letters("two", now=NOW, until=NOW + MINUTE, limit=2)
    assert [[w.letter.message_id for w in claimed] for claimed in (ones, twos)] == [
        ["<a@here>", "<b@here>"],
        ["<c@here>"],
    ]
    store.post.claim_letters("three", now=NOW + MINUTE, until=NOW + DAY, limit=9)
    assert not store.post.hand_over("one", ones[0].no, until=NOW + DAY)
    assert not store.post.sent("one", ones[0].no, now=NOW)
    assert store.post.hand_over("three", ones[0].no, until=NOW + DAY)


def test_sent_letter_never_comes_again_and_its_text_is_gone(store: SqlStore) -> None:
    waiting(store, "a")
    (claimed,) = store.post.claim_letters("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert store.post.hand_over("one", claimed.no, until=NOW + MINUTE)
    assert store.post.sent("one", claimed.no, now=NOW)
    assert not store.post.sent("one", claimed.no, now=NOW)
    assert store.post.claim_letters("two", now=NOW + DAY, until=NOW + 2 * DAY, limit=9) == ()
    assert store.post.letters() == {State.SENT: 1}


def test_letter_handed_over_without_an_answer_comes_again_as_doubtful(store: SqlStore) -> None:
    waiting(store, "a", "b")
    first, second = store.post.claim_letters("killed", now=NOW, until=NOW + MINUTE, limit=9)
    store.post.hand_over("killed", first.no, until=NOW + 2 * MINUTE)
    again = store.post.claim_letters("next", now=NOW + MINUTE, until=NOW + DAY, limit=9)
    assert [(w.no, w.doubtful) for w in again] == [(second.no, False)]
    late = store.post.claim_letters("next", now=NOW + 2 * MINUTE, until=NOW + DAY, limit=9)
    assert [(w.no, w.doubtful, w.letter.message_id) for w in late] == [(first.no, True, "<a@here>")]


def test_letter_that_was_put_off_waits_and_counts_its_attempts(store: SqlStore) -> None:
    waiting(store, "a")
    (claimed,) = store.post.claim_letters("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert store.post.put_off("one", claimed.no, due=NOW + DAY, error="451 later")
    assert store.post.claim_letters("one", now=NOW + MINUTE, until=NOW + DAY, limit=9) == ()
    (again,) = store.post.claim_letters("one", now=NOW + DAY, until=NOW + 2 * DAY, limit=9)
    assert (again.attempts, again.doubtful) == (1, False)


def test_letter_that_failed_for_good_is_recorded(store: SqlStore) -> None:
    waiting(store, "a")
    (claimed,) = store.post.claim_letters("one", now=NOW, until=NOW + MINUTE, limit=9)
    assert store.post.fail("one", claimed.no, now=NOW, error="550 no such user")
    assert store.post.failures() == (("a@example.org", "550 no such user", NOW),)
    assert store.post.claim_letters("one", now=NOW + DAY, until=NOW + 2 * DAY, limit=9) == ()


def test_what_is_given_back_can_be_had_at_once(store: SqlStore) -> None:
    waiting(store, "a", "b")
    store.post.enrol(subscription())
    store.post.claim_due("one", now=NOW, until=NOW + DAY, limit=9)
    first, second = store.post.claim_letters("one", now=NOW, until=NOW + DAY, limit=9)
    store.post.hand_over("one", first.no, until=NOW + DAY)
    store.post.release("one")
    again = store.post.claim_letters("two", now=NOW, until=NOW + DAY, limit=9)
    assert [w.no for w in again] == [second.no]  # how the first ended is not known
    assert len(store.post.claim_due("two", now=NOW, until=NOW + DAY, limit=9)) == 1


def test_stopping_takes_back_letters_that_have_not_gone(store: SqlStore) -> None:
    store.post.enrol(subscription())
    store.post.claim_due("one", now=NOW, until=NOW + DAY, limit=9)
    store.post.file("one", [done(text=letter())], now=NOW)
    (claimed,) = store.post.claim_letters("one", now=NOW, until=NOW + DAY, limit=9)
    store.post.stop("id-a", why="unsubscribed")
    assert not store.post.hand_over("one", claimed.no, until=NOW + DAY)
    assert store.post.letters() == {}


def test_suspending_an_address_stops_everything_that_goes_there(store: SqlStore) -> None:
    for one in (subscription(), subscription(id="mine", reader="me"), subscription("b")):
        store.post.enrol(one)
    assert store.post.suspend("a@example.org", why="bounced") == 2
    assert [(s.id, s.why) for s in store.post.subscriptions() if s.due is None] == [
        ("id-a", "bounced"),
        ("mine", "bounced"),
    ]


def test_reader_who_is_forgotten_gets_no_digest_and_leaves_no_address(store: SqlStore) -> None:
    for one in (subscription("mine", reader="me"), subscription("public")):
        store.post.enrol(one)
    store.post.claim_due("one", now=NOW, until=NOW + DAY, limit=9)
    store.post.file(
        "one", [done("mine", text=letter("mine")), done("public", text=letter("public"))], now=NOW
    )
    store.readers.forget("me")
    assert [s.id for s in store.post.subscriptions()] == ["id-public"]
    claimed = store.post.claim_letters("one", now=NOW, until=NOW + DAY, limit=9)
    assert [w.letter.message_id for w in claimed] == ["<public@here>"]


def test_letters_of_no_subscription_are_counted_by_address_and_time(store: SqlStore) -> None:
    waiting(store, "a", "b")
    assert store.post.queued("a@example.org", since=NOW) == 1
    assert store.post.queued("a@example.org", since=NOW + MINUTE) == 0


def test_letters_that_went_long_ago_are_forgotten(store: SqlStore) -> None:
    waiting(store, "old", "stuck")
    first, _ = store.post.claim_letters("one", now=NOW, until=NOW + MINUTE, limit=9)
    store.post.sent("one", first.no, now=NOW)
    store.post.queue(letter("new"), now=NOW + 90 * DAY)
    assert store.post.letters() == {State.WAITING: 2, State.SENT: 1}
    store.post.queue(letter("newer"), now=NOW + 91 * DAY)
    assert store.post.letters() == {State.WAITING: 3}  # what waits is never forgotten


def _claim_all(address: str, holder: str, into: multiprocessing.Queue[list[int]]) -> None:
    with open_at(address) as store:
        claimed: list[int] = []
        while found := store.post.claim_letters(holder, now=NOW, until=NOW + DAY, limit=3):
            claimed += [w.no for w in found]
        into.put(claimed)


def test_processes_that_claim_at_once_share_the_work_without_overlap(
    store: SqlStore, address: str, opener: Opener
) -> None:
    waiting(store, *(f"n{number}" for number in range(60)))
    context = multiprocessing.get_context("spawn")
    into: multiprocessing.Queue[list[int]] = context.Queue()
    workers = [context.Process(target=_claim_all, args=(address, f"h{n}", into)) for n in range(3)]
    for worker in workers:
        worker.start()
    claimed = [no for _ in workers for no in into.get(timeout=60)]
    for worker in workers:
        worker.join()
    assert sorted(claimed) == list(range(1, 61))


def test_naive_moment_is_refused(store: SqlStore) -> None:
    from broadsheet.errors import InputError

    with pytest.raises(InputError):
        store.post.queue(letter(), now=datetime(2026, 3, 8))  # noqa: DTZ001
    assert store.post.queued("a@example.org", since=datetime(2000, 1, 1, tzinfo=UTC)) == 0

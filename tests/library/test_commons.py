from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from broadsheet.errors import InputError, NotFoundError, RefusedError, TooManyError
from broadsheet.ids import PaperId
from broadsheet.library.commons import DEEPEST, Commons
from broadsheet.model import Derived, Record
from broadsheet.store.people import Account
from broadsheet.store.sqlite import SqliteStore

A = PaperId("2603.00001")
NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)


class Clock:
    """Goes on a second with every look."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "b.db") as store:
        store.put([(Record(id=A, title="T", source="test"), Derived(title="T", abstract=""))], now=NOW)
        store.people.add(Account(id="ada", name="Ada", made=NOW))
        store.people.add(Account(id="bob", name="Bob", made=NOW))
        yield store


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def commons(store: SqliteStore, clock: Clock) -> Commons:
    numbers = count(1)
    return Commons(store, now=clock, random=lambda: f"c{next(numbers)}")


def shape(commons: Commons) -> list[tuple[str, int, str]]:
    return [(r.comment.id, r.depth, r.author) for r in commons.thread(A)]


def test_answers_follow_what_they_answer(commons: Commons) -> None:
    one = commons.comment("ada", A, "First.")
    two = commons.comment("bob", A, "Second.")
    three = commons.comment("bob", A, "To the first.", parent=one.id)
    commons.comment("ada", A, "To that.", parent=three.id)
    commons.comment("ada", A, "To the second.", parent=two.id)
    assert shape(commons) == [
        ("c1", 0, "Ada"),
        ("c3", 1, "Bob"),
        ("c4", 2, "Ada"),
        ("c2", 0, "Bob"),
        ("c5", 1, "Ada"),
    ]


def test_a_long_exchange_does_not_wander_off_the_page(commons: Commons, clock: Clock) -> None:
    last = ""
    for _ in range(1500):
        clock.at += timedelta(minutes=3)
        last = commons.comment("ada", A, "And?", parent=last).id
    depths = [depth for _, depth, _ in shape(commons)]
    assert depths[:6] == [0, 1, 2, 3, 4, 4]
    assert max(depths) == DEEPEST


def test_a_deleted_comment_stays_as_a_gap_while_it_is_answered(commons: Commons) -> None:
    one = commons.comment("ada", A, "First.")
    two = commons.comment("bob", A, "Answer.", parent=one.id)
    commons.delete("ada", one.id)
    assert [c for c, _, _ in shape(commons)] == ["c1", "c2"]
    assert commons.thread(A)[0].comment.text == ""
    commons.delete("bob", two.id)
    assert shape(commons) == []


def test_only_its_author_changes_a_comment(commons: Commons) -> None:
    one = commons.comment("ada", A, "First.")
    with pytest.raises(RefusedError):
        commons.edit("bob", one.id, "Mine now.")
    with pytest.raises(RefusedError):
        commons.delete("bob", one.id)
    commons.edit("ada", one.id, " Better. ")
    assert commons.find_comment(one.id).text == "Better."
    commons.moderate(one.id, hide=True)
    with pytest.raises(RefusedError):  # nor its author what a moderator hid
        commons.edit("ada", one.id, "Again.")


def test_a_moderator_hides_lets_stand_and_shows_again(commons: Commons) -> None:
    one = commons.comment("ada", A, "First.")
    commons.report("bob", one.id, "rude")
    commons.moderate(one.id, hide=False)
    assert commons.reports() == ()
    assert len(commons.thread(A)) == 1
    commons.moderate(one.id, hide=True)
    assert commons.thread(A) == ()
    commons.moderate(one.id, hide=False)
    assert commons.thread(A)[0].comment.text == "First."


def test_nobody_floods_a_discussion(commons: Commons, clock: Clock) -> None:
    for _ in range(30):
        commons.comment("ada", A, "Me!")
    with pytest.raises(TooManyError):
        commons.comment("ada", A, "Me!")
    commons.comment("bob", A, "Let others speak.")
    clock.at += timedelta(hours=1)
    commons.comment("ada", A, "Me!")


@pytest.mark.parametrize("bad", ["", "  \n ", "x" * 10_001, "bell\x07", "\u202etext"])
def test_what_is_no_text_is_refused(commons: Commons, bad: str) -> None:
    with pytest.raises(InputError):
        commons.comment("ada", A, bad)
    assert commons.thread(A) == ()


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "github.com/a/b",
        "javascript:alert(1)",
        "ftp://a.b/c",
        "http://localhost/x",
        "https://a b.c/",
        "https://u:p@a.b/",
        "https://[::1",
    ],
)
def test_only_web_addresses_are_offered(commons: Commons, bad: str) -> None:
    with pytest.raises(InputError, match="not a web address"):
        commons.offer_link("ada", A, bad, "code")
    with pytest.raises(InputError, match="no kind"):
        commons.offer_link("ada", A, "https://a.b/c", "virus")


def test_an_accepted_claim_shows_its_claimant(commons: Commons) -> None:
    assert commons.claim("ada", "Lovelace, Ada", "my ORCID")
    assert commons.claimants("lovelace-ada") == ()
    commons.judge_claim("lovelace-ada", "ada", accept=True)
    assert commons.claimants("lovelace-ada") == ("Ada",)
    assert commons.claimed_by("ada") == ("lovelace-ada",)
    with pytest.raises(NotFoundError):
        commons.judge_claim("lovelace-ada", "bob", accept=True)


def test_an_edition_is_curated_for_later(commons: Commons, clock: Clock) -> None:
    day = NOW.date()
    later = clock.at + timedelta(hours=1)
    commons.pin(day, A, place=1, note="Read this.", by="ada")
    commons.write_note(day, "Good morning.", by="ada", since=later)
    assert commons.curation(day).note is None
    assert commons.curation(day, scheduled=True).note is not None
    clock.at = later
    seen = commons.curation(day)
    assert seen.note is not None
    assert (seen.note.text, [p.note for p in seen.pins]) == ("Good morning.", ["Read this."])
    commons.write_note(day, " ", by="ada")
    assert commons.curation(day).note is None
    with pytest.raises(InputError):
        commons.pin(day, A, place=21, note="", by="ada")

"""Contract of the store: what was answered to requests that may come again."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from broadsheet.errors import AwayError, BusyError, NotFoundError, ReusedError, SourceError, UnderWayError
from broadsheet.library.repeats import Repeats
from broadsheet.store.contract import Store
from broadsheet.store.people import Account
from broadsheet.store.replies import Asker

Opener = Callable[..., Store]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = Asker("ada", "t1")


class House:
    """Processes on one store, whose clocks are set by hand."""

    def __init__(self, opener: Opener) -> None:
        self.opener = opener
        self.now = NOW
        self.done: list[str] = []

    def process(self) -> Callable[..., Any]:
        repeats = Repeats(self.opener().replies, now=lambda: self.now)

        def ask(word: str, *, key: str = "k", asker: Asker = ADA) -> Any:
            def do() -> dict[str, int | str]:
                self.done.append(word)
                return {"number": len(self.done), "word": word}

            return repeats.once(do, asker=asker, key=key, asked=word)

        return ask


@pytest.fixture
def house(opener: Opener) -> House:
    return House(opener)


def test_the_same_under_the_same_key_is_answered_again_whoever_answers(house: House) -> None:
    here, there = house.process(), house.process()
    assert here("a") == there("a") == {"number": 1, "word": "a"}
    with pytest.raises(ReusedError):
        there("b")
    assert there("b", key="other") == {"number": 2, "word": "b"}
    for asker in (Asker("ada", "t2"), Asker("ada"), Asker("bob", "t1")):
        there("a", asker=asker)
    assert house.done == ["a", "b", "a", "a", "a"]


def test_a_key_is_free_again_a_day_later_and_where_a_clock_had_run_ahead(house: House) -> None:
    ask = house.process()
    ask("a")
    house.now += DAY - timedelta(seconds=1)
    assert ask("a")["number"] == 1
    house.now += timedelta(seconds=1)
    assert ask("b")["number"] == 2
    house.now -= 3 * DAY
    assert ask("c")["number"] == 3


def test_of_many_who_ask_in_the_same_moment_one_does_it(house: House) -> None:
    asks = [house.process() for _ in range(6)]
    together = Barrier(len(asks))

    def ask(number: int) -> str:
        together.wait()
        try:
            asks[number]("a")
        except UnderWayError:
            return "under way"
        return "answered"

    with ThreadPoolExecutor(len(asks)) as pool:
        assert "answered" in set(pool.map(ask, range(len(asks))))
    assert house.done == ["a"]


def fail(house: House, error: Exception) -> Repeats:
    """After a request under ``k`` that failed."""

    def do() -> None:
        raise error

    repeats = Repeats(house.opener().replies, now=lambda: house.now)
    with pytest.raises(type(error)):
        repeats.once(do, asker=ADA, key="k", asked="a")
    return repeats


@pytest.mark.parametrize("error", [NotFoundError("no"), SourceError("no answer"), BusyError("wait")])
def test_what_did_nothing_may_come_again(house: House, error: Exception) -> None:
    assert fail(house, error).once(lambda: 1, asker=ADA, key="k", asked="b") == 1


@pytest.mark.parametrize("error", [AwayError("gone"), KeyError("a fault of ours")])
def test_what_may_have_done_something_does_not(house: House, error: Exception) -> None:
    with pytest.raises(UnderWayError):
        fail(house, error).once(lambda: 1, asker=ADA, key="k", asked="a")


def test_an_askers_last_are_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadsheet.store.replying.MOST", 3)
    ask = house.process()
    ask("z", asker=Asker("bob"))
    for key in "abcd":
        house.now += timedelta(seconds=1)
        ask(key, key=key)
    assert [ask(key, key=key)["number"] for key in "bcd"] == [3, 4, 5]
    assert ask("a", key="a")["number"] == 6
    assert ask("z", asker=Asker("bob"))["number"] == 1


def test_a_removed_account_leaves_no_answers(house: House, store: Store) -> None:
    store.people.add(Account(id="ada", name="Ada", made=NOW))
    ask = house.process()
    ask("a")
    store.people.remove("ada")
    assert ask("b")["number"] == 2

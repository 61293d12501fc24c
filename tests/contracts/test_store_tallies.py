"""Contract of the store: what happened too often lately."""

import gzip
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from threading import Barrier

import pytest

from broadsheet.errors import TooManyError
from broadsheet.library.throttle import Throttle
from broadsheet.store.contract import Store

Opener = Callable[..., Store]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_limit_holds_over_every_process(opener: Opener) -> None:
    here, there = (
        Throttle(opener().tallies, "login", limit=3, window=10 * MINUTE) for _ in ("here", "there")
    )
    for minute, throttle in enumerate((here, there, here)):
        throttle.take("Ada", now=NOW + minute * MINUTE)
    for throttle in (here, there):
        for ask in (throttle.check, throttle.take):
            with pytest.raises(TooManyError, match="wait 7 minutes") as refused:
                ask("Ada", now=NOW + 3 * MINUTE)
            assert refused.value.retry_after == 420
        throttle.check("Bob", now=NOW + 3 * MINUTE)
    there.take("Ada", now=NOW + 10 * MINUTE)  # the first of the three counts no more
    with pytest.raises(TooManyError, match="wait 1 minute$"):
        here.check("Ada", now=NOW + 10 * MINUTE)


def test_a_key_of_another_purpose_is_another_key(store: Store) -> None:
    login, mail = (Throttle(store.tallies, name, limit=1, window=MINUTE) for name in ("login", "mail"))
    login.take("Ada", now=NOW)
    mail.check("Ada", now=NOW)
    with pytest.raises(TooManyError):
        login.check("Ada", now=NOW)


def test_counts_of_one_moment_are_all_counted(store: Store) -> None:
    take, full = (partial(ask, "key", window=2 * MINUTE) for ask in (store.tallies.take, store.tallies.full))
    for _ in range(3):
        assert take(limit=9, now=NOW) is None
    assert take(limit=9, now=NOW + MINUTE) is None
    now = NOW + MINUTE
    assert full(limit=5, now=now) is None
    assert full(limit=4, now=now) == NOW + 2 * MINUTE
    assert full(limit=1, now=now) == NOW + 3 * MINUTE  # all four must go
    assert full(limit=1, now=NOW + 2 * MINUTE) == NOW + 3 * MINUTE
    assert full(limit=2, now=NOW + 2 * MINUTE) is None


def test_of_many_who_take_the_last_place_in_the_same_moment_one_gets_it(opener: Opener) -> None:
    throttles = [Throttle(opener().tallies, "login", limit=2, window=MINUTE) for _ in range(8)]
    together = Barrier(len(throttles))

    def take(number: int) -> list[bool]:
        got = []
        for round in range(20):
            together.wait()
            try:
                throttles[number].take(f"Ada {round}", now=NOW + number * timedelta(milliseconds=1))
            except TooManyError:
                got.append(False)
            else:
                got.append(True)
        return got

    for round in range(20):
        throttles[0].take(f"Ada {round}", now=NOW)
    with ThreadPoolExecutor(len(throttles)) as pool:
        rounds = zip(*pool.map(take, range(len(throttles))), strict=True)
    assert [sum(round) for round in rounds] == [1] * 20


def test_what_a_clock_that_ran_ahead_counted_locks_nobody_out(store: Store) -> None:
    throttle = Throttle(store.tallies, "login", limit=1, window=10 * MINUTE)
    throttle.take("Ada", now=NOW + timedelta(days=400))
    throttle.check("Ada", now=NOW)
    throttle.take("Ada", now=NOW)
    # Of two machines whose clocks are a little apart each counts what the other counted.
    with pytest.raises(TooManyError):
        throttle.check("Ada", now=NOW - MINUTE)


def test_what_no_longer_counts_is_forgotten_and_neither_names_nor_addresses_are_kept(
    store: Store, tmp_path: Path
) -> None:
    throttle = Throttle(store.tallies, "login", limit=5, window=MINUTE)
    throttle.take("name ada lovelace", now=NOW)
    throttle.take("from 203.0.113.7", now=NOW + 2 * MINUTE)
    store.back_up(tmp_path / "all", now=NOW)
    everything = gzip.decompress((tmp_path / "all").read_bytes()).decode()
    lines = everything.split('{"table":"tallies"', 1)[1].splitlines()[1:]
    kept = list(takewhile(lambda line: line.startswith("["), lines))
    assert len(kept) == 1
    assert "2026-03-08T09:33" in kept[0]
    assert "lovelace" not in everything
    assert "203.0.113" not in everything

"""Contract of the store: what happened too often lately."""

import gzip
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

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
        throttle.check("Ada", now=NOW + minute * MINUTE)
        throttle.count("Ada", now=NOW + minute * MINUTE)
    for throttle in (here, there):
        with pytest.raises(TooManyError, match="wait 7 minutes") as refused:
            throttle.check("Ada", now=NOW + 3 * MINUTE)
        assert refused.value.retry_after == 420
        throttle.check("Bob", now=NOW + 3 * MINUTE)
    there.check("Ada", now=NOW + 10 * MINUTE)  # the first of the three counts no more
    there.count("Ada", now=NOW + 10 * MINUTE)
    with pytest.raises(TooManyError, match="wait 1 minute$"):
        here.check("Ada", now=NOW + 10 * MINUTE)


def test_a_key_of_another_purpose_is_another_key(store: Store) -> None:
    login, mail = (Throttle(store.tallies, name, limit=1, window=MINUTE) for name in ("login", "mail"))
    login.count("Ada", now=NOW)
    mail.check("Ada", now=NOW)
    with pytest.raises(TooManyError):
        login.check("Ada", now=NOW)


def test_counts_of_one_moment_are_all_counted(store: Store) -> None:
    until = NOW + MINUTE
    for _ in range(3):
        store.tallies.count("key", now=NOW, until=until)
    store.tallies.count("key", now=NOW, until=until + MINUTE)
    assert store.tallies.full("key", limit=5, now=NOW) is None
    assert store.tallies.full("key", limit=4, now=NOW) == until
    assert store.tallies.full("key", limit=1, now=NOW) == until + MINUTE  # all four must go
    assert store.tallies.full("key", limit=1, now=until) == until + MINUTE
    assert store.tallies.full("key", limit=2, now=until) is None


def test_what_no_longer_counts_is_forgotten_and_neither_names_nor_addresses_are_kept(
    store: Store, tmp_path: Path
) -> None:
    throttle = Throttle(store.tallies, "login", limit=5, window=MINUTE)
    throttle.count("name ada lovelace", now=NOW)
    throttle.count("from 203.0.113.7", now=NOW + 2 * MINUTE)
    store.back_up(tmp_path / "all", now=NOW)
    everything = gzip.decompress((tmp_path / "all").read_bytes()).decode()
    lines = everything.split('{"table":"tallies"', 1)[1].splitlines()[1:]
    kept = list(takewhile(lambda line: line.startswith("["), lines))
    assert len(kept) == 1
    assert "2026-03-08T09:33" in kept[0]
    assert "lovelace" not in everything
    assert "203.0.113" not in everything

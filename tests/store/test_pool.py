"""Connections that many threads ask for at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

from broadsheet.store.engine import Session
from broadsheet.store.pool import IDLE, LONGEST, Pool
from broadsheet.store.sqlite import SqliteStore, _Sqlite


def test_after_a_crowd_few_connections_stay_and_their_pages_with_them(tmp_path: Path) -> None:
    with closing(SqliteStore.open(tmp_path / "broadsheet.db")) as store:
        crowd = 3 * IDLE
        together = threading.Barrier(crowd)

        def ask() -> int:
            with store._pool.lend() as session:
                together.wait(timeout=20)
                kibibytes: int = -session.one("PRAGMA cache_size")[0]
                return kibibytes

        with ThreadPoolExecutor(max_workers=crowd) as pool:
            caches = [asked.result() for asked in [pool.submit(ask) for _ in range(crowd)]]
        assert len(store._pool._idle) == IDLE
        assert sum(caches) < 128 * 1024  # of all of them together, in KiB


def test_what_many_needed_at_once_is_hung_up_when_few_come_back_for_it(tmp_path: Path) -> None:
    now = 0.0
    engine = _Sqlite(tmp_path / "broadsheet.db", timeout=1)
    pool = Pool(engine, seconds=lambda: now)
    with ExitStack() as crowd:
        lent = [crowd.enter_context(pool.lend()) for _ in range(IDLE + 2)]
    assert sum(map(is_open, lent)) == IDLE
    for now in (LONGEST - 1, LONGEST + 1):  # noqa: B007  the clock: one reader, now and then
        with pool.lend() as session:
            assert session in lent
    assert [one for one in lent if is_open(one)] == [session]
    pool.close()
    assert not is_open(session)
    engine.close()


def is_open(session: Session) -> bool:
    try:
        session.one("SELECT 1")
    except session.engine.error:
        return False
    return True

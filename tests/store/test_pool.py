"""Connections that many threads ask for at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from broadsheet.store.pool import IDLE
from broadsheet.store.sqlite import SqliteStore


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

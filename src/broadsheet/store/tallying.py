"""The contract ``Tallies`` in SQL, for every engine.

Who counts under a key waits for others who count under the same, and for nobody else where the engine can do
that: guesses at passwords do not wait for the turn to write papers.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from broadsheet.store.engine import Session, Transaction
from broadsheet.store.rows import moment


class SqlTallies:
    """Counts in one database. ``alone`` opens a write transaction that nobody else has who names the same."""

    def __init__(
        self, *, reading: Transaction, alone: Callable[[str], AbstractContextManager[Session]]
    ) -> None:
        self._reading = reading
        self._alone = alone

    def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> datetime | None:
        """Count one, unless ``limit`` count already: then the moment when one may be counted."""
        with self._reading() as session:
            session.run("DELETE FROM tallies WHERE until <= :now", now=moment(now))
        with self._alone(f"tally {key}") as session:
            free = _full(session, key, limit=limit, window=window, now=now)
            if free is None:
                session.run(
                    "INSERT INTO tallies VALUES (:key, :until, 1) "
                    "ON CONFLICT (key, until) DO UPDATE SET times = tallies.times + 1",
                    key=key,
                    until=moment(now + window),
                )
        return free

    def full(self, key: str, *, limit: int, window: timedelta, now: datetime) -> datetime | None:
        """When a key under which ``limit`` or more count will have fewer; None where it has fewer now."""
        with self._reading() as session:
            return _full(session, key, limit=limit, window=window, now=now)


def _full(session: Session, key: str, *, limit: int, window: timedelta, now: datetime) -> datetime | None:
    rows = session.all(
        "SELECT until, times FROM tallies WHERE key = :key AND until > :now AND until <= :ahead "
        "ORDER BY until DESC LIMIT :limit",
        key=key,
        now=moment(now),
        ahead=moment(now + 2 * window),
        limit=limit,
    )
    counted = 0
    for until, times in rows:
        counted += times
        if counted >= limit:
            return datetime.fromisoformat(until)
    return None

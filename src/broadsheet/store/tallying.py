"""The contract ``Tallies`` in SQL, for every engine.

Each statement commits by itself: guesses at passwords do not wait for the turn to write papers.
"""

from __future__ import annotations

from datetime import datetime

from broadsheet.store.engine import Transaction
from broadsheet.store.rows import moment


class SqlTallies:
    """Counts in one database."""

    def __init__(self, *, reading: Transaction) -> None:
        self._reading = reading

    def count(self, key: str, *, now: datetime, until: datetime) -> None:
        """Count one, and forget whatever no longer counts."""
        with self._reading() as session:
            session.run("DELETE FROM tallies WHERE until <= :now", now=moment(now))
            session.run(
                "INSERT INTO tallies VALUES (:key, :until, 1) "
                "ON CONFLICT (key, until) DO UPDATE SET times = tallies.times + 1",
                key=key,
                until=moment(until),
            )

    def full(self, key: str, *, limit: int, now: datetime) -> datetime | None:
        """When a key that has ``limit`` counts or more will have fewer; None where it has fewer now."""
        with self._reading() as session:
            rows = session.all(
                "SELECT until, times FROM tallies WHERE key = :key AND until > :now "
                "ORDER BY until DESC LIMIT :limit",
                key=key,
                now=moment(now),
                limit=limit,
            )
        counted = 0
        for until, times in rows:
            counted += times
            if counted >= limit:
                return datetime.fromisoformat(until)
        return None

"""The contract ``Leases`` in SQL, for every engine.

Each call is one statement and commits by itself: a lease does not wait for the turn to write papers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from broadsheet.store.engine import Transaction


class SqlLeases:
    """Leases in one database."""

    def __init__(self, *, reading: Transaction, clock: str) -> None:
        self._reading = reading
        self._clock = clock

    def take(self, name: str, holder: str, *, length: timedelta) -> int | None:
        """Take a lease, or hold it for longer: the number of the turn; None while somebody else holds it."""
        with self._reading() as session:
            # Most ask in vain, and looking costs no write.
            held = session.one(
                f"SELECT 1 FROM leases WHERE name = :name AND holder <> :holder AND until > {self._clock}",
                name=name,
                holder=holder,
            )
            if held:
                return None
            taken = session.all(
                f"INSERT INTO leases VALUES (:name, :holder, {self._clock} + :length, 1) "
                "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, "
                "turn = leases.turn + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END "
                f"WHERE leases.holder = excluded.holder OR leases.until <= {self._clock} RETURNING turn",
                name=name,
                holder=holder,
                length=round(length.total_seconds() * 1000),
            )
        return taken[0][0] if taken else None

    def holders(self) -> Mapping[str, str]:
        """Who holds what now, by name of the lease."""
        with self._reading() as session:
            rows = session.all(f"SELECT name, holder FROM leases WHERE until > {self._clock} ORDER BY name")
        return dict(rows)

    def release(self, name: str, holder: str) -> None:
        """Give a lease back; nothing happens where it is not the holder's."""
        with self._reading() as session:
            # The line stays, or the next turn would have the number of an old one.
            session.run(
                "UPDATE leases SET holder = '', until = 0 WHERE name = :name AND holder = :holder",
                name=name,
                holder=holder,
            )

"""The contract ``Leases`` in SQL, for every engine.

Each call is one statement and commits by itself: a lease does not wait for the turn to write papers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from broadsheet.store.engine import Transaction

_LONGEST = timedelta(days=2)  # nobody takes a lease for longer, or rests for longer


class SqlLeases:
    """Leases in one database."""

    def __init__(self, *, reading: Transaction, clock: str) -> None:
        self._reading = reading
        self._clock = clock
        self._taken = f"until > {clock} AND until <= {clock} + {_in_ms(_LONGEST)}"

    def take(self, name: str, holder: str, *, length: timedelta) -> int | None:
        """Take a lease, or hold it for longer: the number of the turn; None while somebody else holds it."""
        with self._reading() as session:
            # Most ask in vain, and looking costs no write.
            held = session.one(
                f"SELECT 1 FROM leases WHERE name = :name AND holder <> :holder AND {self._taken}",
                name=name,
                holder=holder,
            )
            if held:
                return None
            taken = session.all(
                f"INSERT INTO leases VALUES (:name, :holder, {self._clock} + :length, 1) "
                "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until, "
                "turn = leases.turn + CASE WHEN leases.holder = excluded.holder THEN 0 ELSE 1 END "
                f"WHERE leases.holder = excluded.holder OR NOT ({self._taken.replace('until', 'leases.until')}) "
                "RETURNING turn",
                name=name,
                holder=holder,
                length=_in_ms(length),
            )
        return taken[0][0] if taken else None

    def left(self, name: str) -> timedelta:
        """How long it is until anybody may take a lease; zero where anybody may now."""
        with self._reading() as session:
            row = session.one(
                f"SELECT until - {self._clock} FROM leases WHERE name = :name AND {self._taken}", name=name
            )
        return timedelta(milliseconds=max(0, row[0]) if row else 0)

    def holders(self) -> Mapping[str, str]:
        """Who holds what now, by name of the lease."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT name, holder FROM leases WHERE holder <> '' AND {self._taken} ORDER BY name"
            )
        return dict(rows)

    def release(self, name: str, holder: str, *, rest: timedelta = timedelta(0)) -> None:
        """Give a lease back, which nobody gets before ``rest`` is over; nothing happens where it is not the holder's."""
        with self._reading() as session:
            # The line stays, or the next turn would have the number of an old one.
            session.run(
                f"UPDATE leases SET holder = '', until = {self._clock} + :rest "
                "WHERE name = :name AND holder = :holder",
                name=name,
                holder=holder,
                rest=_in_ms(rest),
            )


def _in_ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)

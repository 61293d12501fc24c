"""The contract of leases: which of several processes does a piece of work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol


class Leases(Protocol):
    """A lease has one holder at a time, until it runs out by the database's clock or is given back.

    A lease is no lock: a holder that was paused may wake after its time and go on for a moment. What it does must be
    harmless then, by itself or by the number of its turn, which grows with every other holder.

    One that would end more than two days from now was taken by a clock that ran ahead, and is anybody's.
    """

    def take(self, name: str, holder: str, *, length: timedelta) -> int | None:
        """Take a lease, or hold it for longer: the number of the turn; None while somebody else holds it."""
        ...

    def left(self, name: str) -> timedelta:
        """How long it is until anybody may take a lease, if nothing happens to it; zero where anybody may now."""
        ...

    def holders(self) -> Mapping[str, str]:
        """Who holds what now, by name of the lease."""
        ...

    def release(self, name: str, holder: str, *, rest: timedelta = timedelta(0)) -> None:
        """Give a lease back, which nobody gets before ``rest`` is over; nothing happens where it is not the holder's."""
        ...

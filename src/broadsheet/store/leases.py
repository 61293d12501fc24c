"""The contract of leases: which of several processes does a piece of work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol


class Leases(Protocol):
    """A lease has one holder at a time, until it runs out by the database's clock or is given back.

    A lease is no lock: a holder that was paused may wake after its time and go on for a moment. What it does must be
    harmless then, by itself or by the number of its turn, which grows with every other holder.
    """

    def take(self, name: str, holder: str, *, length: timedelta) -> int | None:
        """Take a lease, or hold it for longer: the number of the turn; None while somebody else holds it."""
        ...

    def holders(self) -> Mapping[str, str]:
        """Who holds what now, by name of the lease."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Give a lease back; nothing happens where it is not the holder's."""
        ...

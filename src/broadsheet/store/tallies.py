"""The contract of tallies: what happened too often lately, whichever process saw it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol


class Tallies(Protocol):
    """Counts under keys, each of which counts for ``window`` from the moment of its making.

    A count that would end later than two windows from now was made by a clock that ran ahead, and does not count.
    """

    def take(self, key: str, *, limit: int, window: timedelta, now: datetime) -> datetime | None:
        """Count one, unless ``limit`` count already: then the moment when one may be counted.

        Of several who take the last place in the same moment, in whatever process, one gets it.
        """
        ...

    def full(self, key: str, *, limit: int, window: timedelta, now: datetime) -> datetime | None:
        """When a key under which ``limit`` or more count will have fewer; None where it has fewer now."""
        ...

"""Refuses what happens too often, over all processes of a site. Knows no clock.

A count over a sliding window, kept in the store: exact, however many ask in the same moment, and a restart forgets
nothing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from broadsheet.errors import TooManyError
from broadsheet.store.tallies import Tallies


class Throttle:
    """At most ``limit`` counts for a key within ``window``. ``purpose`` keeps it apart from other throttles."""

    def __init__(self, tallies: Tallies, purpose: str, *, limit: int, window: timedelta) -> None:
        self._tallies = tallies
        self._purpose = purpose
        self._limit = limit
        self._window = window

    def take(self, key: str, *, now: datetime) -> None:
        """Count one. Raises TooManyError where the key has had its limit."""
        self._refuse(
            self._tallies.take(self._hashed(key), limit=self._limit, window=self._window, now=now), now
        )

    def check(self, key: str, *, now: datetime) -> None:
        """Raises TooManyError where the key has had its limit; counts nothing."""
        self._refuse(
            self._tallies.full(self._hashed(key), limit=self._limit, window=self._window, now=now), now
        )

    @staticmethod
    def _refuse(free: datetime | None, now: datetime) -> None:
        if free is not None:
            wait = (free - now).total_seconds()
            minutes = max(1, round(wait / 60))
            raise TooManyError(
                f"too many tries; wait {minutes} minute{'s' if minutes > 1 else ''}", retry_after=wait
            )

    def _hashed(self, key: str) -> str:
        """Neither names nor addresses are kept."""
        return hashlib.sha256(f"{self._purpose}\0{key}".encode()).hexdigest()

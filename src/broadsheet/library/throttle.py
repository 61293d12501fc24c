"""Counts what happens too often, for one process. Knows no clock.

A count over a sliding window, kept as moments: exact, and small because it never holds more than the limit.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import Final

from broadsheet.errors import TooManyError

# Keys come from outside, so their number is bounded: the ones longest untouched are forgotten.
_KEYS: Final = 50_000


class Throttle:
    """At most ``limit`` counts for a key within ``window``. Safe to share between threads."""

    def __init__(self, *, limit: int, window: timedelta) -> None:
        self._limit = limit
        self._window = window
        self._counted: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, key: str, *, now: datetime) -> None:
        """Raises TooManyError where the key has had its limit; counts nothing."""
        with self._lock:
            moments = self._recent(key, now)
            if len(moments) >= self._limit:
                wait = (moments[0] + self._window - now).total_seconds()
                minutes = max(1, round(wait / 60))
                raise TooManyError(
                    f"too many tries; wait {minutes} minute{'s' if minutes > 1 else ''}", retry_after=wait
                )

    def count(self, key: str, *, now: datetime) -> None:
        """Count one."""
        with self._lock:
            moments = self._recent(key, now)
            moments.append(now)
            self._counted[key] = moments
            self._counted.move_to_end(key)
            while len(self._counted) > _KEYS:
                self._counted.popitem(last=False)

    def _recent(self, key: str, now: datetime) -> deque[datetime]:
        moments = self._counted.get(key, deque(maxlen=self._limit))
        while moments and moments[0] + self._window <= now:
            moments.popleft()
        return moments

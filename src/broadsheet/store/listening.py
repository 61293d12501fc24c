"""Waiting for what other processes write. Knows no engine: an ``Ear`` does."""

from __future__ import annotations

import time
from collections.abc import Callable

from broadsheet.store.engine import Ear


class SqlListener:
    """Hears of changes of one database; satisfies the contract ``Listener``."""

    def __init__(self, ear: Ear, last_seq: Callable[[], int]) -> None:
        self._ear = ear
        self._last_seq = last_seq

    def wait(self, after: int, *, timeout: float) -> int:
        """The number of the last change, as soon as it is above ``after``, and after ``timeout`` seconds in any case."""
        end = time.monotonic() + timeout
        while True:
            self._ear.attend()  # before the look, or what is written between the two would go unheard
            seq = self._last_seq()
            left = end - time.monotonic()
            if seq > after or left <= 0:
                return seq
            self._ear.hear(left)

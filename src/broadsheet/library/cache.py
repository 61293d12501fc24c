"""Values kept until others are asked for more often, or what they were made from is past. Knows nothing of what it keeps."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

_TURNS: Final = 16  # values that can be made at a time, of different keys as it falls out

K = TypeVar("K")
V = TypeVar("V")


class Kept(Generic[K, V]):
    """The values asked for last, up to a number of them, all made from one state. Safe to share between threads.

    ``of`` is that state: a value made from another is not given out, and the first one of a new state lets all
    before it go, as nobody can ask for them any more.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._of: Hashable = None
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = tuple(threading.Lock() for _ in range(_TURNS))

    def made(
        self,
        key: K,
        make: Callable[[], V],
        *,
        of: Hashable = None,
        still: Callable[[V], bool] = lambda _: True,
    ) -> V:
        """The value of a key, made where there is none; of those who ask meanwhile, one makes it and the others wait.

        ``make`` may ask other caches, but not this one. ``still`` says of the value that is kept whether it holds;
        where it does not, the new one takes its place.
        """
        if (kept := self.get(key, of=of)) is not None and still(kept):
            return kept
        with self._turns[hash(key) % _TURNS]:
            if (kept := self.get(key, of=of)) is not None and still(kept):
                return kept
            return self.keep(key, make(), of=of)

    def get(self, key: K, *, of: Hashable = None) -> V | None:
        """The value of a key, which is then the last asked for; None where there is none."""
        with self._lock:
            if of != self._of or key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def keep(self, key: K, value: V, *, of: Hashable = None) -> V:
        """Keep a value, and let go of the one not asked for the longest where there are too many."""
        with self._lock:
            if of != self._of:
                self._values.clear()
                self._of = of
            self._values[key] = value
            while len(self._values) > self._limit:
                self._values.popitem(last=False)
        return value

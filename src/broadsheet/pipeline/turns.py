"""One process at a time does what all could do: a lease, held for as long as this process lives and can say so."""

from __future__ import annotations

import logging
import sys
import threading
import time
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

from broadsheet.errors import BroadsheetError
from broadsheet.store.leases import Leases

_log = logging.getLogger(__name__)

# After which others take over from one that died. Shorter, and a holder that had to wait for a busy database or
# was paused for a moment would lose its turn while it works; what it does then is harmless, but done twice.
LENGTH: Final = timedelta(seconds=15)
_RENEWALS: Final = 3  # in a length: two may fail
_LOOKS: Final = 15  # in a length, of one that waits: they write nothing


class Turn:
    """Whether it is this process's turn to do ``name``, as the database says.

    Within ``with`` a thread of its own takes the lease as soon as it is free, and renews it, so that work which
    takes long does not lose it; the end of the block gives it back.
    """

    def __init__(self, leases: Leases, name: str, *, holder: str, length: timedelta = LENGTH) -> None:
        self._leases = leases
        self._name = name
        self._holder = holder
        self._length = length
        self._until = 0.0  # by ``_seconds``
        self._failing = False
        self._done = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"turn: {name}", daemon=True)

    def __enter__(self) -> Self:
        self._ask()
        self._keeper.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self, *, rest: timedelta = timedelta(0)) -> None:
        """Give the turn back, to nobody before ``rest`` is over, and ask for it no more; twice is once."""
        if self._done.is_set():
            return
        self._done.set()
        self._keeper.join()
        self._until = 0.0
        try:
            self._leases.release(self._name, self._holder, rest=rest)
        except BroadsheetError as failure:  # it runs out by itself
            _log.warning("the turn of %s could not be given back: %s", self._name, failure)

    def is_held(self) -> bool:
        """Whether the lease is ours now. Of one that cannot be renewed it says no before anybody else may take it."""
        return _seconds() < self._until

    def _keep(self) -> None:
        length = self._length.total_seconds()
        while not self._done.wait(length / (_RENEWALS if self.is_held() else _LOOKS)):
            self._ask()

    def _ask(self) -> None:
        asked = _seconds()  # before the database counts: ours ends first
        had = self.is_held()
        try:
            turn = self._leases.take(self._name, self._holder, length=self._length)
        except Exception as error:  # noqa: BLE001  whatever it was, it is asked again, and meanwhile time runs out
            if not self._failing:  # once, however long it lasts
                _log.warning("whose turn %s is cannot be asked: %s", self._name, error)
            self._failing = True
            return
        self._failing = False
        self._until = asked + self._length.total_seconds() if turn is not None else 0.0
        if self.is_held() != had:
            _log.info(
                "%s is %s", self._name, f"ours (turn {turn})" if turn is not None else "another process's"
            )


def _seconds() -> float:
    """A clock that never steps and, where the system has one, goes on while the machine sleeps, as the database's does."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()

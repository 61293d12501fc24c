"""Do something again and again until told to stop, whatever happens to it. Knows not what it does."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from broadsheet.errors import BroadsheetError
from broadsheet.pipeline.turns import Turn

_log = logging.getLogger(__name__)

_LONGEST: Final = timedelta(minutes=10)  # between two tries of what keeps failing
_GLANCE: Final = timedelta(seconds=1)  # between two looks at whether it is our turn now

# Between two lines of the log on the same failure: as long as it has lasted, but at least this, at most that.
_OFTEN: Final = 60.0
_SELDOM: Final = 6 * 3600.0

Stopped = Callable[[], bool]


class Complaint:
    """Logs a failure that lasts: at once, then ever more seldom, whenever it becomes another, and when it is over.

    ``seconds``: a clock that never steps.
    """

    def __init__(self, name: str, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._name = name
        self._seconds = seconds
        self._reason = ""  # "" while all is well
        self._began = 0.0
        self._next = 0.0

    @property
    def is_open(self) -> bool:
        """Whether what failed has not gone well since."""
        return bool(self._reason)

    def about(self, error: Exception) -> None:
        """It failed, perhaps again."""
        # Numbers in it change, of a file or of seconds waited, and it is the same failure.
        reason, now = re.sub(r"\d+", "", f"{type(error).__name__}: {error}"), self._seconds()
        if not self._reason:
            self._began = now
        if reason == self._reason and now < self._next:
            return
        if isinstance(error, BroadsheetError):  # something that we can explain: the sentence is enough
            _log.error("%s failed: %s", self._name, error)
        else:
            _log.error("%s failed", self._name, exc_info=error)
        self._reason = reason
        self._next = now + min(max(now - self._began, _OFTEN), _SELDOM)

    def over(self) -> None:
        """It went well."""
        if self._reason:
            _log.warning("%s is well again, after %.0f s", self._name, self._seconds() - self._began)
        self._reason = ""


def repeat(
    name: str, work: Callable[[Stopped], object], *, every: timedelta, stop: threading.Event, turn: Turn
) -> None:
    """Do some work now and after every pause until ``stop`` is set, while it is our turn; for a thread of its own.

    The work is given a question to ask between its parts: whether it should stop, as it also should once the turn is
    another process's. A failure is complained of, and the pause doubles with each one in a row, up to ten minutes. Where the
    turn comes to us, because another process ended, the work begins at once.
    """
    failed, complaint = 0, Complaint(name)

    def stopped() -> bool:
        return stop.is_set() or not turn.is_held()

    with turn:
        while not stop.is_set():
            if not turn.is_held():
                failed = 0
                stop.wait(min(every, _GLANCE).total_seconds())
                continue
            try:
                work(stopped)
                failed = 0
                complaint.over()
            except Exception as error:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
                failed += 1
                complaint.about(error)
            stop.wait(min(every * 2 ** min(failed, 10), max(every, _LONGEST)).total_seconds())

"""Do something again and again until told to stop, whatever happens to it. Knows not what it does."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from broadsheet.errors import BroadsheetError
from broadsheet.pipeline.turns import Turn

_log = logging.getLogger(__name__)

_LONGEST: Final = timedelta(minutes=10)  # between two tries of what keeps failing
_GLANCE: Final = timedelta(seconds=1)  # between two looks at whether it is our turn now

Stopped = Callable[[], bool]


def repeat(
    name: str, work: Callable[[Stopped], object], *, every: timedelta, stop: threading.Event, turn: Turn
) -> None:
    """Do some work now and after every pause until ``stop`` is set, while it is our turn; for a thread of its own.

    The work is given a question to ask between its parts: whether it should stop, as it also should once the turn is
    another process's. A failure is logged, and the pause doubles with each one in a row, up to ten minutes. Where the
    turn comes to us, because another process ended, the work begins at once.
    """
    failed = 0

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
            except BroadsheetError as error:  # something that we can explain: the sentence is enough
                failed += 1
                _log.error("%s failed: %s", name, error)
            except Exception:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
                failed += 1
                _log.exception("%s failed", name)
            stop.wait(min(every * 2 ** min(failed, 10), max(every, _LONGEST)).total_seconds())

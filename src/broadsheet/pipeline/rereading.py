"""Papers that were taken in by an older version are read again for what that did not look for. Names no backend."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

from broadsheet.model import Derived, Record
from broadsheet.store.contract import Store

BATCH: Final = 200  # papers a transaction; others who write wait about a tenth of a second for it


def reread(
    store: Store,
    read: Callable[[Record, Derived], Derived],
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    pause: float = 0.0,
) -> int:
    """Read again what is to be read again, until all is or ``stop`` is set; how many papers that were.

    What ends it, the next call goes on; several processes share the work. ``pause``: seconds left to others between
    two batches.
    """
    done = 0
    while not stop.is_set() and (some := store.reread(read, limit=BATCH, now=now())):
        done += some
        stop.wait(pause)
    return done

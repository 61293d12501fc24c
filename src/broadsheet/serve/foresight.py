"""Make ready in quiet moments what readers will ask for. Knows the library; shows nothing."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from threading import Event, Thread

from broadsheet.errors import BroadsheetError
from broadsheet.library import Library
from broadsheet.serve import foryou

# Works a twelfth of the time, so that a reader's page hardly ever waits for it.
REST = 11
# Days whose lead stories are made ready: what the pages of two years' weeks show.
DAYS = 500
# Looks this often whether the archive changed; while papers come in, it waits.
PAUSE = 20.0

_log = logging.getLogger(__name__)


@contextmanager
def looking_ahead(library: Library, *, pause: float = PAUSE) -> Iterator[None]:
    """Keeps the lead stories of past days and the words of a search ready, until the block ends."""
    stopped = Event()
    thread = Thread(target=_follow, args=(library, stopped, pause), name="foresight", daemon=True)
    with rare_collections():
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()


@contextmanager
def rare_collections() -> Iterator[None]:
    """Has Python look for cyclic garbage rarely until the block ends.

    The editions and papers that are kept are hundreds of thousands of objects without cycles; to look
    through them all would hold up some page every now and then.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 500)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def make_ready(library: Library, *, wait: Callable[[float], bool]) -> bool:
    """Whether everything was made ready; False where ``wait``, given seconds, said to stop."""
    if (latest := library.latest()) is None:
        return True
    start = library.state()
    # The first search loads the encoder and touches the index's files.
    steps: list[Callable[[], object]] = [lambda: library.search("paper", limit=1)]
    steps.append(lambda: foryou.make_ready(library))
    steps.append(lambda: library.expected(library.latest() or date.min))
    steps += [lambda day=count.day: library.leads(day) for count in library.days()[: -DAYS - 1 : -1]]  # type: ignore[misc]
    steps.append(lambda: library.topics(latest))  # learns the topics that stand, some seconds' work
    for step in steps:
        began = time.thread_time()
        try:
            step()
        except BroadsheetError as error:
            _log.info("not made ready: %s", error)
            return True
        if wait(REST * (time.thread_time() - began)):
            return False
        if library.state() != start:
            return True
    return True


def _follow(library: Library, stopped: Event, pause: float) -> None:
    done = seen = None
    while not stopped.is_set():
        try:
            # What is expected is of an hour, what is for readers of a day.
            state = library.state(), library.hour()
            if state != done and (done is None or state == seen):
                if not make_ready(library, wait=stopped.wait):
                    return
                done = state
            seen = state
        except BroadsheetError as error:
            _log.info("cannot look ahead: %s", error)
        stopped.wait(pause)

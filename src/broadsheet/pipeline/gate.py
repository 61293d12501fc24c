"""arXiv's polite gate for several machines on one database: a lease that rests between two requests. Knows no HTTP."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from broadsheet.pipeline.turns import LENGTH, Turn
from broadsheet.source.arxiv.gate import INTERVAL, LONGEST, PATIENCE, left_alone
from broadsheet.store.leases import Leases

_log = logging.getLogger(__name__)

_NAME: Final = "arxiv gate"
_LOOK: Final = 0.5  # seconds at most between two looks: a request under way may end at any moment


@dataclass(frozen=True, slots=True)
class LeaseGate:
    """Lets one request at a time through, over all machines, and the next no sooner than ``interval`` seconds after it.

    Time is the database's, so clocks that differ do no harm. The lease of a process that dies in the midst of a
    request runs out, which takes longer than the interval. ``holder`` names the process.
    """

    leases: Leases
    holder: str
    interval: float = INTERVAL
    length: timedelta = LENGTH
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def turn(self, *, patience: float = PATIENCE) -> Iterator[Callable[[float], None]]:
        """Wait for a turn; see ``source.arxiv.gate.Gate``. Raises StoreError where the database fails."""
        holder = f"{self.holder} {secrets.token_hex(4)}"  # each of our threads is another
        warned = False
        while self.leases.take(_NAME, holder, length=self.length) is None:
            wait = self.leases.left(_NAME).total_seconds()
            if wait > patience:
                raise left_alone(wait)
            if wait > max(self.interval, self.length.total_seconds()) and not warned:
                _log.warning("arXiv asked to be left alone; waiting %.0f s", wait)
                warned = True
            self.sleep(min(max(wait, 0.01), _LOOK))
        pause = 0.0

        def hold(seconds: float) -> None:
            nonlocal pause
            pause = min(seconds, LONGEST)

        with Turn(self.leases, _NAME, holder=holder, length=self.length) as turn:
            try:
                yield hold
            finally:
                turn.release(rest=timedelta(seconds=max(self.interval, pause)))

"""One polite gate for everything asked of arXiv. Knows time and one small file, not HTTP.

arXiv's terms of use (https://info.arxiv.org/help/api/tou.html#rate-limits) allow OAI-PMH, feeds
and API together one request every three seconds over a single connection, for all machines of
a user. Within a machine ``FileGate`` keeps that, across threads and processes that share the file;
``pipeline.gate`` keeps it across machines that share a database.
"""

from __future__ import annotations

import fcntl
import logging
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broadsheet.errors import SourceError, ThrottledError

_log = logging.getLogger(__name__)

INTERVAL = 3.0
PATIENCE = 900.0
# A wait longer than this in the file is a clock set back or a broken file, not a host's wish.
LONGEST = 24 * 3600.0


class Gate(Protocol):
    """Lets one request at a time through, and the next no sooner than an interval after it."""

    def turn(self, *, patience: float = PATIENCE) -> AbstractContextManager[Callable[[float], None]]:
        """Wait for a turn, and hold the connection for the length of the block.

        The block gets a function that keeps everybody out for so many seconds (a day at most),
        for when the host asks for a pause. Raises ThrottledError, without waiting, where the
        next turn is further away than ``patience`` seconds.
        """
        ...


@dataclass(frozen=True, slots=True)
class FileGate:
    """The gate of one machine. ``interval`` is in seconds.

    The file holds one number: the time (seconds since 1970) before which nobody may ask. Its lock
    is held while a request is under way, so there is one connection; the kernel frees it when
    a process dies.
    """

    path: Path
    interval: float = INTERVAL
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def turn(self, *, patience: float = PATIENCE) -> Iterator[Callable[[float], None]]:
        """Wait for a turn; see ``Gate``. Raises SourceError where the file cannot be used."""
        file = self._lock()
        try:
            while (wait := self._remaining(file)) > 0:
                # Whoever has less patience learns so at once while this one sleeps.
                os.close(file)
                file = -1
                if wait > patience:
                    raise left_alone(wait)
                if wait > self.interval:
                    _log.warning("arXiv asked to be left alone; waiting %.0f s", wait)
                self.sleep(wait)
                file = self._lock()
            # Written before the request as well: a process killed in its midst has still asked.
            self._write(file, self.clock() + self.interval)
            pause = 0.0

            def hold(seconds: float) -> None:
                nonlocal pause
                pause = min(seconds, LONGEST)

            try:
                yield hold
            finally:
                self._write(file, self.clock() + max(self.interval, pause))
        finally:
            if file >= 0:
                os.close(file)

    def _lock(self) -> int:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise SourceError(f"cannot use the gate file {self.path}: {error.strerror or error}") from error
        return file

    def _remaining(self, file: int) -> float:
        wait = self._read(file) - self.clock()
        if wait > LONGEST:
            wait = self.interval
            self._write(file, self.clock() + wait)
        return wait

    @staticmethod
    def _read(file: int) -> float:
        with suppress(ValueError):
            moment = float(os.pread(file, 64, 0))
            return 0.0 if math.isnan(moment) else moment
        return 0.0

    @staticmethod
    def _write(file: int, moment: float) -> None:
        # Fixed width: a shorter number must not leave the tail of a longer one.
        os.pwrite(file, f"{moment:<32.3f}".encode(), 0)


def left_alone(wait: float) -> ThrottledError:
    """The error of somebody with less patience than the host asks for."""
    return ThrottledError(f"arXiv asked to be left alone for another {wait:.0f} s", retry_after=wait)

"""Connections, kept and lent. Knows no SQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from broadsheet.errors import StoreError
from broadsheet.store.engine import Engine, Session

# More are opened while more threads ask at the same time, and hung up when they are done.
IDLE: Final = 8
# Seconds after which one that nobody needed is hung up: a server of many machines counts them.
LONGEST: Final = 300.0


class Pool:
    """Connections, each lent to one thread at a time. One that saw an error or was hung up on is not lent again.

    ``seconds``: a clock that never steps.
    """

    def __init__(self, engine: Engine, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._seconds = seconds
        self._idle: list[tuple[Session, float]] = []  # since when; the one that came back last is lent first
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lend(self) -> Iterator[Session]:
        """A connection for the length of a block; an exception in the block hangs it up."""
        session = self._take() or Session(self._engine, self._engine.connect())
        try:
            yield session
        except BaseException:
            session.connection.close()
            raise
        self._give_back(session)

    def close(self) -> None:
        """Hang up every connection, lent ones as they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for session, _ in idle:
            session.connection.close()

    def _take(self) -> Session | None:
        while True:
            with self._lock:
                if self._closed:
                    raise StoreError("the store is closed")
                session = self._idle.pop()[0] if self._idle else None
            if session is None or self._engine.alive(session.connection):
                return session
            session.connection.close()

    def _give_back(self, session: Session) -> None:
        now = self._seconds()
        with self._lock:
            stale = [one for one, since in self._idle if now - since > LONGEST]
            del self._idle[: len(stale)]  # the oldest lie first
            if not self._closed and len(self._idle) < IDLE:
                self._idle.append((session, now))
            else:
                stale.append(session)
        for one in stale:
            one.connection.close()

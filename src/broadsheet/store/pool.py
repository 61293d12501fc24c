"""Connections, kept and lent. Knows no SQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from broadsheet.errors import StoreError
from broadsheet.store.engine import Engine, Session

# More are opened while more threads ask at the same time, and hung up when they are done.
IDLE: Final = 8


class Pool:
    """Connections, each lent to one thread at a time. One that saw an error or was hung up on is not lent again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: list[Session] = []
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
        for session in idle:
            session.connection.close()

    def _take(self) -> Session | None:
        while True:
            with self._lock:
                if self._closed:
                    raise StoreError("the store is closed")
                session = self._idle.pop() if self._idle else None
            if session is None or self._engine.alive(session.connection):
                return session
            session.connection.close()

    def _give_back(self, session: Session) -> None:
        with self._lock:
            if not self._closed and len(self._idle) < IDLE:
                self._idle.append(session)
                return
        session.connection.close()

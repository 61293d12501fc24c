"""One database: connections that are lent, and transactions that take turns. Knows no table; ``sql`` asks it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from broadsheet.errors import AwayError, BusyError
from broadsheet.store import backup
from broadsheet.store.contract import Backup, Count
from broadsheet.store.engine import Engine, Session
from broadsheet.store.pool import Pool


class Database:
    """A database of any engine, open until it is closed. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._pool = Pool(engine)
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release connections and locks; the store is of no use afterwards."""
        self._pool.close()
        self._engine.close()

    def examine(self) -> tuple[str, ...]:
        """What is wrong with the database's own files, as far as the engine can tell."""
        with self._reading() as session:
            return tuple(self._engine.examine(session.connection))

    def back_up(self, path: Path, *, now: datetime, progress: Count | None = None) -> Backup:
        """Write everything that is committed now into one file, while others read and write. Raises InputError."""
        with self._reading() as session:
            return backup.write(self._engine, session, path, now=now, progress=progress)

    @classmethod
    def _restored(cls, engine: Engine, path: Path, *, progress: Count | None = None) -> Backup:
        session = Session(engine, engine.connect())
        try:
            return backup.restore(engine, session, path, progress=progress)
        except engine.error as error:
            raise engine.meaning(error) from error
        finally:
            session.connection.close()
            engine.close()

    # -- transactions

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        try:
            with self._pool.lend() as session:
                yield session
        except self._engine.error as error:
            raise self._engine.meaning(error) from error

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        if not self._turn.acquire(timeout=self._engine.timeout):
            raise BusyError(
                f"another thread has been writing for {self._engine.timeout:g} s; wanted its turn to end"
            )
        try:
            # An exception makes the pool hang up, which undoes the transaction.
            with self._reading() as session:
                self._engine.begin(session.connection)
                yield session
                self._commit(session)
        finally:
            self._turn.release()

    @contextmanager
    def _alone(self, name: str) -> Iterator[Session]:
        with self._reading() as session:
            self._engine.begin_alone(session.connection, name)
            yield session
            self._commit(session)

    def _commit(self, session: Session) -> None:
        try:
            session.run("COMMIT")
        except self._engine.error as error:
            meaning = self._engine.meaning(error)
            if isinstance(meaning, AwayError):  # who was told to commit and never answered may have done so
                raise AwayError(
                    f"{meaning}; whether the change was kept is not known, so look before you make it again"
                ) from error
            raise

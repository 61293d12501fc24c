"""The index on a Milvus server: opening, reading, checking. Knows no store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.index.lock import Guard, Lock
from broadsheet.index.milvus import generations
from broadsheet.index.milvus.engine import Clock, Engine
from broadsheet.index.milvus.snapshot import MilvusSnapshot
from broadsheet.index.milvus.writer import MilvusWriter, delete, verify

_PURPOSE: Final = "writing this search index"

# Seconds for which a generation answers after its end, and between two looks for a newer one.
KEEP: Final = 600.0
LOOK: Final = 1.0


class MilvusIndex:
    """An index on Milvus. Safe to share between threads; see ``contract.Index``.

    Milvus has no locks, so the one writer holds that of a file, or a ``guard`` that holds over several machines;
    and a writer that finds a generation which it did not publish stops.
    """

    def __init__(
        self,
        address: str,
        *,
        encoders: Mapping[str, int],
        lock: Path,
        guard: Callable[[], Guard] | None = None,
        prefix: str = "broadsheet",
        keep: float = KEEP,
        look: float = LOOK,
        clock: Clock = time.time,
    ) -> None:
        """``address`` is a server's, or a file's for the embedded engine.

        ``encoders``: of each whose vectors may be put in, how long they are. A collection's fields
        cannot be changed, so other encoders mean that the index is made anew. ``guard`` takes the right to
        write, or raises BusyError; without it that is a lock on the file ``lock``.
        """
        self._address = address
        self._encoders = dict(encoders)
        self._guard = guard
        self._lock_path = lock
        self._prefix = prefix
        self._keep = keep
        self._look = look
        self._clock = clock
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._snapshot: MilvusSnapshot | None = None
        self._looked = 0.0

    def snapshot(self) -> MilvusSnapshot:
        """The newest generation; the same object while nothing changed.

        A generation published by another process is seen after a second at the latest. Raises
        StaleIndexError where there is none or it is damaged.
        """
        with self._lock:
            before = time.monotonic()
            if self._snapshot is not None and self._looked and before - self._looked < self._look:
                return self._snapshot
            try:
                now = generations.read(self._opened())
            except StaleIndexError:
                self._snapshot = None
                raise
            if self._snapshot is None or self._snapshot.now != now:
                self._snapshot = MilvusSnapshot(self._opened(), now, keep=self._keep)
            self._looked = before
            return self._snapshot

    def writer(self, *, store: str) -> MilvusWriter:
        """The one writer, for the store of this identity. Raises BusyError while there is another."""
        lock = self._locked()
        try:
            with self._lock:
                engine = self._opened()
            return MilvusWriter(
                engine,
                lock,
                store=store,
                encoders=self._encoders,
                keep=self._keep,
                clock=self._clock,
                published=self._changed,
            )
        except BaseException:
            lock.release()
            raise

    def verify(self) -> None:
        """Count what the newest generation has. Raises StaleIndexError naming what differs.

        Checksums are the engine's.
        """
        with self._lock:
            engine = self._opened()
        verify(engine, generations.read(engine))

    def delete(self) -> None:
        """Take everything away, for a rebuild. Raises BusyError while a writer is at work."""
        lock = self._locked()
        try:
            with self._lock:
                delete(self._opened())
            self._changed()
        finally:
            lock.release()

    def close(self) -> None:
        """Close the connection; the index opens another when it is asked again."""
        with self._lock:
            if self._engine is not None:
                self._engine.close()
            self._engine = self._snapshot = None

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = Engine(self._address, prefix=self._prefix)
        return self._engine

    def _changed(self) -> None:
        """Look at once, when next asked."""
        self._looked = 0.0

    def _locked(self) -> Guard:
        if self._guard is not None:
            return self._guard()
        try:
            self._lock_path.parent.mkdir(parents=True, exist_ok=True)
            return Lock(self._lock_path, purpose=_PURPOSE)
        except OSError as error:
            raise SearchError(f"the search index cannot be written: {error}") from error

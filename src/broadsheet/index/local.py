"""The index in a directory of this machine: opening, reading, checking. Knows no store.

In the directory: ``manifest.json`` (see ``manifest``), a directory of words for each generation that
changed them (hard links, so they share their files), parts of the paper table and of the vectors,
the writer's working directory, and the lock.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.index import manifest
from broadsheet.index.files import reason, remove
from broadsheet.index.lock import Lock
from broadsheet.index.snapshot import LocalSnapshot, Opener
from broadsheet.index.writer import LOCK, LocalWriter

# A reader that is overtaken by two publications while it opens a generation tries again.
_ATTEMPTS: Final = 5

_PURPOSE: Final = "writing this search index"


class LocalIndex:
    """An index in a directory. Safe to share between threads; see ``contract.Index``."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._snapshot: LocalSnapshot | None = None
        self._doubted = threading.Event()  # a reader met damage: the writer verifies what there is
        self._opener = Opener(directory, doubted=self._doubted)

    def snapshot(self) -> LocalSnapshot:
        """The newest generation; the same object while nothing changed.

        Raises StaleIndexError where there is none or it is damaged.
        """
        with self._lock:
            for attempt in range(_ATTEMPTS):
                seen = self._look()
                if self._snapshot is not None and seen is not None and seen == self._seen:
                    return self._snapshot
                try:
                    newest = manifest.read(self._directory)
                    if self._snapshot is None or self._snapshot.manifest != newest:
                        self._snapshot = self._opener.open(newest)
                except StaleIndexError:
                    self._snapshot = None
                    if attempt + 1 == _ATTEMPTS or seen == self._look():
                        raise
                else:
                    self._seen = seen
                    return self._snapshot
            raise AssertionError("unreachable: the last attempt returns or raises")

    def writer(self, *, store: str) -> LocalWriter:
        """The one writer, for the store of this identity. Raises BusyError while there is another."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            lock = Lock(self._directory / LOCK, purpose=_PURPOSE)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            return LocalWriter(self._directory, lock, store=store, doubted=self._doubted)
        except OSError as error:
            lock.release()
            raise self._unwritable(error) from error
        except BaseException:
            lock.release()
            raise

    def verify(self) -> None:
        """Compare every file with its checksum. Raises StaleIndexError naming the first that differs."""
        for file in manifest.read(self._directory).files():
            file.verify(self._directory)

    def delete(self) -> None:
        """Take everything away, for a rebuild. Raises BusyError while a writer is at work."""
        if not self._directory.is_dir():
            return
        try:
            lock = Lock(self._directory / LOCK, purpose=_PURPOSE)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            (self._directory / manifest.NAME).unlink(missing_ok=True)  # first: what it names goes next
            for path in self._directory.iterdir():
                if path.name != LOCK:
                    remove(path)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            lock.release()

    def _look(self) -> tuple[int, int, int] | None:
        """What tells one manifest from the next without reading it."""
        try:
            status = (self._directory / manifest.NAME).stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _unwritable(self, error: OSError) -> SearchError:
        place = next(path for path in (self._directory, *self._directory.parents) if path.is_dir())
        return SearchError(f"the search index cannot be written: {reason(error, place)}")

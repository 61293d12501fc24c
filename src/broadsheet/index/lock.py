"""One process at a time: a lock on a file that dies with its holder. Knows nothing of what it guards."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Protocol

from broadsheet.errors import BusyError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class Guard(Protocol):
    """The right to write, which others lack as long as it is held."""

    def is_held(self) -> bool:
        """Whether it is ours still."""
        ...

    def release(self) -> None:
        """Let go; doing it twice is doing it once."""
        ...


class Lock:
    """Held from its making until ``release``; the system releases it when the process dies, however it dies."""

    def __init__(self, path: Path, *, purpose: str) -> None:
        self._path = path
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if sys.platform == "win32":
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self.release()
            raise BusyError(f"another process or thread is {purpose} ({path} is locked)") from error

    def is_held(self) -> bool:
        """Whether the file that is locked is still the one that others would lock."""
        if self._descriptor is None:
            return False
        try:
            there = self._path.stat()
        except OSError:
            return False
        return os.path.samestat(os.fstat(self._descriptor), there)

    def release(self) -> None:
        """Let go; doing it twice is doing it once."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

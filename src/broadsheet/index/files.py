"""Files that appear whole or not at all, and are known by their checksums. Knows nothing of their meaning."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.disk import no_room
from broadsheet.errors import StaleIndexError

WAY_OUT = "run `broadsheet index --rebuild` to make it anew from the database"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A finished file: its name within the index directory, its size in bytes and its SHA-256.

    ``written`` is the file's time of last change, in nanoseconds, when it was known to be whole; 0: not noted.
    """

    name: str
    size: int
    sha256: str
    written: int = 0

    def check(self, directory: Path) -> None:
        """Raise StaleIndexError where the file is missing, of another size, or was changed and is not as sealed.

        A file that nobody wrote to since is not read: see ``verify`` for what a failing disk does.
        """
        if not self.is_untouched(directory):
            self._compare(directory)

    def is_untouched(self, directory: Path) -> bool:
        """Whether nobody wrote to the file since it was noted. Raises StaleIndexError where it cannot be whole."""
        try:
            found = (directory / self.name).stat()
        except OSError as error:
            raise StaleIndexError(f"the search index lacks its file {self.name}; {WAY_OUT}") from error
        if found.st_size != self.size:
            raise StaleIndexError(
                f"the search index is torn: {self.name} has {found.st_size} bytes, expected {self.size}; {WAY_OUT}"
            )
        return found.st_mtime_ns == self.written

    def verify(self, directory: Path) -> None:
        """Read the whole file; raise StaleIndexError where it is not the one that was sealed."""
        self.is_untouched(directory)
        self._compare(directory)

    def _compare(self, directory: Path) -> None:
        try:
            found = _sha256(directory / self.name)
        except OSError as error:
            raise StaleIndexError(
                f"the search index cannot be read: {self.name}: {error.strerror}; {WAY_OUT}"
            ) from error
        if found != self.sha256:
            raise StaleIndexError(
                f"the search index is damaged: {self.name} differs from its checksum; {WAY_OUT}"
            )


def save(directory: Path, name: str, array: NDArray[Any]) -> Sealed:
    """Write an array durably under a name that is not in use."""
    path = directory / name
    with path.open("wb") as file:
        np.lib.format.write_array(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return seal(directory, name)


def load(directory: Path, sealed: Sealed, *, verify: bool = True) -> NDArray[Any]:
    """A saved array, memory-mapped for reading. Raises StaleIndexError where it cannot be.

    Without ``verify`` it is read only where somebody wrote to it: for large arrays in which a bit that the
    disk got wrong makes a score a little wrong, but nothing else.
    """
    (sealed.verify if verify else sealed.check)(directory)
    path = directory / sealed.name
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:
        raise StaleIndexError(f"the search index cannot read {sealed.name}: {error}; {WAY_OUT}") from error
    return array


def seal(directory: Path, name: str) -> Sealed:
    """Name, size and checksum of a file that will not change any more."""
    path = directory / name
    status = path.stat()
    return Sealed(name, status.st_size, _sha256(path), status.st_mtime_ns)


def write_durably(path: Path, text: str) -> None:
    """Put a text file in place of a former one: written aside, synced, renamed, so never half there."""
    aside = path.with_name(f"{path.name}.new")
    with aside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable, where the system has such a thing."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def link(source: Path, target: Path) -> None:
    """Give a finished file a second name; a copy where the file system has no links.

    Raises FileNotFoundError where the source is gone.
    """
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copy2(source, target)  # with its time of last change


def remove(path: Path) -> None:
    """Take away a file or a directory; what another process still holds open may stay behind."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        try:
            path.unlink(missing_ok=True)
        except PermissionError:
            return  # Windows keeps what is mapped; the next publication tries again


def reason(error: BaseException, directory: Path) -> str:
    """Why a directory could not be written: that its disk is full, where it is, or what the error says.

    The search engine's threads die of a full disk without saying so.
    """
    code = error.errno if isinstance(error, OSError) else None
    if full := no_room(directory, code):
        return f"{full}; make room, and it goes on from its last generation"
    return str(error)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What every source gives: records, or reasons why not. Knows no database.

A source is a plug-in: an entry point of the group ``broadsheet.sources`` naming an object that
satisfies ``FileSource`` (reads a file) or ``HostSource`` (asks a host). ``docs/use/sources.md``
shows one from start to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broadsheet.errors import RecordError
from broadsheet.model import Record

Item = Record | RecordError


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one answer, and the cursor to save with them. ``total`` is what the host promises, if it does."""

    items: tuple[Item, ...]
    cursor: str | None
    total: int | None = None


class FileSource(Protocol):
    """Reads one kind of file."""

    name: str

    def recognises(self, path: Path, head: bytes) -> bool:
        """Whether a file is of this kind, by its name and its first (decompressed) 4 kB."""
        ...

    def read(self, path: Path) -> Iterator[Item]:
        """The file's records in order; a RecordError (yielded, not raised) for each that cannot be used.

        Raises InputError where the file as a whole cannot be read.
        """
        ...


class HostSource(Protocol):
    """Asks one host, politely."""

    name: str

    def harvest(self, cursor: str | None) -> Iterator[Batch]:
        """Batches since ``cursor`` (None: from the beginning). Each batch's cursor, once saved with the
        batch's records, is a place from which ``harvest`` goes on with nothing lost.

        Raises SourceError or ThrottledError where the host fails; the last yielded cursor still holds.
        """
        ...

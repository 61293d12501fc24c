"""What every source gives: records, or reasons why not. Knows no database.

A source is a plug-in: an entry point of the group ``broadsheet.sources`` naming an object (or a class
that makes one without arguments) that satisfies ``FileSource`` (reads a file) or ``HostSource`` (asks a
host). ``docs/use/sources.md``
shows one from start to end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol, runtime_checkable

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

    @property
    def name(self) -> str:
        """What the source is called, and its records' ``source``."""
        ...

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

    @property
    def name(self) -> str:
        """What the source is called, and its records' ``source``."""
        ...

    def harvest(self, cursor: str | None) -> Iterator[Batch]:
        """Batches since ``cursor`` (None: from the beginning).

        Each batch's cursor, once saved with the batch's records, is a place from which ``harvest``
        goes on with nothing lost.

        Raises SourceError or ThrottledError where the host fails; the last yielded cursor still holds.
        """
        ...


@dataclass(frozen=True, slots=True)
class Announced:
    """What a host's announcement feed gives for a day.

    ``day`` is the date the feed bears, None where it has none; ``items`` have an announcement
    each and are empty on a day without; ``capped``: the feed gives no more, though there may be more.
    """

    day: date | None
    items: tuple[Item, ...] = ()
    capped: bool = False


class FeedSource(Protocol):
    """Asks one host what it announces today. Such a feed states the day; it cannot be asked for the past."""

    name: str

    def today(self) -> Announced:
        """What the feed gives now. Raises SourceError or ThrottledError."""
        ...


@runtime_checkable
class LineSource(FileSource, Protocol):
    """A FileSource whose every line is one record, so that lines may be parsed in any process.

    It must be picklable, and ``read`` must give what ``parse`` gives line by line.
    """

    def parse(self, line: bytes, *, where: str) -> Record:
        """The record of one line (without its end). Raises RecordError, naming ``where``."""
        ...

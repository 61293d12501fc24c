"""Take files in: recognise, parse, derive, store. Knows the contracts, no format and no backend.

Parsing and deriving is spread over worker processes where a file is large enough to pay for them;
this process alone writes, a batch in a transaction, in the order of the file. Whatever ends it,
the store holds whole batches, and taking the same files in again completes them.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Self, TypeVar
from urllib.parse import unquote, urlsplit

from broadsheet.errors import InputError, RecordError
from broadsheet.model import Derived, Record
from broadsheet.pipeline.workers import Task, Workers
from broadsheet.source.contract import FileSource, LineSource
from broadsheet.source.fetch import Fetched, Fetcher
from broadsheet.source.files import LineReader
from broadsheet.source.registry import recognise
from broadsheet.store.contract import Store, Taken

BATCH = 500
# Below this many bytes on disk, starting processes takes longer than the work.
_WORTH_WORKERS = 2 << 20
_SHOWN = 20

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an import is. Bytes are those on disk of all files; a record count is not known before."""

    file: str
    read: int  # records taken in so far
    rejected: int
    done: int  # bytes
    total: int  # bytes
    seconds: float

    @property
    def share(self) -> float:
        """How much is done, 0…1."""
        return self.done / self.total if self.total else 1.0

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.read / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds to go at this rate; None before there is one."""
        return self.seconds * (1 - self.share) / self.share if self.share > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeReport:
    """What became of an import. What it changed is in the store's change log above ``since``."""

    taken: Taken
    read: int  # records that could be used
    rejected: int
    problems: tuple[RecordError, ...]  # the first few rejects
    rejects: Path | None  # where all of them are, if there are any
    seconds: float
    since: int


def take_in(
    paths: Sequence[Path | str],
    *,
    store: Store,
    sources: Mapping[str, FileSource],
    derive: Callable[[Record], Derived],
    now: datetime,
    rejects: Path | None = None,
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    fetch: Callable[[str], Fetched] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> IntakeReport:
    """Take in the records of files, and of what lies behind ``http(s)`` addresses.

    What cannot be used is reported with its place and reason and written to the file ``rejects``,
    one JSON object a line; the rest is taken. ``derive`` and the sources must be picklable.
    ``workers``: how many processes parse and derive, 0 for none, None to choose.

    Raises InputError, before anything is taken, where a file cannot be opened or is of no known
    kind; SourceError where an address does not answer; StoreError where the store fails.
    """
    began = clock()
    since = store.last_seq()
    taken, read = Taken(), 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broadsheet-")))
        files = [_File.of(path, sources) for path in _on_disk(paths, folder=folder, fetch=fetch)]
        total = sum(file.size for file in files)
        out = stack.enter_context(_Rejects(rejects))
        count = _how_many(workers, files)
        used = {file.source: file.reader for file in files}
        pool = stack.enter_context(Workers(count, sources=used, derive=derive))
        for task, done in pool.run(_tasks(files, out)):
            for error in done.errors:
                out.add(error)
            if done.pairs:
                taken += store.put(done.pairs, now=now)
                read += len(done.pairs)
            if progress:
                seconds = clock() - began
                progress(
                    Progress(
                        file=task.file,
                        read=read,
                        rejected=out.count,
                        done=task.position,
                        total=total,
                        seconds=seconds,
                    )
                )
    return IntakeReport(
        taken=taken,
        read=read,
        rejected=out.count,
        problems=tuple(out.first),
        rejects=rejects if out.count else None,
        seconds=clock() - began,
        since=since,
    )


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    source: str
    reader: FileSource
    size: int

    @staticmethod
    def of(path: Path, sources: Mapping[str, FileSource]) -> _File:
        name, reader = recognise(path, sources)
        return _File(path, name, reader, path.stat().st_size)

    def task(
        self, position: int, *, lines: tuple[tuple[int, bytes], ...] = (), records: tuple[Record, ...] = ()
    ) -> Task:
        """A batch of this file, cut when ``position`` bytes of all files were read."""
        return Task(file=self.path.name, source=self.source, position=position, lines=lines, records=records)


def _on_disk(
    paths: Sequence[Path | str], *, folder: Path, fetch: Callable[[str], Fetched] | None
) -> Iterator[Path]:
    """The files to read; what lies behind an address is brought into ``folder`` first."""
    with Fetcher() as fetcher:
        for number, path in enumerate(paths):
            if isinstance(path, str) and path.startswith(("http://", "https://")):
                parts = urlsplit(path)
                name = Path(unquote(parts.path)).name.replace("\0", "")[-80:] or parts.netloc
                file = folder / str(number) / name
                file.parent.mkdir()
                file.write_bytes((fetch or fetcher.get)(path).body)
                yield file
            else:
                yield Path(path)


def _how_many(workers: int | None, files: Sequence[_File]) -> int:
    if workers is None:
        large = sum(f.size for f in files if isinstance(f.reader, LineSource))
        return Workers.usual() if large >= _WORTH_WORKERS else 0
    if workers < 0:
        raise InputError(f"workers: got {workers}, wanted 0 or more")
    return workers


def _tasks(files: Sequence[_File], out: _Rejects) -> Iterator[Task]:
    """All files in batches. A file that turns out to be damaged ends there, and is reported."""
    before = 0
    for file in files:
        try:
            if isinstance(file.reader, LineSource):
                yield from _line_batches(file, before)
            else:
                yield from _record_batches(file, before, out)
        except InputError as error:
            out.add(RecordError(str(file.path), f"not read to its end: {error}"))
        before += file.size


def _line_batches(file: _File, before: int) -> Iterator[Task]:
    """Raw lines, for the workers to parse."""
    with LineReader(file.path) as reader:
        for lines in _batched(reader.lines()):
            yield file.task(before + reader.position, lines=lines)
    yield file.task(before + file.size)


def _record_batches(file: _File, before: int, out: _Rejects) -> Iterator[Task]:
    """Records, of a source that reads its files whole; how far it is shows only at the end."""
    for items in _batched(file.reader.read(file.path)):
        for item in items:
            if isinstance(item, RecordError):
                out.add(item)
        yield file.task(before, records=tuple(item for item in items if isinstance(item, Record)))
    yield file.task(before + file.size)


def _batched(items: Iterator[_T]) -> Iterator[tuple[_T, ...]]:
    """Batches; an error of ``items`` comes after the batch it broke off."""
    batch: list[_T] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == BATCH:
                yield tuple(batch)
                batch = []
    except InputError:
        if batch:
            yield tuple(batch)
        raise
    if batch:
        yield tuple(batch)


class _Rejects:
    """Counts what could not be used, keeps the first few, and writes all to a file, if there are any."""

    def __init__(self, path: Path | None) -> None:
        self.count = 0
        self.first: list[RecordError] = []
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._path is not None:
            self._path.unlink(missing_ok=True)  # a former import's
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with suppress(OSError):  # every line was flushed; one that could not be has been reported
                self._file.close()

    def add(self, error: RecordError) -> None:
        self.count += 1
        if len(self.first) < _SHOWN:
            self.first.append(error)
        if self._path is None:
            return
        line = {"where": error.where, "reason": error.reason, "raw": error.raw}
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("w", encoding="utf-8")
            # A lone surrogate, legal in JSON's escapes, has no UTF-8: ASCII escapes hold all.
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        except OSError as problem:
            raise InputError(f"cannot write the rejects to {self._path}: {problem.strerror}") from problem

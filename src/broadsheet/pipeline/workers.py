"""Parse and derive batches, here or in worker processes. Knows no store."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from broadsheet.errors import BroadsheetError, RecordError
from broadsheet.model import Derived, Record
from broadsheet.pipeline.parcels import pack, unpack
from broadsheet.source.contract import FileSource, LineSource
from broadsheet.text.derive import derive as derive_one
from broadsheet.text.derive import derive_all

Derive = Callable[[Record], Derived]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A batch to work on: raw lines for a source that parses lines, or records.

    ``position`` is how many bytes of all files have been read when it was made.
    """

    file: str
    source: str
    position: int
    lines: tuple[tuple[int, bytes], ...] = ()  # line number and line
    records: tuple[Record, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """A batch worked on: what can be stored, and what could not be used."""

    pairs: list[tuple[Record, Derived]] = field(default_factory=list)
    errors: list[RecordError] = field(default_factory=list)


class Workers:
    """``count`` processes that work on tasks, none for 0; a context manager.

    Workers leave Ctrl-C to this process and end when it does, however it ends. Sources and
    ``derive`` must be picklable.
    """

    def __init__(self, count: int, *, sources: Mapping[str, FileSource], derive: Derive) -> None:
        self._sources = dict(sources)
        self._derive = derive
        self._ahead = 2 * count + 1  # enough that no worker waits for the one who writes
        self._pool = (
            ProcessPoolExecutor(
                count,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_enlist,
                initargs=(self._sources, derive),
            )
            if count
            else None
        )

    @staticmethod
    def usual() -> int:
        """How many processes pay: one a core, no more than the writer can keep up with, none on one core."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(cores, 4) if cores > 1 else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def run(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, Done]]:
        """Each task with what became of it, in order. Raises BroadsheetError where a worker dies."""
        if self._pool is None:
            for task in tasks:
                yield task, work(task, self._sources, self._derive)
            return
        waiting: deque[tuple[Task, Future[bytes]]] = deque()
        try:
            for task in tasks:
                waiting.append((task, self._pool.submit(_work_there, task)))
                if len(waiting) > self._ahead:
                    first, parcel = waiting.popleft()
                    yield first, Done(*unpack(parcel.result()))
            while waiting:
                first, parcel = waiting.popleft()
                yield first, Done(*unpack(parcel.result()))
        except BrokenProcessPool as error:
            raise BroadsheetError(
                "a worker process died, perhaps for want of memory; what was taken in is kept: import again "
                "to go on, with fewer workers if it recurs"
            ) from error


def work(task: Task, sources: Mapping[str, FileSource], derive: Derive) -> Done:
    """A task's records with what derives from them."""
    done = Done()
    records: list[Record] = list(task.records)
    places = [f"{task.file}: {record.id}" for record in records]
    if task.lines:
        source = sources[task.source]
        if not isinstance(source, LineSource):
            raise TypeError(f"source {task.source!r} cannot parse lines")
        for number, line in task.lines:
            where = f"{task.file}:{number}"
            try:
                records.append(source.parse(line, where=where))
            except RecordError as error:
                done.errors.append(error)
            else:
                places.append(where)
    try:
        # Our own reading has a form for many records, which is the quicker one.
        readings = derive_all(records) if derive is derive_one else [derive(record) for record in records]
        done.pairs.extend(zip(records, readings, strict=True))
    except Exception:  # noqa: BLE001 - one text that defeats us must not end the import; found and reported below
        for record, where in zip(records, places, strict=True):
            _add(done, record, derive, where=where)
    return done


def _add(done: Done, record: Record, derive: Derive, *, where: str) -> None:
    try:
        done.pairs.append((record, derive(record)))
    except Exception as error:  # noqa: BLE001 - it is reported
        done.errors.append(RecordError(where, f"its text cannot be read: {type(error).__name__}: {error}"))


# -- in the worker process

_sources: dict[str, FileSource] = {}
_derive: list[Derive] = []


def _enlist(sources: Mapping[str, FileSource], derive: Derive) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _sources.update(sources)
    _derive[:] = [derive]
    # What a batch makes is freed as a batch: looking for garbage among it finds none.
    gc.freeze()
    gc.set_threshold(200_000)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _work_there(task: Task) -> bytes:
    done = work(task, _sources, _derive[0])
    return pack(done.pairs, done.errors)

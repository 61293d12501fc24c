"""Take a reader's own papers into the archive: a library's file, a desk taken along, a list of works.

What is personal in them, tags and collections, goes to the reader's desk alone: papers are everybody's.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from broadsheet.errors import InputError, RecordError
from broadsheet.library import belongings
from broadsheet.library.belongings import Belongings
from broadsheet.model import Derived, Record
from broadsheet.source.contract import FileSource, Item
from broadsheet.source.files import LineReader
from broadsheet.source.jsonl import JsonLines
from broadsheet.source.registry import recognise
from broadsheet.store.contract import Store

MOST: Final = 20_000  # papers taken at once
# Of a feed or a list of feeds one does not say that one keeps it.
LIBRARIES: Final = ("bibtex", "csl", "jsonl", "ris", "zotero")

_BATCH = 500


def bring_file(
    name: str,
    body: bytes,
    *,
    store: Store,
    sources: Mapping[str, FileSource],
    derive: Callable[[Record], Derived],
    now: datetime,
) -> Belongings:
    """What a file of a reader's holds; its papers are in the archive when this returns. Raises InputError."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        # Sources know files by how their names end; the rest of the name is not ours to trust.
        endings = "".join(Path(name).suffixes[-2:])
        path = Path(folder) / f"library{endings if endings.isascii() and len(endings) < 20 else ''}"
        path.write_bytes(body)
        if belongings.is_packed(body[:400]):
            return _unpacked(path, store=store, derive=derive, now=now)
        known = {kind: sources[kind] for kind in LIBRARIES if kind in sources}
        try:
            _, source = recognise(path, known)
            return bring(source.read(path), store=store, derive=derive, now=now)
        except InputError as error:
            raise InputError(str(error).replace(str(path), repr(name))) from error


def bring(
    items: Iterable[Item], *, store: Store, derive: Callable[[Record], Derived], now: datetime
) -> Belongings:
    """What records put on a desk; they are in the archive when this returns. Raises InputError for too many."""
    records: list[Record] = []
    rejected: list[str] = []
    for item in items:
        if isinstance(item, RecordError):
            rejected.append(str(item))
        else:
            records.append(item)
        if len(records) > MOST:
            raise InputError(f"more than {MOST:,} papers; bring them in parts")
    _put(records, store=store, derive=derive, now=now)
    return belongings.of_records(records, at=now, rejected=tuple(rejected))


def _unpacked(path: Path, *, store: Store, derive: Callable[[Record], Derived], now: datetime) -> Belongings:
    with LineReader(path) as reader:
        found, lines = belongings.unpack(line for _, line in reader.lines())
    source = JsonLines()
    records: list[Record] = []
    rejected = list(found.rejected)
    for number, line in lines:
        try:
            records.append(source.parse(line, where=f"line {number}"))
        except RecordError as error:
            rejected.append(str(error))
    # What is here is better known here: the file tells of papers that are not.
    known = store.get_many(record.id for record in records)
    _put([r for r in records if r.id not in known], store=store, derive=derive, now=now)
    return replace(found, rejected=tuple(rejected))


def _put(records: list[Record], *, store: Store, derive: Callable[[Record], Derived], now: datetime) -> None:
    bare = [replace(record, tags=(), collections=()) for record in records]
    for start in range(0, len(bare), _BATCH):
        store.put([(record, derive(record)) for record in bare[start : start + _BATCH]], now=now)

"""The only place that names backends: from settings to a store, an index, a library, a web application."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError
from broadsheet.index.contract import Encoder, Index, Scored, Snapshot
from broadsheet.index.encode import HubEncoder, MiniLM, StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.library import Library
from broadsheet.model import Paper, Record
from broadsheet.pipeline import intake, reindex
from broadsheet.pipeline.fold import BATCH, fold_duplicates
from broadsheet.rank.mending import mend
from broadsheet.rank.query import parse
from broadsheet.rank.search import search as ranked
from broadsheet.store.contract import Cursor, Store
from broadsheet.text.derive import derive

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from broadsheet.evaluate.collections import Collection
    from broadsheet.evaluate.retrieval import Searcher
    from broadsheet.pipeline.harvest import HarvestReport, SyncReport
    from broadsheet.pipeline.intake import IntakeReport
    from broadsheet.source.registry import Sources

_log = logging.getLogger(__name__)
_RETRY = 5.0  # seconds

# The cursor of folding: up to which change near-duplicates were looked for.
_FOLDED = "fold"

# The one reader of a Broadsheet without accounts.
READER = "me"

Count = Callable[[int, int | None], None]  # told (done, total)


@dataclass(frozen=True, slots=True)
class Archive:
    """Everything opened for one archive. ``better`` is None where the settings want no better vectors."""

    settings: Settings
    store: Store
    index: Index
    library: Library
    fast: Encoder
    better: Encoder | None


def open_store(settings: Settings) -> Store:
    """The store that the settings name, its schema brought up to date. Raises StoreError, InputError."""
    if settings.database.startswith(("postgresql://", "postgres://")):
        from broadsheet.store.postgres import PostgresStore  # noqa: PLC0415  an optional extra

        return PostgresStore.open(settings.database)
    if settings.database:
        raise InputError(
            f"setting 'database' is {settings.database!r}; expected an address such as "
            "'postgresql://user@host/name', or nothing for SQLite in the data folder"
        )
    from broadsheet.store.sqlite import SqliteStore  # noqa: PLC0415  only where it is the one used

    return SqliteStore.open(_folder(settings) / "broadsheet.db")


@contextmanager
def open_archive(settings: Settings) -> Iterator[Archive]:
    """The archive that the settings name; closed when the block ends."""
    store = open_store(settings)
    try:
        index = LocalIndex(_folder(settings) / "index")
        fast = StaticEncoder()
        better = _better(settings.encoder)
        library = Library(store, index, fast=fast, better=better)
        yield Archive(settings, store, index, library, fast, better)
    finally:
        store.close()


@contextmanager
def open_library(settings: Settings) -> Iterator[Library]:
    """The library that the settings name; closed when the block ends."""
    with open_archive(settings) as archive:
        yield archive.library


def web_app(archive: Archive) -> Starlette:
    """The web application of an archive."""
    from broadsheet.serve.app import create_app  # noqa: PLC0415  for those who serve

    settings = archive.settings
    return create_app(archive.library, title=settings.title, base_url=settings.base_url, reader=READER)


# -- taking in


def take_in(
    archive: Archive,
    paths: Sequence[Path | str],
    *,
    source: str | None = None,
    rejects: Path | None = None,
    workers: int | None = None,
    progress: Callable[[intake.Progress], None] | None = None,
) -> IntakeReport:
    """Take files in and fold what turns out to be the same work. ``source`` forces how they are read."""
    known = _sources().files
    if source is not None and source not in known:
        raise InputError(f"no file source called {source!r}; known: {', '.join(sorted(known))}")
    _before_folding(archive.store)
    report = intake.take_in(
        paths,
        store=archive.store,
        sources=known if source is None else {source: known[source]},
        derive=derive,
        now=datetime.now(UTC),
        rejects=rejects,
        workers=workers,
        progress=progress,
    )
    fold_new(archive)
    return report


def fold_new(archive: Archive) -> int:
    """Fold near-duplicates among the papers changed since the last time; how many were folded.

    How far it came is saved, so what a killed import or sync left unfolded is folded by the next.
    """
    store = archive.store
    folded, after = 0, int(store.cursor(_FOLDED) or 0)
    until = store.last_seq()
    while after < until and (changes := store.changes(after, limit=BATCH)):
        after = changes[-1].seq
        ids = [change.id for change in changes if not change.gone and change.seq <= until]
        folded += len(fold_duplicates(store, ids, now=datetime.now(UTC)))
        store.set_cursor(Cursor(_FOLDED, str(min(after, until))))
    return folded


def _before_folding(store: Store) -> None:
    """Note where folding begins, before anything comes in: an archive that has no note is as it should be."""
    if store.cursor(_FOLDED) is None:
        store.set_cursor(Cursor(_FOLDED, str(store.last_seq())))


def take_sample(archive: Archive, *, progress: Count | None = None) -> int:
    """Take in the packaged sample edition, once, and index it; how many papers came in."""
    store = archive.store
    taken = 0
    if store.cursor("sample") is None:
        from broadsheet.source.jsonl import JsonLines  # noqa: PLC0415

        file = resources.files("broadsheet") / "data" / "sample.jsonl"
        with resources.as_file(file) as path:
            items = list(JsonLines(sample=True).read(path))
        batch = [(item, derive(item)) for item in items if isinstance(item, Record)]
        done = store.put(batch, now=datetime.now(UTC), cursor=Cursor("sample", "1"))
        taken = done.new
    with suppress(BusyError):  # whoever is writing the index follows the store, and so indexes these
        catch_up(archive, progress=progress)
    return taken


def sync(
    archive: Archive,
    *,
    sets: Sequence[str] = (),
    since: date | None = None,
    ids: Sequence[str] = (),
    progress: Callable[[HarvestReport], None] | None = None,
) -> SyncReport:
    """Catch up with arXiv, or fetch single papers from it, and fold what turns out to be the same work."""
    from broadsheet.ids import PaperId  # noqa: PLC0415
    from broadsheet.pipeline import harvest  # noqa: PLC0415
    from broadsheet.source.arxiv import Arxiv  # noqa: PLC0415

    settings = archive.settings
    _before_folding(archive.store)
    start = since or (_day(settings.arxiv_from) if settings.arxiv_from else None)
    arxiv = Arxiv(
        _folder(settings),
        contact=settings.contact,
        sets=tuple(sets) or settings.arxiv_sets,
        since=start,
        oai_url=settings.arxiv_oai_url,
        feed_url=settings.arxiv_feed_url,
        api_url=settings.arxiv_api_url,
    )
    try:
        if ids:
            items = arxiv.fetch([PaperId.parse(i) for i in ids])
            done = harvest.collect("arxiv", items, store=archive.store, derive=derive, now=_now)
            report = harvest.SyncReport(harvests=(done,))
        else:
            report = harvest.sync(
                arxiv.harvests, arxiv.feeds, store=archive.store, derive=derive, now=_now, progress=progress
            )
    finally:
        arxiv.close()
    fold_new(archive)
    return report


def harvest_host(
    archive: Archive, name: str, *, progress: Callable[[HarvestReport], None] | None = None
) -> HarvestReport:
    """Catch up with a host plug-in by name."""
    from broadsheet.pipeline import harvest  # noqa: PLC0415

    hosts = _sources().hosts
    if name not in hosts:
        raise InputError(f"no host source called {name!r}; known: {', '.join(sorted(hosts))}")
    _before_folding(archive.store)
    report = harvest.harvest(hosts[name], store=archive.store, derive=derive, now=_now, progress=progress)
    fold_new(archive)
    return report


def read_records(path: Path) -> list[Record]:
    """What a file of any kind we can read holds, without taking it in; lines that are no records are left out."""
    from broadsheet.source.registry import recognise  # noqa: PLC0415  loads every plug-in

    _, source = recognise(path, _sources().files)
    return [item for item in source.read(path) if isinstance(item, Record)]


def describe_sources() -> list[dict[str, Any]]:
    """Every source found, for people: name, kind, where it comes from; and what is wrong with broken ones."""
    found = _sources()
    known = [
        {"name": name, "kind": kind, "from": type(source).__module__}
        for kind, group in (("file", found.files), ("host", found.hosts))
        for name, source in sorted(group.items())
    ]
    return known + [{"name": "?", "kind": "broken", "from": problem} for problem in found.problems]


# -- following


def catch_up(
    archive: Archive, *, rebuild: bool = False, better: bool = False, progress: Count | None = None
) -> None:
    """Bring the index up to the store, then return. Raises BusyError while another process does so."""
    if rebuild:
        archive.index.delete()
    reindex.follow(
        archive.store,
        archive.index,
        fast=archive.fast,
        better=archive.better if better else None,
        progress=(lambda p: progress(p.done, p.total)) if progress else None,
        once=True,
    )


def follow(archive: Archive, *, stop: threading.Event) -> None:
    """Follow the store until ``stop`` is set, making better vectors meanwhile; for a thread of its own.

    A failure is logged and tried again: readers are served from the last generation until then.
    """
    while not stop.is_set():
        try:
            reindex.follow(
                archive.store, archive.index, fast=archive.fast, better=archive.better, stop=stop, once=False
            )
        except Exception:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
            _log.exception("the index could not follow the store; trying again in %s s", _RETRY)
            stop.wait(_RETRY)


# -- measuring


class Search(StrEnum):
    """Our own searches, for measuring one beside the other."""

    WORDS = "words"  # BM25 alone
    VECTORS = "vectors"  # MiniLM's alone
    FAST = "fast"  # words and the static encoder's, which serves at once
    BOTH = "both"  # words and MiniLM's, sentences' left out: while those are still being made
    WHOLE = "whole"  # and sentences': the default once everything is made


@contextmanager
def collection_search(
    collection: Collection, kind: Search, *, cache: Path | None = None, progress: Count | None = None
) -> Iterator[Searcher]:
    """One of our own searches over a test collection, in an index of its own that goes with the block."""
    with collection_searches(collection, [kind], cache=cache, progress=progress) as searches:
        yield searches[kind]


@contextmanager
def collection_searches(
    collection: Collection,
    kinds: Sequence[Search],
    *,
    cache: Path | None = None,
    progress: Count | None = None,
) -> Iterator[Mapping[Search, Searcher]]:
    """Several of our own searches over a test collection, in one index that goes with the block."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    fast, better = StaticEncoder(), MiniLM()
    with_better = {Search.BOTH, Search.WHOLE}
    encoders: list[Encoder] = [fast] if {Search.FAST, *with_better} & set(kinds) else []
    bulk = MiniLM(threads=2)
    if {Search.VECTORS, *with_better} & set(kinds):
        encoders.append(bulk)
    sentences_of = [bulk] if Search.WHOLE in kinds else []
    with collection_snapshot(
        collection, encoders, sentences_of=sentences_of, cache=cache, progress=progress
    ) as snapshot:
        today = _now().date()

        def rank(kind: Search, text: str, k: int) -> Sequence[Scored]:
            asked = mend(parse(text, today=today), snapshot)
            if kind is Search.WORDS:
                return snapshot.words(asked.words, k=k)
            if kind is Search.VECTORS:
                return snapshot.vectors(better.encode([text])[0], encoder=better.name, k=k)
            found = ranked(
                snapshot,
                asked,
                fast=fast,
                better=better if kind in with_better else None,
                k=k,
                with_sentences=kind is Search.WHOLE,
            )
            return [Scored(hit.id, hit.score) for hit in found.hits]

        yield {kind: indexed.searcher(collection, partial(rank, kind)) for kind in kinds}


@contextmanager
def collection_snapshot(
    collection: Collection,
    encoders: Sequence[Encoder],
    *,
    sentences_of: Sequence[Encoder] = (),
    cache: Path | None = None,
    progress: Count | None = None,
) -> Iterator[Snapshot]:
    """A test collection in an index of its own that goes with the block."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="broadsheet-") as folder:
        yield indexed.publish(
            collection,
            LocalIndex(Path(folder)),
            derive=derive,
            encoders=encoders,
            sentences_of=sentences_of,
            now=_now(),
            cache=cache,
            progress=progress,
        )


def collection_papers(collection: Collection) -> tuple[Paper, ...]:
    """A test collection's documents as its snapshot has them, in their order."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    return tuple(indexed.papers_of(collection, derive=derive, now=_now()))


def encoder_named(name: str) -> Encoder:
    """``static``, ``minilm`` or any encoder of a hub, for bulk work. Raises InputError."""
    if name == "static":
        return StaticEncoder()
    return MiniLM(threads=2) if name == "minilm" else HubEncoder(name, threads=2)


def _better(name: str) -> Encoder | None:
    if name in {"none", "static"}:
        return None
    return MiniLM() if name == "minilm" else HubEncoder(name)


def _folder(settings: Settings) -> Path:
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot use the data folder {settings.data}: {error.strerror}; name another with --data"
        ) from error
    return settings.data


def _sources() -> Sources:
    from broadsheet.source.registry import discover  # noqa: PLC0415  loads every plug-in

    return discover()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"setting 'arxiv_from' is {text!r}; expected YYYY-MM-DD") from error


def _now() -> datetime:
    return datetime.now(UTC)

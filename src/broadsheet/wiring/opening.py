"""From settings to a store, an index, a library: the only place that names backends."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError
from broadsheet.index.contract import Encoder, Index
from broadsheet.index.encode import HubEncoder, MiniLM, StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.index.lock import Guard, Lock
from broadsheet.library import Library
from broadsheet.store.contract import Store
from broadsheet.store.leases import Leases

if TYPE_CHECKING:
    from broadsheet.pipeline.turns import Turn
    from broadsheet.rank.expected import Interest

_log = logging.getLogger(__name__)

# The model of expected interest learnt on this machine, in the data folder.
_INTEREST = "expected.npz"

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
        fast = StaticEncoder()
        better = _better(settings.encoder)
        encoders = [fast, *([better] if better else [])]
        # A file's lock is let go as its holder dies, but another machine does not see it.
        guard = partial(claimed, store.leases, "index", doing="writing this search index")
        with _opened_index(
            settings.index, _folder(settings), encoders, guard=guard if settings.database else None
        ) as index:
            library = Library(store, index, fast=fast, better=better, interest=partial(_interest, settings))
            yield Archive(settings, store, index, library, fast, better)
    finally:
        store.close()


@contextmanager
def as_server(settings: Settings) -> Iterator[bool]:
    """Note until the block ends that somebody serves from this data folder; gives whether nobody did yet."""
    try:
        lock = Lock(_folder(settings) / "serve.lock", purpose="serving")
    except BusyError:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


@contextmanager
def open_library(settings: Settings) -> Iterator[Library]:
    """The library that the settings name; closed when the block ends."""
    with open_archive(settings) as archive:
        yield archive.library


def _interest(settings: Settings) -> Interest:
    """The model learnt on this machine; the shipped one where there is none, or none that this version reads."""
    from broadsheet.rank import expected_file  # noqa: PLC0415  keeps start-up short

    path = settings.data / _INTEREST
    try:
        return expected_file.from_bytes(path.read_bytes(), name=str(path))
    except FileNotFoundError:
        return expected_file.shipped()
    except InputError as error:
        _log.warning("%s; the model that came with Broadsheet is used", error)
        return expected_file.shipped()


@contextmanager
def _opened_index(
    setting: str, folder: Path, encoders: Sequence[Encoder], *, guard: Callable[[], Guard] | None = None
) -> Iterator[Index]:
    """The index that the setting ``index`` asks for; what it holds open is closed when the block ends.

    ``guard`` gives the right to write one that several machines share.
    """
    if not setting:
        yield LocalIndex(folder / "index")
        return
    if setting != "milvus" and not setting.startswith(("http://", "https://")):
        raise InputError(
            f"setting 'index' is {setting!r}; expected a Milvus server's address such as "
            "'http://milvus:19530', 'milvus' for the embedded engine, or nothing for files in the data folder"
        )
    try:
        from broadsheet.index.milvus import MilvusIndex  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise InputError(
            "setting 'index' asks for Milvus, which needs the extra: pip install 'broadsheet[milvus]'"
        ) from error
    index = MilvusIndex(
        str(folder / "milvus.db") if setting == "milvus" else setting,
        encoders={encoder.name: encoder.dim for encoder in encoders},
        lock=folder / "milvus.lock",
        guard=None if setting == "milvus" else guard,
    )
    try:
        yield index
    finally:
        index.close()


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


def turn_of(archive: Archive, name: str) -> Turn:
    """This process's part in work that one process at a time does."""
    from broadsheet.pipeline.turns import Turn  # noqa: PLC0415  for those who run

    return Turn(archive.store.leases, name, holder=_holder())


def claimed(leases: Leases, name: str, *, doing: str) -> Turn:
    """The right to do something alone, until it is released. Raises BusyError while another process has it."""
    from broadsheet.pipeline.turns import LENGTH, Turn  # noqa: PLC0415  for those who write

    holder = _holder()
    if leases.take(name, holder, length=LENGTH) is None:
        raise BusyError(
            f"another process, perhaps of another machine, is {doing}; if it died, "
            f"{LENGTH.total_seconds():g} seconds later anybody may"
        )
    return Turn(leases, name, holder=holder).__enter__()


def _holder() -> str:
    return f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(4)}"


def _now() -> datetime:
    return datetime.now(UTC)

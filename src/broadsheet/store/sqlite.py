"""SQLite: one file, the default. Knows the engine, no table.

The file is in WAL mode, so readers never wait and a killed process leaves whole transactions;
``synchronous=FULL`` makes each durable before it is acknowledged, at one fsync a batch.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from broadsheet.disk import no_room
from broadsheet.errors import BusyError, SchemaError, StoreError
from broadsheet.store.contract import Backup, Count
from broadsheet.store.engine import Connection, Row
from broadsheet.store.sql import SqlStore

# "BrdS" in the file's header, shown by `file` and checked before anything is written.
APPLICATION_ID = 0x42726453

_LIST = re.compile(r"IN \(:(\w+)\*\)")
_OLDEST = (3, 35)  # RETURNING and the upserts that the store's SQL needs
# Papers are about 3 kB: on pages of 4 kB each would waste a quarter of its page.
_PAGE_SIZE = 16384
# What SQLite says where it lacks room or permission.
_OF_THE_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
_PAUSE = 0.01  # seconds between two tries where SQLite itself does not wait
_LOOK_EVERY = 0.25  # seconds between two looks at whether others wrote
# Pages that a connection keeps. The first is the one of whoever works alone, such as an import; a server's
# others read beside it, each with a cache of its own, and the system keeps the file in memory for all of them.
_CACHE_KIB, _CACHE_BESIDE_KIB = 32768, 2048


class SqliteStore(SqlStore):
    """A store in one SQLite file."""

    @classmethod
    def open(cls, path: Path | str, *, timeout: float = 30.0) -> SqliteStore:
        """The store in a file, made or upgraded as needed. ``timeout``: seconds to wait for one's turn.

        Raises SchemaError where the file is not a store or is newer than this code, StoreError
        where it cannot be opened.
        """
        return cls(_Sqlite(Path(path), timeout=timeout))

    @classmethod
    def restore(cls, path: Path | str, file: Path, *, progress: Count | None = None) -> Backup:
        """Make the store in a file from a backup. Raises InputError where there is one, or the backup is not whole."""
        return cls._restored(_Sqlite(Path(path), timeout=30.0), file, progress=progress)


class _Sqlite:
    name = "sqlite"
    error: type[Exception] = sqlite3.Error
    types: Mapping[str, str] = {
        "serial": "INTEGER",
        "int": "INTEGER",
        "text": "TEXT",
        "blob": "BLOB",
        "lean": "WITHOUT ROWID",
    }
    clock = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

    def __init__(self, path: Path, *, timeout: float) -> None:
        self.path = path
        self.timeout = timeout
        self._caches = chain([_CACHE_KIB], repeat(_CACHE_BESIDE_KIB))
        # Never lent. Whoever closes a database last takes its journal away, and on a full disk nobody could open
        # it again, not even to read: so the last to close is not a connection that met an error.
        self._anchor: sqlite3.Connection | None = None

    def connect(self) -> sqlite3.Connection:
        connection = self._open()
        if self._anchor is None:
            self._anchor = self._open()
        return connection

    def close(self) -> None:
        if self._anchor is not None:
            self._anchor.close()
            self._anchor = None

    def _open(self) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(f"SQLite {sqlite3.sqlite_version} is too old; wanted 3.35 or later")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self.path,
                timeout=self.timeout,
                isolation_level=None,  # transactions are begun and ended by name
                check_same_thread=False,  # the pool lends a connection to one thread at a time
            )
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot open {self.path}: {error}") from error
        try:
            self.holds_store(connection)  # before anything is written: WAL mode stays in the file
            connection.execute(f"PRAGMA page_size = {_PAGE_SIZE}")
            self._to_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{next(self._caches)}")
            connection.execute("PRAGMA temp_store = MEMORY")
        except SchemaError:
            connection.close()
            raise
        except sqlite3.Error as error:
            connection.close()
            raise self.meaning(error) from error
        return connection

    def _to_wal(self, connection: sqlite3.Connection) -> None:
        """Switch a new file to WAL. SQLite does not wait for that itself while another process is at it."""
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)
            else:
                return

    def alive(self, connection: Connection) -> bool:  # noqa: ARG002  a file does not hang up
        return True

    def holds_store(self, connection: Connection) -> bool:
        if _mark(connection) == APPLICATION_ID:
            return True
        # Mark and tables come in one transaction, perhaps just now: so the tables first, then the mark.
        tables = connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
        mark = _mark(connection)
        if mark == APPLICATION_ID:
            return True
        if mark or tables:
            raise SchemaError(
                f"{self.path} is a database of another program; name another file for Broadsheet's"
            )
        return False

    def claim(self, connection: Connection) -> None:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    def begin(self, connection: Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")

    def begin_alone(self, connection: Connection, name: str) -> None:  # noqa: ARG002  one writes at a time
        connection.execute("BEGIN IMMEDIATE")

    def tell(self, connection: Connection) -> None:
        pass  # who wants to know looks

    def ear(self) -> _Ear:
        return _Ear()

    def dialect(self, sql: str) -> str:
        return _dialect(sql)

    def array(self, values: Sequence[str] | Sequence[int]) -> str:
        return json.dumps(values)

    def fill(self, connection: Connection, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join(["?"] * len(rows[0]))
        connection.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def freeze(self, connection: Connection) -> None:
        connection.execute("BEGIN")
        connection.execute(
            "SELECT 1 FROM sqlite_master LIMIT 1"
        ).fetchone()  # the snapshot is taken by the first look

    def rows(self, connection: Connection, sql: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        cursor = connection.execute(sql)
        return tuple(column[0] for column in cursor.description), _fetched(cursor)

    def stream(self, connection: Connection, sql: str) -> Iterator[Row]:
        yield from _fetched(connection.execute(sql))  # an unfinished SELECT keeps its snapshot

    def examine(self, connection: Connection) -> Sequence[str]:
        found = [text for (text,) in connection.execute("PRAGMA quick_check(20)").fetchall()]
        return () if found == ["ok"] else found

    def meaning(self, error: Exception) -> StoreError:
        code = getattr(error, "sqlite_errorcode", None)
        primary = code & 0xFF if code is not None else None
        if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            return BusyError(
                f"another process is writing to {self.path}; waited {self.timeout:g} s for its turn to end"
            )
        if primary == sqlite3.SQLITE_NOTADB:
            return SchemaError(f"{self.path} is not a SQLite database; name another file for Broadsheet's")
        if primary == sqlite3.SQLITE_CORRUPT or "Could not decode to UTF-8" in str(error):
            return StoreError(
                f"{self.path} is damaged ({str(error)[:80]}); restore a backup, or save what can be read with "
                f"`sqlite3 {self.path} .recover`"
            )
        if primary in _OF_THE_DISK and (why := _why(self.path.parent)):
            return StoreError(f"{self.path}: {why}")
        return StoreError(f"{self.path}: {error}")


def _why(folder: Path) -> str:
    """What is wrong with a folder that SQLite could not work in, and the way out; "" where it looks well."""
    if not os.access(folder, os.W_OK | os.X_OK):
        # SQLite needs that even to read: the journal and its index lie beside the file.
        return (
            f"{folder} cannot be written to: it is mounted read-only, or belongs to somebody else; give it to the "
            "user that runs Broadsheet, or name another folder with --data"
        )
    full = no_room(folder)
    return full and f"{full}; what was acknowledged is kept, the rest was undone: make room and do it again"


class _Ear:
    """SQLite tells no other process of anything: time to look comes every quarter of a second."""

    def attend(self) -> None:
        pass

    def hear(self, timeout: float) -> None:
        time.sleep(min(timeout, _LOOK_EVERY))

    def close(self) -> None:
        pass


def _fetched(cursor: Any) -> Iterator[Row]:
    while rows := cursor.fetchmany(256):
        yield from rows


def _mark(connection: Connection) -> int:
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return mark


@cache
def _dialect(sql: str) -> str:
    return _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", sql)

"""PostgreSQL: for an archive that several machines read. Knows the engine, no table.

Needs the extra ``broadsheet[postgres]``. Everything lives in one schema of the database, so that
other programs may use the rest of it.
"""

from __future__ import annotations

import re
import select
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from broadsheet.errors import AwayError, BusyError, InputError, SchemaError, StoreError
from broadsheet.store.contract import Backup, Count
from broadsheet.store.engine import Connection, Cursor, Row
from broadsheet.store.sql import SqlStore

_LIST = re.compile(r"IN \(:(\w+)\*\)")
# How long a server may be silent before it counts as gone, unless its address says otherwise: in seconds, the last in
# milliseconds. The system's own answer would be two hours.
_PATIENCE = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_VALUE = re.compile(r":(\w+)")


class PostgresStore(SqlStore):
    """A store in one schema of a PostgreSQL database."""

    @classmethod
    def open(cls, url: str, *, schema: str = "broadsheet", timeout: float = 30.0) -> PostgresStore:
        """The store behind an address, made or upgraded as needed. ``timeout``: seconds to wait for one's turn.

        Raises SchemaError where the schema is not a store's or is newer than this code, StoreError
        where the server does not answer, InputError for an address that is none.
        """
        return cls(_Postgres(url, schema=schema, timeout=timeout))

    @classmethod
    def restore(
        cls, url: str, file: Path, *, schema: str = "broadsheet", progress: Count | None = None
    ) -> Backup:
        """Make the store behind an address from a backup. Raises InputError as in SQLite's."""
        return cls._restored(_Postgres(url, schema=schema, timeout=30.0), file, progress=progress)


class _Postgres:
    name = "postgresql"
    error: type[Exception] = psycopg.Error
    types: Mapping[str, str] = {
        "serial": "BIGINT",
        "int": "BIGINT",
        "text": 'TEXT COLLATE "C"',  # ids and days sort by code point, as in Python and SQLite
        "blob": "BYTEA",
        "lean": "",
    }
    clock = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

    def __init__(self, url: str, *, schema: str, timeout: float) -> None:
        try:
            parts = conninfo_to_dict(url)
        except psycopg.ProgrammingError as error:
            raise InputError(f"not the address of a PostgreSQL database: {error}") from error
        self.timeout = timeout
        self._url = make_conninfo(
            url, **{name: value for name, value in _PATIENCE.items() if name not in parts}
        )
        self._schema = schema
        # For messages: never the address itself, which may hold a password.
        self._where = f"database {parts.get('dbname', '?')!r} at {parts.get('host', 'localhost')}"
        # Advisory locks are the database's, so the schema makes the number.
        self._lock = zlib.crc32(f"broadsheet {schema}".encode())
        # So is what is told to those who listen.
        self.channel = f"broadsheet_{self._lock:08x}"

    def connect(self) -> Connection:
        try:
            connection = psycopg.connect(self._url, autocommit=True, client_encoding="UTF8")
            connection.execute(
                sql.SQL("SET search_path TO {}; SET synchronous_commit TO on; SET lock_timeout TO {}").format(
                    sql.Identifier(self._schema), sql.Literal(max(1, round(self.timeout * 1000)))
                )
            )
        except psycopg.Error as error:
            raise AwayError(f"cannot open {self._where}: {_first_line(error)}") from error
        return cast("Connection", connection)  # psycopg asks for literal SQL; ours is put together

    def alive(self, connection: Connection) -> bool:
        # A server says nothing to whoever asked nothing, but good-bye.
        return not _readable(cast("psycopg.Connection", connection).fileno())

    def holds_store(self, connection: Connection) -> bool:
        tables = {
            table
            for (table,) in connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = %(schema)s",
                {"schema": self._schema},
            ).fetchall()
        }
        if tables and not {"meta", "papers"} <= tables:
            raise SchemaError(
                f"schema {self._schema!r} of {self._where} holds another program's tables; "
                "name another database for Broadsheet's"
            )
        return bool(tables)

    def claim(self, connection: Connection) -> None:
        connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema.replace(chr(34), chr(34) * 2)}"')

    def begin(self, connection: Connection) -> None:
        connection.execute("BEGIN")
        # Whoever holds this lock has begun after all earlier writers committed, and under READ
        # COMMITTED reads what they wrote: so numbers of the change log grow in commit order.
        connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": self._lock})

    def begin_alone(self, connection: Connection, name: str) -> None:
        connection.execute("BEGIN")
        # Above 32 bits, where the other lock is not; who has the same number as another name waits a moment in vain.
        lock = 1 << 32 | zlib.crc32(f"{self._schema} {name}".encode())
        connection.execute("SELECT pg_advisory_xact_lock(%(lock)s)", {"lock": lock})

    def tell(self, connection: Connection) -> None:
        connection.execute("SELECT pg_notify(%(channel)s, '')", {"channel": self.channel})

    def ear(self) -> _Ear:
        return _Ear(self)

    def dialect(self, statement: str) -> str:
        return _dialect(statement)

    def array(self, values: Sequence[str] | Sequence[int]) -> list[str] | list[int]:
        return cast("list[str] | list[int]", list(values))

    def fill(self, connection: Connection, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join(["%s"] * len(rows[0]))
        connection.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def freeze(self, connection: Connection) -> None:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def rows(self, connection: Connection, statement: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        connection.execute(f"DECLARE scanned NO SCROLL CURSOR FOR {statement}")
        first = connection.execute("FETCH 256 FROM scanned")
        return tuple(column[0] for column in first.description), self._fetched(connection, first)

    def _fetched(self, connection: Connection, first: Cursor) -> Iterator[Row]:
        rows = first.fetchall()
        while rows:
            yield from rows
            rows = connection.execute("FETCH 256 FROM scanned").fetchall()
        connection.execute("CLOSE scanned")

    def stream(self, connection: Connection, statement: str) -> Iterator[Row]:
        self.freeze(connection)
        yield from self.rows(connection, statement)[1]
        connection.execute("COMMIT")

    def examine(self, connection: Connection) -> Sequence[str]:  # noqa: ARG002  the server looks after its own files
        return ()

    def meaning(self, error: Exception) -> StoreError:
        if isinstance(error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected):
            return BusyError(
                f"another process is writing to {self._where}; waited {self.timeout:g} s for its turn to end"
            )
        if _is_away(error):
            return AwayError(f"{self._where} does not answer: {_first_line(error)}")
        return StoreError(f"{self._where}: {_first_line(error)}")

    def close(self) -> None:
        pass


class _Ear:
    """Hears notifications, over a connection of its own."""

    def __init__(self, engine: _Postgres) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None

    def attend(self) -> None:
        if self._connection is None:
            connection = cast("psycopg.Connection", self._engine.connect())
            try:
                connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._engine.channel)))
            except psycopg.Error as error:
                connection.close()
                raise self._engine.meaning(error) from error
            self._connection = connection

    def hear(self, timeout: float) -> None:
        assert self._connection is not None  # or nobody attended
        try:
            for _ in self._connection.notifies(timeout=timeout, stop_after=1):
                pass
        except psycopg.Error as error:
            self.close()
            raise self._engine.meaning(error) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _is_away(error: Exception) -> bool:
    """Whether a server went away, is on its way down or up, is full, or has become another's standby."""
    state: str | None = getattr(error, "sqlstate", None)
    if state is None:  # the driver's own: nobody answered
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state.startswith(("08", "57P", "25006", "53300"))


def _readable(descriptor: int) -> bool:
    if sys.platform == "win32":
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()  # select knows no descriptor above 1,024
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


@cache
def _dialect(statement: str) -> str:
    return _VALUE.sub(r"%(\1)s", _LIST.sub(r"= ANY(:\1)", statement))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__

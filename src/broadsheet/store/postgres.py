"""PostgreSQL: for an archive that several machines read. Knows the engine, no table.

Needs the extra ``broadsheet[postgres]``. Everything lives in one schema of the database, so that
other programs may use the rest of it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import cast

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from broadsheet.errors import BusyError, InputError, SchemaError, StoreError
from broadsheet.store.contract import Backup, Count
from broadsheet.store.engine import Connection, Cursor, Row
from broadsheet.store.sql import SqlStore

_LIST = re.compile(r"IN \(:(\w+)\*\)")
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
        self._url = url
        self._schema = schema
        # For messages: never the address itself, which may hold a password.
        self._where = f"database {parts.get('dbname', '?')!r} at {parts.get('host', 'localhost')}"
        # Advisory locks are the database's, so the schema makes the number.
        self._lock = zlib.crc32(f"broadsheet {schema}".encode())

    def connect(self) -> Connection:
        try:
            connection = psycopg.connect(self._url, autocommit=True, client_encoding="UTF8")
            connection.execute(
                sql.SQL("SET search_path TO {}; SET synchronous_commit TO on; SET lock_timeout TO {}").format(
                    sql.Identifier(self._schema), sql.Literal(max(1, round(self.timeout * 1000)))
                )
            )
        except psycopg.Error as error:
            raise StoreError(f"cannot open {self._where}: {_first_line(error)}") from error
        return cast("Connection", connection)  # psycopg asks for literal SQL; ours is put together

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
        return StoreError(f"{self._where}: {_first_line(error)}")


@cache
def _dialect(statement: str) -> str:
    return _VALUE.sub(r"%(\1)s", _LIST.sub(r"= ANY(:\1)", statement))


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0] or type(error).__name__

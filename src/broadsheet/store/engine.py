"""What differs between database engines, named in one place. Knows no table and no paper.

The store's SQL is written once. Values are named (``:day``), a list is ``IN (:names*)``, and the
migrations name column types in braces (``{text}``). An engine turns these into its own dialect,
opens connections, begins transactions, and says what its errors mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from broadsheet.errors import InputError, StoreError

Row = Sequence[Any]
Values = Mapping[str, Any]


class Cursor(Protocol):
    """As much of a DB-API cursor as the store uses."""

    rowcount: int
    description: Any

    def fetchall(self) -> list[Any]:
        """Every row that is left."""
        ...

    def fetchone(self) -> Any:
        """The next row, or None."""
        ...

    def executemany(self, sql: str, rows: Iterable[Values] | Iterable[Row], /) -> Any:
        """Run a statement once for each row of values."""
        ...


class Connection(Protocol):
    """As much of a DB-API connection as the store uses; outside ``begin`` every statement commits."""

    def execute(self, sql: str, values: Values = ..., /) -> Any:
        """Run one statement; gives a cursor."""
        ...

    def cursor(self) -> Any:
        """A cursor for many rows."""
        ...

    def close(self) -> None:
        """Hang up; an open transaction is undone."""
        ...


class Ear(Protocol):
    """Hears that others changed papers; with a connection of its own where it needs one. For one thread."""

    def attend(self) -> None:
        """Listen from here on. Raises StoreError."""
        ...

    def hear(self, timeout: float) -> None:
        """Return as soon as something was told, or it is time to look, at most ``timeout`` seconds on. Raises StoreError."""
        ...

    def close(self) -> None:
        """Listen no longer."""
        ...


class Engine(Protocol):
    """One database engine, and one database of it."""

    name: str
    error: type[Exception]  # the root of the driver's exceptions
    types: Mapping[str, str]  # for the braces of migrations
    clock: str  # an expression: milliseconds since 1970, by the database's own clock
    timeout: float  # seconds to wait for one's turn to write

    def connect(self) -> Connection:
        """A new connection. Raises StoreError."""
        ...

    def alive(self, connection: Connection) -> bool:
        """Whether a connection that nobody used for a while is still one, as far as that shows without asking."""
        ...

    def holds_store(self, connection: Connection) -> bool:
        """Whether the database holds a store; False where it is empty.

        Raises SchemaError where it is somebody else's.
        """
        ...

    def claim(self, connection: Connection) -> None:
        """Mark an empty database as ours, within a write transaction."""
        ...

    def begin(self, connection: Connection) -> None:
        """Begin a write transaction: from here to its end nobody else writes."""
        ...

    def begin_alone(self, connection: Connection, name: str) -> None:
        """Begin a write transaction: from here to its end nobody else has one of this name."""
        ...

    def tell(self, connection: Connection) -> None:
        """Let every ear hear, once the write transaction is committed, that papers changed."""
        ...

    def ear(self) -> Ear:
        """An ear for what others tell."""
        ...

    def dialect(self, sql: str) -> str:
        """A statement in the engine's own dialect."""
        ...

    def array(self, values: Sequence[str] | Sequence[int]) -> Any:
        """The value to bind to a list."""
        ...

    def fill(self, connection: Connection, table: str, rows: Sequence[Row]) -> None:
        """Insert rows of values, all of a length, in the order of the table's columns."""
        ...

    def freeze(self, connection: Connection) -> None:
        """Begin to read from one snapshot, until a COMMIT or ROLLBACK."""
        ...

    def rows(self, connection: Connection, sql: str) -> tuple[tuple[str, ...], Iterator[Row]]:
        """The columns of a query and its rows, a few at a time; within ``freeze``, each read to its end before the next."""
        ...

    def stream(self, connection: Connection, sql: str) -> Iterator[Row]:
        """The rows of a query, a few at a time, from one snapshot."""
        ...

    def examine(self, connection: Connection) -> Sequence[str]:
        """What the engine finds wrong with its own files."""
        ...

    def meaning(self, error: Exception) -> StoreError:
        """What an error of the driver means to us."""
        ...

    def close(self) -> None:
        """Let go of what it holds open beside the connections it gave."""
        ...


class Session:
    """A connection that speaks the store's SQL."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        self.engine = engine
        self.connection = connection

    def all(self, sql: str, **values: Any) -> list[Any]:
        """Every row of a query."""
        rows: list[Any] = self._execute(sql, values).fetchall()
        return rows

    def one(self, sql: str, **values: Any) -> Any:
        """The first row of a query, or None."""
        return self._execute(sql, values).fetchone()

    def run(self, sql: str, **values: Any) -> int:
        """Run a statement; gives the number of rows it touched."""
        count: int = self._execute(sql, values).rowcount
        return count

    def many(self, sql: str, rows: Sequence[Values]) -> None:
        """Run a statement once for each row of values."""
        if rows:
            try:
                self.connection.cursor().executemany(self.engine.dialect(sql), rows)
            except UnicodeEncodeError as error:
                raise _no_text(error) from error

    def fill(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows of values in the order of the table's columns: the quickest way in for many."""
        if rows:
            try:
                self.engine.fill(self.connection, table, rows)
            except UnicodeEncodeError as error:
                raise _no_text(error) from error

    def tell(self) -> None:
        """Let others know, once this is committed, that papers changed."""
        self.engine.tell(self.connection)

    def stream(self, sql: str) -> Iterator[Row]:
        """The rows of a query, a few at a time, from one snapshot."""
        return self.engine.stream(self.connection, self.engine.dialect(sql))

    def _execute(self, sql: str, values: dict[str, Any]) -> Any:
        for name, value in values.items():
            if isinstance(value, list):
                values[name] = self.engine.array(value)
            elif isinstance(value, str) and "\0" in value:
                raise InputError(f"not a text: {value[:40]!r} holds a zero byte")  # PostgreSQL takes none
        try:
            return self.connection.execute(self.engine.dialect(sql), values)
        except UnicodeEncodeError as error:
            raise _no_text(error) from error


def _no_text(error: UnicodeEncodeError) -> InputError:
    """Half of a surrogate pair can come in JSON and is no character; no database takes it."""
    return InputError(f"not a text: {error.object[:40]!r} holds half a character")


# Opens one write transaction: committed where the block ends, undone where it raises.
Transaction = Callable[[], AbstractContextManager[Session]]

"""Every backend of the store, each test with an empty one of its own; PostgreSQL is a real server."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.postgres import postgres_server

from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Author, Derived, Record
from broadsheet.store.contract import Taken
from broadsheet.store.sql import SqlStore
from broadsheet.store.sqlite import SqliteStore

Opener = Callable[..., SqlStore]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)


def open_at(address: str, *, timeout: float = 20.0) -> SqlStore:
    if address.startswith("postgresql://"):
        from broadsheet.store.postgres import PostgresStore

        url, _, schema = address.partition("#")
        return PostgresStore.open(url, schema=schema, timeout=timeout)
    return SqliteStore.open(address, timeout=timeout)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store may be made; text, so that other processes can open it too."""
    if request.param == "postgresql":
        return f"{request.getfixturevalue('postgres_url')}#test_{uuid.uuid4().hex}"
    return str(tmp_path / "broadsheet.db")


@pytest.fixture
def opener(address: str) -> Iterator[Opener]:
    """Opens the test's store, as often as asked."""
    opened: list[SqlStore] = []

    def open_store(timeout: float = 20.0) -> SqlStore:
        opened.append(open_at(address, timeout=timeout))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


@pytest.fixture
def store(opener: Opener) -> SqlStore:
    return opener()


@pytest.fixture
def take(store: SqlStore) -> Take:
    """Puts records into the test's store, each read in the simplest way."""

    def put(*records: Record, now: datetime = NOW, **options: Any) -> Taken:
        return store.put([(record, read(record)) for record in records], now=now, **options)

    return put


@pytest.fixture(scope="session")
def rec() -> Callable[..., Record]:
    return make_record


def make_record(id: str, title: str = "A Title", abstract: str = "An abstract.", **fields: Any) -> Record:
    """A record; ``days`` are announcement days, "2026-03-02" or "2026-03-02 cross"."""
    announced = [text.partition(" ") for text in fields.pop("days", ())]
    return Record(
        id=PaperId.parse(id),
        title=title,
        abstract=abstract,
        source=fields.pop("source", "test"),
        authors=tuple(Author(name) for name in fields.pop("people", ())),
        announcements=tuple(
            Announcement(date.fromisoformat(day), AnnounceKind(kind or "new")) for day, _, kind in announced
        ),
        **fields,
    )


def read(record: Record) -> Derived:
    return Derived(title=" ".join(record.title.split()), abstract=" ".join(record.abstract.split()))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of the tests' own, without TCP, gone when they end."""
    with postgres_server() as server:
        yield server.url

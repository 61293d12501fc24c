"""Migrations: applied once, in order, whole; a newer database is refused."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from broadsheet.errors import SchemaError
from broadsheet.store.engine import Session
from broadsheet.store.migrations import Migration, migrations
from broadsheet.store.schema import bring_up, schema_version
from broadsheet.store.sqlite import SqliteStore, _Sqlite

NEXT = len(migrations()) + 1


def step(compatible: int, *statements: str) -> tuple[Migration, ...]:
    return (*migrations(), Migration(NEXT, compatible, statements))


@contextmanager
def session(path: Path) -> Iterator[Session]:
    engine = _Sqlite(path, timeout=5)
    opened = Session(engine, engine.connect())
    try:
        yield opened
    finally:
        opened.connection.close()


def test_migrations_are_numbered_without_gaps() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))
    assert all(1 <= step.compatible <= step.number for step in migrations())


def test_an_older_database_is_brought_up_and_keeps_its_papers(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with SqliteStore.open(path) as store:
        name = store.identity()
    with session(path) as opened:
        bring_up(opened, steps=step(NEXT, "CREATE TABLE extra (x {text})", "INSERT INTO extra VALUES ('y')"))
        bring_up(opened, steps=step(NEXT, "CREATE TABLE extra (x {text})", "INSERT INTO extra VALUES ('y')"))
        assert schema_version(opened) == NEXT
        assert opened.all("SELECT x FROM extra") == [("y",)]
        assert opened.one("SELECT value FROM meta WHERE name = 'identity'") == (name,)


def test_a_database_too_new_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with session(path) as opened:
        bring_up(opened, steps=step(NEXT, "CREATE TABLE extra (x {text})"))
    with pytest.raises(SchemaError, match=rf"schema {NEXT}.*upgrade") as refusal:
        SqliteStore.open(path)
    assert "backup" in str(refusal.value)


def test_a_newer_database_that_says_it_is_compatible_is_used(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with session(path) as opened:
        bring_up(opened, steps=step(1, "CREATE TABLE extra (x {text})"))
    with SqliteStore.open(path) as store:
        assert store.schema_version == NEXT
        assert store.count() == 0


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    SqliteStore.open(path).close()
    with session(path) as opened:
        with pytest.raises(opened.engine.error):
            bring_up(opened, steps=step(NEXT, "CREATE TABLE extra (x {text})", "CREATE TABLE nonsense ("))
        assert schema_version(opened) == NEXT - 1
        assert opened.one("SELECT 1 FROM sqlite_master WHERE name = 'extra'") is None
    SqliteStore.open(path).close()


def test_a_first_opening_that_fails_leaves_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with session(path) as opened, pytest.raises(opened.engine.error):
        bring_up(opened, steps=step(NEXT, "CREATE TABLE nonsense ("))
    with SqliteStore.open(path) as store:
        assert store.count() == 0


def test_a_database_that_lost_its_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    SqliteStore.open(path).close()
    with session(path) as opened:
        opened.run("DELETE FROM meta WHERE name = 'schema'")
    with pytest.raises(SchemaError, match="damaged"):
        SqliteStore.open(path)

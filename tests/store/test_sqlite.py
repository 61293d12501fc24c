"""SQLite: files that are not ours, killed writers, settings of the engine."""

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet.errors import SchemaError, StoreError
from broadsheet.ids import PaperId
from broadsheet.model import Derived, Record
from broadsheet.store.contract import Taken
from broadsheet.store.migrations import migrations
from broadsheet.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 8, tzinfo=UTC)


def put(store: SqliteStore, *numbers: int) -> Taken:
    records = [Record(id=PaperId(f"2603.{n:05}"), title=str(n), source="x") for n in numbers]
    return store.put([(record, Derived(title=record.title, abstract="")) for record in records], now=NOW)


def test_a_store_is_made_with_its_folder_and_found_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "broadsheet.db"
    with SqliteStore.open(path) as store:
        assert put(store, 1) == Taken(new=1)
    with SqliteStore.open(path) as store:
        assert store.count() == 1
        assert store.schema_version == len(migrations())


def test_a_committed_batch_is_synced_to_the_disk(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "x.db") as store, store._reading() as session:
        assert session.one("PRAGMA journal_mode") == ("wal",)
        assert session.one("PRAGMA synchronous") == (2,)  # FULL


def test_another_programs_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "zotero.sqlite"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE items (x)")
        other.commit()
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="another program"):
        SqliteStore.open(path)
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("items",)]
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("These are my notes, and no database at all. " * 50)
    before = path.read_bytes()
    with pytest.raises(SchemaError, match="not a SQLite database"):
        SqliteStore.open(path)
    assert path.read_bytes() == before


def test_a_folder_in_place_of_the_file_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open"):
        SqliteStore.open(tmp_path)


def test_a_damaged_database_is_read_right_or_refused_with_a_way_out(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    with SqliteStore.open(whole) as store:
        put(store, *range(1, 200))
        papers = list(store.scan())
    chance = random.Random(5)
    content = whole.read_bytes()
    refused = 0
    for number in range(40):
        path = tmp_path / f"{number}.db"
        if number % 2:
            path.write_bytes(
                content[: chance.randrange(512, len(content))]
            )  # as a disk that filled up leaves it
        else:
            start = chance.randrange(len(content) // 4096) * 4096  # as a sector that went bad
            path.write_bytes(content[:start] + bytes([number]) * 4096 + content[start + 4096 :])
        try:
            with SqliteStore.open(path) as store:
                assert list(store.scan()) == papers, "a wrong answer"
                assert [store.get(paper.id) for paper in papers] == papers
        except StoreError as error:
            refused += 1
            assert re.search("restore a backup|name another file", str(error)), error  # noqa: PT017
    assert refused >= 20


def test_a_paper_whose_row_is_damaged_is_named_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    with SqliteStore.open(path) as store:
        put(store, 1, 2)
    whole = path.read_bytes()
    for damage in (b'{"title"\xff"1"', b'{"title";"1"', b'{"tutle":"1"'):
        path.write_bytes(whole.replace(b'{"title":"1"', damage))
        with SqliteStore.open(path) as store:
            with pytest.raises(StoreError, match=r"damaged.*restore a backup"):
                store.get(PaperId("2603.00001"))
            assert store.get(PaperId("2603.00002")) is not None


_WRITER = """
import sys
from datetime import UTC, datetime
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Derived, Record
from broadsheet.store.sqlite import SqliteStore
from broadsheet.store.contract import Cursor

store = SqliteStore.open(sys.argv[1])
batch = int(sys.argv[2])
while True:
    records = [
        Record(id=PaperId(f"2603.{n:05}"), title=f"Paper {n}", abstract="word " * 200, source="x",
               authors=(Author(f"Author {n % 7}"),),
               announcements=(Announcement(datetime(2026, 3, 1 + n % 28, tzinfo=UTC).date()),))
        for n in range(batch * 40 + 1, batch * 40 + 41)
    ]
    store.put(
        [(r, Derived(title=r.title, abstract=r.abstract, sketch=tuple(range(n, n + 8))))
         for n, r in enumerate(records)],
        now=datetime(2026, 3, 8, tzinfo=UTC), cursor=Cursor("x", str(batch)),
    )
    print(batch, flush=True)
    batch += 1
"""


def test_a_killed_writer_loses_no_batch_that_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "broadsheet.db"
    chance = random.Random(7)
    next_batch = 0
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path), str(next_batch)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            acknowledged = [int(writer.stdout.readline())]
            time.sleep(chance.uniform(0, 0.06))
            os.kill(writer.pid, signal.SIGKILL)
            acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]
        with SqliteStore.open(path) as store:
            cursor = store.cursor("x")
            assert cursor is not None
            assert int(cursor) >= acknowledged[-1]
            next_batch = int(cursor) + 1
            # Whole batches, in every table, each once.
            assert store.count() == next_batch * 40
            assert sum(day.new for day in store.days()) == next_batch * 40
            assert sum(len(store.by_author(f"author-{n}", limit=10**6)) for n in range(7)) == next_batch * 40
            assert [change.seq for change in store.changes(0, limit=10**6)] == list(
                range(1, next_batch * 40 + 1)
            )
            with store._reading() as session:
                assert session.one("PRAGMA integrity_check") == ("ok",)


def test_connections_are_lent_not_hoarded(tmp_path: Path) -> None:
    with SqliteStore.open(tmp_path / "x.db") as store:
        for _ in range(20):
            store.count()
        assert len(store._pool._idle) == 1

"""Contract of the store: a backup holds everything, is whole or nothing, and comes back into any engine."""

from __future__ import annotations

import gzip
import json
import stat
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.model import Counter, MarkKind, Record
from broadsheet.store import backup
from broadsheet.store.contract import Cursor, Taken
from broadsheet.store.migrations import migrations
from broadsheet.store.people import Account
from broadsheet.store.postgres import PostgresStore
from broadsheet.store.sql import SqlStore
from broadsheet.store.sqlite import SqliteStore

Rec = Callable[..., Record]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
A, B = (PaperId.parse(f"2603.0000{n}") for n in (1, 2))
STARS = Counter(name="stars", label="GitHub", unit="star", worth=0.02, growth=True)


@pytest.fixture
def full(store: SqlStore, rec: Rec, take: Take) -> SqlStore:
    """A store with something in many tables."""
    take(
        rec("2603.00001", "Ünïcode\n$x<y$", days=["2026-03-02"], people=["Ada Lovelace"]),
        rec("2603.00002", days=["2026-03-03 cross"]),
        rec("2603.00003"),
        cursor=Cursor("arxiv", "2026-03-03"),
    )
    take(rec("2603.00001", "Another", version=2))
    take(rec("2603.00003", deleted=True))
    store.fold(A, B, now=NOW)
    store.readers.mark("ada", A, MarkKind.NOTE, text="mine", now=NOW)
    store.people.add(Account(id="ada", name="Ada", made=NOW), password="hash")
    store.community.vote("ada", A, now=NOW)
    store.counters.describe(STARS)
    store.counters.fail("stars", "no answer", now=NOW)
    store.secret()
    return store


def restored(request: pytest.FixtureRequest, tmp_path: Path, engine: str, file: Path) -> SqlStore:
    if engine == "sqlite":
        SqliteStore.restore(tmp_path / "restored.db", file)
        return SqliteStore.open(tmp_path / "restored.db")
    url = request.getfixturevalue("postgres_url")
    schema = f"restored_{id(file)}"
    PostgresStore.restore(url, file, schema=schema)
    return PostgresStore.open(url, schema=schema)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_backup_comes_back_whole_into_any_engine(
    full: SqlStore, tmp_path: Path, engine: str, request: pytest.FixtureRequest
) -> None:
    file = tmp_path / "b.broadsheet"
    told = full.back_up(file, now=NOW)
    assert (told.papers, told.schema, told.made) == (1, len(migrations()), NOW)
    assert backup.verify(file) == told
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with restored(request, tmp_path, engine, file) as other:
        assert list(other.scan()) == list(full.scan())
        assert other.changes(0) == full.changes(0)
        assert other.days() == full.days()
        assert other.outline(date(2026, 3, 2)) == full.outline(date(2026, 3, 2))
        assert other.history(A) == full.history(A)
        assert other.by_author("ada-lovelace") == full.by_author("ada-lovelace")
        assert (other.cursor("arxiv"), other.identity()) == ("2026-03-03", full.identity())
        assert other.readers.marks("ada") == full.readers.marks("ada")
        assert other.people.find("ada") == full.people.find("ada")
        assert other.community.votes([A]) == {A: 1}
        assert other.counters.known() == full.counters.known()
        assert other.unfold(B, now=NOW)
        assert other.secret() == full.secret()


def test_a_backup_is_of_one_moment_while_others_write(
    store: SqlStore, rec: Rec, take: Take, tmp_path: Path
) -> None:
    take(*(rec(f"2603.{n:05}", days=["2026-03-02"]) for n in range(1, 601)))
    stop = threading.Event()
    number = [600]

    def write() -> None:
        while not stop.is_set():
            number[0] += 20
            take(*(rec(f"2603.{n:05}", days=["2026-03-02"]) for n in range(number[0] - 19, number[0] + 1)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        told = store.back_up(tmp_path / "b", now=NOW)
    finally:
        stop.set()
        writer.join()
    SqliteStore.restore(tmp_path / "restored.db", tmp_path / "b")
    with SqliteStore.open(tmp_path / "restored.db") as other:
        assert other.count() == told.papers
        assert told.papers % 20 == 0  # whole batches only
        assert len(other.outline(date(2026, 3, 2))) == told.papers
        assert other.last_seq() == told.papers


def lines(file: Path) -> list[bytes]:
    return gzip.decompress(file.read_bytes()).splitlines(keepends=True)


def test_a_backup_that_is_not_whole_is_known_for_it(full: SqlStore, tmp_path: Path) -> None:
    file = tmp_path / "b"
    full.back_up(file, now=NOW)
    whole, text = file.read_bytes(), lines(file)
    row = next(n for n, line in enumerate(text) if b"Another" in line)
    damaged = {
        "cut": whole[: len(whole) // 2],
        "no foot": gzip.compress(b"".join(text[:-1])),
        "a row is missing": gzip.compress(b"".join(text[:row] + text[row + 1 :])),
        "a row is other": gzip.compress(b"".join(text).replace(b"Another", b"Wrong!!")),
        "not json": gzip.compress(b"\xff" + b"".join(text)),
        "not gzip": b"".join(text),
        "empty": b"",
        "something else": gzip.compress(b'{"title": "x"}\n'),
        **{
            f"byte {at}": whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :]
            for at in range(20, len(whole), 97)
        },
    }
    for what, content in damaged.items():
        file.write_bytes(content)
        with pytest.raises(InputError):
            backup.verify(file)
        with pytest.raises(InputError):
            SqliteStore.restore(tmp_path / "restored.db", file)
        assert (
            not (tmp_path / "restored.db").exists() or SqliteStore.open(tmp_path / "restored.db").count() == 0
        ), what
    with pytest.raises(InputError, match="no file"):
        backup.verify(tmp_path / "missing")


def test_a_backup_takes_no_files_place_and_leaves_none_half_written(full: SqlStore, tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("precious")
    with pytest.raises(InputError, match="there already"):
        full.back_up(file, now=NOW)
    assert file.read_text() == "precious"
    with pytest.raises(InputError, match="cannot write"):
        full.back_up(tmp_path / "no" / "such" / "folder", now=NOW)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    assert full.count() == 1  # and the store is as usable as before


def test_nothing_is_restored_over_a_store(full: SqlStore, tmp_path: Path) -> None:
    full.back_up(tmp_path / "b", now=NOW)
    SqliteStore.restore(tmp_path / "restored.db", tmp_path / "b")
    with pytest.raises(InputError, match="a store here already"):
        SqliteStore.restore(tmp_path / "restored.db", tmp_path / "b")
    SqliteStore.open(tmp_path / "empty.db").close()
    SqliteStore.restore(tmp_path / "empty.db", tmp_path / "b")  # one that holds nothing is as good as none


def test_a_backup_of_a_newer_schema_is_refused(full: SqlStore, tmp_path: Path) -> None:
    full.back_up(tmp_path / "b", now=NOW)
    head, *rest = lines(tmp_path / "b")
    newer = json.loads(head) | {"schema": len(migrations()) + 1}
    body = [json.dumps(newer).encode() + b"\n", *rest[:-1]]
    import hashlib

    foot = json.loads(rest[-1])
    foot["foot"]["sha256"] = hashlib.sha256(b"".join(body)).hexdigest()
    (tmp_path / "b").write_bytes(gzip.compress(b"".join([*body, json.dumps(foot).encode() + b"\n"])))
    with pytest.raises(InputError, match="upgrade Broadsheet first"):
        SqliteStore.restore(tmp_path / "restored.db", tmp_path / "b")


def test_every_table_is_in_a_backup(full: SqlStore, tmp_path: Path) -> None:
    full.back_up(tmp_path / "b", now=NOW)
    named = {json.loads(line)["table"] for line in lines(tmp_path / "b") if line.startswith(b'{"table"')}
    with full._reading() as session:
        if full._engine.name == "sqlite":
            there = session.all("SELECT name FROM sqlite_master WHERE type = 'table'")
        else:
            there = session.all(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            )
    assert named == {name for (name,) in there if not name.startswith("sqlite_")}

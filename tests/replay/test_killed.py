"""A harvest killed at any point and started again loses nothing and doubles nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.replay.repository import Repository

from broadsheet.model import Paper
from broadsheet.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from tests.replay.server import Answer, Replay, Request

REPOSITORY = Repository(pages=32, size=60)

# A process that forks a harvester for each line it reads: interpreter and imports are paid for once.
NURSERY = textwrap.dedent("""
    import os, sys
    from datetime import UTC, date, datetime
    from pathlib import Path
    from broadsheet.model import Derived
    from broadsheet.pipeline.harvest import harvest
    from broadsheet.source.arxiv import Client, FileGate, OaiSource
    from broadsheet.store.sqlite import SqliteStore

    def work(url, folder):
        client = Client(FileGate(folder / "arxiv.gate", interval=0.0), sleep=lambda s: None)
        source = OaiSource(client, set="cs", since=date(2025, 8, 1), url=url)
        store = SqliteStore.open(folder / "papers.db")
        report = harvest(source, store=store, now=lambda: datetime(2025, 8, 20, tzinfo=UTC),
                         derive=lambda r: Derived(title=r.title, abstract=r.abstract))
        store.close()
        return 0 if report.complete and not report.error else 3

    for line in sys.stdin:
        url, folder = line.split()
        pid = os.fork()
        if pid == 0:
            code = 9
            try:
                code = work(url, Path(folder))
            finally:
                os._exit(code)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
""")

# When to kill: at which page of the run, and how many seconds after its answer went out; None: before.
KILLS = [
    (1, None), (1, 0.0), (1, 0.004), (1, 0.008), (2, None), (2, 0.0), (1, 0.012), (1, 0.016), (2, 0.004),
    (1, 0.02), (1, 0.024), (2, 0.012), (1, 0.03), (1, 0.036), (2, 0.02), (1, 0.05),
]  # fmt: skip


class Killer:
    """Serves the repository, and kills whoever harvests it, on command."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self.kill: tuple[int, float | None] | None = None
        self.victim = threading.Event()
        self.pid = 0
        self._asked = 0

    def start(self, kill: tuple[int, float | None] | None) -> None:
        self.kill, self._asked = kill, 0
        self.victim.clear()

    def serve(self, request: Request) -> Answer:
        self._asked += 1
        due = self.kill is not None and self._asked == self.kill[0]
        if due and self.kill is not None:
            self.victim.wait(10)
            delay = self.kill[1]
            if delay is None:
                _end(self.pid)
            else:
                threading.Timer(delay, _end, (self.pid,)).start()
        return self._replay.answer(REPOSITORY.answer(request.query))


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):  # it was quicker
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def nursery() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", NURSERY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_killed_at_many_points_and_restarted_a_harvest_ends_as_if_undisturbed(
    replay: Replay, tmp_path: Path, nursery: subprocess.Popen[str]
) -> None:
    repository = Killer(replay)
    replay.serve(repository.serve)
    assert nursery.stdin is not None
    assert nursery.stdout is not None

    def run(folder: Path, kill: tuple[int, float | None] | None) -> int:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        repository.start(kill)
        nursery.stdin.write(f"{replay.url}/oai {folder}\n")
        nursery.stdin.flush()
        repository.pid = int(nursery.stdout.readline())
        repository.victim.set()
        return int(nursery.stdout.readline())

    calm, rough = tmp_path / "calm", tmp_path / "rough"
    calm.mkdir()
    rough.mkdir()
    assert run(calm, None) == 0
    pages = len(replay.requests)
    assert pages == REPOSITORY.pages
    # Until it has ended well, however quick it is: the next run would be another harvest, of everything anew.
    ends: list[int] = []
    for kill in [*KILLS, *repeat(None, pages)]:
        ends.append(run(rough, kill))
        if ends[-1] == 0:
            break
    nursery.communicate()

    assert ends[-1] == 0
    assert ends.count(-signal.SIGKILL) >= 10
    assert contents(rough) == contents(calm)
    assert len(contents(calm)[0]) == REPOSITORY.count(REPOSITORY.pages)


def contents(folder: Path) -> tuple[list[tuple[object, ...]], list[str], str | None]:
    """All papers, the change log's papers in order, and the saved cursor."""
    store = SqliteStore.open(folder / "papers.db")
    try:
        papers = [_told(paper) for paper in store.scan()]
        changes = [f"{c.id} {c.gone}" for c in store.changes(0, limit=100_000)]
        return sorted(papers, key=str), changes, store.cursor("arxiv:cs")
    finally:
        store.close()


def _told(paper: Paper) -> tuple[object, ...]:
    return (str(paper.id), paper.record, paper.derived, paper.revised, paper.aliases)

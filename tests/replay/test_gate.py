from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from broadsheet.errors import SourceError, ThrottledError
from broadsheet.ids import PaperId
from broadsheet.source.arxiv import Arxiv, FileGate

if TYPE_CHECKING:
    from tests.replay.server import FakeTime, Replay


def test_three_seconds_lie_between_requests_over_oai_feed_and_api_together(
    replay: Replay, arxiv: Callable[..., Arxiv]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), token="t"),  # a resumption token
        replay.page(replay.raw("2508.00002"), token=""),
        replay.feed(replay.entry("2508.00001v1")),
        replay.results(replay.result("2508.00001v1"), total=1),
    )
    source = arxiv()
    list(source.harvest(None))
    source.feeds[0].today()
    list(source.fetch([PaperId("2508.00001")]))
    assert [r.path for r in replay.requests] == ["/oai", "/oai", "/atom/cs", "/api/query"]
    times = [r.at for r in replay.requests]
    assert min(b - a for a, b in pairwise(times)) >= 3.0


def test_threads_share_one_connection(replay: Replay, arxiv: Callable[..., Arxiv]) -> None:
    replay.script(*(replay.feed(replay.entry(f"2508.0000{n}v1")) for n in range(6)))
    source = arxiv()
    threads = [threading.Thread(target=source.feeds[0].today) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replay.requests) == 6
    assert replay.most_at_once == 1


def test_processes_take_turns_with_the_interval_between_them(tmp_path: Path) -> None:
    gate = tmp_path / "arxiv.gate"
    code = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from broadsheet.source.arxiv.gate import FileGate
        gate = FileGate(Path({str(gate)!r}), interval=0.05)
        for _ in range(4):
            with gate.turn():
                began = time.time(); time.sleep(0.01); print(began, time.time(), flush=True)
    """)
    running = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    lines = [line for process in running for line in process.communicate(timeout=30)[0].splitlines()]
    turns = sorted(tuple(map(float, line.split())) for line in lines)
    assert len(turns) == 8
    assert all(after[0] - before[1] >= 0.045 for before, after in pairwise(turns))


def test_a_process_killed_in_its_turn_frees_the_gate_but_has_asked(tmp_path: Path) -> None:
    path = tmp_path / "arxiv.gate"
    code = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from broadsheet.source.arxiv.gate import FileGate
        with FileGate(Path({str(path)!r}), clock=lambda: 100.0).turn():
            print("in", flush=True); time.sleep(60)
    """)
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    now, slept = [100.5], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    with FileGate(path, clock=lambda: now[0], sleep=sleep).turn():
        pass
    assert slept == [pytest.approx(2.5)]


def test_a_pause_that_the_host_asks_for_holds_for_whoever_comes_next_and_is_told(
    tmp_path: Path, fake: FakeTime, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "arxiv.gate"
    with FileGate(path, clock=fake.clock, sleep=fake.sleep).turn() as hold:
        hold(600)
    with FileGate(path, clock=fake.clock, sleep=fake.sleep).turn():
        pass
    assert sum(fake.slept) == pytest.approx(600, abs=0.01)
    assert caplog.messages == ["arXiv asked to be left alone; waiting 600 s"]


def test_who_has_less_patience_than_the_host_asks_for_learns_it_at_once(
    tmp_path: Path, fake: FakeTime
) -> None:
    gate = FileGate(tmp_path / "arxiv.gate", clock=fake.clock, sleep=fake.sleep)
    with gate.turn() as hold:
        hold(600)
    with pytest.raises(ThrottledError) as error, gate.turn(patience=60):
        pass
    assert error.value.retry_after == pytest.approx(600, abs=0.01)
    assert fake.slept == []


@pytest.mark.parametrize("content", [b"", b"nonsense", b"9e99", b"nan", b"\xff\xfe", b"-5"])
def test_a_broken_gate_file_costs_one_interval_at_most(
    tmp_path: Path, fake: FakeTime, content: bytes
) -> None:
    path = tmp_path / "arxiv.gate"
    path.write_bytes(content)
    with FileGate(path, clock=fake.clock, sleep=fake.sleep).turn():
        pass
    assert sum(fake.slept) <= 3.0


def test_a_gate_file_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="gate file"), FileGate(tmp_path / "file" / "arxiv.gate").turn():
        pass

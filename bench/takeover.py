"""How soon another process takes over from one that was killed, and whether one ever does from one that lives.

    python -m bench.takeover                              # SQLite, ten kills
    python -m bench.takeover --engine postgresql          # on a server of the tests' own
    python -m bench.takeover --busy 300                   # a writer that never rests beside them, nobody killed

Each of two processes holds or waits for one turn, as ``broadsheet serve`` does for the post, and notes every twentieth of a
second whether it has it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from tests.crash.work import record
from tests.postgres import postgres_server

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.model import Derived
from broadsheet.pipeline.schedule import Stopped, repeat

_STEP = 0.05  # seconds


def work(settings: Settings, holder: Synchronized[int], lost: Synchronized[int]) -> None:
    """Hold the turn or wait for it, and say so; for a process of its own."""
    with wiring.open_archive(settings) as archive:

        def job(stopped: Stopped) -> None:
            holder.value = os.getpid()
            while not stopped():
                time.sleep(_STEP)
            lost.value += 1

        turn = wiring.turn_of(archive, "takeover")
        repeat("work", job, every=timedelta(seconds=20), stop=threading.Event(), turn=turn)


def write(settings: Settings) -> None:
    """Write batch after batch of papers, without a rest; for a process of its own."""
    store = wiring.open_store(settings)
    number = 0
    while True:
        batch = [record(number + more) for more in range(500)]
        number = (number + 500) % 90_000
        store.put([(r, Derived(title=r.title, abstract=r.abstract)) for r in batch], now=datetime.now(UTC))


def main() -> int:
    """Kill the holder again and again, or let everybody live and count."""
    parser = argparse.ArgumentParser(prog="python -m bench.takeover", description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--busy", type=float, metavar="SECONDS", help="instead: only watch, under load")
    asked = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    holder, lost = context.Value("i", 0), context.Value("i", 0)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="broadsheet-takeover-")))
        database = (
            stack.enter_context(postgres_server()).make("archive") if asked.engine == "postgresql" else ""
        )
        settings = Settings(data=folder, database=database, encoder="none")
        wiring.open_store(settings).close()

        def start(target: Callable[..., None], *words: object) -> BaseProcess:
            process = context.Process(target=target, args=words, daemon=True)
            process.start()
            stack.callback(process.join)
            stack.callback(process.kill)
            return process

        workers = {
            process.pid: process for process in (start(work, settings, holder, lost) for _ in range(2))
        }
        _until(holder, 0)
        if asked.busy is not None:
            start(write, settings)
            time.sleep(asked.busy)
            _say(
                f"{asked.engine}: {lost.value} turns lost in {asked.busy:.0f} s beside a writer without rest"
            )
            return 0
        took = []
        for _ in range(asked.kills):
            time.sleep(random.SystemRandom().uniform(2, 8))  # the other waits by now
            dead = holder.value
            workers.pop(dead).kill()
            began = time.monotonic()
            _until(holder, dead)
            took.append(time.monotonic() - began)
            process = start(work, settings, holder, lost)
            workers[process.pid] = process
    _say(
        f"{asked.engine}: taken over {len(took)} times, after {min(took):.1f} to {max(took):.1f} s, "
        f"median {statistics.median(took):.1f} s"
    )
    return 0


def _until(value: Synchronized[int], former: int) -> None:
    while value.value == former:
        time.sleep(_STEP)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

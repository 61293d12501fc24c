"""Contract of the store: one polite gate to arXiv for all machines on a database."""

import multiprocessing
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from multiprocessing.connection import Connection

import pytest
from tests.contracts.conftest import open_at

from broadsheet.errors import ThrottledError
from broadsheet.pipeline.gate import LeaseGate
from broadsheet.store.contract import Store

Opener = Callable[..., Store]

INTERVAL = 0.2
SHORT = timedelta(seconds=1)


def test_machines_take_turns_with_the_interval_between_them(address: str, opener: Opener) -> None:
    opener()  # makes the database
    context = multiprocessing.get_context("spawn")
    pipes, running = [], []
    for name in ("one", "two"):
        here, there = context.Pipe(duplex=False)
        running.append(context.Process(target=_ask, args=(address, name, there)))
        running[-1].start()
        there.close()
        pipes.append(here)
    turns = sorted(turn for pipe in pipes for turn in pipe.recv())
    for process in running:
        process.join()
    assert len(turns) == 6
    # To the millisecond, as the database counts.
    assert all(after[0] - before[1] >= INTERVAL - 0.002 for before, after in pairwise(turns))


def _ask(address: str, name: str, answer: Connection) -> None:
    turns = []
    with open_at(address) as store:
        gate = LeaseGate(store.leases, name, interval=INTERVAL)
        for _ in range(3):
            with gate.turn():
                began = time.time()
                time.sleep(0.01)
                turns.append((began, time.time()))
    answer.send(turns)


def test_a_pause_that_arxiv_asks_of_one_machine_is_kept_by_all(opener: Opener) -> None:
    one, two = (LeaseGate(opener().leases, name) for name in ("one", "two"))
    with one.turn() as hold:
        hold(600)
    for gate in (one, two):
        with pytest.raises(ThrottledError) as refused, gate.turn(patience=60):
            pass
        assert 590 < (refused.value.retry_after or 0) <= 600


def test_a_request_longer_than_the_lease_keeps_others_out_and_a_dead_machine_does_not(opener: Opener) -> None:
    leases, others = opener().leases, opener().leases
    with LeaseGate(leases, "one", interval=0.0, length=SHORT).turn():
        end = time.monotonic() + 1.5 * SHORT.total_seconds()
        while time.monotonic() < end:
            assert others.left("arxiv gate") > timedelta(0)
            time.sleep(0.05)
    # As one leaves it that died in its turn.
    assert leases.take("arxiv gate", "dead", length=SHORT)
    with LeaseGate(others, "two", length=SHORT).turn():
        assert next(iter(others.holders().values())).startswith("two ")

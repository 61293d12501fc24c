"""Contract of the store: leases, and work that is done by one of several processes."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.contracts.conftest import open_at

from broadsheet.pipeline.schedule import Stopped, repeat
from broadsheet.pipeline.turns import Turn
from broadsheet.store.contract import Store

Opener = Callable[..., Store]

LONG = timedelta(minutes=5)
SHORT = timedelta(seconds=1.5)  # a machine at its limits may take that long to do anything


def test_a_lease_has_one_holder_until_it_is_given_back(store: Store, opener: Opener) -> None:
    ours, theirs = store.leases, opener().leases
    assert ours.take("post", "a", length=LONG) == 1
    assert theirs.take("post", "b", length=LONG) is None
    assert ours.take("post", "a", length=LONG) == 1  # held for longer: the same turn
    assert theirs.take("herald", "b", length=LONG) == 1
    assert ours.holders() == {"herald": "b", "post": "a"}
    theirs.release("post", "b")  # not theirs
    assert theirs.take("post", "b", length=LONG) is None
    ours.release("post", "a")
    assert ours.holders() == {"herald": "b"}
    assert theirs.take("post", "b", length=LONG) == 2
    assert ours.take("post", "a", length=LONG) is None


def test_a_lease_that_ran_out_is_anybodys_and_its_turn_is_over(store: Store) -> None:
    leases = store.leases
    assert leases.take("post", "a", length=timedelta(0)) == 1
    assert leases.take("post", "b", length=LONG) == 2
    assert leases.take("post", "a", length=LONG) is None
    leases.release("post", "b")
    assert leases.take("post", "b", length=LONG) == 3  # given back and taken again is another turn


def test_a_lease_that_was_given_back_with_a_rest_is_nobodys_until_that_is_over(store: Store) -> None:
    leases = store.leases
    assert leases.left("gate") == timedelta(0)
    leases.take("gate", "a", length=LONG)
    assert timedelta(0) < leases.left("gate") <= LONG
    leases.release("gate", "a", rest=timedelta(hours=20))
    assert timedelta(hours=19) < leases.left("gate") <= timedelta(hours=20)
    assert leases.holders() == {}
    for holder in ("a", "b"):
        assert leases.take("gate", holder, length=LONG) is None
    leases.take("other", "a", length=LONG)
    leases.release("other", "a", rest=timedelta(milliseconds=20))
    _until(lambda: leases.take("other", "b", length=LONG) is not None)


def test_a_lease_of_a_clock_that_ran_ahead_is_anybodys(store: Store) -> None:
    leases = store.leases
    assert (
        leases.take("post", "a", length=timedelta(days=400)) == 1
    )  # as one of fifteen seconds then looks today
    assert leases.left("post") == timedelta(0)
    assert leases.take("post", "b", length=LONG) == 2
    assert leases.take("post", "a", length=LONG) is None


def test_of_many_who_ask_at_once_one_gets_the_lease(opener: Opener) -> None:
    stores = [opener() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for name in ("a", "b", "c"):
            asked = [
                pool.submit(store.leases.take, name, f"{number}", length=LONG)
                for number, store in enumerate(stores)
            ]
            assert sorted(one.result() is None for one in asked) == [False, True, True, True]


def test_a_turn_is_held_through_work_longer_than_the_lease_and_given_back(opener: Opener) -> None:
    one, other = opener().leases, opener().leases
    turn = Turn(one, "post", holder="a", length=SHORT)
    with turn:
        end = time.monotonic() + 2 * SHORT.total_seconds()
        while time.monotonic() < end:
            assert other.take("post", "b", length=LONG) is None
            time.sleep(0.05)
        assert turn.is_held()
    assert not turn.is_held()
    assert other.take("post", "b", length=LONG) is not None


def test_when_the_process_that_works_is_killed_or_paused_another_takes_over(
    address: str, tmp_path: Path
) -> None:
    done = tmp_path / "done"
    done.touch()
    context = multiprocessing.get_context("spawn")
    with ExitStack() as all_of_them:

        def start() -> BaseProcess:
            process = context.Process(target=_work, args=(address, str(done)))
            process.start()
            all_of_them.callback(process.join)
            all_of_them.callback(process.kill)
            return process

        first = start()
        _until(lambda: str(first.pid) in _lines(done))
        second = start()
        seen = len(_lines(done))
        _until(lambda: len(_lines(done)) > seen + 20)
        assert set(_lines(done)) == {str(first.pid)}
        first.kill()
        first.join()
        _until(lambda: str(second.pid) in _lines(done))

        third = start()
        assert second.pid
        os.kill(second.pid, signal.SIGSTOP)
        _until(lambda: str(third.pid) in _lines(done))
        ended = _lines(done).count(str(second.pid))
        os.kill(second.pid, signal.SIGCONT)
        seen = len(_lines(done))
        _until(lambda: len(_lines(done)) > seen + 20)
        # What was half done when it was paused, and no more.
        assert _lines(done).count(str(second.pid)) <= ended + 1

        assert third.pid
        os.kill(third.pid, signal.SIGTERM)  # given back, not run out
        third.join()
        seen = len(_lines(done))
        _until(lambda: len(_lines(done)) > seen)
        assert _lines(done)[-1] == str(second.pid)


def _work(address: str, done: str) -> None:
    """A process whose job writes its number again and again."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())

    def work(stopped: Stopped) -> None:
        while not stopped():
            with Path(done).open("a") as file:
                file.write(f"{os.getpid()}\n")
            time.sleep(0.02)

    with open_at(address) as store:
        turn = Turn(store.leases, "job", holder=str(os.getpid()), length=SHORT)
        thread = threading.Thread(
            target=repeat, args=("job", work), kwargs={"every": SHORT / 9, "stop": stop, "turn": turn}
        )
        thread.start()
        while thread.is_alive():  # signals come to this thread
            thread.join(0.1)


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)

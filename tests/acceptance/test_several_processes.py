"""One port answered by two processes: readers see one paper, and whichever process dies is nobody's loss."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from tests.acceptance.house import House
from tests.acceptance.test_imports import paper


def test_two_processes_are_one_paper(tmp_path: Path) -> None:
    house = House(tmp_path, processes="2", encoder="none")
    house.run("import", house.write("first.jsonl", (paper(n) for n in range(1, 30))))
    late = paper(4321) | {"title": "Zymurgy of the Quokka", "announced": "2026-01-06"}
    file = house.write("late.jsonl", [late])
    with house.served() as address:
        above = _above(house)
        first, second = _await(lambda: len(found := _answering(above)) == 2 and found)
        _await(lambda: _asked(address, "/about"))
        before = _counted(address)
        assert all(_asked(address, "/about") for _ in range(40))
        # Whoever is asked for the numbers knows those of both.
        assert {_counted(address) for _ in range(8)} == {before + 40}
        assert _has_worked(first)
        assert _has_worked(second)

        house.run("import", file)
        _await(lambda: all("Zymurgy" in _page(address, "/search?q=quokka") for _ in range(8)))

        os.kill(first, signal.SIGKILL)
        assert all(_asked(address, "/about") for _ in range(8))
        _await(lambda: len(found := _answering(above)) == 2 and first not in found)
        _await(lambda: _asked(address, "/readyz"))
        remaining = _answering(above)
    assert not any(_lives(pid) for pid in remaining)


def test_processes_end_when_the_one_above_them_is_killed(tmp_path: Path) -> None:
    house = House(tmp_path, processes="2", encoder="none")
    with house.served() as address:
        above = _above(house)
        both = _await(lambda: len(found := _answering(above)) == 2 and found)
        _await(lambda: _asked(address, "/about"))
        os.kill(above, signal.SIGKILL)
        _await(lambda: not any(_lives(pid) for pid in both))


def _above(house: House) -> int:
    """The `serve` command of a house, which we began: what it begins is named like it for a moment."""
    ours = Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children").read_text().split()
    (above,) = (
        int(pid)
        for pid in ours
        if (words := _words(int(pid)))[-3:-2] == ["serve"] and str(house.data) in words
    )
    return above


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except OSError:
        return []


def _answering(above: int) -> list[int]:
    children = Path(f"/proc/{above}/task/{above}/children").read_text().split()
    return [int(pid) for pid in children if any("spawn_main" in word for word in _words(int(pid)))]


def _lives(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _has_worked(pid: int) -> bool:
    """Whether a process holds an archive open, which it does when it answers."""
    return any("broadsheet.db" in str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir())


def _page(address: str, path: str) -> str:
    # A new connection each time: a kept one stays with its process.
    return httpx.get(address + path, timeout=30).text


def _asked(address: str, path: str) -> bool:
    try:
        return httpx.get(address + path, timeout=30).status_code == 200
    except httpx.TransportError:
        return False  # the process that had taken the connection was killed


def _counted(address: str) -> int:
    """How many answers of `/about` the numbers tell of."""
    numbers = _page(address, "/metrics")
    return sum(
        int(float(count))
        for count in re.findall(
            r'broadsheet_request_seconds_count\{[^}]*route="/about"[^}]*\} (\S+)', numbers
        )
    )


def _await(question: Callable[[], Any], *, seconds: float = 60) -> Any:
    until = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)
    return answer

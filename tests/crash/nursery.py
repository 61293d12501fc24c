"""A process that forks a worker for each order, and kills it where the order says.

Interpreter and imports are paid for once. An order is a line of JSON on standard input: ``kind``, ``folder``, what
the kind needs, and when to kill: before it runs the line of ours at ``place`` for the ``nth`` time, or ``after`` so
many seconds, which also hits the midst of what SQLite, the search engine and the kernel do. The answer, a line of
JSON: how the worker ``ended``, what it ``told`` before, how often it ran which ``lines`` if ``count`` asked for that,
and ``seconds``.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from tests.crash.work import WORK, in_small_steps

import broadsheet
from broadsheet.deliver import compose

# Where whatever must last is written, and what calls it.
SOURCE = f"{Path(broadsheet.__file__).parent}{os.sep}"
WATCHED = tuple(
    f"{SOURCE}{package}{os.sep}" for package in ("deliver", "index", "pipeline", "store", "wiring")
)


class Lines:
    """Counts how often each line of ours runs, and dies by SIGKILL before one of them."""

    def __init__(self, place: str, nth: int) -> None:
        self.ran = Counter[tuple[str, int]]()
        name, _, line = place.rpartition(":")
        self._place = (f"{SOURCE}{name}", int(line)) if place else None
        self._nth = nth

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        if not frame.f_code.co_filename.startswith(WATCHED):
            return None
        if event == "line":
            place = (frame.f_code.co_filename, frame.f_lineno)
            self.ran[place] += 1
            if place == self._place and self.ran[place] == self._nth:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def child(order: dict[str, Any], told: int) -> None:
    """Do the work, saying what was acknowledged."""
    lines = Lines(order["place"], order["nth"])
    if order["place"] or order["count"]:
        sys.settrace(lines)
    WORK[order["kind"]](Path(order["folder"]), order, lambda text: _say(told, text))
    sys.settrace(None)
    ran = {f"{name.removeprefix(SOURCE)}:{line}": times for (name, line), times in lines.ran.items()}
    _say(told, json.dumps(ran if order["count"] else {}))


def _say(told: int, text: str) -> None:
    rest = f"{text}\n".encode()
    while rest:
        rest = rest[os.write(told, rest) :]


def attend(order: dict[str, Any]) -> dict[str, Any]:
    """One worker from its birth to its end."""
    reading, writing = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.close(reading)
            child(order, writing)
            code = 0
        except BaseException:  # noqa: BLE001  the answer says that it failed
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    # Not reaped before it is waited for below, so that this number is nobody else's when the time has come.
    killer = threading.Timer(order["after"], os.kill, (pid, signal.SIGKILL)) if order["after"] else None
    if killer:
        killer.start()
    with os.fdopen(reading) as pipe:
        told = [line.strip() for line in pipe if line.endswith("\n")]
    if killer:
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT):
            killer.cancel()
        killer.join()
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    lines = json.loads(told.pop()) if ended == 0 else {}
    return {"ended": ended, "told": told, "lines": lines, "seconds": time.monotonic() - began}


def main() -> None:
    in_small_steps()
    with suppress(ImportError):  # an optional extra, which whoever has PostgreSQL has
        importlib.import_module("broadsheet.store.postgres")
    for html in (True, False):  # so that no child has to make the templates ready
        compose._press(html=html).get_template("digest.html" if html else "digest.txt")
    for text in sys.stdin:
        sys.stdout.write(json.dumps(attend(json.loads(text))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Web processes: one, or several on one port, with one above them that keeps them alive and does the rest.

Python answers one request at a time in a process, so a second process is what a second core is for.
"""

from __future__ import annotations

import atexit
import logging
import multiprocessing
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Final

import uvicorn
from prometheus_client import multiprocess
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from broadsheet import heaps, wiring
from broadsheet.cli import logs
from broadsheet.config import Settings
from broadsheet.errors import BroadsheetError
from broadsheet.serve.gauge import SHARED_NUMBERS

if TYPE_CHECKING:
    from starlette.applications import Starlette

_log = logging.getLogger(__name__)

_SILENCE: Final = 30  # seconds without an answer after which a web process is taken for hung
# Seconds that one thread keeps Python to itself while others wait; Python's own are five thousandths. A search gives it
# up dozens of times, for the database and for sums, and may wait as long each time to have it again (docs/operate/soak.md).
_TURN: Final = 0.001


def alone(archive: wiring.Archive, listener: socket.socket) -> None:
    """Answer readers from this process until told to stop."""
    sys.setswitchinterval(_TURN)
    app = wiring.web_app(archive, host=archive.settings.host)
    uvicorn.Server(_config(app)).run(sockets=[listener])


def several(settings: Settings, listener: socket.socket) -> None:
    """Answer readers from ``settings.processes`` processes until told to stop (SIGTERM, SIGINT).

    One that dies is started anew. Raises BroadsheetError where they cannot start at all.
    """
    with tempfile.TemporaryDirectory(prefix="broadsheet-numbers-") as numbers:
        os.environ[SHARED_NUMBERS] = numbers
        try:
            config = _config(partial(_application, settings), processes=settings.processes)
            _Several(config, [listener], numbers=numbers).run()
        finally:
            del os.environ[SHARED_NUMBERS]


def _config(app: Starlette | Callable[[], Starlette], *, processes: int | None = None) -> uvicorn.Config:
    """How uvicorn serves an application; of several processes each makes its own."""
    return uvicorn.Config(
        app,
        factory=processes is not None,
        workers=processes,
        timeout_worker_healthcheck=_SILENCE,
        timeout_graceful_shutdown=5,
        log_config=None,  # the log is ours
        access_log=False,
        server_header=False,
    )


class _Several(Multiprocess):
    """Uvicorn's supervisor, which says what it does in our log."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket], *, numbers: str) -> None:
        super().__init__(config, sockets)
        self._numbers = numbers

    def keep_subprocess_alive(self) -> None:
        """Start those anew that ended by themselves."""
        before = {process.pid: process for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before.keys() - {process.pid for process in self.processes}:
            _log.error("web process %s ended (%s); another takes its place", pid, before[pid].exitcode)
            multiprocess.mark_process_dead(pid, self._numbers)  # type: ignore[no-untyped-call]

    def run(self) -> None:
        """Answer until told to stop."""
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise BroadsheetError("the web processes cannot start; what each of them met is in the log above")


def _application(settings: Settings) -> Starlette:
    """The application of a web process, made in it."""
    heaps.look_after()
    sys.setswitchinterval(_TURN)
    logs.set_up(settings.log)
    threading.Thread(target=_end_with_the_one_above, name="orphan", daemon=True).start()
    left_open = ExitStack()
    atexit.register(left_open.close)
    archive = left_open.enter_context(wiring.open_archive(settings))
    return wiring.web_app(archive, host=settings.host)


def _end_with_the_one_above() -> None:
    """Told by nobody when the process above is killed, it would hold the port for ever."""
    if (above := multiprocessing.parent_process()) is not None:
        above.join()
        os.kill(os.getpid(), signal.SIGTERM)

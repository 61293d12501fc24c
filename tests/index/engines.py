"""Milvus for tests: the embedded engine, and the server of the ``milvus`` wheel, each a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from broadsheet.errors import SearchError

# Run in a folder of its own; told the folder and the port.
_SERVER = """
import sys, time
from milvus import MilvusServer
server = MilvusServer()
server.set_base_dir(sys.argv[1])
server.listen_port = int(sys.argv[2])
server.start()
try:
    sys.stdin.read()
finally:
    server.stop()
"""


@contextmanager
def embedded_milvus() -> Iterator[str]:
    """The address of ``milvus-lite``, served."""
    _wanted("pymilvus", "milvus_lite")
    command = [sys.executable, "-c", "from milvus_lite.cmdline import main; main()", "server"]
    with tempfile.TemporaryDirectory(prefix="broadsheet-milvus-") as folder:
        port = _free_port()
        command += ["--data-dir", f"{folder}/data", "--host", "127.0.0.1", "--port", port]
        with _running(command, Path(folder), port, at_once=True) as url:
            yield url


@contextmanager
def milvus_server() -> Iterator[str]:
    """The address of the single-node server of the ``milvus`` wheel."""
    _wanted("pymilvus", "milvus")
    with tempfile.TemporaryDirectory(prefix="broadsheet-milvus-") as folder:
        port = _free_port()
        with _running([sys.executable, "-c", _SERVER, folder, port], Path(folder), port) as url:
            yield url


def _wanted(*modules: str) -> None:
    for module in modules:
        try:
            __import__(module)
        except ImportError as error:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(f"no Milvus can be started here: {error}")


def _free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@contextmanager
def _running(command: Sequence[str], folder: Path, port: str, *, at_once: bool = False) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log) as process,
    ):
        try:
            _await(url, process)
            yield url
        finally:
            assert process.stdin is not None
            process.stdin.close()  # the server's word to stop its own
            if at_once:
                process.kill()  # nobody needs the data
            process.wait(timeout=60)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    from broadsheet.index.milvus.engine import Engine

    for _ in range(600):
        assert process.poll() is None, "Milvus ended before it answered"
        try:
            Engine(url).close()
        except SearchError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Milvus did not come up")

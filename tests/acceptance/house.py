"""One archive as its owner meets it: commands in processes of their own, pages, a server on a port."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.store.contract import Store

COMMAND = [sys.executable, "-c", "from broadsheet.cli import main; main()"]


class House:
    """A data folder, and everything that a person can do to it. ``settings`` are those of its owner."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.data = folder / "data"
        self._environ = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
        self._environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "COLUMNS": "100"}
        self._environ |= {f"BROADSHEET_{name.upper()}": value for name, value in settings.items()}

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """A command, started, with more of the environment than other commands have."""
        return subprocess.Popen(
            [*COMMAND, "--data", str(self.data), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environ | variables,
        )

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command, run to its end; ``check=False`` where it should fail."""
        with self.start(*words) as process:
            out, err = process.communicate(timeout=120)
        assert not check or process.returncode == 0, err
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def json(self, *words: str) -> Any:
        """What a command prints with ``--json``."""
        return json.loads(self.run(*words, "--json").stdout)

    def write(self, name: str, records: Iterable[dict[str, Any]]) -> str:
        """A file of JSON lines; its path as a word of a command."""
        path = self.folder / name
        path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
        return str(path)

    def last_change(self) -> int:
        """Where the change log stands."""
        return self._ask(lambda store: store.last_seq())

    def count(self) -> int:
        """How many papers the store holds; none while there is no store."""
        return self._ask(lambda store: store.count()) if (self.data / "broadsheet.db").exists() else 0

    def _ask(self, question: Callable[[Store], int]) -> int:
        store = wiring.open_store(Settings(data=self.data))
        try:
            return question(store)
        finally:
            store.close()

    @contextmanager
    def pages(self) -> Iterator[TestClient]:
        """A reader's client of the pages."""
        with wiring.open_archive(Settings(data=self.data, encoder="none")) as archive:
            app = wiring.web_app(archive)
            yield TestClient(app, base_url="http://localhost", headers={"Origin": "http://localhost"})

    @contextmanager
    def served(self) -> Iterator[str]:
        """The address of ``broadsheet serve`` in a process of its own; stopped when the block ends."""
        with self.start("serve", "--port", "0") as process:
            assert process.stderr is not None
            # A log that nobody reads would fill its pipe, and whoever writes to it would wait.
            reader = threading.Thread(target=process.stderr.read, daemon=True)
            try:
                address = _address(process)
                reader.start()
                yield address
            finally:
                process.terminate()
                process.wait(timeout=30)
                if reader.ident is not None:
                    reader.join()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said, until = "", time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if select.select([process.stderr], [], [], 0.2)[0]:
            said += process.stderr.readline()
            if found := re.search(r"is at (http://\S+?)/? ", said):
                return found[1]
    raise AssertionError(f"the server did not say where it is: {said}")


def seen(page: str, *, without: Sequence[str] = ()) -> str:
    """The words that a page shows or speaks, formulas and marked TeX source left out; spaces folded.

    ``without``: further XPaths to leave out.
    """
    tree: Any = html.fromstring(page)
    marked = ("//script", "//style", "//code[contains(@class, 'tex')]", "//*[local-name()='math']")
    for path in (*marked, *without):
        for element in tree.xpath(path):
            element.drop_tree()
    spoken = [
        str(value)
        for element in tree.iter()
        for name, value in element.attrib.items()
        if name in {"title", "aria-label", "alt", "content", "placeholder"}
    ]
    return " ".join(" ".join([tree.text_content(), *spoken]).split())

"""A house to be lived in: papers on real files, accounts, and `broadsheet serve` as an administrator starts it."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

from bench.soak.mix import World

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.library.people import ALL_SCOPES
from broadsheet.serve.press import STATIC

READERS = 20
_DAYS = 10  # that readers leaf through
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Corpus:
    """``before`` is there when the server starts, ``later`` comes in while it runs; lines of the JSON-lines source."""

    name: str
    before: list[str]
    later: list[str]


def corpus(shared: Path, *, papers: int, later: int, seed: int) -> Corpus:
    """So many papers besides the sample edition: the newest real ones where they are, else generated ones."""
    files = sorted((shared / "data" / "arxiv_daily").glob("*.jsonl.gz"))
    if files:
        lines: list[str] = []
        for file in reversed(files):
            with gzip.open(file, "rt", encoding="utf-8") as text:
                lines = [*text, *lines]
            if len(lines) >= papers + later:
                break
        lines = sorted(lines, key=lambda line: str(json.loads(line)["announced"]))[-papers - later :]
        return Corpus("real (../shared/data/arxiv_daily)", lines[:papers], lines[papers:])
    lines = [json.dumps(paper) for paper in islice(_generated(seed), papers + later)]
    return Corpus("generated", lines[:papers], lines[papers:])


def _generated(seed: int) -> Iterator[dict[str, Any]]:
    """Papers put together from the sample's sentences and authors, oldest first."""
    text = (resources.files("broadsheet") / "data" / "sample.jsonl").read_text(encoding="utf-8")
    sample = [json.loads(line) for line in text.splitlines()]
    sentences = [s for paper in sample for s in re.split(r"(?<=\.) ", paper["abstract"])]
    words = sorted({word for paper in sample for word in re.findall(r"[a-z]{5,}", paper["title"].lower())})
    people = sorted({name for paper in sample for name in paper["authors"]})
    chance = random.Random(seed)
    day, number = date(2026, 3, 18), 0
    while True:
        day += timedelta(days=1)
        for _ in range(100):
            number += 1
            yield {
                "id": f"2604.{number:05}",
                "title": " ".join(chance.sample(words, 7)).capitalize(),
                "authors": chance.sample(people, chance.randint(1, 8)),
                "categories": [chance.choice(sample)["categories"][0]],
                "announced": f"{day}",
                "abstract": " ".join(chance.sample(sentences, 6)),
            }


def furnish(data: Path, furniture: Corpus, *, papers: int, encoder: str, seed: int) -> World:
    """Take the corpus and the sample in, index it, make accounts; what there is to ask for, ``papers`` of them."""
    file = data / "before.jsonl"
    file.write_text("".join(line.rstrip("\n") + "\n" for line in furniture.before), encoding="utf-8")
    with wiring.open_archive(Settings(data=data, encoder=encoder)) as archive:
        wiring.take_sample(archive)
        if furniture.before:
            wiring.take_in(archive, [file])
        wiring.catch_up(archive, better=archive.better is not None)
        accounts, readers = wiring.accounts(archive), []
        for number in range(READERS):
            account = accounts.admission.add(f"Reader {number}", password=f"a long secret {number}")
            _, token = accounts.grant(account, label="soak", scopes=ALL_SCOPES, lasts=None)
            readers.append((accounts.open(account), token))
        library = archive.library
        days = [count.day for count in library.days()[-_DAYS:]]
        editions = [library.edition(day) for day in days]
        ids = [entry.id for e in editions for section in e.sections for entry in section.entries]
        chosen = random.Random(seed).sample(ids, min(papers, len(ids)))
        known = list(library.papers(chosen).values())
        return World(
            days=[f"{day}" for day in days],
            sections=[f"{e.day}/{section.key}" for e in editions for section in e.sections],
            papers=[str(paper.id) for paper in known],
            authors=sorted({author.key for paper in known for author in paper.record.authors[:2]}),
            categories=sorted({paper.record.categories[0] for paper in known if paper.record.categories}),
            words=sorted({w for paper in known for w in re.findall(r"[a-z]{5,}", paper.title.lower())}),
            static=[f"/static/{path.name}" for path in sorted(STATIC.glob("*.*s"))],
            readers=readers,
        )


def environment(**more: str) -> dict[str, str]:
    """Settings as they come, but for accounts, and programs that may ask as often as they like."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
    mine = {"BROADSHEET_ACCESS": "team", "BROADSHEET_API_RATE": "1000000", "XDG_CONFIG_HOME": os.devnull}
    return kept | mine | more


def command(data: Path, *words: str) -> list[str]:
    """A command of Broadsheet's, for a process of its own."""
    return [sys.executable, "-c", "from broadsheet.cli import main; main()", "--data", str(data), *words]


@contextmanager
def serving(data: Path, *, log: Path, **settings: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The port and the process of a server, which is told to stop when the block ends."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command(data, "serve", "--port", "0"), stderr=errors, env=environment(**settings)
        )
        try:
            yield _await(process, log), process
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=15)
            process.kill()


def _await(process: subprocess.Popen[bytes], log: Path) -> int:
    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", log.read_text(errors="replace"))
        if found and _is_ready(int(found[1])):
            return int(found[1])
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"the server did not come up: {log.read_text(errors='replace')[-2000:]}")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


@dataclass(frozen=True, slots=True)
class Reading:
    """A look at a server: bytes it has in memory, of them its own (not mapped files), and its CPU seconds so far.

    What several processes map from one file counts for each of them.
    """

    at: float
    rss: int
    own: int
    cpu: float


def look(pid: int) -> Reading:
    """What /proc says of a server: the process and those that answer for it, together."""
    looks = [_look_at(one) for one in (pid, *_below(pid))]
    return Reading(
        time.monotonic(),
        rss=sum(one.rss for one in looks),
        own=sum(one.own for one in looks),
        cpu=sum(one.cpu for one in looks),
    )


def _look_at(pid: int) -> Reading:
    status = Path(f"/proc/{pid}/status").read_text()
    sizes = {name: int(kb) << 10 for name, kb in re.findall(r"^(\w+):\s+(\d+) kB$", status, re.MULTILINE)}
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(times[11]) + int(times[12])) / _TICKS
    return Reading(time.monotonic(), sizes["VmRSS"], sizes["RssAnon"], cpu)


def _below(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Watching(threading.Thread):
    """Looks at a process every so often until told to stop."""

    def __init__(self, pid: int, *, every: float = 1.0) -> None:
        super().__init__(daemon=True)
        self.readings = [look(pid)]
        self._pid = pid
        self._every = every
        self._stop_now = threading.Event()

    def run(self) -> None:
        """Look until stopped, or until the process is gone."""
        while not self._stop_now.wait(self._every):
            try:
                self.readings.append(look(self._pid))
            except (OSError, KeyError):
                return

    def stop(self) -> None:
        """Look no more."""
        self._stop_now.set()
        self.join()


class Importing(threading.Thread):
    """Takes papers in by the command, in processes of their own beside the server, a batch every so often."""

    def __init__(self, data: Path, lines: Sequence[str], *, every: float, batch: int) -> None:
        super().__init__(daemon=True)
        self.papers = 0
        self.failures: list[str] = []
        self._data = data
        self._lines = list(lines)
        self._every = every
        self._batch = batch
        self._stop_now = threading.Event()

    def run(self) -> None:
        """Import until there is nothing left, or stopped."""
        while self._lines and not self._stop_now.wait(self._every):
            now, self._lines = self._lines[: self._batch], self._lines[self._batch :]
            file = self._data / "later.jsonl"
            file.write_text("".join(line.rstrip("\n") + "\n" for line in now), encoding="utf-8")
            done = subprocess.run(
                command(self._data, "import", str(file)),
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                self.failures.append(done.stderr[-500:])
            else:
                self.papers += len(now)

    def stop(self) -> None:
        """Import no more; waits for the import under way."""
        self._stop_now.set()
        self.join()

"""Random points at which work is killed: chosen by a seed, tried one by one, each of which can be tried again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from tests.crash.kinds import Kinds

# What is done to SQLite and an index in a folder, to a PostgreSQL server, and to the embedded Milvus.
KINDS: Final[Mapping[str, Sequence[str]]] = {
    "sqlite": ("import", "sync", "index", "vote", "outbox"),
    "postgresql": ("import@postgresql", "sync@postgresql", "vote@postgresql", "outbox@postgresql"),
    "milvus": ("index@milvus",),
}
_OF_EACH: Final = 4  # of the times that a line runs, where every line is tried
_TRIES: Final = 5  # of a point whose worker was done before the kill came


@dataclass(frozen=True, slots=True)
class Point:
    """Where to kill: in the ``number``th try of a kind, chosen by ``seed``; before the line at ``place`` if one is named."""

    seed: int
    kind: str
    number: int
    place: str = ""

    def __str__(self) -> str:
        return f"{self.seed}/{self.kind}/{self.number}" + (f"/{self.place}" if self.place else "")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The point that ``str`` wrote."""
        seed, kind, number, *place = text.split("/", 3)
        known = [name for names in KINDS.values() for name in names]
        if kind not in known:
            raise ValueError(f"no kind of work called {kind!r}; known: {', '.join(known)}")
        return cls(int(seed), kind, int(number), *place)


def points(count: int, *, seed: int, engine: str = "sqlite") -> list[Point]:
    """So many points, the kinds in turn."""
    kinds = KINDS[engine]
    return [Point(seed, kinds[place % len(kinds)], place // len(kinds)) for place in range(count)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of a point. ``broken``: which promise was, "" where all were kept."""

    point: Point
    where: str
    acknowledged: int  # how often the worker had told that something is durable
    broken: str = ""


@dataclass(frozen=True, slots=True)
class _Calm:
    """Work that nobody disturbed: how long it is, and what it leaves."""

    lines: Mapping[str, int]  # which of ours it runs, and how often
    seconds: float
    outcome: object


class Killer:
    """Kills work and looks at what is left. Keeps one archive of each kind to begin from."""

    def __init__(self, folder: Path, kinds: Kinds, nursery: subprocess.Popen[str]) -> None:
        self._folder = folder
        self._kinds = kinds
        self._nursery = nursery
        self._calm: dict[str, _Calm] = {}
        self._made = 0

    def every_line(self, kind: str, module: str, *, seed: int) -> list[Point]:
        """Some points before each line of a module, such as ``index/files.py``, that this work runs."""
        ran = self._undisturbed(kind).lines
        lines = sorted(line for line in ran if line.startswith(f"{module}:"))
        places = [line for line in lines for _ in range(min(ran[line], _OF_EACH))]
        return [Point(seed, kind, number, place) for number, place in enumerate(places)]

    def try_point(self, point: Point) -> Found:
        """Do the work, kill it at the point, look, start it again, and look at what it leaves."""
        kind, calm = self._kinds[point.kind], self._undisturbed(point.kind)
        chance = random.Random(str(point))
        # Each line is as likely, however often it runs: what is rare is what makes things durable.
        place = point.place or (chance.choice(sorted(calm.lines)) if chance.random() < 0.5 else "")
        share = chance.random()
        for _ in range(_TRIES):
            folder = self._copy(point.kind)
            nth = 1 + int(share * calm.lines[place]) if place else 0
            after = 0.0 if place else max(share * calm.seconds, 0.001)
            where = f"before it runs {place} for the {nth}. time" if place else f"after {after * 1000:.0f} ms"
            answer = self._work(point.kind, folder, again=False, place=place, nth=nth, after=after)
            if answer["ended"] != 0:
                break
            self._kinds.remove(folder)
            share /= 2
        told = answer["told"]
        broken = "" if answer["ended"] == -signal.SIGKILL else f"the worker ended with {answer['ended']}"
        try:
            kind.check(folder, told)
            again = self._work(point.kind, folder, again=True)
            assert again["ended"] == 0, "started again, it does not come to its end"
            assert kind.outcome(folder) == calm.outcome, "it leaves something else than undisturbed work does"
            self._kinds.remove(folder)
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs into the report
            broken = f"{type(error).__name__}: {error} (left in {folder})"
        return Found(point=point, where=where, acknowledged=len(told), broken=broken)

    def _undisturbed(self, name: str) -> _Calm:
        if name not in self._calm:
            template = self._folder / f"{name}-template"
            self._kinds.prepare(name, template)
            timed = self._work(name, self._copy(name), again=False)
            folder = self._copy(name)
            counted = self._work(name, folder, again=False, count=True)
            assert timed["ended"] == counted["ended"] == 0, f"{name} fails even undisturbed"
            outcome = self._kinds[name].outcome(folder)
            self._calm[name] = _Calm(counted["lines"], timed["seconds"], outcome)
        return self._calm[name]

    def _copy(self, name: str) -> Path:
        self._made += 1
        return self._kinds.copy(self._folder / f"{name}-template", self._folder / f"{name}-{self._made}")

    def _work(
        self,
        name: str,
        folder: Path,
        *,
        again: bool,
        place: str = "",
        nth: int = 0,
        after: float = 0.0,
        count: bool = False,
    ) -> dict[str, Any]:
        order = {
            "kind": name.partition("@")[0],
            "folder": str(folder),
            "place": place,
            "nth": nth,
            "after": after,
            "count": count,
        }
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps(order | dict(self._kinds[name].order(again=again))) + "\n")
        self._nursery.stdin.flush()
        answer: dict[str, Any] = json.loads(self._nursery.stdout.readline())
        return answer


@contextmanager
def killing(folder: Path) -> Iterator[Killer]:
    """A killer that keeps its archives in a folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.crash.nursery"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {
            "OPENBLAS_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
        cwd=Path(__file__).parents[2],
    )
    with process, ExitStack() as stack:
        yield Killer(folder, Kinds(folder, stack), process)
        assert process.stdin is not None
        process.stdin.close()

"""Requests are sent when they are due, whatever became of those before: an open loop.

    python -m bench.soak.load PLAN ANSWERS

A process of its own, so that it takes no time of the server's and none of its own collector. Arrivals are a Poisson
process: readers do not know of each other. A request's time runs from when it was *due*, not from when a connection
was free for it, so that a server that stands still for a second is seen by all who came in that second (no
coordinated omission). How late the generator itself was is in every line too. Each answer is a line of JSON.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

import h11

# Nobody waits longer; what took this long counts as failed.
PATIENCE = 30.0
# A connection that rested this long may be closed by the server at any moment (uvicorn: 5 s).
_FRESH = 3.0


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask, and which statuses are right. ``remember``: ask with the entity tag of the last answer."""

    kind: str
    path: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    expected: frozenset[int] = frozenset({200})
    remember: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request. Moments are of the monotonic clock; ``status`` 0: nothing came, ``error`` says why."""

    kind: str
    path: str
    due: float
    sent: float
    done: float
    status: int
    expected: bool
    retry_after: bool = False
    size: int = 0
    error: str = ""

    @property
    def seconds(self) -> float:
        """From when it was due until its last byte."""
        return self.done - self.due


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    protocol: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))
    rested: float = 0.0


class Client:
    """As many connections to one address as there are requests under way; those that rest are used again."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port
        self._resting: list[_Connection] = []
        self._tags: dict[str, str] = {}

    async def close(self) -> None:
        """Close the connections that rest."""
        for connection in self._resting:
            connection.writer.close()
            with suppress(OSError):
                await connection.writer.wait_closed()
        self._resting.clear()

    async def ask(self, request: Request, *, due: float) -> Answer:
        """What came of a request."""
        sent = time.monotonic()
        status, retry_after, size, error = 0, False, 0, ""
        try:
            async with asyncio.timeout(PATIENCE):
                status, headers, size = await self._exchange(request)
            retry_after = "retry-after" in headers
            if request.remember and "etag" in headers:
                self._tags[request.path] = headers["etag"]
        except TimeoutError:
            error = f"no answer within {PATIENCE:.0f} s"
        except (OSError, h11.RemoteProtocolError, asyncio.IncompleteReadError) as failure:
            error = f"{type(failure).__name__}: {failure}"
        return Answer(
            request.kind,
            request.path,
            due,
            sent,
            time.monotonic(),
            status,
            status in request.expected,
            retry_after,
            size,
            error,
        )

    async def _exchange(self, request: Request) -> tuple[int, dict[str, str], int]:
        connection = await self._connection()
        try:
            protocol = connection.protocol
            headers = [("Host", f"{self._host}:{self._port}"), *request.headers]
            if request.body:
                headers.append(("Content-Length", str(len(request.body))))
            if request.remember and (tag := self._tags.get(request.path)):
                headers.append(("If-None-Match", tag))
            head = h11.Request(method=request.method, target=request.path, headers=headers)
            sent = protocol.send(head) or b""
            sent += (protocol.send(h11.Data(data=request.body)) or b"") if request.body else b""
            sent += protocol.send(h11.EndOfMessage()) or b""
            connection.writer.write(sent)
            status, got, size = 0, dict[str, str](), 0
            while True:
                event = protocol.next_event()
                if event is h11.NEED_DATA:
                    protocol.receive_data(await connection.reader.read(65536))
                elif isinstance(event, h11.Response):
                    status = event.status_code
                    got = {name.decode(): value.decode("latin-1") for name, value in event.headers}
                elif isinstance(event, h11.Data):
                    size += len(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    break
        except BaseException:
            connection.writer.close()
            raise
        if protocol.our_state is h11.DONE and protocol.their_state is h11.DONE:
            protocol.start_next_cycle()
            connection.rested = time.monotonic()
            self._resting.append(connection)
        else:
            connection.writer.close()
        return status, got, size

    async def _connection(self) -> _Connection:
        while self._resting:
            connection = self._resting.pop()
            if time.monotonic() - connection.rested < _FRESH and not connection.reader.at_eof():
                return connection
            connection.writer.close()
        return _Connection(*await asyncio.open_connection(self._host, self._port))


Phase = tuple[float, float]  # requests a second, and for how many seconds


def arrivals(phases: Iterable[Phase], *, chance: random.Random) -> Iterator[float]:
    """When requests are due, in seconds from the start, phase after phase and independent of each other."""
    began = 0.0
    for rate, seconds in phases:
        due = began + chance.expovariate(rate)
        while due < began + seconds:
            yield due
            due += chance.expovariate(rate)
        began += seconds


async def drive(
    client: Client,
    requests: Iterator[Request],
    due_at: Iterator[float],
    *,
    tell: Callable[[Answer], None],
    began: float | None = None,
) -> None:
    """Send each request when it is due after ``began`` (now), and tell each answer; returns when the last one came."""
    began = time.monotonic() if began is None else began
    under_way: set[asyncio.Task[Answer]] = set()

    def came(task: asyncio.Task[Answer]) -> None:
        under_way.discard(task)
        tell(task.result())

    for request, due in zip(requests, due_at, strict=False):
        if (wait := began + due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(client.ask(request, due=began + due))
        under_way.add(task)
        task.add_done_callback(came)
    while under_way:
        await asyncio.wait(under_way)
    await client.close()


def _write(answer: Answer, *, to: TextIO) -> None:
    to.write(json.dumps(asdict(answer)) + "\n")


def main(plan: Path, answers: Path) -> None:
    """Carry out a plan: ``host``, ``port``, ``began``, ``phases``, ``seed``, ``only_reads`` and the ``world``."""
    from bench.soak.mix import World, requests  # noqa: PLC0415  the mix knows what a request is

    asked = json.loads(plan.read_text())
    chance = random.Random(asked["seed"])
    mixed = requests(World(**asked["world"]), chance=chance, only_reads=asked["only_reads"])
    due_at = arrivals(asked["phases"], chance=random.Random(asked["seed"] + 1))
    with answers.open("w") as file, suppress(KeyboardInterrupt):
        client = Client(asked["host"], asked["port"])
        asyncio.run(
            drive(client, mixed, due_at, tell=lambda answer: _write(answer, to=file), began=asked["began"])
        )


def read(answers: Path) -> list[Answer]:
    """The answers in a file, as they came."""
    with answers.open() as file:
        return [Answer(**json.loads(line)) for line in file]


if __name__ == "__main__":
    main(*itertools.islice(map(Path, sys.argv[1:]), 2))

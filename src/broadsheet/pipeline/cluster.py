"""A pool of encoders on a Ray cluster. Knows parcels, and neither store nor index.

A worker that dies is started again by Ray, and its parcel made again; a machine that is lost is replaced by
whatever the cluster has left.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Final, Self

import ray

from broadsheet.errors import InputError, SearchError
from broadsheet.pipeline.bulk import Encoders, Made, Parcel

# Parcels on their way to each worker: one in work, one waiting.
_EACH: Final = 2
# Parcels for each worker that may be ahead of the one that is waited for.
_AHEAD: Final = 8

_PATIENCE: Final = 10.0  # seconds for a cluster to answer

# One core each: a worker for every core is faster than threads.
_ENVIRONMENT: Final = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class _Worker:
    """The encoders in a process of the cluster."""

    def __init__(self, load: Callable[[], Encoders]) -> None:
        self._encoders = load()

    def make(self, parcel: Parcel) -> Made:
        return self._encoders.make(parcel)


class RayPool:
    """A ``Pool`` of ``workers`` processes, one for each core of the cluster where None; closed when the block ends.

    ``address`` is as Ray takes it (``host:6379``, ``ray://host:10001``, ``auto``), or ``local`` for a cluster on
    this machine that ends with the block. ``load`` makes the encoders, in each process of its own.
    """

    def __init__(self, address: str, *, load: Callable[[], Encoders], workers: int | None = None) -> None:
        self._address = address
        self._load = load
        self._workers = workers
        self._actors: list[Any] = []

    def __enter__(self) -> Self:
        _knock(self._address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # asks no host that nobody named
        try:
            ray.init(
                address=self._address,
                log_to_driver=False,
                include_dashboard=False if self._address == "local" else None,
                runtime_env={"env_vars": _ENVIRONMENT},
            )
        except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
            raise InputError(f"no Ray cluster answers at {self._address!r}: {error}") from error
        cores = int(ray.cluster_resources().get("CPU", 1))  # type: ignore[no-untyped-call]
        count = self._workers or max(1, cores)
        remote = ray.remote(num_cpus=1, max_restarts=-1, max_task_retries=-1)(_Worker)
        self._actors = [remote.remote(self._load) for _ in range(count)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._actors = []
        ray.shutdown()

    def each(self, parcels: Iterable[Parcel]) -> Iterator[Made]:
        """What was made of each parcel, in their order."""
        coming = enumerate(parcels)
        free = deque(self._actors * _EACH)
        flying: dict[Any, tuple[int, Any]] = {}
        done: dict[int, Made] = {}
        wanted, exhausted = 0, False
        while True:
            while not exhausted and free and len(flying) + len(done) < _AHEAD * len(self._actors):
                if (following := next(coming, None)) is None:
                    exhausted = True
                    break
                number, parcel = following
                if parcel.todo:
                    actor = free.popleft()
                    flying[actor.make.remote(parcel)] = number, actor
                else:  # nobody need be asked
                    done[number] = ()
            while wanted in done:
                yield done.pop(wanted)
                wanted += 1
            if flying:
                number, made, actor = _first(flying)
                done[number] = made
                free.append(actor)
            elif exhausted:
                return


def _knock(address: str) -> None:
    """Raise InputError where nobody listens at an address; Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE).close()
        except OSError as error:
            raise InputError(f"no Ray cluster answers at {address!r}: {error.strerror or error}") from error


def _first(flying: dict[Any, tuple[int, Any]]) -> tuple[int, Made, Any]:
    """The first of some parcels that is made: its number, what was made, and who is free now."""
    (ready, *_), _ = ray.wait(list(flying), num_returns=1)
    number, actor = flying.pop(ready)
    try:
        return number, ray.get(ready), actor
    except ray.exceptions.RayError as error:
        raise SearchError(f"a worker of the cluster failed: {error}") from error

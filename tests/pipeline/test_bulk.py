"""Bulk work: every paper once, whoever dies; on a real Ray cluster of several processes."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Index, Words, text_of
from broadsheet.index.local import LocalIndex
from broadsheet.model import Record
from broadsheet.pipeline import bulk, reindex
from broadsheet.pipeline.bulk import Encoders, Made, Parcel
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.derive import derive

NOW = datetime(2026, 3, 8, tzinfo=UTC)


def records(count: int) -> list[Record]:
    return [
        Record(
            id=PaperId(f"2603.{n:05}"),
            title=f"Paper {n} on tensors",
            abstract=f"We study number {n}. It is a number like others. Results are given for {n}.",
            source="test",
        )
        for n in range(1, count + 1)
    ]


class Here:
    """A pool of this process, which counts what it was asked for, and may die."""

    def __init__(self, encoders: Encoders, *, dies_after: int | None = None) -> None:
        self.made: list[str] = []
        self._encoders = encoders
        self._left = dies_after

    def each(self, parcels: Iterable[Parcel]) -> Iterator[Made]:
        ahead = []
        for parcel in parcels:  # three ahead, as pools are
            ahead.append(parcel)
            if len(ahead) > 3:
                yield self._make(ahead.pop(0))
        yield from map(self._make, ahead)

    def _make(self, parcel: Parcel) -> Made:
        if self._left is not None:
            if not self._left:
                raise KeyboardInterrupt
            self._left -= 1
        self.made += [f"{name} {paper.id}" for name, papers in parcel.todo for paper in papers]
        return self._encoders.make(parcel)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore.open(tmp_path / "broadsheet.db")
    yield store
    store.close()


@pytest.fixture
def encoders(hashing: Callable[..., Encoder]) -> Encoders:
    return Encoders(hashing("fast"), hashing("better", dim=32))


def put(store: SqliteStore, found: Sequence[Record]) -> None:
    store.put([(record, derive(record)) for record in found], now=NOW)


def answers(index: Index, encoders: Encoders) -> object:
    snapshot = index.snapshot()
    ids = [PaperId(f"2603.{n:05}") for n in range(1, 400)]
    generation = snapshot.generation
    return (
        (generation.seq, generation.papers, dict(generation.encoders), dict(generation.details)),
        snapshot.words(Words(terms=("tensors", "17")), k=400),
        [snapshot.vectors_of(ids, encoder=name)[0] for name in ("fast", "better")],
        [d is None for d in snapshot.details_of(ids, name="better/sentences")],
    )


def test_bulk_work_makes_the_index_that_following_makes(
    store: SqliteStore, encoders: Encoders, tmp_path: Path
) -> None:
    put(store, records(300))
    followed, built = LocalIndex(tmp_path / "followed"), LocalIndex(tmp_path / "built")
    reindex.follow(store, followed, fast=encoders.fast, better=encoders.better, once=True)
    pool = Here(encoders)
    bulk.build(store, built, encoders=encoders, pool=pool)
    assert answers(built, encoders) == answers(followed, encoders)
    assert len(pool.made) == len(set(pool.made)) == 900  # three things of each paper, each once
    bulk.build(store, built, encoders=encoders, pool=pool)
    assert len(pool.made) == 900


def test_a_run_that_died_is_gone_on_with(store: SqliteStore, encoders: Encoders, tmp_path: Path) -> None:
    put(store, records(300))
    index = LocalIndex(tmp_path / "index")
    times = iter(range(0, 10**6, 61))  # a publication after each parcel
    dying = Here(encoders, dies_after=2)
    with pytest.raises(KeyboardInterrupt):
        bulk.build(store, index, encoders=encoders, pool=dying, clock=lambda: float(next(times)))
    generation = index.snapshot().generation
    assert generation.seq == generation.papers == generation.encoders["better"] == 2 * bulk.PARCEL
    pool = Here(encoders)
    bulk.build(store, index, encoders=encoders, pool=pool)
    whole = LocalIndex(tmp_path / "whole")
    bulk.build(store, whole, encoders=encoders, pool=Here(encoders))
    assert answers(index, encoders) == answers(whole, encoders)
    assert not set(pool.made) & set(dying.made)
    assert len(pool.made) + len(dying.made) == 900


def test_papers_that_changed_left_or_had_no_better_vectors_are_made_up_for(
    store: SqliteStore, encoders: Encoders, tmp_path: Path
) -> None:
    put(store, records(100))
    index = LocalIndex(tmp_path / "index")
    reindex.follow(store, index, fast=encoders.fast, once=True)  # without better vectors
    changed = [replace(record, title=f"{record.title}, revised") for record in records(3)]
    put(store, changed)
    pool = Here(encoders)
    bulk.build(store, index, encoders=encoders, pool=pool)
    assert sorted(pool.made) == sorted(
        [f"fast 2603.{n:05}" for n in (1, 2, 3)]
        + [f"{name} 2603.{n:05}" for n in range(1, 101) for name in ("better", "better/sentences")]
    )
    snapshot = index.snapshot()
    assert snapshot.generation.encoders == {"better": 100, "fast": 100}
    assert len(snapshot.words(Words(terms=("revised",)), k=9)) == 3


# -- on a cluster

# Whoever has the token may use the cluster; without one of our own Ray takes the user's, where there is one.
AUTHORITY = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, Path]]:
    """A Ray cluster of this machine with three cores to give: its address, and the folder it works in."""
    try:
        import ray  # noqa: F401
    except ImportError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no Ray here: {error}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Not below pytest's folder: the paths of its sockets must be short.
    with tempfile.TemporaryDirectory(prefix="ray", dir="/tmp", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
        command += [f"--port={port}", "--num-cpus=3", "--include-dashboard=false", "--disable-usage-stats"]
        command += [f"--temp-dir={folder}", "--object-store-memory=100000000"]
        with (
            Path(folder, "log").open("wb") as log,
            subprocess.Popen(
                command, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **AUTHORITY}
            ) as head,
        ):
            try:
                _await(port, head)
                yield f"127.0.0.1:{port}", Path(folder)
            finally:
                os.killpg(head.pid, signal.SIGTERM)
                time.sleep(1)
                os.killpg(head.pid, signal.SIGKILL)


def _await(port: int, head: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        assert head.poll() is None, "Ray ended before it answered"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("Ray did not come up")


def _workers(folder: Path) -> list[int]:
    """The processes of the cluster in this folder that encode: children of its keeper of processes."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            name = (entry / "cmdline").read_bytes()
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            keeper = Path("/proc", parent, "cmdline").read_bytes()
        except OSError:
            continue
        if name.startswith(b"ray::_Worker") and str(folder).encode() in keeper:
            found.append(int(entry.name))
    return sorted(found)


def _build(data: Path, address: str, **more: str) -> subprocess.Popen[str]:
    code = "from broadsheet.cli import main; main()"
    command = [sys.executable, "-c", code, "--data", str(data), "build", "--ray", address, "--workers", "2"]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **AUTHORITY, **more},
    )


@pytest.mark.skipif(sys.platform != "linux", reason="finds the workers in /proc")
def test_workers_and_the_builder_may_be_killed_and_every_paper_is_in_once(
    cluster: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = cluster
    count = 6 * bulk.PARCEL
    settings = Settings(data=tmp_path)
    with wiring.open_archive(settings) as archive:
        archive.store.put([(record, derive(record)) for record in records(count)], now=NOW)
        store, last = archive.store.identity(), archive.store.last_seq()
    with _build(tmp_path, address) as building:
        assert building.stderr is not None
        said = []
        for line in building.stderr:  # the first parcel is in: kill one of the two
            said.append(line)
            if line.startswith("building:"):
                break
        first = _workers(folder)
        assert len(first) == 2, said
        os.kill(first[0], signal.SIGKILL)
        out, err = building.communicate(timeout=240)
    assert building.returncode == 0, err
    assert f"{count} papers" in out
    assert set(_workers(folder)).isdisjoint({first[0]})
    with wiring.open_archive(settings) as archive:
        archive.index.verify()
        snapshot = archive.index.snapshot()
        generation = snapshot.generation
        assert (generation.seq, generation.papers) == (last, count)
        assert set(generation.encoders.values()) == set(generation.details.values()) == {count}
        assert len(generation.encoders) == len(generation.details) == 2
        found = snapshot.words(Words(terms=("tensors",)), k=2 * count)
        assert len(found) == len({scored.id for scored in found}) == count
        # The vectors are those that the encoder makes here.
        assert archive.better is not None
        some = [PaperId("2603.00001"), PaperId(f"2603.{count:05}")]
        known, vectors = snapshot.vectors_of(some, encoder=archive.better.name)
        papers = archive.library.papers(some)
        expected = archive.better.encode([text_of(papers[id]) for id in known])
        assert vectors == pytest.approx(expected, abs=0.01)
        assert archive.store.identity() == store


def test_a_cluster_that_is_not_there_is_told_by_its_address(tmp_path: Path) -> None:
    with _build(tmp_path, "127.0.0.1:9") as building:
        _, err = building.communicate(timeout=120)
    assert building.returncode == 2
    assert "no Ray cluster answers at '127.0.0.1:9'" in err


def test_a_cluster_that_does_not_know_us_is_told_so(cluster: tuple[str, Path], tmp_path: Path) -> None:
    with _build(tmp_path, cluster[0], RAY_AUTH_TOKEN=secrets.token_hex(32)) as building:
        _, err = building.communicate(timeout=120)
    assert building.returncode == 2, err
    assert f"no Ray cluster answers at {cluster[0]!r}" in err

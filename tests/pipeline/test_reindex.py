from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet.errors import BusyError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index import manifest
from broadsheet.index.contract import Encoder, Vectors, Words, text_of
from broadsheet.index.encode import StaticEncoder, sentences
from broadsheet.index.encode.pieces import unpack
from broadsheet.index.local import LocalIndex
from broadsheet.model import Derived, Paper, Record
from broadsheet.pipeline import reindex
from broadsheet.store.contract import Store
from broadsheet.store.sqlite import SqliteStore

Hashing = Callable[..., Encoder]
Make = Callable[..., Paper]
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = SqliteStore.open(tmp_path / "broadsheet.db")
    yield store
    store.close()


@pytest.fixture
def index(tmp_path: Path) -> LocalIndex:
    return LocalIndex(tmp_path / "index")


def take_in(store: Store, papers: Sequence[Paper]) -> None:
    store.put([(p.record, p.derived) for p in papers], now=NOW)


def many(paper: Make, count: int) -> list[Paper]:
    return [
        paper(f"2603.{n:05}", f"Paper number {n}", day=f"2026-03-{n % 28 + 1:02}")
        for n in range(1, count + 1)
    ]


def found(index: LocalIndex, *terms: str) -> list[str]:
    return sorted(str(s.id) for s in index.snapshot().words(Words(terms=terms), k=100))


def wait_until(what: Callable[[], bool], *, seconds: float = 10) -> float:
    begun = time.monotonic()
    while not what():
        assert time.monotonic() - begun < seconds, "waited in vain"
        time.sleep(0.01)
    return time.monotonic() - begun


class Failing:
    """An encoder that gives up after some papers, as a killed process would."""

    def __init__(self, inner: Encoder, after: int) -> None:
        self.name, self.dim = inner.name, inner.dim
        self._inner = inner
        self._left = after

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._left -= len(texts)
        if self._left < 0:
            raise KeyboardInterrupt
        return self._inner.encode(texts)


def test_empty_store_gives_an_empty_generation(store: Store, index: LocalIndex, hashing: Hashing) -> None:
    reindex.follow(store, index, fast=hashing(), once=True)
    assert index.snapshot().generation.papers == 0
    assert found(index) == []


def test_all_papers_come_in_with_both_vectors(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 20))
    reindex.follow(store, index, fast=hashing(), better=hashing("better"), once=True)
    generation = index.snapshot().generation
    assert generation.seq == store.last_seq()
    assert (generation.papers, dict(generation.encoders)) == (20, {"hashing": 20, "better": 20})


def test_changes_deletions_and_folded_papers_are_followed(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 4))
    reindex.follow(store, index, fast=hashing(), once=True)
    take_in(store, [paper("2603.00001", "Another title")])
    store.put(
        [
            (
                Record(id=PaperId("2603.00002"), title="x", source="test", deleted=True),
                Derived(title="x", abstract=""),
            )
        ],
        now=NOW,
    )
    store.fold(PaperId("2603.00003"), PaperId("2603.00004"), now=NOW)
    reindex.follow(store, index, fast=hashing(), once=True)
    assert found(index, "another") == ["2603.00001"]
    assert found(index) == ["2603.00001", "2603.00003"]
    assert found(index, "2603.00004") == ["2603.00003"]


def test_unchanged_text_is_not_encoded_again(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 3))
    reindex.follow(store, index, fast=hashing(), once=True)
    take_in(store, [paper("2603.00001", "Paper number 1", categories=["cs.CL"])])
    fast = hashing()
    reindex.follow(store, index, fast=fast, once=True)
    assert fast.asked == []  # type: ignore[attr-defined]  # the test encoder remembers
    assert index.snapshot().generation.seq == store.last_seq()


def test_nothing_new_makes_no_new_generation(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 3))
    reindex.follow(store, index, fast=hashing(), once=True)
    before = index.snapshot()
    reindex.follow(store, index, fast=hashing(), once=True)
    assert index.snapshot() is before


def test_run_without_better_encoder_keeps_the_better_vectors(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 3))
    reindex.follow(store, index, fast=hashing(), better=hashing("better"), once=True)
    reindex.follow(store, index, fast=hashing(), once=True)
    assert index.snapshot().generation.encoders == {"hashing": 3, "better": 3}


def test_interrupted_rebuild_goes_on_where_it_was(
    store: Store,
    index: LocalIndex,
    hashing: Hashing,
    paper: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reindex, "BATCH", 5)
    monkeypatch.setattr(reindex, "_PUBLISH_EVERY", 0.0)
    take_in(store, many(paper, 20))
    with pytest.raises(KeyboardInterrupt):
        reindex.follow(store, index, fast=Failing(hashing(), 12), once=True)
    assert index.snapshot().generation.papers == 10
    fast = hashing()
    reindex.follow(store, index, fast=fast, once=True)
    assert index.snapshot().generation.papers == 20
    assert len(fast.asked) == 10  # type: ignore[attr-defined]  # the test encoder remembers


def test_better_vectors_begin_with_the_newest_papers_and_are_resumed(
    store: Store,
    index: LocalIndex,
    hashing: Hashing,
    paper: Make,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reindex, "_PUBLISH_EVERY", 0.0)
    papers = many(paper, 24)
    take_in(store, papers)
    better = hashing("better")
    with pytest.raises(KeyboardInterrupt):
        reindex.follow(store, index, fast=hashing(), better=Failing(better, 10), once=True)
    assert index.snapshot().generation.encoders == {"hashing": 24, "better": 8}
    known, _ = index.snapshot().vectors_of([p.id for p in papers], encoder="better")
    assert set(known) == {p.id for p in papers[-8:]}
    reindex.follow(store, index, fast=hashing(), better=better, once=True)
    assert index.snapshot().generation.encoders["better"] == 24
    abstracts = [text for text in better.asked if "\n" in text]  # type: ignore[attr-defined]
    assert len(abstracts) == 24  # none was made twice


def test_word_pieces_come_in_with_the_fast_vectors(store: Store, index: LocalIndex, paper: Make) -> None:
    papers = many(paper, 3)
    take_in(store, papers)
    fast = StaticEncoder()
    reindex.follow(store, index, fast=fast, once=True)
    snapshot = index.snapshot()
    assert snapshot.generation.details == {"static-v1/piece gaps": 3}
    found = snapshot.details_of([p.id for p in papers], name=fast.pieces_name)
    expected = fast.pieces([text_of(p) for p in papers])
    kept = unpack([each for each in found if each is not None])
    assert [each.tolist() for each in kept] == [each.tolist() for each in expected]


def test_index_of_a_former_make_keeps_its_vectors_and_gets_word_pieces(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    papers = many(paper, 3)
    take_in(store, papers)
    former = hashing("static-v1", dim=256)  # of that name, so that its vectors can be told
    with monkeypatch.context() as then:
        then.setattr(manifest, "MAKE", "broadsheet-4")
        reindex.follow(store, index, fast=former, once=True)
    reindex.follow(store, index, fast=StaticEncoder(), once=True)
    snapshot = index.snapshot()
    assert snapshot.generation.details == {"static-v1/piece gaps": 3}
    _, vectors = snapshot.vectors_of([p.id for p in papers], encoder="static-v1")
    assert vectors == pytest.approx(former.encode([text_of(p) for p in papers]), abs=1e-3)


def test_sentences_follow_the_better_vectors_newest_papers_first_and_are_resumed(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "_PUBLISH_EVERY", 0.0)
    papers = many(paper, 24)
    take_in(store, papers)
    better = hashing("better")
    with pytest.raises(KeyboardInterrupt):
        reindex.follow(store, index, fast=hashing(), better=Failing(better, 34), once=True)
    generation = index.snapshot().generation
    assert (generation.encoders["better"], generation.details) == (24, {"better/sentences": 8})
    found = index.snapshot().details_of([p.id for p in papers], name="better/sentences")
    assert [each is not None for each in found] == [False] * 16 + [True] * 8
    reindex.follow(store, index, fast=hashing(), better=better, once=True)
    assert index.snapshot().generation.details == {"better/sentences": 24}
    titles = [text for text in better.asked if "\n" not in text]  # type: ignore[attr-defined]
    assert sorted(titles) == sorted(p.title for p in papers)  # none was made twice
    (kept,) = index.snapshot().details_of([papers[0].id], name="better/sentences")
    assert kept is not None
    assert [kept.tobytes()] == sentences.encode(better, papers[:1])
    reindex.follow(store, index, fast=hashing(), once=True)  # without the better encoder they are kept
    assert index.snapshot().generation.details == {"better/sentences": 24}


def test_sentences_of_a_changed_paper_are_made_anew(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 3))
    reindex.follow(store, index, fast=hashing(), better=hashing("better"), once=True)
    take_in(store, [paper("2603.00002", "Another title")])
    better = hashing("better")
    reindex.follow(store, index, fast=hashing(), better=better, once=True)
    assert better.asked == ["Another title\n", "Another title"]  # type: ignore[attr-defined]
    assert index.snapshot().generation.details == {"better/sentences": 3}


def test_progress_goes_from_nothing_to_all(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reindex, "BATCH", 6)
    take_in(store, many(paper, 20))
    told: list[reindex.Progress] = []
    reindex.follow(store, index, fast=hashing(), better=hashing("better"), progress=told.append, once=True)
    papers = [p.done for p in told if p.stage == "papers"]
    assert papers == sorted(papers)
    assert [p.done for p in told if p.done == p.total] == [20, 20, 20]
    assert told[-1].stage == "sentence vectors"
    assert told[-1].rate > 0


def test_index_of_another_database_is_made_anew(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make, tmp_path: Path
) -> None:
    take_in(store, many(paper, 3))
    reindex.follow(store, index, fast=hashing(), once=True)
    other = SqliteStore.open(tmp_path / "other.db")
    try:
        take_in(other, [paper("2603.09999", "Only this")])
        reindex.follow(other, index, fast=hashing(), once=True)
    finally:
        other.close()
    assert found(index) == ["2603.09999"]


def test_papers_taken_in_are_found_in_less_than_two_seconds(
    store: Store, index: LocalIndex, hashing: Hashing, paper: Make
) -> None:
    take_in(store, many(paper, 3))
    stop = threading.Event()
    follower = threading.Thread(
        target=reindex.follow,
        args=(store, index),
        kwargs={"fast": hashing(), "better": hashing("better"), "stop": stop},
    )
    follower.start()
    try:
        wait_until(lambda: index_count(index) == 3 == better_count(index))
        take_in(store, [paper("2603.00777", "Zebrafish")])
        assert wait_until(lambda: found(index, "zebrafish") == ["2603.00777"]) < 2
        wait_until(lambda: better_count(index) == 4)
        with pytest.raises(BusyError):
            reindex.follow(store, index, fast=hashing(), once=True)
    finally:
        stop.set()
        follower.join(timeout=10)
    assert not follower.is_alive()
    reindex.follow(store, index, fast=hashing(), once=True)  # the lock is free again


def index_count(index: LocalIndex) -> int:
    try:
        return index.snapshot().generation.papers
    except StaleIndexError:  # there is no generation yet
        return 0


def better_count(index: LocalIndex) -> int:
    return index.snapshot().generation.encoders.get("better", 0)


def test_follower_waits_for_its_turn(store: Store, index: LocalIndex, hashing: Hashing, paper: Make) -> None:
    take_in(store, many(paper, 2))
    stop = threading.Event()
    with index.writer(store=store.identity()):
        follower = threading.Thread(
            target=reindex.follow,
            args=(store, index),
            kwargs={"fast": hashing(), "stop": stop, "poll": 0.02},
        )
        follower.start()
        time.sleep(0.1)
    try:
        wait_until(lambda: index_count(index) == 2)
    finally:
        stop.set()
        follower.join(timeout=10)


KILLED = """
    import sys, threading, zlib
    from pathlib import Path
    import numpy as np
    from broadsheet.index.local import LocalIndex
    from broadsheet.pipeline import reindex
    from broadsheet.store.sqlite import SqliteStore

    class Crc:
        name, dim = "crc", 64

        def encode(self, texts):
            rows = [np.random.RandomState(zlib.crc32(t.encode())).standard_normal(64) for t in texts]
            return np.array([r / np.linalg.norm(r) for r in rows], dtype=np.float32)

    reindex.BATCH, reindex._PUBLISH_EVERY = 10, 0.0
    store = SqliteStore.open(Path(sys.argv[1]) / "broadsheet.db")
    reindex.follow(
        store, LocalIndex(Path(sys.argv[1]) / "index"), fast=Crc(), once=True,
        progress=lambda p: print(p.done, flush=True),
    )
"""


def test_killed_run_is_completed_by_the_next(
    store: Store, index: LocalIndex, paper: Make, tmp_path: Path
) -> None:
    take_in(store, many(paper, 100))
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.stdout.readline()
            process.kill()
    index.verify()
    halfway = index.snapshot().generation
    assert 0 < halfway.papers == halfway.encoders["crc"] < 100
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    assert index.snapshot().generation.papers == 100
    assert len(found(index, "number")) == 100
    index.verify()

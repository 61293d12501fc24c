"""Contract of the index: generations appear whole or not at all, for every thread and process."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.contracts.index.conftest import Place

from broadsheet.errors import BusyError, SearchError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Index, Words
from broadsheet.model import Paper

Publish = Callable[..., Any]
Make = Callable[..., Paper]
Opener = Callable[[], Index]


def ids(index: Index, *terms: str) -> list[str]:
    return [str(s.id) for s in index.snapshot().words(Words(terms=terms), k=100)]


def test_without_a_generation_the_error_says_how_to_make_one(index: Index) -> None:
    with pytest.raises(StaleIndexError, match="broadsheet index"):
        index.snapshot()


def test_generation_tells_where_it_stands(index: Index, publish: Publish, papers: Sequence[Paper]) -> None:
    publish(papers, seq=7)
    generation = index.snapshot().generation
    assert (generation.seq, generation.papers, generation.encoders) == (7, 4, {"hashing": 4})


def test_publishing_twice_is_publishing_once(index: Index, publish: Publish, papers: Sequence[Paper]) -> None:
    publish(papers)
    publish(papers, seq=2)
    assert index.snapshot().generation.papers == 4
    assert ids(index, "tensor") == ["2603.00001", "2603.00002"]


def test_former_state_of_a_paper_is_no_longer_found(index: Index, publish: Publish, paper: Make) -> None:
    publish([paper("2603.00001", "Old words"), paper("2603.00002", "Others")])
    publish([paper("2603.00001", "New words")], seq=2)
    assert ids(index, "old") == []
    assert ids(index, "new") == ["2603.00001"]
    assert index.snapshot().generation.encoders == {"hashing": 2}


def test_paper_that_left_is_gone_from_words_and_vectors_and_can_return(
    index: Index, publish: Publish, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    one = paper("2603.00001", "One")
    publish([one, paper("2603.00002", "Two")])
    publish([], gone=["2603.00001", "2603.09999"], seq=2)
    snapshot = index.snapshot()
    query = hashing().encode(["One"])[0]
    assert snapshot.generation.papers == 1
    assert ids(index) == ["2603.00002"]
    assert [str(s.id) for s in snapshot.vectors(query, encoder="hashing", k=9)] == ["2603.00002"]
    publish([one], seq=3)
    assert sorted(ids(index)) == ["2603.00001", "2603.00002"]


def test_snapshot_keeps_answering_from_its_generation(
    index: Index, publish: Publish, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    publish([paper("2603.00001", "One")])
    before = index.snapshot()
    for number in range(2, 7):
        publish([paper(f"2603.0000{number}", "One more")], gone=[f"2603.0000{number - 1}"], seq=number)
    assert [str(s.id) for s in before.words(Words(terms=("one",)), k=9)] == ["2603.00001"]
    query = hashing().encode(["One"])[0]
    assert [str(s.id) for s in before.vectors(query, encoder="hashing", k=9)] == ["2603.00001"]
    assert ids(index, "one") == ["2603.00006"]


def test_snapshot_is_the_same_while_nothing_changed(
    index: Index, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    assert index.snapshot() is index.snapshot()


def test_what_was_not_published_is_not_there(index: Index, publish: Publish, paper: Make) -> None:
    publish([paper("2603.00001", "One")])
    with index.writer(store="store") as writer:
        writer.put([paper("2603.00002", "Two")])
    assert ids(index) == ["2603.00001"]
    publish([paper("2603.00003", "Three")], seq=2)
    assert sorted(ids(index)) == ["2603.00001", "2603.00003"]


def test_second_writer_is_told_that_the_index_is_busy(index: Index, opener: Opener) -> None:
    with index.writer(store="store"):
        with pytest.raises(BusyError, match="locked"):
            opener().writer(store="store")
        with pytest.raises(BusyError):
            index.delete()
    index.writer(store="store").close()


def test_index_of_another_store_is_begun_anew_while_readers_keep_the_old_one(
    index: Index, publish: Publish, paper: Make
) -> None:
    publish([paper("2603.00001", "One")], seq=9, store="first")
    with index.writer(store="second") as writer:
        assert writer.seq == 0
        assert ids(index) == ["2603.00001"]
        writer.put([paper("2603.00002", "Two")])
        writer.publish(seq=1)
    assert ids(index) == ["2603.00002"]
    assert index.snapshot().generation.encoders == {}


def test_vectors_of_an_unchanged_text_are_kept(
    index: Index, publish: Publish, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    publish([paper("2603.00001", "One"), paper("2603.00002", "Two")])
    with index.writer(store="store") as writer:
        same = paper("2603.00001", "One", categories=["cs.CL"])
        other = paper("2603.00002", "Two, revised")
        assert writer.lacking([same, other], name="hashing") == (other,)
        writer.put([same, other])
        writer.publish(seq=2)
        assert writer.pending(name="hashing", limit=9) == (PaperId("2603.00002"),)
    known, _ = index.snapshot().vectors_of([same.id, other.id], encoder="hashing")
    assert known == (same.id,)


def test_pending_papers_come_newest_first(index: Index, publish: Publish, papers: Sequence[Paper]) -> None:
    publish(papers)
    with index.writer(store="store") as writer:
        pending = [str(id) for id in writer.pending(name="better", limit=3)]
    assert pending == ["2603.00002", "2603.00001", "hep-th/9901001"]


def test_vectors_of_forgotten_encoders_go(
    index: Index, publish: Publish, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> None:
    publish(papers, encoders=[hashing("old"), hashing("new")])
    with index.writer(store="store") as writer:
        writer.keep_only(["new"])
        writer.publish(seq=1)
    assert index.snapshot().generation.encoders == {"new": 4}
    assert index.snapshot().vectors(hashing("old").encode(["x"])[0], encoder="old", k=1) == ()


def test_vectors_of_another_length_are_refused(
    index: Index, publish: Publish, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> None:
    publish(papers)
    with index.writer(store="store") as writer, pytest.raises(SearchError, match="shape"):
        writer.put_vectors(papers[:1], hashing(dim=32).encode(["x"]), encoder="hashing")


def test_deleted_index_can_be_made_again(index: Index, publish: Publish, papers: Sequence[Paper]) -> None:
    publish(papers)
    index.delete()
    with pytest.raises(StaleIndexError):
        index.snapshot()
    publish(papers)
    assert index.snapshot().generation.papers == 4


ENDLESS = """
from datetime import UTC, datetime
import numpy as np
from broadsheet.ids import PaperId
from broadsheet.model import Derived, Paper, Record

with index.writer(store="store") as writer:
    for seq in range(writer.seq + 1, 10**9):
        id = PaperId(f"2603.{seq:05}")
        paper = Paper(
            record=Record(id=id, title=f"Paper {seq}", source="test"),
            derived=Derived(title=f"Paper {seq}", abstract=""),
            added=datetime(2026, 3, 2, tzinfo=UTC),
            seq=seq,
        )
        writer.put([paper])
        writer.put_vectors([paper], np.eye(1, 64, dtype=np.float32), encoder="new")
        writer.publish(seq=seq)
        print(seq, flush=True)
"""

READING = """
import sys
print(index.snapshot().generation.papers, flush=True)
sys.stdin.readline()
print(index.snapshot().generation.papers, flush=True)
"""


def process(place: Place, code: str) -> subprocess.Popen[str]:
    """Another process that runs code with the test's index as ``index``."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{textwrap.dedent(place.code)}\n{code}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_writer_leaves_a_whole_generation_and_a_free_lock(
    index: Index, opener: Opener, place: Place
) -> None:
    for moment in (0.0, 0.02, 0.05):
        with process(place, ENDLESS) as writing:
            assert writing.stdout is not None
            told = int(writing.stdout.readline())
            time.sleep(moment)
            writing.send_signal(signal.SIGKILL)
            told = max([told, *(int(line) for line in writing.stdout.read().split())])
        index.verify()
        generation = opener().snapshot().generation
        # The last publication may have been done, but not yet told.
        assert generation.seq in {told, told + 1}
        assert generation.papers == generation.seq == generation.encoders["new"]
        assert len(ids(index, "paper")) == min(100, generation.papers)


def test_readers_in_other_processes_see_a_new_generation_at_once(
    place: Place, publish: Publish, paper: Make
) -> None:
    publish([paper("2603.00001", "One")])
    with process(place, READING) as reading:
        assert reading.stdin is not None
        assert reading.stdout is not None
        assert reading.stdout.readline() == "1\n"
        publish([paper("2603.00002", "Two")], seq=2)
        reading.stdin.write("\n")
        reading.stdin.flush()
        assert reading.stdout.readline() == "2\n"

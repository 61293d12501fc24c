from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from broadsheet.errors import BusyError, SearchError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index import manifest
from broadsheet.index.contract import Encoder, Words, text_of
from broadsheet.index.local import LocalIndex
from broadsheet.model import Paper

Publish = Callable[..., Any]
Make = Callable[..., Paper]


def ids(index: LocalIndex, *terms: str) -> list[str]:
    return [str(s.id) for s in index.snapshot().words(Words(terms=terms), k=100)]


def directory(index: LocalIndex) -> Path:
    return index._directory


def test_without_a_generation_the_error_says_how_to_make_one(index: LocalIndex) -> None:
    with pytest.raises(StaleIndexError, match="broadsheet index"):
        index.snapshot()


def test_generation_tells_where_it_stands(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers, seq=7)
    generation = index.snapshot().generation
    assert (generation.seq, generation.papers, generation.encoders) == (7, 4, {"hashing": 4})


def test_publishing_twice_is_publishing_once(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    publish(papers, seq=2)
    assert index.snapshot().generation.papers == 4
    assert ids(index, "tensor") == ["2603.00001", "2603.00002"]


def test_former_state_of_a_paper_is_no_longer_found(index: LocalIndex, publish: Publish, paper: Make) -> None:
    publish([paper("2603.00001", "Old words"), paper("2603.00002", "Others")])
    publish([paper("2603.00001", "New words")], seq=2)
    assert ids(index, "old") == []
    assert ids(index, "new") == ["2603.00001"]
    assert index.snapshot().generation.encoders == {"hashing": 2}


def test_paper_that_left_is_gone_from_words_and_vectors_and_can_return(
    index: LocalIndex, publish: Publish, paper: Make, hashing: Callable[..., Encoder]
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
    index: LocalIndex, publish: Publish, paper: Make, hashing: Callable[..., Encoder]
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
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    assert index.snapshot() is index.snapshot()


def test_what_was_not_published_is_not_there(index: LocalIndex, publish: Publish, paper: Make) -> None:
    publish([paper("2603.00001", "One")])
    with index.writer(store="store") as writer:
        writer.put([paper("2603.00002", "Two")])
    assert ids(index) == ["2603.00001"]
    publish([paper("2603.00003", "Three")], seq=2)
    assert sorted(ids(index)) == ["2603.00001", "2603.00003"]


def test_second_writer_is_told_that_the_index_is_busy(index: LocalIndex) -> None:
    with index.writer(store="store"):
        with pytest.raises(BusyError, match="locked"):
            LocalIndex(directory(index)).writer(store="store")
        with pytest.raises(BusyError):
            index.delete()
    index.writer(store="store").close()


def test_index_of_another_store_is_begun_anew_while_readers_keep_the_old_one(
    index: LocalIndex, publish: Publish, paper: Make
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
    index: LocalIndex, publish: Publish, paper: Make, hashing: Callable[..., Encoder]
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


def test_pending_papers_come_newest_first(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    with index.writer(store="store") as writer:
        pending = [str(id) for id in writer.pending(name="better", limit=3)]
    assert pending == ["2603.00002", "2603.00001", "hep-th/9901001"]


def test_vectors_of_forgotten_encoders_go(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> None:
    publish(papers, encoders=[hashing("old"), hashing("new")])
    with index.writer(store="store") as writer:
        writer.keep_only(["new"])
        writer.publish(seq=1)
    assert index.snapshot().generation.encoders == {"new": 4}
    assert index.snapshot().vectors(hashing("old").encode(["x"])[0], encoder="old", k=1) == ()


def test_vectors_of_another_length_are_refused(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> None:
    publish(papers)
    with index.writer(store="store") as writer, pytest.raises(SearchError, match="shape"):
        writer.put_vectors(papers[:1], hashing(dim=32).encode(["x"]), encoder="hashing")


def test_number_of_files_stays_small_over_many_publications(
    index: LocalIndex, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    encoder = hashing()
    with index.writer(store="store") as writer:
        for number in range(1, 22):
            batch = [paper(f"2603.{number:05}", f"Paper number {number}")]
            writer.put(batch)
            writer.put_vectors(batch, encoder.encode([text_of(batch[0])]), encoder="hashing")
            writer.publish(seq=number)
        writer.settle()
    newest = manifest.read(directory(index))
    assert len(newest.papers) <= 4
    assert len(newest.encoders["hashing"].parts) <= 4
    named = {file.name for file in newest.files()}
    generations = [p for p in directory(index).iterdir() if p.name.startswith("words-")]
    assert len(generations) <= 2
    assert all((directory(index) / name).is_file() for name in named)
    assert sorted(ids(index, "number")) == [f"2603.{n:05}" for n in range(1, 22)]
    index.verify()


def names(index: LocalIndex) -> list[str]:
    return [file.name for file in manifest.read(directory(index)).files()]


def test_any_missing_file_is_noticed_when_opened(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    for name in names(index):
        path = directory(index) / name
        path.rename(path.with_suffix(".away"))
        with pytest.raises(StaleIndexError, match="--rebuild"):
            LocalIndex(directory(index)).snapshot()
        path.with_suffix(".away").rename(path)
    LocalIndex(directory(index)).snapshot()


def test_any_cut_file_is_noticed_when_opened(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    for name in names(index):
        path = directory(index) / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1])
        with pytest.raises(StaleIndexError, match="--rebuild"):
            LocalIndex(directory(index)).snapshot()
        path.write_bytes(whole)


def test_any_flipped_bit_is_found_by_verification(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    for name in names(index):
        path = directory(index) / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(StaleIndexError, match=path.name):
            index.verify()
        path.write_bytes(whole)
    index.verify()


def test_flipped_bit_in_a_table_is_noticed_when_opened_and_the_next_writer_begins_anew(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    for name in names(index):
        if name.startswith("papers") or name.endswith("keys.npy"):
            path = directory(index) / name
            whole = path.read_bytes()
            path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            with pytest.raises(StaleIndexError, match="--rebuild"):
                LocalIndex(directory(index)).snapshot()
    with index.writer(store="store") as writer:
        assert writer.seq == 0
        writer.put(papers)
        writer.publish(seq=1)
    assert ids(index, "tensor") == ["2603.00001", "2603.00002"]


def test_damaged_words_never_break_anything_but_the_search(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    for name in names(index):
        if not name.startswith("words"):
            continue
        path = directory(index) / name
        whole = path.read_bytes()
        path.write_bytes(bytes(len(whole)))
        try:
            LocalIndex(directory(index)).snapshot().words(Words(terms=("tensor",)), k=9)
        except StaleIndexError as error:
            assert "--rebuild" in str(error)  # noqa: PT017 - a search that never needed the file may answer
        path.write_bytes(whole)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"make": "broadsheet-0", "sha256": "x"}'])
def test_damaged_manifest_is_noticed(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], damage: str
) -> None:
    publish(papers)
    index.snapshot()
    (directory(index) / manifest.NAME).write_text(damage)
    with pytest.raises(StaleIndexError, match="--rebuild"):
        index.snapshot()
    publish(papers, seq=1)  # the way out
    assert index.snapshot().generation.papers == 4


def test_one_changed_letter_in_the_manifest_is_noticed(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers, seq=17)
    path = directory(index) / manifest.NAME
    path.write_text(path.read_text().replace('"seq": 17', '"seq": 18'))
    with pytest.raises(StaleIndexError, match="damaged"):
        index.snapshot()


def test_deleted_index_can_be_made_again(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    index.delete()
    with pytest.raises(StaleIndexError):
        index.snapshot()
    publish(papers)
    assert index.snapshot().generation.papers == 4


def test_a_file_system_without_links_is_served_by_copies(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    publish(papers)
    publish(papers, seq=2)
    assert ids(index, "tensor") == ["2603.00001", "2603.00002"]


ENDLESS = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    import numpy as np
    from broadsheet.ids import PaperId
    from broadsheet.index.local import LocalIndex
    from broadsheet.model import Derived, Paper, Record

    index = LocalIndex(Path(sys.argv[1]))
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
            writer.put_vectors([paper], np.eye(1, 64, dtype=np.float32), encoder="e")
            writer.publish(seq=seq)
            print(seq, flush=True)
"""


def test_killed_writer_leaves_a_whole_generation_and_a_free_lock(index: LocalIndex) -> None:
    directory(index).mkdir()
    for moment in (0.0, 0.02, 0.05):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(ENDLESS), str(directory(index))],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        told = int(process.stdout.readline())
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        told = max([told, *(int(line) for line in process.stdout.read().split())])
        process.wait()
        process.stdout.close()
        index.verify()
        generation = LocalIndex(directory(index)).snapshot().generation
        # The last publication may have been done, but not yet told.
        assert generation.seq in {told, told + 1}
        assert generation.papers == generation.seq == generation.encoders["e"]
        assert len(ids(index, "paper")) == min(100, generation.papers)


def test_readers_in_other_processes_see_a_new_generation_at_once(
    index: LocalIndex, publish: Publish, paper: Make
) -> None:
    publish([paper("2603.00001", "One")])
    reading = """
        import sys, time
        from pathlib import Path
        from broadsheet.index.local import LocalIndex

        index = LocalIndex(Path(sys.argv[1]))
        print(index.snapshot().generation.papers, flush=True)
        sys.stdin.readline()
        print(index.snapshot().generation.papers, flush=True)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(reading), str(directory(index))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        publish([paper("2603.00002", "Two")], seq=2)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "2\n"


def test_index_of_a_former_make_keeps_its_vectors_and_gets_new_words(
    index: LocalIndex,
    publish: Publish,
    papers: Sequence[Paper],
    hashing: Callable[..., Encoder],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    former = max(manifest.SAME_VECTORS)
    with monkeypatch.context() as then:
        then.setattr(manifest, "MAKE", former)
        publish(papers)
    with pytest.raises(StaleIndexError, match=f"made by {former}, expected {manifest.MAKE}"):
        LocalIndex(index._directory).snapshot()
    with index.writer(store="store") as writer:
        assert writer.seq == 0
        assert writer.lacking(papers, name="hashing") == ()
        writer.put(papers[:2])
        halfway = writer.publish(seq=1)
        assert (halfway.papers, halfway.encoders) == (2, {"hashing": 2})
    with index.writer(store="store") as writer:
        writer.put(papers[2:])
        writer.publish(seq=2)
    index.verify()
    snapshot = index.snapshot()
    assert snapshot.generation.encoders == {"hashing": len(papers)}
    assert [str(s.id) for s in snapshot.words(Words(terms=("strings",)), k=5)] == ["hep-th/9901001"]
    query = hashing().encode(["Strings on curved backgrounds"])[0]
    assert str(snapshot.vectors(query, encoder="hashing", k=1)[0].id) == "hep-th/9901001"

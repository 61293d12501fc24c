from __future__ import annotations

import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from broadsheet.errors import StaleIndexError
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


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="asks Linux what is mapped")
def test_generation_that_nobody_reads_lets_go_of_its_files_without_waiting_for_the_collector(
    index: LocalIndex, publish: Publish, paper: Make
) -> None:
    gc.disable()
    try:
        for number in range(1, 5):
            publish([paper(f"2603.{number:05}", f"Paper number {number}")], seq=number)
            assert ids(index, "number")
        mapped = Path("/proc/self/maps").read_text().splitlines()
    finally:
        gc.enable()
    ours = [line for line in mapped if str(directory(index)) in line]
    assert ours
    assert [line for line in ours if line.endswith("(deleted)")] == []


def names(index: LocalIndex) -> list[str]:
    return [file.name for file in manifest.read(directory(index)).files()]


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


def test_a_file_system_without_links_is_served_by_copies(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    publish(papers)
    publish(papers, seq=2)
    assert ids(index, "tensor") == ["2603.00001", "2603.00002"]


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

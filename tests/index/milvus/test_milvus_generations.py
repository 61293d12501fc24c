"""What Milvus does its own way: versions of rows, epochs, what is kept and for how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tests.index.papers import different_papers, publishing

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.index.contract import Encoder, Words
from broadsheet.model import Paper

Make = Callable[..., Paper]
Opener = Callable[..., Any]


@pytest.fixture(scope="session")
def papers(paper: Make) -> list[Paper]:
    return different_papers(paper)


def rows(index: Any) -> int:
    engine = index._opened()
    name = next(n for n in engine.collections() if n.endswith("_papers"))
    return int(engine.count(name, ""))


def test_a_generation_answers_until_its_time_is_over_and_then_says_so(
    opener: Opener, paper: Make, hashing: Callable[..., Encoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([1000.0, 1005.0, 1020.0, 1021.0])
    index = opener(keep=10.0, clock=lambda: next(times))
    publish = publishing(index, hashing)
    publish([paper("2603.00001", "One")])
    first = index.snapshot()
    publish([paper("2603.00001", "Uno")], seq=2)
    assert rows(index) == 2  # both states
    assert [str(s.id) for s in first.words(Words(terms=("one",)), k=9)] == ["2603.00001"]
    publish([paper("2603.00002", "Two")], seq=3)  # fifteen seconds after the first ended
    assert rows(index) == 2  # "Uno" and "Two"
    later = first._opened + 6.0
    monkeypatch.setattr("broadsheet.index.milvus.snapshot.time.monotonic", lambda: later)
    with pytest.raises(StaleIndexError, match="no longer kept"):
        first.words(Words(terms=("uno",)), k=9)


def test_what_a_dead_writer_did_is_undone(
    opener: Opener, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    index = opener()
    publishing(index, hashing)([paper("2603.00001", "One"), paper("2603.00002", "Two")])
    writer = index.writer(store="store")
    writer.put([paper("2603.00001", "Uno"), paper("2603.00003", "Three")], [paper("2603.00002", "").id])
    writer.pending(name="hashing", limit=1)  # writes what waits
    writer.close()  # as the system does for a process that dies
    assert rows(index) == 4
    with index.writer(store="store") as next_writer:
        assert rows(index) == 2
        next_writer.put([paper("2603.00004", "Four")])
        assert next_writer.publish(seq=2).papers == 3
    found = [str(s.id) for s in index.snapshot().words(Words(), k=9)]
    assert found == ["2603.00001", "2603.00002", "2603.00004"]


def test_a_writer_stops_where_another_machine_published(
    opener: Opener, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    here, there = opener(), opener(lock="of another machine")
    publishing(here, hashing)([paper("2603.00001", "One")])
    with here.writer(store="store") as writer:
        writer.put([paper("2603.00002", "Two")])
        publishing(there, hashing)([paper("2603.00003", "Three")], seq=2)
        with pytest.raises(StaleIndexError, match="somebody else published generation 2"):
            writer.publish(seq=2)


def test_other_encoders_mean_another_epoch_while_readers_keep_the_old_one(
    opener: Opener, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    index = opener()
    publishing(index, hashing)([paper("2603.00001", "One")], seq=5)
    before = index.snapshot()
    other = opener(encoders={"other": 32})
    with other.writer(store="store") as writer:
        assert writer.seq == 0
        writer.put([paper("2603.00002", "Two")])
        writer.put_vectors(
            [paper("2603.00002", "Two")], hashing("other", dim=32).encode(["Two\n"]), encoder="other"
        )
        writer.publish(seq=1)
    assert other.snapshot().generation.encoders == {"other": 1}
    assert [str(s.id) for s in before.words(Words(), k=9)] == ["2603.00001"]
    with other.writer(store="store") as writer, pytest.raises(SearchError, match="room for vectors of other"):
        writer.put_vectors([paper("2603.00002", "Two")], hashing().encode(["Two"]), encoder="hashing")


def test_long_details_are_kept_whole(opener: Opener, papers: Sequence[Paper]) -> None:
    index = opener()
    long = bytes(range(256)) * 500  # 128,000 bytes
    with index.writer(store="store") as writer:
        writer.put(papers)
        writer.put_details(papers[:2], [long, b"short"], name="some")
        writer.publish(seq=1)
    first, second = index.snapshot().details_of([p.id for p in papers[:2]], name="some")
    assert (first.tobytes(), second.tobytes()) == (long, b"short")
    with index.writer(store="store") as writer:
        writer.put_details(papers[:1], [b"now short too"], name="some")
        writer.publish(seq=2)
    assert index.snapshot().details_of([papers[0].id], name="some")[0].tobytes() == b"now short too"


def test_missing_rows_are_found_by_verification_and_the_next_writer_begins_anew(
    opener: Opener, papers: Sequence[Paper], hashing: Callable[..., Encoder]
) -> None:
    index = opener()
    publishing(index, hashing)(papers)
    engine = index._opened()
    name = next(n for n in engine.collections() if n.endswith("_papers"))
    engine.delete(name, f"key == 'a{papers[0].id}'")
    with pytest.raises(StaleIndexError, match="has 3 papers in .*, expected 4; .*--rebuild"):
        index.verify()
    with index.writer(store="store") as writer:
        assert writer.seq == 0
        writer.put(papers)
        writer.publish(seq=1)
    index.verify()


def test_a_server_that_is_not_there_is_told_by_its_address(opener: Opener, tmp_path: Any) -> None:
    from broadsheet.index.milvus import MilvusIndex

    index = MilvusIndex("http://127.0.0.1:9", encoders={}, lock=tmp_path / "lock")
    with pytest.raises(SearchError, match="127.0.0.1:9"):
        index.snapshot()

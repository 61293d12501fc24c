from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.errors import SearchError
from broadsheet.ids import PaperId
from broadsheet.index import manifest
from broadsheet.index.contract import Snapshot, text_of
from broadsheet.index.local import LocalIndex
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper

Publish = Callable[..., Any]
Make = Callable[..., Paper]


def details(snapshot: Snapshot, *ids: PaperId, name: str = "bytes") -> list[bytes | None]:
    return [None if each is None else each.tobytes() for each in snapshot.details_of(ids, name=name)]


def test_details_come_in_the_order_asked_and_none_where_there_are_none(
    snapshot: LocalSnapshot, papers: Sequence[Paper]
) -> None:
    asked = (papers[3].id, PaperId("2603.09999"), papers[0].id)
    assert details(snapshot, *asked) == [text_of(papers[3]).encode(), None, text_of(papers[0]).encode()]
    assert details(snapshot, *asked, name="others") == [None, None, None]
    assert snapshot.details_of([], name="bytes") == ()
    assert snapshot.generation.details == {"bytes": 4}


def test_no_bytes_are_details_too(index: LocalIndex, paper: Make) -> None:
    papers = [paper("2603.00001", "One"), paper("2603.00002", "Two"), paper("2603.00003", "Three")]
    with index.writer(store="store") as writer:
        writer.put(papers)
        writer.put_details(papers[:2], [b"", b""], name="empty")
        assert writer.publish(seq=1).details == {"empty": 2}
    index.verify()
    assert details(index.snapshot(), *(p.id for p in papers), name="empty") == [b"", b"", None]


def test_details_are_those_of_the_present_text(index: LocalIndex, publish: Publish, paper: Make) -> None:
    publish([paper("2603.00001", "One"), paper("2603.00002", "Two"), paper("2603.00003", "Three")])
    same, other = paper("2603.00001", "One", categories=["cs.CL"]), paper("2603.00002", "Two, revised")
    with index.writer(store="store") as writer:
        assert writer.lacking([same, other], name="bytes") == (other,)
        writer.put([same, other], [PaperId("2603.00003")])
        assert writer.publish(seq=2).details == {"bytes": 1}
        assert writer.pending(name="bytes", limit=9) == (other.id,)
    snapshot = index.snapshot()
    assert details(snapshot, same.id, other.id, PaperId("2603.00003")) == [b"One\n", None, None]
    with index.writer(store="store") as writer:
        writer.put_details([other], [b"new"], name="bytes")
        writer.publish(seq=2)
        assert writer.pending(name="bytes", limit=9) == ()
    assert details(index.snapshot(), other.id) == [b"new"]
    assert details(snapshot, other.id) == [None]  # a snapshot keeps answering from its generation


def test_forgotten_details_go_and_their_files_with_them(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    with index.writer(store="store") as writer:
        writer.put_details(papers, [b"x"] * 4, name="kept")
        writer.keep_only(["kept"])
        writer.publish(seq=1)
        writer.publish(seq=2)
        writer.publish(seq=3)  # the generation before the newest is kept as well
    snapshot = index.snapshot()
    assert (snapshot.generation.encoders, snapshot.generation.details) == ({}, {"kept": 4})
    assert details(snapshot, papers[0].id) == [None]
    assert len(list(index._directory.glob("details-*-bytes.npy"))) == 1


def test_details_must_be_as_many_as_papers(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper]
) -> None:
    publish(papers)
    with index.writer(store="store") as writer, pytest.raises(SearchError, match="1 details for 2 papers"):
        writer.put_details(papers[:2], [b"x"], name="bytes")


def test_index_of_a_former_make_keeps_its_details(
    index: LocalIndex, publish: Publish, papers: Sequence[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(manifest, "MAKE", max(manifest.SAME_VECTORS))
        publish(papers)
    with index.writer(store="store") as writer:
        assert writer.lacking(papers, name="bytes") == ()
        writer.put(papers)
        writer.publish(seq=1)
    assert details(index.snapshot(), papers[2].id) == [text_of(papers[2]).encode()]


# Which papers are put in with another text, which get details, which leave, in each of some publications.
STEPS = st.lists(
    st.tuples(*[st.sets(st.integers(1, 6))] * 3),
    min_size=1,
    max_size=8,
)


@given(STEPS)
@settings(max_examples=25, deadline=None)
def test_after_any_changes_each_paper_has_what_was_made_of_its_text(
    paper: Make, steps: list[tuple[set[int], set[int], set[int]]]
) -> None:
    texts: dict[int, Paper] = {}
    expected: dict[int, bytes] = {}
    with TemporaryDirectory() as folder:
        index = LocalIndex(Path(folder) / "index")
        with index.writer(store="store") as writer:
            for seq, (put, made, gone) in enumerate(steps, 1):
                fresh = {n: paper(f"2603.0000{n}", f"Text {n} of {seq}") for n in put}
                leaving = gone - put
                writer.put(list(fresh.values()), [PaperId(f"2603.0000{n}") for n in leaving])
                texts = {n: p for n, p in (texts | fresh).items() if n not in leaving}
                expected = {n: e for n, e in expected.items() if n in texts and n not in fresh}
                given = {n: b"%d of %d" % (n, seq) * n for n in made & set(texts)}
                writer.put_details([texts[n] for n in given], list(given.values()), name="some")
                expected |= given
                generation = writer.publish(seq=seq)
                assert generation.details == {"some": len(expected)}
                found = details(
                    index.snapshot(), *(PaperId(f"2603.0000{n}") for n in range(1, 7)), name="some"
                )
                assert found == [expected.get(n) for n in range(1, 7)]
        index.verify()
        assert len(manifest.read(index._directory).details["some"].parts) <= 3

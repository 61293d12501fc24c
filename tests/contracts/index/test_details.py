"""Contract of the index: details of a second look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from broadsheet.errors import SearchError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Index, Snapshot, text_of
from broadsheet.model import Paper

Publish = Callable[..., Any]
Make = Callable[..., Paper]


def details(snapshot: Snapshot, *ids: PaperId, name: str = "bytes") -> list[bytes | None]:
    return [None if each is None else each.tobytes() for each in snapshot.details_of(ids, name=name)]


def test_details_come_in_the_order_asked_and_none_where_there_are_none(
    snapshot: Snapshot, papers: Sequence[Paper]
) -> None:
    asked = (papers[3].id, PaperId("2603.09999"), papers[0].id)
    assert details(snapshot, *asked) == [text_of(papers[3]).encode(), None, text_of(papers[0]).encode()]
    assert details(snapshot, *asked, name="others") == [None, None, None]
    assert snapshot.details_of([], name="bytes") == ()
    assert snapshot.generation.details == {"bytes": 4}


def test_no_bytes_are_details_too(index: Index, paper: Make) -> None:
    papers = [paper("2603.00001", "One"), paper("2603.00002", "Two"), paper("2603.00003", "Three")]
    with index.writer(store="store") as writer:
        writer.put(papers)
        writer.put_details(papers[:2], [b"", b""], name="empty")
        assert writer.publish(seq=1).details == {"empty": 2}
    index.verify()
    assert details(index.snapshot(), *(p.id for p in papers), name="empty") == [b"", b"", None]


def test_details_are_those_of_the_present_text(index: Index, publish: Publish, paper: Make) -> None:
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


def test_details_must_be_as_many_as_papers(index: Index, publish: Publish, papers: Sequence[Paper]) -> None:
    publish(papers)
    with index.writer(store="store") as writer, pytest.raises(SearchError, match="1 details for 2 papers"):
        writer.put_details(papers[:2], [b"x"], name="bytes")

"""Contract of the index: vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Filter, Index, Snapshot, Vectors, Words
from broadsheet.model import Paper

Hashing = Callable[..., Encoder]


def found(snapshot: Snapshot, query: Vectors, **asked: Any) -> list[str]:
    return [str(s.id) for s in snapshot.vectors(query, encoder="hashing", k=9, **asked)]


def test_nearest_come_first_with_their_cosine(
    snapshot: Snapshot, papers: Sequence[Paper], hashing: Hashing
) -> None:
    text = f"{papers[2].title}\n{papers[2].abstract}"
    first, *rest = snapshot.vectors(hashing().encode([text])[0], encoder="hashing", k=9)
    assert str(first.id) == "hep-th/9901001"
    assert first.score == pytest.approx(1, abs=5e-3)  # kept in 8 bits a dimension
    assert len(rest) == 3


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"filter": Filter(categories=("cs",))}, {"2603.00001", "2603.00002"}),
        ({"filter": Filter(until=date(2026, 3, 2))}, {"2603.00001", "hep-th/9901001"}),
        ({"words": Words(phrases=("message passing",))}, {"2603.00002"}),
        ({"words": Words(excluded=("tensor",))}, {"hep-th/9901001", "10.1145/3292500"}),
        (
            {"words": Words(terms=("branes",))},
            {"2603.00001", "2603.00002", "hep-th/9901001", "10.1145/3292500"},
        ),
        ({"words": Words(phrases=("branes",)), "filter": Filter(categories=("cs",))}, set()),
    ],
)
def test_filters_phrases_and_exclusions_bind_the_vectors_too(
    snapshot: Snapshot, hashing: Hashing, asked: dict[str, Any], ids: set[str]
) -> None:
    assert set(found(snapshot, hashing().encode(["tensor"])[0], **asked)) == ids


def test_nothing_is_near_to_nothing(snapshot: Snapshot, hashing: Hashing) -> None:
    assert found(snapshot, hashing().encode([""])[0]) == []
    assert snapshot.vectors(hashing().encode(["x"])[0], encoder="unknown", k=3) == ()


def test_vectors_of_ids_come_in_the_order_asked(
    snapshot: Snapshot, papers: Sequence[Paper], hashing: Hashing
) -> None:
    asked = [papers[3].id, PaperId("2603.09999"), papers[0].id]
    known, rows = snapshot.vectors_of(asked, encoder="hashing")
    assert known == (papers[3].id, papers[0].id)
    texts = [f"{p.title}\n{p.abstract}" for p in (papers[3], papers[0])]
    assert rows == pytest.approx(hashing().encode(texts), abs=2e-3)


def test_equal_vectors_are_in_order_of_ids(
    index: Index, publish: Callable[..., Any], paper: Callable[..., Paper], hashing: Hashing
) -> None:
    publish([paper(f"2603.0000{n}", "The same") for n in (3, 1, 2)])
    hits = index.snapshot().vectors(hashing().encode(["The same"])[0], encoder="hashing", k=2)
    assert [str(s.id) for s in hits] == ["2603.00001", "2603.00002"]

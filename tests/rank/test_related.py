"""Words that go with all words of a short query, from the table that ships and through a real index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper
from broadsheet.rank import senses
from broadsheet.rank.fuse import Fused
from broadsheet.rank.query import parse
from broadsheet.rank.related import Table, by_related, from_bytes, shipped, to_bytes

Make = Callable[..., Paper]
Indexed = Callable[..., LocalSnapshot]

TITLES = (
    "Non-negative tensor factorization",
    "Low-rank matrix decomposition",
    "Tensor fields of inflation",
    "Bananas and how they ripen",
)


def near(snapshot: LocalSnapshot, text: str) -> Vectors | None:
    query = senses.read(snapshot, parse(text, today=date(2026, 3, 31)))
    hits = [Fused(PaperId(f"2603.{n:05}"), 0.5, 0.5) for n in range(len(TITLES))]
    return by_related(snapshot, query, hits)


@pytest.fixture
def snapshot(indexed: Indexed, paper: Make) -> LocalSnapshot:
    return indexed([paper(f"2603.{n:05}", title) for n, title in enumerate(TITLES)])


def test_words_that_go_with_all_of_the_query_tell_and_a_paper_with_every_word_needs_none(
    snapshot: LocalSnapshot,
) -> None:
    found = near(snapshot, "tensor factorization")
    assert found is not None
    whole, related, half, none = found.tolist()
    assert whole == 1
    assert related > half >= none == 0


@pytest.mark.parametrize(
    "typed",
    [
        "tensor",
        '"tensor factorization"',
        "tensor factorization of brain activity",
        "tensor AND factorization",
        "tensor xyzzyplugh",
        "tensor cat:cs.LG",
        "",
    ],
)
def test_other_queries_are_left_alone(snapshot: LocalSnapshot, typed: str) -> None:
    assert near(snapshot, typed) is None


def test_many_papers_with_every_word_need_no_other_words(indexed: Indexed, paper: Make) -> None:
    many = [paper(f"2603.{n:05}", f"Tensor factorization {n}") for n in range(101)]
    assert near(indexed(many[:100]), "tensor factorization") is not None
    assert near(indexed(many), "tensor factorization") is None


def test_what_goes_with_only_one_of_the_words_is_not_related(table: Table) -> None:
    assert list(table.related(["a"])) == ["x", "y"]
    assert list(table.related(["a", "b"])) == ["y"]
    assert table.related(["a", "unknown"]) == {}
    assert table.related([]) == {}


def test_a_table_is_read_back_as_it_was_written(table: Table) -> None:
    data = to_bytes(table, facts={"papers": "none"})
    again = from_bytes(data, name="t.npz")
    assert dict(again.places) == dict(table.places)
    for stems in (["a"], ["a", "b"], ["b"]):
        assert again.related(stems) == pytest.approx(dict(table.related(stems)))
    for damaged in (b"", b"PK", data[:-40]):
        with pytest.raises(InputError, match=r"t\.npz"):
            from_bytes(damaged, name="t.npz")


def test_related_words_are_not_those_of_one_word_alone() -> None:
    words = list(shipped().related(["tensor", "factor"]))
    assert {"matrix", "low", "order"} <= set(words)
    assert not {"confound", "inflat"} & set(words)
    assert not {"tensor", "factor"} & set(words)


@pytest.fixture
def table() -> Table:
    """``a`` brings x and y with it, ``b`` y and z."""
    return Table(
        places={"a": 0, "b": 1, "x": 2, "y": 3, "z": 4},
        shares=np.array([0.1, 0.1, 0.02, 0.01, 0.01], dtype=np.float32),
        starts=np.array([0, 2, 4, 4, 4, 4]),
        beside=np.array([2, 3, 3, 4], dtype=np.uint16),
        lifts=np.array([60, 60, 60, 60], dtype=np.uint8),
    )

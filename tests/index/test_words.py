from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from broadsheet.index import fields
from broadsheet.index.contract import Filter, Words
from broadsheet.index.local import LocalIndex
from broadsheet.index.queries import Queries
from broadsheet.model import Paper

ALL = {"2603.00001", "2603.00002", "hep-th/9901001", "10.1145/3292500"}


def test_of_neighbours_in_very_many_papers_only_the_rarest_are_looked_for() -> None:
    asked = Words(terms=("graph", "neural", "network"))

    def pairs(frequency: Callable[[str], int] | None) -> list[str]:
        query = repr(Queries(fields.schema(), frequency=frequency).ranked(asked, Filter()))
        return [
            two for two in ("graph.*neural", "neural.*network") if re.search(f"PhraseQuery[^}}]*{two}", query)
        ]

    assert pairs(None) == pairs(lambda _: 50_000) == ["graph.*neural", "neural.*network"]
    many = {"graph": 60_000, "neural": 300_000, "network": 500_000}
    assert pairs(many.__getitem__) == ["graph.*neural"]


def test_abbreviation_is_no_formula(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish([paper("2603.00001", "One", "Where x y stand."), paper("2603.00002", "Two")])

    def score(*terms: str) -> float:
        return index.snapshot().words(Words(terms=terms), k=1)[0].score

    assert score("x<y") > score("x", "y")
    assert score("x.y.,") == pytest.approx(score("x", "y"))


def test_neighbours_count_twice_as_much_in_a_text_of_more_than_twenty_words(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish(
        [
            paper("2603.00001", "One", "Of neural graph lore."),
            paper("2603.00002", "Two", "Of graph neural lore."),
        ]
    )

    def lead(*terms: str) -> float:
        first, second = index.snapshot().words(Words(terms=terms), k=2)
        assert str(first.id) == "2603.00002"
        return first.score - second.score

    others = [f"absent{n}" for n in range(19)]
    assert lead("graph", "neural", *others) == pytest.approx(2 * lead("graph", "neural", *others[1:]))


def test_long_text_is_looked_for_among_authors_too(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper]
) -> None:
    publish([paper("2603.00001", "One"), paper("2603.00002", "Two", authors=["Ada Castro"])])
    asked = Words(terms=("castro", *(f"absent{n}" for n in range(25))))
    assert [str(each.id) for each in index.snapshot().words(asked, k=9)] == ["2603.00002"]
    assert index.snapshot().count(asked) == 1

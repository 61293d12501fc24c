from __future__ import annotations

import re
from collections.abc import Callable

from broadsheet.index import fields
from broadsheet.index.contract import Filter, Words
from broadsheet.index.queries import Queries

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

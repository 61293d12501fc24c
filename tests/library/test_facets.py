"""What the best hits are, counted by hand."""

from __future__ import annotations

from collections.abc import Callable

from broadsheet.library.facets import count_facets
from broadsheet.library.shapes import facets_shape
from broadsheet.model import Paper, PaperType


def test_facets_count_papers_and_put_the_most_common_first(paper: Callable[..., Paper]) -> None:
    papers = [
        paper("2601.00001", "A", categories=("cs.LG", "stat.ML"), day="2026-01-30", code=True),
        paper("2601.00002", "B", categories=("cs.CL", "cs.LG", "cs.LG"), day="2026-03-02"),
        paper("2601.00003", "C", categories=("cs.CL",), day="2025-12-01", type=PaperType.SURVEY),
        paper("2601.00004", "D", categories=("cs.LG",), day=None),
    ]
    assert facets_shape(count_facets(papers)) == {
        "hits": 4,
        "categories": {"cs.LG": 3, "cs.CL": 2, "stat.ML": 1},
        "types": {"method": 3, "survey": 1},
        "code": 1,
        "years": {"2026": 2, "2025": 1},
        "months": {"2026-03": 1, "2026-01": 1, "2025-12": 1},
    }


def test_no_hits_have_no_facets() -> None:
    assert count_facets([]).hits == 0

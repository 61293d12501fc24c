"""Count what the best hits of a search are. Knows papers, no query and no ranking."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, TypeVar

from broadsheet.library.views import Facets
from broadsheet.model import LinkKind, Paper

T = TypeVar("T", bound=str)

# The best so many hits are counted. Nearly every paper has one of a query's words, so counts of all that
# match would say what the archive is, not what answers.
FACETED: Final = 100

_CATEGORIES: Final = 8
_MONTHS: Final = 12
_YEARS: Final = 8


def count_facets(papers: Sequence[Paper]) -> Facets:
    """The categories, types, code, years and months of papers, counted."""
    days = [day.isoformat() for paper in papers if (day := _day(paper)) is not None]
    return Facets(
        hits=len(papers),
        categories=_counted(c for p in papers for c in dict.fromkeys(p.record.categories))[:_CATEGORIES],
        types=_counted(paper.derived.type for paper in papers),
        code=sum(any(link.kind is LinkKind.CODE for link in paper.derived.links) for paper in papers),
        years=_newest(day[:4] for day in days)[:_YEARS],
        months=_newest(day[:7] for day in days)[:_MONTHS],
    )


def _day(paper: Paper) -> date | None:
    """The day that a filter by date goes by."""
    return paper.day or (paper.record.published.date() if paper.record.published else None)


def _counted(values: Iterable[T]) -> tuple[tuple[T, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda each: (-each[1], each[0])))


def _newest(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), reverse=True))

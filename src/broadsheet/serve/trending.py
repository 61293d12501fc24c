"""Trending: what readers here and elsewhere did with the papers of a day, a week, a month; and what is expected."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import InputError
from broadsheet.library import Library
from broadsheet.library.views import Reason, Trend
from broadsheet.rank.trending import Score
from broadsheet.serve import view
from broadsheet.serve.site import Site

SHOWN: Final = 40
SPANS: Final = {"day": timedelta(0), "week": timedelta(days=6), "month": timedelta(days=29)}
_ONE: Final = {"votes": "vote", "saves": "save", "comments": "comment", "reads": "reading"}
_MANY: Final = {**{kind: kind for kind in _ONE}, "reads": "readings"}


def page(site: Site, request: Request) -> Response:
    """The most trending papers of the last day, week or month that has editions."""
    by = span_of(request)
    found = trends(site.library, by)[:SHOWN]
    papers = site.library.papers(trend.id for trend in found)
    desk = site.desk(request)
    away, standings = desk.away(), desk.standings(papers)
    cards = [
        view.card(papers[trend.id], standings=standings, why=Reason("trending", why(trend.score)))
        for trend in found
        if trend.id in papers and trend.id not in away
    ]
    return site.press.page(
        request,
        "trending.html",
        {"cards": cards, "by": by, "spans": list(SPANS), "texts": view.texts_of(papers.values())},
    )


def trends(library: Library, by: str) -> tuple[Trend, ...]:
    """The trends of the span that ends with the latest edition."""
    latest: date | None = library.latest()
    return library.trending(latest - SPANS[by], latest) if latest else ()


def span_of(request: Request) -> str:
    """The span that is asked for; a week where none is. Raises InputError."""
    by = request.query_params.get("by", "") or "week"
    if by not in SPANS:
        raise InputError(f"no such span: {by!r}; expected {', '.join(SPANS)}")
    return by


def why(score: Score) -> str:
    """The parts of a score in words: what came, and what it is worth now."""
    parts = []
    for part in score.parts:
        count = round(part.count)
        parts.append(f"{count:,} {_ONE[part.kind] if count == 1 else _MANY[part.kind]}")
    return f"{', '.join(parts)}; worth {score.value:.1f} by now"

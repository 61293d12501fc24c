"""Trending: what readers here and elsewhere did with the papers of a day, a week, a month; and what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import InputError
from broadsheet.library import Library
from broadsheet.library.views import Reason, Trend
from broadsheet.rank.trending import Score
from broadsheet.serve import view
from broadsheet.serve.press import plural
from broadsheet.serve.site import Site
from broadsheet.store.counters import Told

SHOWN: Final = 40
SPANS: Final = {"day": timedelta(0), "week": timedelta(days=6), "month": timedelta(days=29)}
# One of what readers here do.
_HERE: Final = {"votes": "vote", "saves": "save", "comments": "comment", "reads": "reading"}


def page(site: Site, request: Request) -> Response:
    """The most trending papers of the last day, week or month that has editions."""
    by = span_of(request)
    found = trends(site.library, by)[:SHOWN]
    papers = site.library.papers(trend.id for trend in found)
    desk = site.desk(request)
    counters = site.library.counters()
    away, standings = desk.away(), desk.standings(papers)
    cards = [
        view.card(papers[trend.id], standings=standings, why=Reason("trending", why(trend.score, counters)))
        for trend in found
        if trend.id in papers and trend.id not in away
    ]
    return site.press.page(
        request,
        "trending.html",
        {
            "cards": cards,
            "by": by,
            "spans": list(SPANS),
            "counters": [told.counter for told in counters.values()],
            "texts": view.texts_of(papers.values()),
        },
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


def unit_of(kind: str, counters: Mapping[str, Told]) -> tuple[str, str]:
    """What one of a part is, and where it was counted: "upvote", "Hugging Face"; "" for what was done here."""
    told = counters.get(kind)
    return (told.counter.unit, told.counter.label) if told else (_HERE.get(kind, kind), "")


def why(score: Score, counters: Mapping[str, Told]) -> str:
    """The parts of a score in words: what came, and what each of them and all are worth now."""
    parts = []
    for part in score.parts:
        unit, where = unit_of(part.kind, counters)
        said = plural(round(part.count), unit) + (f" on {where}" if where else "")
        parts.append(f"{said} ({part.value:.1f})" if len(score.parts) > 1 else said)
    return f"{', '.join(parts)}; worth {score.value:.1f} by now"

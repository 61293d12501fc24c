"""What a day's papers can expect: how likely each comes onto the list of noted papers, and what says so."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import NotFoundError
from broadsheet.library.expectations import Expected
from broadsheet.library.views import Reason
from broadsheet.rank.expected import Forecast
from broadsheet.serve import parameters, view
from broadsheet.serve.site import Site

SHOWN: Final = 30
LIKE: Final = 3  # earlier papers named beside each of the first
EXPLAINED: Final = 10  # papers with earlier ones beside them


def page(site: Site, request: Request) -> Response:
    """The papers of a day, the most expected first, before anybody has voted."""
    asked = request.query_params.get("day", "")
    day = parameters.day(asked) if asked else site.library.latest()
    found = site.library.expected(day, limit=SHOWN) if day else ()
    if day is None or not found:
        raise NotFoundError(
            f"nothing is expected of {day or 'an empty archive'}: no new papers of the fields that it was learnt from"
        )
    desk = site.desk(request)
    away, standings = desk.away(), desk.standings(each.paper.id for each in found)
    entries = [
        (
            view.card(each.paper, standings=standings, why=Reason("expected", why(each.forecast)), day=day),
            _earlier(site, each) if number < EXPLAINED else [],
        )
        for number, each in enumerate(found)
        if each.paper.id not in away
    ]
    return site.press.page(
        request,
        "expected.html",
        {
            "day": day,
            "entries": entries,
            "texts": view.texts_of(each.paper for each in found),
        },
    )


def why(forecast: Forecast) -> str:
    """A forecast in words: how likely, by the paper alone, and what moved it most."""
    parts = [f"{forecast.said} like this came onto the list"]
    if abs(forecast.probability - forecast.without_authors) >= 0.02:
        parts.append(f"{forecast.without_authors:.0%} by the paper alone")
    if forecast.reasons:
        parts.append("for " + ", ".join(reasons(forecast)))
    return "; ".join(parts)


def reasons(forecast: Forecast) -> list[str]:
    """What moved a forecast most, each with its factor on the odds."""
    return [f"{reason.said} ×{reason.factor:.1f}" for reason in forecast.reasons]


def _earlier(site: Site, each: Expected) -> list[tuple[str, str, int | None]]:
    """Earlier papers like one, with what they got: address, title, votes."""
    found = site.library.precedents(each.paper, among=4 * LIKE)[:LIKE]
    return [(view.paper_url(paper.id), paper.title, paper.votes) for paper in found]

"""The API that ``huggingface_hub`` speaks, so that its client and ``hf papers`` read this site unchanged.

Knows what is listed, in which order and how to page it; the shapes are ``hf_shapes``'.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme, parse_versioned
from broadsheet.library import Library
from broadsheet.library.views import Trend
from broadsheet.model import AnnounceKind, Paper
from broadsheet.serve import cursors, hf_shapes, parameters
from broadsheet.serve.site import Site

LISTED, MOST_LISTED = 50, 100  # papers an answer, as at the real service
FOUND, MOST_FOUND = 20, 120
LONGEST_QUERY = 250
LAST_PAGE = 100_000
RECENT = timedelta(days=30)  # what trends where no day, week or month is named
SORTS = ("publishedAt", "trending")


def daily_papers(site: Site, request: Request) -> Response:
    """The papers of a day, a week, a month or of all editions, newest edition first, or most trending first."""
    asked = request.query_params
    number = parameters.whole(asked.get("p", ""), name="p", least=0, most=LAST_PAGE, otherwise=0)
    limit = parameters.whole(
        asked.get("limit", ""), name="limit", least=1, most=MOST_LISTED, otherwise=LISTED
    )
    sort = asked.get("sort") or SORTS[0]
    if sort not in SORTS:
        raise InputError(f"not an order: {sort!r}; expected one of: {', '.join(SORTS)}")
    span = _span(asked)
    start = number * limit
    if submitter := asked.get("submitter"):
        listed = iter(_submitted(site.library, submitter, span)[start:])
    else:
        listed = _listed(site.library, span, trending=sort == "trending", offset=start)
    ids = list(islice(listed, limit + 1))
    papers = site.library.papers(ids[:limit])
    return JSONResponse(
        hf_shapes.wrapped(site.library, [papers[id] for id in ids[:limit] if id in papers]),
        headers=_next(site, request, p=number + 1) if len(ids) > limit else None,
    )


def search(site: Site, request: Request) -> Response:
    """The papers that answer a query, best first; those of an id or a link are that paper alone."""
    asked = request.query_params
    limit = parameters.whole(asked.get("limit", ""), name="limit", least=1, most=MOST_FOUND, otherwise=FOUND)
    query = asked.get("q", "").strip()
    if len(query) > LONGEST_QUERY:
        raise InputError(f"the query has {len(query)} letters; at most {LONGEST_QUERY} are read")
    named = _named(site.library, query)
    papers = [named] if named else [hit.paper for hit in site.library.search(query, limit=limit).hits]
    return JSONResponse(hf_shapes.wrapped(site.library, papers))


def papers(site: Site, request: Request) -> Response:
    """Every paper, by the day it was first announced, newest first; ``Link`` leads on."""
    asked = request.query_params
    limit = parameters.whole(
        asked.get("limit", ""), name="limit", least=1, most=MOST_LISTED, otherwise=LISTED
    )
    found = site.library.newest(before=cursors.read_place(asked.get("cursor", "")), limit=limit + 1)
    shown = found[:limit]
    more = _next(site, request, cursor=cursors.write_place(shown[-1])) if len(found) > limit else None
    kept_out = site.library.kept_out()
    return JSONResponse(
        hf_shapes.flat(site.library, [p for p in shown if p.id not in kept_out]), headers=more
    )


def paper(site: Site, request: Request) -> Response:
    """One paper, flat. Raises NotFoundError."""
    held = _held(site, request)
    (shape,) = hf_shapes.flat(site.library, [held])
    for kind, linked in hf_shapes.repos(held).items():
        shape |= {f"linked{kind.capitalize()}": linked, f"numTotal{kind.capitalize()}": len(linked)}
    return JSONResponse(shape)


def repos(site: Site, request: Request) -> Response:
    """The Hub repositories that a paper's text links to. Raises NotFoundError."""
    return JSONResponse(hf_shapes.repos(_held(site, request)))


# -- what is listed


def _listed(
    library: Library, span: tuple[date | None, date | None], *, trending: bool, offset: int
) -> Iterator[PaperId]:
    """The new papers of the editions of a span, from ``offset`` on; days that are passed over are not set."""
    start, end = span
    first: Sequence[Trend] = ()
    if trending:
        end = end or library.latest()
        if end is None:
            return
        start = start or end - RECENT
        first = library.trending(start, end)
    yield from (trend.id for trend in first[offset:])
    offset = max(offset - len(first), 0)
    hidden = library.papers(library.kept_out())
    passed = {trend.id for trend in first} | set(hidden)
    # How many of each day are not to be listed again, or at all.
    fewer = Counter(trend.day for trend in first)
    fewer.update(day for paper in hidden.values() for day in _new_on(paper))
    for count in reversed(library.days(start, end)):
        if offset >= count.new - fewer[count.day]:
            offset -= count.new - fewer[count.day]
            continue
        rest = [id for id in _new_of(library, count.day) if id not in passed]
        yield from rest[offset:]
        offset = 0


def _new_of(library: Library, day: date) -> list[PaperId]:
    """The new papers of a day in the order of its edition, without what its editor took from other days."""
    edition = library.edition(day)
    pinned = library.papers(entry.id for entry in edition.leads if entry.reason.kind == "editor")
    other = {id for id, paper in pinned.items() if day not in _new_on(paper)}
    entries = (*edition.leads, *(entry for section in edition.sections for entry in section.entries))
    return [entry.id for entry in entries if entry.id not in other]


def _new_on(paper: Paper) -> list[date]:
    return [a.day for a in paper.record.announcements if a.kind is AnnounceKind.NEW]


def _submitted(library: Library, name: str, span: tuple[date | None, date | None]) -> list[PaperId]:
    """What somebody submitted, of the editions of a span, newest first."""
    start, end = span[0] or date.min, span[1] or date.max
    papers = library.papers(library.commons.submitted_by(name)).values()
    found = [(paper.day, paper.id) for paper in papers if paper.day and start <= paper.day <= end]
    return [id for _, id in sorted(found, reverse=True)]


def _span(asked: Mapping[str, str]) -> tuple[date | None, date | None]:
    """First and last day asked for; None: no end on that side. Raises InputError."""
    named = {name: text for name in ("date", "week", "month") if (text := asked.get(name))}
    if len(named) > 1:
        raise InputError(f"got {' and '.join(named)}; expected only one of date, week and month")
    for name, text in named.items():
        try:
            if name == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", text):
                return date.fromisoformat(text), date.fromisoformat(text)
            if name == "week" and (week := re.fullmatch(r"(\d{4})-W(\d\d)", text)):
                monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
                return monday, monday + timedelta(days=6)
            if name == "month" and (month := re.fullmatch(r"(\d{4})-(\d\d)", text)):
                first = date(int(month[1]), int(month[2]), 1)
                return first, first.replace(day=monthrange(first.year, first.month)[1])
        except (ValueError, OverflowError):
            pass  # the right form, but no such day
        raise InputError(f"not a {name}: {text!r}; expected e.g. {_EXAMPLES[name]!r}")
    return None, None


_EXAMPLES = {"date": "2026-03-17", "week": "2026-W12", "month": "2026-03"}


def _named(library: Library, query: str) -> Paper | None:
    try:
        id, _ = parse_versioned(query)
    except InputError:
        return None
    held = None if id.scheme is Scheme.OWN else library.papers([id]).get(id)
    return None if held is None or held.id in library.kept_out() else held


def _held(site: Site, request: Request) -> Paper:
    return site.library.shown(PaperId.parse(request.path_params["id"]))


def _next(site: Site, request: Request, **more: object) -> dict[str, str]:
    query = urlencode(dict(request.query_params) | {name: str(value) for name, value in more.items()})
    return {"Link": f'<{site.absolute(request, request.url.path)}?{query}>; rel="next"'}

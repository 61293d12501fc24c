"""The API that ``huggingface_hub`` speaks, so that its client and ``hf papers`` read this site unchanged.

What we do not know (submitters, comments, organisations, stars) is null or empty. The client's parsing
has its ways, which decide some of the shapes here: its datetimes end in ``Z``, it reads some fields at
the top level alone, and takes a nested 0 for nothing. Knows no page.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme, parse_versioned
from broadsheet.library import Library
from broadsheet.library.views import Trend
from broadsheet.model import LinkKind, Paper
from broadsheet.serve import cursors, parameters, view
from broadsheet.serve.site import Site
from broadsheet.text.keyphrases import extract

Json = dict[str, Any]

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
    if asked.get("submitter"):
        return JSONResponse([])  # nobody submits papers here yet
    listed = _listed(site.library, span, trending=sort == "trending", offset=number * limit)
    ids = list(islice(listed, limit + 1))
    papers = site.library.papers(ids[:limit])
    return JSONResponse(
        [_wrapped(papers[id]) for id in ids[:limit] if id in papers],
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
    papers = (named,) if named else (hit.paper for hit in site.library.search(query, limit=limit).hits)
    return JSONResponse([_wrapped(paper) for paper in papers])


def papers(site: Site, request: Request) -> Response:
    """Every paper, by the day it was first announced, newest first; ``Link`` leads on."""
    asked = request.query_params
    limit = parameters.whole(
        asked.get("limit", ""), name="limit", least=1, most=MOST_LISTED, otherwise=LISTED
    )
    found = site.library.newest(before=cursors.read_place(asked.get("cursor", "")), limit=limit + 1)
    shown = found[:limit]
    more = _next(site, request, cursor=cursors.write_place(shown[-1])) if len(found) > limit else None
    return JSONResponse([_flat(paper) for paper in shown], headers=more)


def paper(site: Site, request: Request) -> Response:
    """One paper, flat. Raises NotFoundError."""
    held = _held(site, request)
    repos = _repos(held)
    shape = _flat(held)
    for kind, linked in repos.items():
        shape |= {f"linked{kind.capitalize()}": linked, f"numTotal{kind.capitalize()}": len(linked)}
    return JSONResponse(shape)


def repos(site: Site, request: Request) -> Response:
    """The Hub repositories that a paper's text links to. Raises NotFoundError."""
    return JSONResponse(_repos(_held(site, request)))


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
    ahead = Counter(trend.day for trend in first)
    known = {trend.id for trend in first}
    for count in reversed(library.days(start, end)):
        if offset >= count.new - ahead[count.day]:
            offset -= count.new - ahead[count.day]
            continue
        edition = library.edition(count.day)
        entries = (*edition.leads, *(entry for section in edition.sections for entry in section.entries))
        rest = [entry.id for entry in entries if entry.id not in known]
        yield from rest[offset:]
        offset = 0


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
    return None if id.scheme is Scheme.OWN else library.papers([id]).get(id)


def _held(site: Site, request: Request) -> Paper:
    return site.library.known(PaperId.parse(request.path_params["id"]))


def _next(site: Site, request: Request, **more: object) -> dict[str, str]:
    query = urlencode(dict(request.query_params) | {name: str(value) for name, value in more.items()})
    return {"Link": f'<{site.absolute(request, request.url.path)}?{query}>; rel="next"'}


# -- shapes


def _paper(paper: Paper) -> Json:
    """What wrapped and flat papers have in common."""
    record, derived = paper.record, paper.derived
    code = [link.url for link in derived.links if link.kind is LinkKind.CODE]
    listed = datetime.combine(paper.day, time(), UTC) if paper.day else None
    return {
        "id": str(paper.id),
        "authors": [
            {"_id": f"{paper.id}:{place}", "name": author.name, "hidden": False}
            for place, author in enumerate(record.authors)
        ],
        "publishedAt": _stamp(record.published),
        "submittedOnDailyAt": _stamp(listed),
        "title": paper.title,
        "submittedOnDailyBy": _submitter(),
        "summary": paper.abstract,
        "source": "arxiv" if paper.id.scheme is Scheme.ARXIV else record.source,
        "upvotes": paper.votes,
        "discussionId": None,
        "projectPage": next((k.url for k in derived.links if k.kind is LinkKind.PROJECT), None),
        "githubRepo": next((url for url in code if _is_at(url, "github.com")), None),
        "githubStars": None,
        "ai_summary": derived.gist or None,
        "ai_keywords": list(derived.keyphrases or extract(paper.title, paper.abstract)),
        "organization": None,
    }


# The client reads these at the top level of a wrapper alone; ``upvotes`` there too, where it is 0.
_REPEATED = (
    "title summary source upvotes submittedOnDailyAt submittedOnDailyBy projectPage githubRepo githubStars "
    "ai_summary ai_keywords organization"
).split()


def _wrapped(paper: Paper) -> Json:
    """A paper as lists have it. The outer ``publishedAt`` is when it was listed here."""
    inner = _paper(paper)
    # The client takes the outer one for the inner where that is missing; it finds ``submittedOnDailyAt`` as well.
    listed = inner["submittedOnDailyAt"] if inner["publishedAt"] else None
    return {
        "paper": inner,
        **{name: inner[name] for name in _REPEATED},
        "publishedAt": listed,
        "mediaUrls": [],
        "thumbnail": None,
        "numComments": 0,
        "submittedBy": _submitter(),
        "isAuthorParticipating": False,
    }


def _flat(paper: Paper) -> Json:
    return {**_paper(paper), "numComments": 0}


def _submitter() -> Json | None:
    """Who put a paper on the list: nobody until there are accounts.

    Then both of the client's spellings and the service's: ``user`` and ``name``, ``avatarUrl`` and ``avatar``.
    """
    return None


def _repos(paper: Paper) -> dict[str, list[Json]]:
    """The repositories of the Hub among a paper's links, by kind."""
    found: dict[str, list[Json]] = {"models": [], "datasets": [], "spaces": []}
    for link in paper.derived.links:
        parts = link.url.split("://")[-1].split("?")[0].split("#")[0].strip("/").split("/")[1:]
        if not _is_at(link.url, "huggingface.co", "hf.co") or len(parts) < 2:
            continue
        kind = parts.pop(0) if parts[0] in found else "models"
        if len(parts) >= 2 and (kind != "models" or link.kind is LinkKind.MODEL):
            repo = {"id": f"{parts[0]}/{parts[1]}"}
            if repo not in found[kind]:
                found[kind].append(repo)
    return found


def _is_at(url: str, *hosts: str) -> bool:
    return view.host(url).lower() in hosts


def _stamp(at: datetime | None) -> str | None:
    """A moment as the client reads it; the form has no place for a year or a month alone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z" if at else None

"""What can be asked of API v1, on one screen. Knows the library and its shapes; errors are ``problems``'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query

from broadsheet import __version__
from broadsheet.errors import NotFoundError
from broadsheet.library import shapes
from broadsheet.library.beginnings import authors_named
from broadsheet.library.trends import HALF_LIFE
from broadsheet.model import Aspect, DayCount, MarkKind, Paper, author_key
from broadsheet.rank.trending import Part
from broadsheet.serve import cursors
from broadsheet.serve.api import models
from broadsheet.serve.api.asked import LAST, Asked, Cursor, Here, Id, Limit, Own, id_of
from broadsheet.serve.parameters import StrictDay
from broadsheet.serve.site import Site
from broadsheet.serve.trending import unit_of
from broadsheet.store.counters import Told

Json = dict[str, Any]
T = TypeVar("T")

router = APIRouter()


@router.get("/", response_model=models.About, tags=["archive"])
def about(site: Here) -> Json:
    """What answers, and what it stands on."""
    generation, latest = site.library.generation(), site.library.latest()
    return {
        "name": site.press.title,
        "version": __version__,
        "papers": site.library.count(),
        "latest": latest.isoformat() if latest else None,
        "generation": generation.number if generation else None,
        "changes": site.library.state()[0],
    }


@router.get("/editions", response_model=models.EditionDays, tags=["editions"])
def editions(
    site: Here,
    since: Annotated[StrictDay | None, Query(examples=["2026-03-01"])] = None,
    until: Annotated[StrictDay | None, Query(examples=["2026-03-31"])] = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Json:
    """The editions there are, newest first, with how many papers each has."""
    last = cursors.read_day(cursor)
    days: Sequence[DayCount] = [d for d in site.library.days(since, until) if last is None or d.day < last]
    shown = days[::-1][:limit]
    return {
        "editions": [
            {
                "day": d.day.isoformat(),
                "new": d.new,
                "cross": d.cross,
                "replaced": d.replaced,
                "featured": d.featured,
            }
            for d in shown
        ],
        "next": cursors.write(shown[-1].day.isoformat()) if len(days) > limit else None,
    }


@router.get("/editions/latest", response_model=models.Edition, tags=["editions"])
def latest_edition(site: Here) -> Json:
    """The newest edition."""
    day = site.library.latest()
    if day is None:
        raise NotFoundError("the archive holds no editions yet")
    return _edition(site, day)


@router.get("/editions/{day}", response_model=models.Edition, tags=["editions"])
def edition(site: Here, day: Annotated[StrictDay, Path(examples=["2026-03-17"])]) -> Json:
    """The edition of a day; on a day without one, `empty` says why."""
    return _edition(site, day)


@router.get("/trending", response_model=models.Trends, tags=["editions"])
def trending(
    site: Here,
    days: Annotated[int, Query(ge=1, le=366, description="1: a day, 7: a week, 30: a month.")] = 7,
    until: Annotated[
        StrictDay | None, Query(description="The last day; without it the latest edition's.")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Json:
    """The papers that trend, by what readers did here and counters counted elsewhere. Every score shows its parts.

    All of it is worth half as much after each half-life. Each counter's is a part of its own.
    """
    end = until or site.library.latest()
    # Before year 1 there are no days to go back to.
    start = end - min(timedelta(days=days - 1), end - date.min) if end else None
    found = site.library.trending(start, end) if start and end else ()
    shown, more = _page(found, limit=limit, cursor=cursor)
    papers, known = site.library.papers(trend.id for trend in shown), site.library.counters()
    return {
        "since": start.isoformat() if start else None,
        "until": end.isoformat() if end else None,
        "half_life_days": HALF_LIFE / timedelta(days=1),
        "papers": [
            {
                **shapes.card_shape(papers[trend.id]),
                "day": trend.day.isoformat(),
                "score": round(trend.score.value, 4),
                "parts": [_part(part, known) for part in trend.score.parts],
            }
            for trend in shown
            if trend.id in papers
        ],
        "next": more,
    }


@router.get("/counters", response_model=models.Counters, tags=["editions"])
def counters(site: Here) -> Json:
    """Who outside counts what people make of papers, and what one of each is worth."""
    return {
        "counters": [
            {
                "name": name,
                "label": told.counter.label,
                "unit": told.counter.unit,
                "worth": told.counter.worth,
                "growth": told.counter.growth,
                "counted": shapes.moment(told.counted),
                "fails": told.fails,
            }
            for name, told in site.library.counters().items()
        ]
    }


@router.get("/search", response_model=models.Results, tags=["papers"])
def search(
    *,
    site: Here,
    asked: Asked,
    facets: Annotated[bool, Query(description="Also count what the best hits are.")] = False,
    limit: Limit = 20,
    cursor: Cursor = "",
) -> Json:
    """The papers that answer, best first, each with its reason."""
    offset = cursors.read_offset(cursor, most=LAST)
    found = site.library.search(asked.query, filter=asked.filter, limit=limit, offset=offset, facets=facets)
    ahead = offset + limit
    return {
        **shapes.results_shape(found),
        "next": cursors.after(ahead, of=found.total, most=LAST),
    }


@router.get("/papers/{id:path}/similar", response_model=models.SimilarPapers, tags=["papers"])
def similar(
    site: Here,
    id: Id,
    by: Annotated[
        Literal["problem", "method", "result"] | None, Query(description="Alike in this above all.")
    ] = None,
    limit: Limit = 10,
) -> Json:
    """The papers most like one, each with the sentences in which they are."""
    held = site.library.shown(id_of(id))
    hits = site.library.similar(held.id, by=Aspect(by) if by else None, limit=limit)
    return {"id": str(held.id), "by": by, "papers": [shapes.similar_shape(hit) for hit in hits]}


@router.get("/papers/{id:path}", response_model=models.PaperView, tags=["papers"])
def paper(site: Here, id: Id) -> Json:
    """A paper, whole, under any of its ids."""
    return shapes.view_shape(site.library.paper(site.library.shown(id_of(id)).id))


@router.get("/authors", response_model=models.NamedAuthors, tags=["papers"])
def find_authors(
    site: Here,
    name: Annotated[str, Query(min_length=1, max_length=100, pattern=r"\S", examples=["Zheng"])],
) -> Json:
    """Authors whose name is this or ends with it, those with the most papers first."""
    found = authors_named(site.library, " ".join(name.split()))
    return {
        "authors": [
            {"key": each.key, "name": each.name, "papers": each.papers, "newest": each.title}
            for each in found
        ]
    }


@router.get("/authors/{key}", response_model=models.AuthorPapers, tags=["papers"])
def author(
    site: Here,
    key: Annotated[
        str, Path(max_length=300, description="A name, folded or not.", examples=["ada-lovelace"])
    ],
    limit: Limit = 50,
    cursor: Cursor = "",
) -> Json:
    """The papers of everyone who writes the name like this, newest first."""
    folded, offset = author_key(key), cursors.read_offset(cursor, most=LAST)
    papers = site.library.author(folded, limit=limit + 1, offset=offset)
    if not papers:
        raise NotFoundError(f"no author {folded!r} in this archive")
    names = {a.name for p in papers for a in p.record.authors if a.key == folded}
    return {
        "key": folded,
        "spellings": sorted(names),
        "papers": _cards(papers[:limit]),
        "next": cursors.after(offset + limit, of=offset + len(papers), most=LAST),
    }


@router.get("/saved", response_model=models.Shelf, tags=["shelf"])
def saved(desk: Own) -> Json:
    """What the reader keeps, and the news of it."""
    shelf = desk.shelf()
    return {
        "papers": _cards(shelf.papers),
        "notices": [
            {
                "paper": str(n.paper),
                "kind": n.kind.value,
                "at": n.at.isoformat().replace("+00:00", "Z"),
                "seen": n.seen,
            }
            for n in shelf.notices
        ],
    }


@router.post("/notices/seen", status_code=204, tags=["shelf"])
def see_notices(desk: Own) -> None:
    """Mark the news as read."""
    desk.see_notices()


@router.put("/saved/{id:path}", response_model=models.Saved, tags=["shelf"])
def save(site: Here, desk: Own, id: Id) -> Json:
    """Keep a paper; keeping it twice is keeping it once."""
    held = site.library.known(id_of(id))
    desk.mark(held.id, MarkKind.SAVED)
    return {"id": str(held.id), "saved": True}


@router.delete("/saved/{id:path}", response_model=models.Saved, tags=["shelf"])
def unsave(desk: Own, id: Id) -> Json:
    """No longer keep it."""
    named = id_of(id)
    desk.unmark(named, MarkKind.SAVED)
    return {"id": str(named), "saved": False}


@router.get("/changes", response_model=models.Changes, tags=["archive"])
def changes(
    site: Here,
    since: Annotated[
        int, Query(ge=0, le=2**53, description="The number of the last change known; 0: none.")
    ] = 0,
    limit: Limit = 100,
) -> Json:
    """What changed in the archive, in order: for a mirror to follow.

    Each paper comes once, at its last change, with its content as it is now; `gone`: it was deleted or folded
    into another. Whoever asks again with `next` misses nothing.
    """
    lines = site.library.changes(since, limit=limit + 1)
    shown = lines[:limit]
    return {
        "archive": site.library.identity(),
        "changes": [
            {
                "seq": line.seq,
                "id": str(line.id),
                "gone": line.paper is None,
                "paper": shapes.paper_shape(line.paper) if line.paper else None,
            }
            for line in shown
        ],
        "next": shown[-1].seq if shown else since,
        "more": len(lines) > limit,
    }


def _edition(site: Site, day: date) -> Json:
    found = site.library.edition(day)
    return shapes.edition_shape(found, site.library.papers(entry.id for entry in found.entries))


def _part(part: Part, counters: Mapping[str, Told]) -> Json:
    unit, counter = unit_of(part.kind, counters)
    return {
        "kind": part.kind,
        "count": part.count,
        "unit": unit,
        "counter": counter or None,
        "value": round(part.value, 4),
    }


def _cards(papers: Sequence[Paper]) -> list[Json]:
    return [shapes.card_shape(paper) for paper in papers]


def _page(items: Sequence[T], *, limit: int, cursor: str) -> tuple[Sequence[T], str | None]:
    """The items of a page, and the mark of the next."""
    offset = cursors.read_offset(cursor, most=LAST)
    ahead = offset + limit
    return items[offset:ahead], cursors.after(ahead, of=len(items), most=LAST)

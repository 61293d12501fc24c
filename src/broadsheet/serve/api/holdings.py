"""A reader's whole desk in API v1: what is kept, how it begins, taking it along, private feeds. Marks are ``desk``'s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from broadsheet.errors import InputError, NotFoundError
from broadsheet.library import Belongings, Desk, beginnings, belongings, holdings, shapes
from broadsheet.library.holdings import Order, Pile
from broadsheet.serve import cursors, forms
from broadsheet.serve.api.asked import LAST, Cursor, Here, Limit, Own, OwnPrivate
from broadsheet.serve.api.desk import Marks
from broadsheet.serve.api.models import CARD, Card, Given, Next, Shape, shown
from broadsheet.serve.api.repeats import repeatable
from broadsheet.serve.desk import PRIVATE, bibliography
from broadsheet.serve.parameters import LONGEST_QUERY
from broadsheet.serve.site import Site
from broadsheet.serve.start import LARGEST, intake_of

Json = dict[str, Any]

router = APIRouter(tags=["desk"])

_REJECTED = 100  # of the lines that could not be read, so many are named
_LINES = "application/x-ndjson"
_BIBTEX = "application/x-bibtex"

OfPile = Annotated[
    Pile | None,
    Query(description="Which part; without it what is kept, or with a search or a label whatever has it."),
]
OfTag = Annotated[str, Query(max_length=80)]
OfCollection = Annotated[str, Query(max_length=80)]


class Held(Card):
    """A paper that the reader said something of."""

    marks: Marks


class Holdings(Shape):
    """A part of the reader's library."""

    total: int
    above: int | None = Field(description="Of a search: how many stand above the line where relevance ends.")
    piles: dict[Pile, int] = Field(description="How many papers each part has.")
    papers: list[Held]
    next: Next


class Brought(Shape):
    """What came of papers that were brought."""

    model_config = shown(papers=212, marks=240, rejected=["library.bib:31: no title"])

    papers: int = Field(description="How many were read.")
    marks: int = Field(description="How many marks are new: papers saved, tags, collections.")
    rejected: list[str] = Field(description="What could not be read, and why; the first hundred.")


class Works(Given):
    """Whose works are to be brought."""

    orcid: str = Field(max_length=100, description="An ORCID iD, or its address.")


class Category(Shape):
    """A category that papers of the last days have."""

    code: str
    title: str


class Beginnings(Shape):
    """What a desk can begin with: papers and categories of the last days, from as many fields as there are."""

    model_config = shown(papers=[CARD], categories=[{"code": "cs.CL", "title": "Computation and Language"}])

    papers: list[Card]
    categories: list[Category]


_FEED = {
    "purpose": "kept",
    "atom": "https://papers.example.org/feeds/mine/AbC.atom",
    "json_feed": "https://papers.example.org/feeds/mine/AbC.json",
}


class Feed(Shape):
    """A private feed. Whoever has its address can read it."""

    model_config = shown(**_FEED)

    purpose: str
    atom: str
    json_feed: str


class Feeds(Shape):
    """The reader's private feeds."""

    model_config = shown(feeds=[_FEED])

    feeds: list[Feed]


class NewFeed(Given):
    """What a private feed is of."""

    purpose: str = Field(
        max_length=100,
        pattern=r"^(kept|following|for-you|collection:.*\S.*)$",
        examples=["kept", "collection:Chapter 2"],
    )


@router.get("/desk", response_model=Holdings)
def holdings_of(
    site: Here,
    desk: Own,
    q: Annotated[str, Query(max_length=LONGEST_QUERY, description="A search among these papers.")] = "",
    pile: OfPile = None,
    tag: OfTag = "",
    collection: OfCollection = "",
    sort: Annotated[Order, Query(description="Without a search: how it is sorted.")] = Order.SAID,
    limit: Limit = 40,
    cursor: Cursor = "",
) -> Json:
    """What the reader said anything of, by part, tag, collection or search."""
    offset = cursors.read_offset(cursor, most=LAST)
    held = holdings.holdings(desk)
    labelled = bool(q.strip() or tag or collection)
    wanted = holdings.piled(
        held, pile or (Pile.ALL if labelled else Pile.KEPT), tag=tag, collection=collection
    )
    found = holdings.page(site.library, wanted, order=sort, query=q.strip(), limit=limit, offset=offset)
    papers = found.papers or tuple(hit.paper for hit in found.hits)
    standings = {one.id: one.standing for one in held}
    return {
        "total": found.total,
        "above": found.above,
        "piles": holdings.sizes(held),
        "papers": [
            {**shapes.card_shape(paper), "marks": shapes.standing_shape(paper.id, standings[paper.id])}
            for paper in papers
            if paper.id in standings
        ],
        "next": cursors.after(offset + limit, of=found.total, most=LAST),
    }


@router.delete("/desk", status_code=204)
def delete_desk(
    desk: Own,
    delete: Annotated[Literal["everything"], Query(description="That nothing is deleted by a slip.")],
) -> None:
    """Delete everything on the desk: marks, notes, tags, what is followed, settings, private feeds."""
    del delete
    desk.forget()


@router.get(
    "/desk/export",
    response_class=Response,
    responses={200: {"description": "The desk.", "content": {_LINES: {}, _BIBTEX: {}}}},
)
def export_desk(
    site: Here,
    desk: Own,
    form: Annotated[
        Literal["jsonl", "bibtex"],
        Query(description="`jsonl`: everything, to be brought again; `bibtex`: the papers of a part."),
    ] = "jsonl",
    pile: OfPile = None,
    tag: OfTag = "",
    collection: OfCollection = "",
) -> Response:
    """Take the desk along. Private feeds stay: whoever finds the file must not read along."""
    if form == "bibtex":
        part = pile or (Pile.ALL if tag or collection else Pile.KEPT)
        text = bibliography(site.library, desk, part, tag=tag, collection=collection)
        return Response(text, media_type=f"{_BIBTEX}; charset=utf-8", headers=PRIVATE)
    return StreamingResponse(_lines(site, desk), media_type=_LINES, headers=PRIVATE)


@router.post(
    "/desk/file",
    response_model=Brought,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    responses={413: {"description": f"More than {LARGEST:,} bytes."}},
)
async def bring_file(
    request: Request,
    site: Here,
    desk: Own,
    name: Annotated[
        str,
        Query(
            min_length=1,
            max_length=255,
            description="The file's name: its ending says what it is.",
            examples=["library.bib"],
        ),
    ],
) -> Json:
    """Bring a library's file (Zotero, BibTeX, RIS, CSL-JSON, JSON lines) or a desk taken along; its papers are kept."""
    body = await forms.body_of(request, largest=LARGEST)
    return await run_in_threadpool(_bring, site, desk, name, body)


@router.post("/desk/works", response_model=Brought, responses={502: {"description": "ORCID did not answer."}})
def bring_works(site: Here, desk: Own, whose: Works) -> Json:
    """Bring the works that an ORCID iD's public list names; they are kept."""
    return _brought(desk, intake_of(site).from_orcid(whose.orcid))


@router.put("/desk/authors/{key}", response_model=Brought)
def keep_author(site: Here, desk: Own, key: str) -> Json:
    """Keep an author's papers, one's own perhaps: the newest two hundred."""
    papers, made = beginnings.keep_works(site.library, desk, key, now=site.now())
    return {"papers": papers, "marks": made, "rejected": []}


@router.get("/desk/start", response_model=Beginnings)
def start(site: Here) -> Json:
    """Papers and categories of the last days to begin a desk with: save the ones, follow the others."""
    entries = beginnings.spread(site.library)
    papers = site.library.papers(entry.id for entry in entries)
    return {
        "papers": [shapes.card_shape(papers[entry.id]) for entry in entries if entry.id in papers],
        "categories": [{"code": code, "title": title} for code, title in beginnings.categories(site.library)],
    }


@router.get("/feeds", response_model=Feeds)
def feeds(request: Request, site: Here, desk: OwnPrivate) -> Json:
    """The reader's private feeds. Needs the scope `desk`: their addresses outlive the token that asks."""
    return {"feeds": [_feed(site, request, purpose, token) for purpose, token in desk.feeds().items()]}


@router.post("/feeds", response_model=Feed, status_code=201)
@repeatable
def open_feed(request: Request, site: Here, desk: Own, wanted: NewFeed) -> Json:
    """Make a private feed, or give it another address: the former is void from now on."""
    return _feed(site, request, wanted.purpose, desk.open_feed(wanted.purpose))


@router.delete("/feeds/{purpose:path}", status_code=204)
def close_feed(desk: Own, purpose: str) -> None:
    """Take a private feed's address back."""
    if purpose not in desk.feeds():
        raise NotFoundError(f"the reader has no feed of {purpose[:80]!r}")
    desk.close_feed(purpose)


def _bring(site: Site, desk: Desk, name: str, body: bytes) -> Json:
    if not body:
        raise InputError("no file came; send its bytes as the body")
    return _brought(desk, intake_of(site).from_file(name, body))


def _brought(desk: Desk, found: Belongings) -> Json:
    made = belongings.put_down(desk, found)
    return {"papers": found.papers, "marks": made, "rejected": list(found.rejected[:_REJECTED])}


def _lines(site: Site, desk: Desk) -> Iterator[str]:
    return (f"{line}\n" for line in belongings.pack(site.library, desk, now=site.now()))


def _feed(site: Site, request: Request, purpose: str, token: str) -> Json:
    address = site.absolute(request, f"/feeds/mine/{token}")
    return {"purpose": purpose, "atom": f"{address}.atom", "json_feed": f"{address}.json"}

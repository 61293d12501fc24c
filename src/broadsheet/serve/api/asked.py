"""What requests of API v1 have in common: the site, who asks, the desk, ids, pages. Knows no resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Path, Query
from starlette.requests import Request

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Filter
from broadsheet.library import Desk
from broadsheet.library.people import Scope, Visitor
from broadsheet.model import PaperType
from broadsheet.serve.door import visitor_of
from broadsheet.serve.parameters import LONGEST_QUERY, StrictDay
from broadsheet.serve.site import Site


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def _desk(request: Request) -> Desk:
    return _site(request).desk(request)


def _own_desk(request: Request) -> Desk:
    visitor = visitor_of(request)
    visitor.need(Scope.DESK)
    return _site(request).library.desk(visitor.reader)


def _visitor(request: Request) -> Visitor:
    return visitor_of(request)


def _member(request: Request) -> Visitor:
    visitor = visitor_of(request)
    visitor.need(Scope.COMMUNITY)
    return visitor


LAST: Final = 10_000  # how far a list can be paged through

Here = Annotated[Site, Depends(_site)]
Own = Annotated[Desk, Depends(_desk)]
# The same where even looking needs the scope: at addresses that somebody's mail goes to, or that open a feed.
OwnPrivate = Annotated[Desk, Depends(_own_desk)]
Asking = Annotated[Visitor, Depends(_visitor)]
Member = Annotated[Visitor, Depends(_member)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str, Query(max_length=300, description="Where to go on: the `next` of an answer.")]
Id = Annotated[
    str,
    Path(description="An arXiv id, a DOI or a name of its own.", examples=["2603.14473", "hep-th/9901001"]),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a search asks for."""

    query: str
    filter: Filter


def _question(
    q: Annotated[
        str,
        Query(
            max_length=LONGEST_QUERY,
            description="In the language of the search box; empty: the newest papers.",
            examples=["language agents", 'author:serre "tensor train" -survey'],
        ),
    ] = "",
    cat: Annotated[
        list[str] | None, Query(description="Any of these categories.", examples=[["cs.CL"]])
    ] = None,
    type: Annotated[PaperType | None, Query()] = None,
    since: Annotated[StrictDay | None, Query(description="Announced on this day or later.")] = None,
    until: Annotated[StrictDay | None, Query(description="Announced on this day or earlier.")] = None,
    code: Annotated[bool | None, Query(description="With code, or without.")] = None,
) -> Question:
    filter = Filter(
        categories=tuple(cat or ()), types=(type,) if type else (), since=since, until=until, has_code=code
    )
    return Question(query=q, filter=filter)


Asked = Annotated[Question, Depends(_question)]


def id_of(text: str) -> PaperId:
    """The id of an address. What cannot be one is not here either: raises NotFoundError."""
    try:
        return PaperId.parse(text)
    except InputError as error:
        raise NotFoundError(str(error)) from error

"""What requests of API v1 have in common: the site, the desk, ids, pages. Knows no resource."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query
from starlette.requests import Request

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import Desk
from broadsheet.serve.site import Site


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site


def _desk(request: Request) -> Desk:
    return _site(request).desk(request)


Here = Annotated[Site, Depends(_site)]
Own = Annotated[Desk, Depends(_desk)]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at most.")]
Cursor = Annotated[str, Query(max_length=300, description="Where to go on: the `next` of an answer.")]
Id = Annotated[
    str,
    Path(description="An arXiv id, a DOI or a name of its own.", examples=["2603.14473", "hep-th/9901001"]),
]


def id_of(text: str) -> PaperId:
    """The id of an address. What cannot be one is not here either: raises NotFoundError."""
    try:
        return PaperId.parse(text)
    except InputError as error:
        raise NotFoundError(str(error)) from error

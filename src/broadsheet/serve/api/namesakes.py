"""People who share a name, in API v1: as they are told apart, and as a reader knows better."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import Field

from broadsheet.errors import NotFoundError
from broadsheet.library import Desk, namesakes
from broadsheet.model import author_key
from broadsheet.rank.authors import Mending
from broadsheet.serve.api.asked import Here, Own
from broadsheet.serve.api.models import Given, Shape, shown
from broadsheet.serve.site import Site

Json = dict[str, Any]

router = APIRouter(tags=["desk"])

Key = Annotated[str, Path(max_length=300, description="A name, folded or not.", examples=["hao-zheng"])]


class Person(Shape):
    """One of those who sign with a name, told by where and with whom they write."""

    papers: list[str] = Field(description="Newest first.")
    categories: list[str]
    others: list[str] = Field(description="With whom they write most.")


class Namesakes(Shape):
    """Those who probably share a name, the busiest first."""

    model_config = shown(
        key="hao-zheng",
        mended=False,
        people=[{"papers": ["2603.14473"], "categories": ["cs.CL"], "others": ["Ada Lovelace"]}],
    )

    key: str
    mended: bool = Field(description="Whether the reader said anything of it.")
    people: list[Person]


class NewMending(Given):
    """What the reader knows better."""

    do: Literal["join", "move", "together"] = Field(
        description="`join`: who wrote `paper` and who wrote `beside` are one; `move`: `paper` belongs with who "
        "wrote `beside`, or where that is empty with nobody of the others; `together`: all are one."
    )
    paper: str = Field("", max_length=300, examples=["2603.14473"])
    beside: str = Field("", max_length=300)


@router.get("/namesakes/{key}", response_model=Namesakes)
def namesakes_of(site: Here, desk: Own, key: Key) -> Json:
    """Those who probably share a name, as the reader mended it."""
    return _found(site, desk, author_key(key))


@router.post("/namesakes/{key}", response_model=Namesakes)
def mend(site: Here, desk: Own, key: Key, wanted: NewMending) -> Json:
    """Say who is one person, or where a paper belongs: for the reader alone."""
    name = author_key(key)
    namesakes.mend(desk, name, wanted.do, paper=wanted.paper, beside=wanted.beside)
    return _found(site, desk, name)


@router.delete("/namesakes/{key}", status_code=204)
def forget_mending(desk: Own, key: Key) -> None:
    """Take back what was said of a name."""
    namesakes.forget(desk, author_key(key))


def _found(site: Site, desk: Desk, key: str) -> Json:
    people = namesakes.people_of(site.library, desk, key)
    if not people:
        raise NotFoundError(f"no author {key!r} in this archive")
    return {
        "key": key,
        "mended": namesakes.mending_of(desk, key) != Mending(),
        "people": [
            {
                "papers": [str(id) for id in person.papers],
                "categories": list(person.categories),
                "others": list(person.others),
            }
            for person in people
        ],
    }

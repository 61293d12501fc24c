"""A day by topic and by what is expected of it, in API v1."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from broadsheet.errors import NotFoundError
from broadsheet.library import shapes
from broadsheet.serve.api.asked import Here
from broadsheet.serve.api.models import Card, Day, Shape
from broadsheet.serve.expected import reasons
from broadsheet.serve.parameters import StrictDay

Json = dict[str, Any]

router = APIRouter(tags=["editions"])

OfDay = Annotated[StrictDay, Path(examples=["2026-03-17"])]


class Topic(Shape):
    """Papers about one thing, those most about it first."""

    key: str
    name: str
    new: bool = Field(description="Far more papers than in the weeks before.")
    example: str = Field(description="The paper nearest to what they have in common.")
    papers: list[str]


class Point(Shape):
    """A paper's place on the map, within 0 to 1; near on the map is near in meaning."""

    id: str
    x: float
    y: float
    topic: str | None


class Topics(Shape):
    """The new papers of a day by topic, the largest first, and their map."""

    day: Day
    topics: list[Topic]
    various: list[str] = Field(description="Papers that fit no topic.")
    points: list[Point]


class Likely(Card):
    """A paper, and how likely it comes onto the list of noted papers."""

    probability: float
    without_authors: float = Field(description="The same without a look at who wrote it.")
    reasons: list[str] = Field(
        description="What sets it apart from its day, each with its factor on the odds."
    )


class Expected(Shape):
    """What a day's papers can expect, the likeliest first."""

    day: Day
    papers: list[Likely]


@router.get("/editions/{day}/topics", response_model=Topics)
def topics(site: Here, day: OfDay) -> Json:
    """The new papers of a day by topic, and their map."""
    return {"day": day.isoformat(), **shapes.topics_shape(site.library.topics(day))}


@router.get("/editions/{day}/expected", response_model=Expected)
def expected(site: Here, day: OfDay, limit: Annotated[int, Query(ge=1, le=100)] = 30) -> Json:
    """How likely each new paper of a day comes onto the list of noted papers, and why."""
    found = site.library.expected(day)[:limit]
    if not found:
        raise NotFoundError(
            f"nothing is expected of {day}: no new papers of the fields that it was learnt from"
        )
    return {
        "day": day.isoformat(),
        "papers": [
            {
                **shapes.card_shape(each.paper),
                "probability": each.forecast.probability,
                "without_authors": each.forecast.without_authors,
                "reasons": reasons(each.forecast),
            }
            for each in found
        ],
    }

"""A day by topic and by what is expected of it, in API v1."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import Field

from broadsheet.errors import NotFoundError
from broadsheet.library import shapes
from broadsheet.serve.api.asked import Asked, Here
from broadsheet.serve.api.models import Card, Day, Shape, shown
from broadsheet.serve.expected import reasons
from broadsheet.serve.parameters import StrictDay
from broadsheet.serve.topics import HITS

Json = dict[str, Any]

router = APIRouter()

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


class Mapped(Shape):
    """Papers by topic, the largest first, and their map."""

    topics: list[Topic]
    various: list[str] = Field(description="Papers that fit no topic.")
    points: list[Point]


class Topics(Mapped):
    """The new papers of a day by topic, and their map."""

    day: Day


class SearchTopics(Mapped):
    """What a search found by topic, and its map."""

    query: str


class CourseDay(Shape):
    """The papers of a topic in one edition, those most about it first."""

    day: Day
    papers: list[str]


class Course(Shape):
    """A topic over several editions, newest first."""

    model_config = shown(
        key="language-agents",
        name="language agents",
        days=[{"day": "2026-03-20", "papers": ["2603.14473"]}],
    )

    key: str
    name: str
    days: list[CourseDay]


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


@router.get("/editions/{day}/topics", response_model=Topics, tags=["editions"])
def topics(site: Here, day: OfDay) -> Json:
    """The new papers of a day by topic, and their map."""
    return {"day": day.isoformat(), **shapes.topics_shape(site.library.topics(day))}


@router.get("/topics/{key}", response_model=Course, tags=["editions"])
def topic(site: Here, key: Annotated[str, Path(max_length=300)]) -> Json:
    """A topic over the editions of the last two weeks, newest first."""
    found = site.library.topic(key)
    if found is None:
        raise NotFoundError(f"no edition of the last two weeks has a topic {key!r}")
    return {
        "key": found.key,
        "name": found.name,
        "days": [{"day": day.isoformat(), "papers": [str(id) for id in ids]} for day, ids in found.days],
    }


@router.get("/search/topics", response_model=SearchTopics, tags=["papers"])
def search_topics(site: Here, asked: Asked) -> Json:
    """The first two hundred hits of a search by topic, and their map."""
    hits = site.library.search(asked.query, filter=asked.filter, limit=HITS).hits
    return {"query": asked.query, **shapes.topics_shape(site.library.topics_of([hit.paper for hit in hits]))}


@router.get("/editions/{day}/expected", response_model=Expected, tags=["editions"])
def expected(site: Here, day: OfDay, limit: Annotated[int, Query(ge=1, le=100)] = 30) -> Json:
    """How likely each new paper of a day comes onto the list of noted papers, and why."""
    found = site.library.expected(day, limit=limit)
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

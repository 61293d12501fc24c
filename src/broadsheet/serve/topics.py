"""Pages of topics: the map of an edition or a search, its JSON, and an edition by topic. Knows the library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import Edition, shapes
from broadsheet.library.topics import TopicMap, without
from broadsheet.library.views import byline
from broadsheet.model import FollowKind, Paper
from broadsheet.serve import away, chart, following, parameters, view
from broadsheet.serve.parameters import SearchForm
from broadsheet.serve.site import Site

HITS = 200  # of a search that are mapped
LINES = 160  # in the list beside the map; script fills in the rest
TOPIC_CARDS = 4  # of each topic, on the page of all
PAGE_CARDS = 60  # on that page: of many topics fewer are shown of each, so that it stays light
TOPIC_PAGE = 40
DAY_CARDS = 6  # of each day, on the page of a topic over some weeks
VARIOUS = "various"  # the key of what fits no topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A paper in the list beside the map."""

    url: str
    title: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """A topic in the list beside the map; ``mark`` is None for what fits no topic."""

    key: str
    name: str
    mark: int | None
    new: bool
    lines: list[Line]
    total: int
    url: str  # the map with this topic lit
    rest: str  # where all of its papers are


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is mapped: an edition, or the first hits of a search."""

    found: TopicMap
    papers: Mapping[PaperId, Paper]
    day: date | None
    form: SearchForm

    @property
    def query(self) -> str:
        """The part of an address that names it."""
        return f"day={self.day}" if self.day else self.form.query_string()


def map_page(site: Site, request: Request) -> Response:
    """The map of an edition (``day``, the newest if none is named) or of a search (``q`` and its filters)."""
    subject = _subject(site, request)
    put_away = away.of(site, request)
    left_out = away.left_out(put_away, subject.papers)
    found, papers = without(subject.found, put_away.ids), subject.papers
    lit = request.query_params.get("topic", "")
    keys = [topic.key for topic in found.topics]
    if lit and lit not in keys:
        lit = ""  # a link from before: the rest of the map is there all the same
    edition = site.library.edition(subject.day) if subject.day else None
    return site.press.page(
        request,
        "map.html",
        {
            "day": subject.day,
            "form": subject.form,
            "edition": edition,
            "query": subject.query,
            "count": found.count,
            "chart": chart.draw(
                found, shown=papers, lit=keys.index(lit) if lit else None, frame=_frame(request)
            ),
            "heaps": _heaps(found, papers, subject),
            "lit": lit,
            "left_out": left_out,
            "texts": view.texts_of(papers.values()),
        },
    )


def map_json(site: Site, request: Request) -> Response:
    """The same for programs: topics with their papers, and every paper's place."""
    subject = _subject(site, request)
    found = without(subject.found, away.of(site, request).ids)
    shape = shapes.topics_shape(found)
    by_id = {str(id): paper for id, paper in subject.papers.items()}
    shape["points"] = [
        {**point, "url": view.paper_url(paper.id), "title": paper.title, "by": _by(paper)}
        for point in shape["points"]
        if (paper := by_id.get(point["id"])) is not None
    ]
    return JSONResponse(
        {
            "day": subject.day.isoformat() if subject.day else None,
            "query": subject.form.q or None,
            "papers": found.count,
            **shape,
        }
    )


def edition(site: Site, request: Request) -> Response:
    """An edition by topic instead of by category; with ``topic``, all papers of one, in pages."""
    day = parameters.day(request.path_params["day"])
    found = site.library.edition(day)
    if found.empty is not None:
        return site.press.page(request, "empty.html", {"edition": found})
    topics = site.library.topics(day)
    if (key := request.query_params.get("topic")) is not None:
        return _one_topic(site, request, found, topics, key)
    groups = [(topic.key, topic.name, topic, topic.ids) for topic in topics.topics if topic.ids]
    put_away = away.of(site, request)
    each = max(1, min(TOPIC_CARDS, PAGE_CARDS // max(len(groups), 1)))
    shown = [[id for id in ids if id not in put_away.ids][:each] for *_, ids in groups]
    papers = site.library.papers(id for ids in shown for id in ids)
    standings = site.desk(request).standings(papers)
    return site.press.page(
        request,
        "topics.html",
        {
            "edition": found,
            "blocks": [
                {
                    "key": key,
                    "title": name,
                    "topic": topic,
                    "total": len(ids),
                    "url": _topic_url(day, key),
                    "cards": [
                        view.card(papers[id], standings=standings, day=day) for id in first if id in papers
                    ],
                }
                for (key, name, topic, ids), first in zip(groups, shown, strict=True)
            ],
            "various": len(topics.various),
            "various_url": _topic_url(day, VARIOUS),
            "count": topics.count,
            "left_out": away.left_out(put_away, (id for *_, ids in groups for id in ids)),
            "texts": view.texts_of(papers.values()),
        },
    )


def lately(site: Site, request: Request) -> Response:
    """A topic over the editions of the last two weeks, by day."""
    key = request.path_params["key"]
    found = site.library.topic(key)
    if found is None:
        raise NotFoundError(f"No edition of the last two weeks has a topic {key!r}.")
    put_away = away.of(site, request)
    ids = [id for _, ids in found.days for id in ids]
    shown = [
        (day, [id for id in ids if id not in put_away.ids][:DAY_CARDS], len(ids)) for day, ids in found.days
    ]
    papers = site.library.papers(id for _, ids, _ in shown for id in ids)
    standings = site.desk(request).standings(papers)
    return site.press.page(
        request,
        "topic_lately.html",
        {
            "key": key,
            "title": found.name,
            "mark_number": found.mark,
            "total": len(ids),
            "followed": following.is_followed(site, request, FollowKind.TOPIC, key),
            "left_out": away.left_out(put_away, ids),
            "blocks": [
                {
                    "day": day,
                    "url": _topic_url(day, key),
                    "total": total,
                    "cards": [
                        view.card(papers[id], standings=standings, day=day) for id in ids if id in papers
                    ],
                }
                for day, ids, total in shown
            ],
            "texts": view.texts_of(papers.values()),
        },
    )


def _one_topic(site: Site, request: Request, found: Edition, topics: TopicMap, key: str) -> Response:
    day = found.day
    topic = next((topic for topic in topics.topics if topic.key == key), None)
    ids = topic.ids if topic else topics.various if key == VARIOUS else ()
    if not ids:
        raise NotFoundError(f"the edition of {day} has no topic {key!r}")
    put_away = away.of(site, request)
    left_out = away.left_out(put_away, ids)
    ids = tuple(id for id in ids if id not in put_away.ids)
    number = parameters.page(request.query_params.get("page", ""))
    start = (number - 1) * TOPIC_PAGE
    if start >= len(ids) and number > 1:
        raise NotFoundError(f"this topic of {day} has no page {number}")
    shown = ids[start : start + TOPIC_PAGE]
    papers = site.library.papers(shown)
    standings = site.desk(request).standings(papers)
    return site.press.page(
        request,
        "topic.html",
        {
            "edition": found,
            "title": topic.name if topic else "Various",
            "topic": topic,
            "key": key,
            "total": len(ids),
            "left_out": left_out,
            "followed": topic and following.is_followed(site, request, FollowKind.TOPIC, key),
            "cards": [view.card(papers[id], standings=standings, day=day) for id in shown if id in papers],
            "first": start + 1,
            "page": number,
            "pages": max(1, -(-len(ids) // TOPIC_PAGE)),
            "topics": [(t.key, t.name, len(t.ids), _topic_url(day, t.key)) for t in topics.topics],
            "texts": view.texts_of(papers.values()),
        },
    )


def _subject(site: Site, request: Request) -> Subject:
    values = request.query_params
    form = SearchForm.of(values)
    if form.asked:
        results = site.library.search(form.q, filter=form.filter(), limit=HITS)
        papers = {hit.paper.id: hit.paper for hit in results.hits}
        return Subject(
            found=site.library.topics_of(list(papers.values())), papers=papers, day=None, form=form
        )
    day = parameters.day(values["day"]) if values.get("day") else site.library.latest()
    if day is None:
        raise NotFoundError("there is no edition to map yet")
    found = site.library.topics(day)
    if not found.count:
        raise NotFoundError(f"nothing was new on {day}, so there is no map of it")
    ids = [id for topic in found.topics for id in topic.ids]
    return Subject(found=found, papers=site.library.papers([*ids, *found.various]), day=day, form=form)


def _frame(request: Request) -> tuple[float, float, float] | None:
    """What part of the map a shared address shows: the middle, in thousandths, and how many times larger."""
    text = request.query_params.get("view", "")
    if not text:
        return None
    try:
        x, y, zoom = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"not a view of the map: {text!r}; expected x,y,zoom such as 500,350,2") from error
    if not (-1000 <= x <= 2000 and -1000 <= y <= 2000 and 1 <= zoom <= chart.CLOSEST):
        raise InputError(f"this view lies outside of the map: {text!r}; zoom is 1 to {chart.CLOSEST}")
    return x, y, zoom


def _heaps(found: TopicMap, papers: Mapping[PaperId, Paper], subject: Subject) -> list[Heap]:
    topics = [(topic.key, topic.name, topic, topic.ids) for topic in found.topics if topic.ids]
    various = [(VARIOUS, "Various", None, found.various)] if found.various else []
    heaps = [*topics, *various]
    # A search's papers are not listed anywhere else by topic, and are few.
    each = max(2, LINES // max(len(heaps), 1)) if subject.day else HITS
    return [
        Heap(
            key=key,
            name=name,
            mark=topic.mark if topic else None,
            new=topic is not None and topic.new,
            lines=[
                Line(url=view.paper_url(id), title=papers[id].title, by=_by(papers[id]))
                for id in ids[:each]
                if id in papers
            ],
            total=len(ids),
            url=f"/map?{subject.query}&topic={key}",
            rest=_topic_url(subject.day, key) if subject.day and len(ids) > each else "",
        )
        for key, name, topic, ids in heaps
    ]


def _by(paper: Paper) -> str:
    return byline([author.name for author in paper.record.authors], most=3)


def _topic_url(day: date, key: str) -> str:
    return f"/edition/{day}/topics?topic={key}"

"""The addresses of feeds: every public list and a reader's own, as Atom and JSON Feed. Knows the library."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import InputError, NotFoundError
from broadsheet.library import Edition, Reason, following
from broadsheet.library.editions import section_title
from broadsheet.model import Follow, FollowKind, MarkKind, Paper, author_key
from broadsheet.serve import editions, feeds, foryou, parameters, tags, trending, typeset, view
from broadsheet.serve.feeds import Feed, FeedItem
from broadsheet.serve.parameters import SearchForm
from broadsheet.serve.press import long_day
from broadsheet.serve.site import Site

EDITION_ITEMS = 100  # unless all are asked for: a large day is over a megabyte
SEARCH_ITEMS = 50
AUTHOR_ITEMS = 50
CATEGORY_ITEMS = 60
PRIVATE_ITEMS = 100
HORIZON = timedelta(days=60)
TOLD = ("/feeds/edition.atom", "/feeds/edition.json")  # the feeds of which a hub is told


def latest_edition(site: Site, request: Request) -> Response:
    """The feed to follow: always the newest edition."""
    day = site.library.latest()
    if day is None:
        return _answer(request, _feed(site, request, title="", home="/", at=None, items=()))
    return _edition(site, request, site.library.edition(day), home="/", title="")


def edition(site: Site, request: Request) -> Response:
    """The feed of one day."""
    day = parameters.day(request.path_params["day"])
    found = site.library.edition(day)
    if found.empty is not None:
        raise NotFoundError(f"no edition of {day}: {found.empty}")
    return _edition(site, request, found, home=f"/edition/{day}", title=long_day(day))


def search(site: Site, request: Request) -> Response:
    """The feed of a search: what answers it among the papers of the last weeks, newest first.

    The best answers of all times would hardly ever change, and so tell nobody of a new one.
    """
    form = SearchForm.of(request.query_params)
    if not form.asked:
        raise InputError("a feed of a search needs one; expected e.g. /feeds/search.atom?q=graph+networks")
    since = _horizon(site)
    found = following.answers(site.library, form.q, filter=form.filter(), since=since, limit=SEARCH_ITEMS)
    items = _items(site, request, _newest_first(found))
    title = f"Search: {form.words()}"
    return _answer(
        request,
        _feed(site, request, title=title, home=f"/search?{form.query_string()}", at=None, items=items),
    )


def author(site: Site, request: Request) -> Response:
    """The feed of an author's papers."""
    key = author_key(request.path_params["key"])
    papers = site.library.author(key, limit=AUTHOR_ITEMS)
    if not papers:
        raise NotFoundError(f"no author {key!r} in this archive")
    name = next(a.name for a in papers[0].record.authors if a.key == key)
    items = _items(site, request, ((p, "") for p in papers))
    return _answer(request, _feed(site, request, title=name, home=f"/authors/{key}", at=None, items=items))


def category(site: Site, request: Request) -> Response:
    """The feed of a category or a whole archive: its newest papers."""
    code = request.path_params["key"]
    wanted = Follow(kind=FollowKind.CATEGORY, value=code, label=code, at=site.now())
    found = following.recent(site.library, wanted, since=_horizon(site))[:CATEGORY_ITEMS]
    items = _items(site, request, ((paper, "") for paper, _ in found))
    home = f"/search?{urlencode({'cat': code})}"
    return _answer(request, _feed(site, request, title=section_title(code), home=home, at=None, items=items))


def topic(site: Site, request: Request) -> Response:
    """The feed of a topic: its papers of the last two weeks."""
    key = request.path_params["key"]
    found = site.library.topic(key)
    if found is None:
        raise NotFoundError(f"no edition of the last two weeks has a topic {key!r}")
    wanted = Follow(kind=FollowKind.TOPIC, value=key, label=found.name, at=site.now())
    papers = following.recent(site.library, wanted, since=_horizon(site))
    items = _items(site, request, ((paper, "") for paper, _ in papers))
    home = f"/topics/{quote(key, safe='')}"
    return _answer(request, _feed(site, request, title=found.name, home=home, at=None, items=items))


def trend(site: Site, request: Request) -> Response:
    """The feed of what trends: a day, a week or a month."""
    by = trending.span_of(request)
    found = trending.trends(site.library, by)[: trending.SHOWN]
    counters = site.library.counters()
    papers = site.library.papers(one.id for one in found)
    items = _items(
        site,
        request,
        ((papers[one.id], trending.why(one.score, counters)) for one in found if one.id in papers),
    )
    home = f"/trending?by={by}"
    return _answer(request, _feed(site, request, title=f"Trending: {by}", home=home, at=None, items=items))


def private(site: Site, request: Request) -> Response:
    """A list of one reader's own, for whoever has its address."""
    desk, purpose = site.library.feed_of(request.path_params["token"])
    kind, _, name = purpose.partition(":")
    match kind:
        case "kept":
            title, home = "Kept", "/desk"
            papers = [(paper, "") for paper in desk.marked(MarkKind.SAVED)[:PRIVATE_ITEMS]]
        case "collection":
            title, home = name, f"/desk?{urlencode({'collection': name})}"
            papers = [(paper, "") for paper in desk.marked(MarkKind.COLLECTION, name)[:PRIVATE_ITEMS]]
        case "following":
            title, home = "Following", "/following"
            away = desk.away()
            found = following.together(site.library, desk, since=_horizon(site), limit=PRIVATE_ITEMS)
            papers = [(paper, why.text) for paper, why in found if paper.id not in away]
        case "for-you":
            title, home = "For you", "/for-you"
            choices = site.library.for_you.choose(desk, foryou.candidates(site.library), limit=PRIVATE_ITEMS)
            papers = [(choice.paper, choice.reason.text) for choice in choices]
        case _:
            raise NotFoundError(f"there is no feed of {purpose!r} here")
    items = _items(site, request, papers)
    return _answer(
        request, _feed(site, request, title=title, home=home, at=None, items=items), is_private=True
    )


def _horizon(site: Site) -> date:
    """How far back feeds of lists without an end go: some weeks before the newest edition."""
    return (site.library.latest() or date.max) - HORIZON


def _newest_first(found: Iterable[tuple[Paper, Reason]]) -> list[tuple[Paper, str]]:
    ordered = sorted(found, key=lambda one: (-following.dated(one[0]).toordinal(), one[0].id))
    return [(paper, why.text) for paper, why in ordered]


def _edition(site: Site, request: Request, found: Edition, *, home: str, title: str) -> Response:
    entries = [*found.leads, *(e for s in found.sections for e in s.entries)]
    if (total := len(entries)) > EDITION_ITEMS and not request.query_params.get("all"):
        # Of every section its first papers, as the front page shows them.
        sizes = [len(s.entries) for s in found.sections]
        room = EDITION_ITEMS - len(found.leads)
        parts = zip(found.sections, editions.allot(sizes, room=room), strict=True)
        entries = [*found.leads, *(e for s, count in parts for e in s.entries[:count])][:EDITION_ITEMS]
    subtitle = (
        f"{len(entries)} of {total:,} papers, lead stories first; all of them at ?all=1"
        if len(entries) < total
        else None
    )
    papers = site.library.papers(e.id for e in entries)
    items = _items(site, request, ((papers[e.id], e.reason.text) for e in entries if e.id in papers))
    return _answer(
        request,
        _feed(site, request, title=title, home=home, at=found.day, items=items, subtitle=subtitle),
    )


def _items(site: Site, request: Request, papers: Iterable[tuple[Paper, str]]) -> tuple[FeedItem, ...]:
    base = site.absolute(request, "")
    return tuple(FeedItem(p, base + view.paper_url(p.id), why or None) for p, why in papers)


def _feed(
    site: Site,
    request: Request,
    *,
    title: str,
    home: str,
    at: date | None,
    items: tuple[FeedItem, ...],
    subtitle: str | None = None,
) -> Feed:
    query = f"?{request.url.query}" if request.url.query else ""
    return Feed(
        title=f"{site.press.title} · {title}" if title else site.press.title,
        url=site.absolute(request, request.url.path + query),
        home=site.absolute(request, home),
        # Nothing else dates an empty list; a fixed day keeps its ETag still.
        updated=datetime.combine(at or date(2000, 1, 1), time(), UTC),
        items=items,
        subtitle=subtitle,
        author=site.press.title,
        hub=site.hub if request.url.path in TOLD and not query else "",
    )


def _answer(request: Request, feed: Feed, *, is_private: bool = False) -> Response:
    as_json = request.url.path.endswith(".json")
    updated = format_datetime(feeds.feed_updated(feed), usegmt=True)
    headers = {"ETag": _tag(feed), "Last-Modified": updated, "Cache-Control": "no-cache"}
    if is_private:
        headers |= {"Cache-Control": "private, no-cache", "X-Robots-Tag": "noindex, nofollow"}
    if feed.hub:
        headers["Link"] = f'<{feed.hub}>; rel="hub", <{feed.url}>; rel="self"'
    # RFC 9110, 13.2.2: a matching ETag decides, dates only where the client sent no ETag.
    asked = request.headers.get("if-none-match")
    if asked is not None:
        fresh = tags.matches(asked, headers["ETag"])
    else:
        fresh = request.headers.get("if-modified-since") == updated
    if fresh:
        return Response(status_code=304, headers=headers)
    body = (
        feeds.json_feed(feed, render=typeset.abstract)
        if as_json
        else feeds.atom(feed, render=typeset.abstract)
    )
    return Response(body, media_type=feeds.JSON_TYPE if as_json else feeds.ATOM_TYPE, headers=headers)


def _tag(feed: Feed) -> str:
    """Names the feed's state without setting its texts: which papers, in which state, for which reason."""
    digest = hashlib.sha256(f"{feed.url}\n{feed.title}\n".encode())
    for item in feed.items:
        digest.update(f"{item.url}\t{item.paper.seq}\t{item.reason}\n".encode())
    return f'"{digest.hexdigest()[:24]}"'

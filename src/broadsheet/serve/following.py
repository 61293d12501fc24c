"""What a reader follows, and what is new in it. Knows the library's news and the addresses of lists."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from broadsheet.errors import InputError
from broadsheet.library import SearchForm, following
from broadsheet.model import Follow, FollowKind
from broadsheet.serve import guard, parameters, view
from broadsheet.serve.press import wants_json
from broadsheet.serve.site import Site

SHOWN = 6  # papers of each thing followed
ASKED = 24  # things followed on one page: each is a search
_KINDS = {kind.value: kind for kind in FollowKind}


def page(site: Site, request: Request) -> Response:
    """The news of everything followed, what has some first."""
    desk = site.desk(request)
    number = parameters.page(request.query_params.get("page", ""))
    follows = desk.follows()
    shown = follows[(number - 1) * ASKED : number * ASKED]
    since = following.seen_until(desk, now=site.now())
    found = following.all_news(site.library, shown, since=since, limit=SHOWN)
    away = desk.away()
    papers = [paper for news in found for paper, _ in news.papers]
    standings = desk.standings(paper.id for paper in papers)
    met: set[str] = set()
    blocks = []
    for news in found:
        cards = []
        for paper, why in news.papers:
            # A paper that several follows bring stands under the first of them.
            if paper.id in away or str(paper.id) in met:
                continue
            met.add(str(paper.id))
            cards.append(view.card(paper, standings=standings, why=why))
        blocks.append((news.follow, address(news.follow), feed(news.follow), cards, news.more))
    return site.press.page(
        request,
        "following.html",
        {
            "blocks": blocks,
            "since": since,
            "texts": view.texts_of(papers),
            "page": number,
            "pages": max(1, -(-len(follows) // ASKED)),
            "total": len(follows),
            "token": desk.feed_token("following"),
        },
    )


def seen(site: Site, request: Request) -> Response:
    """Note the visit; with ``done``, that all of the news was seen."""
    following.visit(site.desk(request), now=site.now(), done=bool(request.state.form.get("done")))
    if wants_json(request):
        return JSONResponse({"ok": True}, headers={"Cache-Control": "private, no-store"})
    return RedirectResponse("/following", status_code=303)


def follow(site: Site, request: Request) -> Response:
    """Follow something (``set``), be told of it in the digest or not (``alert``), or no longer follow it (``clear``)."""
    form = request.state.form
    kind = _KINDS.get(form.get("set") or form.get("clear", ""))
    if kind is None:
        raise InputError(f"nothing to follow; expected 'set' or 'clear' to be one of: {', '.join(_KINDS)}")
    value, desk = form.get("value", "").strip(), site.desk(request)
    if form.get("set"):
        _check(kind, value)
        desk.follow(kind, value, form.get("label", ""), alert=form.get("alert", "1") != "0")
    else:
        desk.unfollow(kind, value)
    if wants_json(request):
        body = {"kind": kind.value, "value": value, "followed": bool(form.get("set"))}
        return JSONResponse(body, headers={"Cache-Control": "private, no-store"})
    return RedirectResponse(guard.local_path(form.get("back", ""), otherwise="/following"), status_code=303)


def is_followed(site: Site, request: Request, kind: FollowKind, value: str) -> Follow | None:
    """How whoever asks follows something; None where they do not."""
    follows = site.desk(request).follows()
    return next((one for one in follows if one.kind is kind and one.value == value), None)


def address(followed: Follow) -> str:
    """The page of something that is followed."""
    value = quote(followed.value, safe="")
    match followed.kind:
        case FollowKind.AUTHOR:
            return f"/authors/{value}"
        case FollowKind.CATEGORY:
            return f"/search?{urlencode({'cat': followed.value})}"
        case FollowKind.TOPIC:
            return f"/topics/{value}"
        case FollowKind.SEARCH:
            return f"/search?{followed.value}"


def feed(followed: Follow) -> str:
    """The feed of something that is followed, without its ending and with its query after a question mark."""
    value = quote(followed.value, safe="")
    match followed.kind:
        case FollowKind.AUTHOR:
            return f"/feeds/authors/{value}.atom"
        case FollowKind.CATEGORY:
            return f"/feeds/categories/{value}.atom"
        case FollowKind.TOPIC:
            return f"/feeds/topics/{value}.atom"
        case FollowKind.SEARCH:
            return f"/feeds/search.atom?{followed.value}"


def _check(kind: FollowKind, value: str) -> None:
    """Raises InputError for what there can be no page of."""
    if kind is FollowKind.SEARCH:
        form = SearchForm.parse(value)
        form.filter()
        if not form.asked or form.query_string() != value:
            raise InputError(f"not a search: {value!r}; expected the query of a search page's address")

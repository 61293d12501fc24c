"""The reader's desk: what is kept, sorted and searched; news of it; taking it along, and deleting it."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from broadsheet.library import Library, belongings, holdings
from broadsheet.library.desk import Desk
from broadsheet.library.holdings import Order, Pile
from broadsheet.model import MarkKind
from broadsheet.serve import citations, parameters, view
from broadsheet.serve.site import Site

CARDS = 40
_PILES = {
    Pile.KEPT: "Kept",
    Pile.UNREAD: "Unread",
    Pile.LIKED: "More like this",
    Pile.READ: "Read",
    Pile.NOTED: "Noted",
    Pile.AWAY: "Put away",
    Pile.ALL: "All",
}
_ORDERS = {
    Order.SAID: "last said",
    Order.NEWEST: "newest",
    Order.TITLE: "title",
    Order.AUTHOR: "first author",
}
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


def page(site: Site, request: Request) -> Response:
    """A part of the reader's library, with the ways to its other parts and the news of it."""
    desk = site.desk(request)
    asked = _Asked(request)
    held = holdings.holdings(desk)
    wanted = holdings.piled(held, asked.pile, tag=asked.tag, collection=asked.collection)
    number = parameters.page(request.query_params.get("page", ""))
    found = holdings.page(
        site.library,
        wanted,
        order=asked.order,
        query=asked.q,
        limit=CARDS,
        offset=(number - 1) * CARDS,
    )
    standings = {one.id: one.standing for one in held}
    cards = [view.hit_card(hit, standings=standings) for hit in found.hits] or [
        view.card(paper, standings=standings) for paper in found.papers
    ]
    notices = desk.notices() if asked.is_plain else ()
    titles = site.library.papers(notice.paper for notice in notices)
    sizes = holdings.sizes(held)
    return site.press.page(
        request,
        "desk.html",
        {
            "asked": asked,
            "cards": cards,
            "texts": view.texts_of(found.papers or [hit.paper for hit in found.hits]),
            "total": found.total,
            "page": number,
            "pages": -(-found.total // CARDS),
            "above": found.above,
            "piles": [(pile, label, sizes[pile]) for pile, label in _PILES.items()],
            "orders": list(_ORDERS.items()),
            "tags": desk.labels(MarkKind.TAG),
            "collections": desk.labels(MarkKind.COLLECTION),
            "follows": len(desk.follows()),
            "notices": [(notice, titles.get(notice.paper)) for notice in notices],
            "unseen": sum(not notice.seen for notice in notices),
            "feed": _feed(desk, asked),
            "empty": not held,
        },
    )


def see_notices(site: Site, request: Request) -> Response:
    """Mark the news as read."""
    site.desk(request).see_notices()
    return RedirectResponse("/desk", status_code=303)


def feeds(site: Site, request: Request) -> Response:
    """Make a private feed's address (``open``), make another (again), or take it back (``close``)."""
    desk, form = site.desk(request), request.state.form
    if form.get("open"):
        desk.open_feed(form["open"])
    elif form.get("close"):
        desk.close_feed(form["close"])
    back = form.get("back", "")
    return RedirectResponse(
        back if back.startswith(("/desk", "/following", "/for-you")) else "/desk", status_code=303
    )


def as_lines(site: Site, request: Request) -> Response:
    """Everything on the desk, to be saved: JSON lines."""
    lines = belongings.pack(site.library, site.desk(request), now=site.now())
    return StreamingResponse(
        (f"{line}\n" for line in lines),
        media_type="application/x-ndjson",
        headers={**PRIVATE, "Content-Disposition": 'attachment; filename="broadsheet-desk.jsonl"'},
    )


def as_bibtex(site: Site, request: Request) -> Response:
    """The papers of a part of the library as one BibTeX file, tags and collections as keywords."""
    asked = _Asked(request)
    return Response(
        bibliography(
            site.library, site.desk(request), asked.pile, tag=asked.tag, collection=asked.collection
        ),
        media_type="application/x-bibtex; charset=utf-8",
        headers={**PRIVATE, "Content-Disposition": 'attachment; filename="broadsheet.bib"'},
    )


def bibliography(library: Library, desk: Desk, pile: Pile, *, tag: str = "", collection: str = "") -> str:
    """The papers of a part of a library as BibTeX, by title, tags and collections as keywords."""
    wanted = holdings.piled(holdings.holdings(desk), pile, tag=tag, collection=collection)
    found = holdings.page(library, wanted, order=Order.TITLE, limit=len(wanted), offset=0)
    words = {one.id: (*one.standing.tags, *one.standing.collections) for one in wanted}
    return citations.bibliography((paper, words[paper.id]) for paper in found.papers)


def delete_page(site: Site, request: Request) -> Response:
    """What would be deleted, and the button that does it."""
    desk = site.desk(request)
    return site.press.page(
        request,
        "delete_desk.html",
        {"papers": len(holdings.holdings(desk)), "follows": len(desk.follows())},
    )


def delete(site: Site, request: Request) -> Response:
    """Delete everything on the desk, where the form says so."""
    desk = site.desk(request)
    if request.state.form.get("delete") != "everything":
        return RedirectResponse("/desk/delete", status_code=303)
    desk.forget()
    return RedirectResponse("/desk", status_code=303)


class _Asked:
    """What the address asks for."""

    def __init__(self, request: Request) -> None:
        values = request.query_params
        self.q = values.get("q", "").strip()[: parameters.LONGEST_QUERY]
        self.tag = values.get("tag", "").strip()
        self.collection = values.get("collection", "").strip()
        labelled = bool(self.tag or self.collection or self.q)
        self.pile = holdings.pile_named(values.get("pile", ""), otherwise=Pile.ALL if labelled else Pile.KEPT)
        self.order = holdings.order_named(values.get("sort", ""))

    @property
    def is_plain(self) -> bool:
        """Whether this is the desk as one comes to it."""
        return not (self.q or self.tag or self.collection) and self.pile is Pile.KEPT

    def query(self, **more: str) -> str:
        """The address's query with something changed; what is usual is left out."""
        values = {
            "q": self.q,
            "tag": self.tag,
            "collection": self.collection,
            "pile": self.pile.value,
            "sort": "" if self.order is Order.SAID else self.order.value,
        } | more
        return urlencode({name: value for name, value in values.items() if value})


def _feed(desk: Desk, asked: _Asked) -> tuple[str, str | None] | None:
    """The purpose of the private feed of this page, and its token where it has one; None where it can have none."""
    if asked.collection and not asked.tag and not asked.q:
        purpose = f"collection:{asked.collection}"
    elif asked.is_plain:
        purpose = "kept"
    else:
        return None
    return purpose, desk.feed_token(purpose)

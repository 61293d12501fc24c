"""For you: papers chosen for a reader, what we think the reader is after, and how to correct it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, StrangerError
from broadsheet.ids import PaperId
from broadsheet.library import Desk, Edition, Library
from broadsheet.library.foryou import Choice
from broadsheet.serve import guard, view
from broadsheet.serve.site import Site

DAYS = 3  # editions that the page chooses from
SHOWN = 30
FRONT = 6  # on the front page
INTEREST = 5  # papers that an interest is shown by
# Where the dial can stand, and how each place is called.
DIALS = ((0.0, "closest"), (0.35, "a little further"), (0.7, "further"), (1.0, "surprise me"))


def page(site: Site, request: Request) -> Response:
    """The papers of the last editions that suit the reader best, each with its reason."""
    desk = site.desk(request)
    ids = candidates(site.library)
    choices = site.library.for_you.choose(desk, ids, limit=SHOWN) if desk.reader else ()
    standings = desk.standings(choice.paper.id for choice in choices)
    return site.press.page(
        request,
        "foryou.html",
        {
            "cards": [view.card(choice.paper, standings=standings, why=choice.reason) for choice in choices],
            "dials": DIALS,
            "dial": site.library.for_you.dial(desk) if desk.reader else 0.0,
            "texts": view.texts_of(choice.paper for choice in choices),
            "out_of": len(ids),
            "token": desk.feed_token("for-you"),
            "stranger": not desk.reader,
        },
    )


def interests(site: Site, request: Request) -> Response:
    """What we think of the reader: every interest with its terms and papers."""
    desk = site.desk(request)
    if not desk.reader:
        raise StrangerError("log in to see what this paper thinks of you")
    likings = site.library.for_you.likings(desk)
    papers = site.library.papers(id for liking in likings for id in liking.papers[:INTEREST])
    return site.press.page(
        request,
        "interests.html",
        {"likings": likings, "shown": INTEREST, "papers": papers, "card": view.paper_url},
    )


def wish(site: Site, request: Request) -> Response:
    """Rename, weigh or mute an interest."""
    desk, form = site.desk(request), request.state.form
    site.library.for_you.wish(
        desk,
        form.get("key", ""),
        name=form.get("name", "").strip() or None,
        weight=_number(form.get("weight", "1"), "weight"),
        muted=form.get("muted", "") == "1",
    )
    return RedirectResponse("/for-you/interests", status_code=303)


def reset(site: Site, request: Request) -> Response:
    """Forget what the reader said of interests."""
    site.library.for_you.reset(site.desk(request))
    return RedirectResponse("/for-you/interests", status_code=303)


def set_dial(site: Site, request: Request) -> Response:
    """Set the dial from closest to surprise me."""
    site.library.for_you.set_dial(site.desk(request), _number(request.state.form.get("dial", ""), "dial"))
    back = request.query_params.get("back", "")
    return RedirectResponse(guard.local_path(back, otherwise="/for-you"), status_code=303)


def candidates(library: Library) -> tuple[PaperId, ...]:
    """The papers that were new in the last editions."""
    days = [count.day for count in library.days()[-DAYS:]]
    return tuple(id for day in days for id in new_in(library.edition(day)))


def make_ready(library: Library) -> None:
    """Do now what the pages of the last editions would do first."""
    latest = library.latest()
    if latest is not None:
        library.for_you.make_ready(new_in(library.edition(latest)))
        library.for_you.make_ready(candidates(library))


def new_in(edition: Edition) -> tuple[PaperId, ...]:
    """What an edition brought that was not there before."""
    entries = [*edition.leads, *(entry for section in edition.sections for entry in section.entries)]
    return tuple(entry.id for entry in (*entries, *edition.crossed))


def on_front(site: Site, desk: Desk, edition: Edition) -> Sequence[Choice]:
    """A few papers of an edition for its reader, where they can be had without making the page wait."""
    ids = new_in(edition)
    for_you = site.library.for_you
    if not for_you.is_ready(ids) or not for_you.knows(desk):
        return ()
    return for_you.choose(desk, ids, limit=FRONT)


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(f"not a {what}: {text!r}; expected a number") from error

"""Digests on the web: subscribe, confirm, unsubscribe, preview; save and hide from a letter.

Pages whose address carries a permission (``/mail/…``) show what they would do, and do it when asked by POST: what
fetches every link of a letter changes nothing. The permission is the whole of it: they need no cookie and no login,
and take a POST from anywhere, as mail clients send it (RFC 8058). Knows the editor, no mail server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from broadsheet.deliver.compose import schedule_in_words
from broadsheet.deliver.editor import Editor, schedule_of
from broadsheet.deliver.signing import Deed
from broadsheet.deliver.timetable import WEEKDAYS, zones
from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library.people import Scope
from broadsheet.serve import parameters, view
from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.post import Schedule

# The address of such a page is a permission: nobody else is told it, and nobody keeps it.
_SECRET: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
# A letter has its styles inlined, which pages may not; and nothing else is allowed there.
_LETTER: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "private, no-cache",
}
_USUAL: Final = Schedule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A page that does one thing when its button is pressed."""

    title: str
    text: str
    button: str
    done: str
    paper: tuple[str, str] | None = None  # address and title


# -- subscribing


def subscribe(site: Site, request: Request) -> Response:
    """The form for the public list."""
    return _form(site, request, public=True)


def ask(site: Site, request: Request) -> Response:
    """Ask by mail whether the owner of an address wants the public list."""
    return _ask(site, request, public=True)


def digest(site: Site, request: Request) -> Response:
    """A reader's own digest: when it comes and where to, and what it would say."""
    return _form(site, request, public=False)


def ask_own(site: Site, request: Request) -> Response:
    """Ask by mail whether the owner of an address wants a reader's digest."""
    return _ask(site, request, public=False)


def stop(site: Site, request: Request) -> Response:
    """End one of a reader's own subscriptions."""
    editor_of(site).stop(request.state.form.get("id", ""), reader=reader_of(request))
    return RedirectResponse("/digest", status_code=303)


def preview(site: Site, request: Request) -> Response:
    """The letter that a reader would get, as HTML or as plain text; ``?day=`` for another day, ``?list=public``."""
    asked = request.query_params
    day = parameters.day(asked["day"]) if asked.get("day") else None
    reader = "" if asked.get("list") == "public" else reader_of(request)
    text = editor_of(site).preview(reader, day=day, now=site.now())
    if request.url.path.endswith(".txt"):
        return PlainTextResponse(text.plain, headers={"Cache-Control": "private, no-cache"})
    return HTMLResponse(text.html, headers=_LETTER)


# -- what a letter's links lead to


def confirming(site: Site, request: Request) -> Response:
    """What a link to confirm would begin."""
    return _show(site, request, _confirmation(site, request))


def confirm(site: Site, request: Request) -> Response:
    """Begin a subscription."""
    page = _confirmation(site, request)
    editor_of(site).confirm(request.path_params["ticket"], now=site.now())
    return _show(site, request, page, done=True)


def leaving(site: Site, request: Request) -> Response:
    """What a link to unsubscribe would end."""
    return _show(site, request, _leave(site, request))


def leave(site: Site, request: Request) -> Response:
    """End a subscription. What was posted is not looked at: RFC 8058 has one field, forms have none."""
    page = _leave(site, request)
    editor_of(site).leave(request.path_params["ticket"], now=site.now())
    return _show(site, request, page, done=True)


def saving(site: Site, request: Request) -> Response:
    """What a link to save would save."""
    return _show(site, request, _deed(site, request, Deed.SAVE))


def save(site: Site, request: Request) -> Response:
    """Save a paper."""
    return _do(site, request, Deed.SAVE)


def hiding(site: Site, request: Request) -> Response:
    """What a link to hide would hide."""
    return _show(site, request, _deed(site, request, Deed.HIDE))


def hide(site: Site, request: Request) -> Response:
    """Hide a paper."""
    return _do(site, request, Deed.HIDE)


# -- within


def editor_of(site: Site) -> Editor:
    """Who writes this site's digests. Raises NotFoundError where nobody does."""
    if site.editor is None:
        raise NotFoundError("this site writes no digests")
    return site.editor


def mailer_of(site: Site) -> Editor:
    """The same, where digests are mailed. Raises NotFoundError where they are not."""
    if not site.mails:
        raise NotFoundError("this site sends no mail; whoever runs it can name a mail server in its settings")
    return editor_of(site)


def _form(site: Site, request: Request, *, public: bool, problem: str = "", status: int = 200) -> Response:
    editor = mailer_of(site) if public else editor_of(site)
    filled: Mapping[str, str] = getattr(request.state, "form", {}) or {
        **{f"day{day}": "on" for day in _USUAL.days},
        "hour": str(_USUAL.hour),
        "zone": _USUAL.zone,
    }
    reader = "" if public else reader_of(request)
    kept = () if public else editor.own(reader)
    return site.press.page(
        request,
        "subscribe.html",
        {
            "public": public,
            "mails": site.mails,
            "filled": filled,
            "weekdays": list(enumerate(WEEKDAYS)),
            "zones": zones(),
            "problem": problem,
            "subscriptions": [(s, schedule_in_words(s.schedule)) for s in kept],
        },
        status=status,
    )


def _ask(site: Site, request: Request, *, public: bool) -> Response:
    editor = mailer_of(site)
    form: Mapping[str, str] = request.state.form
    reader = "" if public else reader_of(request)
    try:
        schedule = schedule_of(
            days=[day for day in range(7) if form.get(f"day{day}")],
            hour=_number(form.get("hour", "")),
            zone=form.get("zone", "").strip(),
            if_empty=bool(form.get("if_empty")),
        )
        asker = request.client.host if request.client else ""
        editor.ask(form.get("address", ""), reader=reader, schedule=schedule, now=site.now(), asker=asker)
    except InputError as error:
        return _form(site, request, public=public, problem=sentence(str(error)), status=400)
    # The same answer whether or not the address is known here.
    return site.press.page(
        request,
        "asked.html",
        {"address": form["address"].strip(), "often": schedule_in_words(schedule), "public": public},
    )


def _confirmation(site: Site, request: Request) -> Ask:
    found = editor_of(site).requested(request.path_params["ticket"], now=site.now())
    what = "Trending papers" if not found.reader else "Your digest"
    often = schedule_in_words(found.schedule)
    return Ask(
        title=f"{what}, by mail",
        text=f"{what} will come to {found.address}, {often}.",
        button="Yes, send it to me",
        done=f"Done. {what} will come to {found.address}, {often}. Every letter has a link to unsubscribe.",
    )


def _leave(site: Site, request: Request) -> Ask:
    found = editor_of(site).leaving(request.path_params["ticket"], now=site.now())
    what = "trending papers" if not found.reader else "this digest"
    return Ask(
        title="Unsubscribe",
        text=f"{found.address} will get {what} no longer.",
        button="Unsubscribe",
        done=f"Done. {found.address} gets {what} no longer.",
    )


def _deed(site: Site, request: Request, deed: Deed) -> Ask:
    _, id = editor_of(site).deed(request.path_params["ticket"], deed, now=site.now())
    paper = _paper(site, id)
    if deed is Deed.SAVE:
        return Ask(
            title="Save a paper", text="Keep it on your shelf:", button="Save", done="Saved:", paper=paper
        )
    return Ask(
        title="Hide a paper",
        text="Not to be shown again:",
        button="Hide",
        done="Hidden:",
        paper=paper,
    )


def _do(site: Site, request: Request, deed: Deed) -> Response:
    page = _deed(site, request, deed)
    editor_of(site).do(request.path_params["ticket"], deed, now=site.now())
    return _show(site, request, page, done=True)


def _paper(site: Site, id: PaperId) -> tuple[str, str]:
    paper = site.library.papers([id]).get(id)
    if paper is None:
        raise NotFoundError(f"the paper {id} is no longer in this archive")
    return view.paper_url(paper.id), paper.title


def _show(site: Site, request: Request, page: Ask, *, done: bool = False) -> Response:
    return site.press.page(request, "letter.html", {"page": page, "done": done}, headers=_SECRET)


def reader_of(request: Request) -> str:
    """Whose digest it is: a stranger has none. Raises StrangerError, RefusedError."""
    visitor = visitor_of(request)
    visitor.need(Scope.DESK)
    return visitor.reader


def _number(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text[:4])
    raise InputError(f"not an hour: {text!r}; expected 0 to 23")

"""What curators do: set editions, look at offers and claims, moderate. Everything is on record."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, http_status
from broadsheet.ids import PaperId, parse_versioned
from broadsheet.library.commons import LONGEST_NOTE, LONGEST_REASON, PINS
from broadsheet.library.people import Scope, Visitor
from broadsheet.serve import markdown, parameters, view
from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.people import Role


def edition(site: Site, request: Request) -> Response:
    """The desk of an edition's editor: its pins, its note, when they show."""
    curator_of(request)
    return _edition(site, request)


def pin(site: Site, request: Request) -> Response:
    """Set a paper into the edition."""
    curator, form = curator_of(request), request.state.form
    day = parameters.day(request.path_params["day"])
    try:
        id, _ = parse_versioned(form.get("id", ""))
        place = _number(form.get("place", "") or "1")
        site.library.commons.pin(
            day,
            id,
            place=place,
            note=form.get("note", ""),
            by=curator.reader,
            since=_moment(form.get("since", "")),
        )
    except InputError as error:
        return _edition(site, request, error=error)
    record(site, curator, "pin", f"{id} in {day}", form.get("note", ""))
    return RedirectResponse(f"/edition/{day}/curate", status_code=303)


def unpin(site: Site, request: Request) -> Response:
    """Take a paper out of the edition."""
    curator = curator_of(request)
    day = parameters.day(request.path_params["day"])
    id = PaperId.parse(request.state.form.get("id", ""))
    if site.library.commons.unpin(day, id):
        record(site, curator, "unpin", f"{id} in {day}")
    return RedirectResponse(f"/edition/{day}/curate", status_code=303)


def write_note(site: Site, request: Request) -> Response:
    """Write the editor's note."""
    curator, form = curator_of(request), request.state.form
    day = parameters.day(request.path_params["day"])
    try:
        site.library.commons.write_note(
            day, form.get("text", ""), by=curator.reader, since=_moment(form.get("since", ""))
        )
    except InputError as error:
        return _edition(site, request, error=error)
    record(site, curator, "note", str(day))
    return RedirectResponse(f"/edition/{day}/curate", status_code=303)


def moderation(site: Site, request: Request) -> Response:
    """Everything that waits for somebody: reports, links, claims; and what is kept out."""
    curator = curator_of(request)
    commons, library = site.library.commons, site.library
    reports, links, claims = commons.reports(), commons.open_links(), commons.open_claims()
    kept_out = commons.kept_out()
    papers = library.papers([c.paper for c, _ in reports] + [o.paper for o in links] + list(kept_out))
    people = [c.author for c, _ in reports] + [r.reader for _, rs in reports for r in rs]
    names = commons.names_of(people + [o.reader for o in links] + [c.reader for c in claims])
    return site.press.page(
        request,
        "moderate.html",
        {
            "reports": [
                (
                    papers.get(c.paper),
                    c,
                    markdown.render(c.text),
                    [(names.get(r.reader, "somebody"), r.reason) for r in rs],
                )
                for c, rs in reports
            ],
            "links": [(papers.get(o.paper), o, names.get(o.reader, "somebody")) for o in links],
            "claims": [(c, names.get(c.reader, "somebody")) for c in claims],
            "kept_out": [(papers.get(id), id, why) for id, why in kept_out.items()],
            "names": names,
            "me": curator.reader,
        },
        headers={"Cache-Control": "no-store"},
    )


def judge_comment(site: Site, request: Request) -> Response:
    """Hide a comment or let it stand."""
    curator, form = curator_of(request), request.state.form
    hide = _choice(form.get("verdict", ""), "hide", "stand") == "hide"
    comment = site.library.commons.moderate(request.path_params["id"], hide=hide)
    record(site, curator, "hide comment" if hide else "let comment stand", f"{comment.id} on {comment.paper}")
    return RedirectResponse("/moderate", status_code=303)


def judge_link(site: Site, request: Request) -> Response:
    """Accept or refuse an offered link."""
    curator, form = curator_of(request), request.state.form
    accept = _choice(form.get("verdict", ""), "accept", "refuse") == "accept"
    id, url = PaperId.parse(form.get("paper", "")), form.get("url", "")
    site.library.commons.judge_link(id, url, accept=accept)
    record(site, curator, "accept link" if accept else "refuse link", str(id), url)
    return RedirectResponse("/moderate", status_code=303)


def judge_claim(site: Site, request: Request) -> Response:
    """Accept or refuse a claim to be an author."""
    curator, form = curator_of(request), request.state.form
    accept = _choice(form.get("verdict", ""), "accept", "refuse") == "accept"
    author, reader = form.get("author", ""), form.get("reader", "")
    site.library.commons.judge_claim(author, reader, accept=accept)
    record(site, curator, "accept claim" if accept else "refuse claim", author, reader)
    return RedirectResponse("/moderate", status_code=303)


def keep_out(site: Site, request: Request) -> Response:
    """Keep a paper out of editions, lists and searches, or let it in again."""
    curator, form = curator_of(request), request.state.form
    id = PaperId.parse(request.path_params["id"])
    if _choice(form.get("verdict", ""), "out", "in") == "out":
        site.library.commons.keep_out(id, by=curator.reader, why=form.get("why", ""))
        record(site, curator, "keep out", str(id), form.get("why", ""))
    else:
        site.library.commons.let_in(id)
        record(site, curator, "let in", str(id))
    return RedirectResponse("/moderate", status_code=303)


def curator_of(request: Request) -> Visitor:
    """Who asks, where that is a curator. Raises StrangerError, RefusedError."""
    visitor = visitor_of(request)
    visitor.need(Scope.CURATE, Role.CURATOR)
    return visitor


def record(site: Site, curator: Visitor, action: str, object: str, detail: str = "") -> None:
    """Note in the log of what was done that a curator did it."""
    if site.door.accounts is not None:
        site.door.accounts.record(curator.account, action, object, detail)


def _choice(text: str, *choices: str) -> str:
    if text not in choices:
        raise InputError(f"no verdict {text!r}; expected {' or '.join(choices)}")
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise InputError(f"not a place: {text!r}; expected 1 to {PINS}")
    return int(text[:4])


def _moment(text: str) -> datetime | None:
    """A moment of a form's ``datetime-local`` field, in UTC as the form says; None for an empty one."""
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a moment: {text!r}; expected such as 2026-03-20T07:00") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _edition(site: Site, request: Request, *, error: InputError | None = None) -> Response:
    day = parameters.day(request.path_params["day"])
    found = site.library.edition(day)
    curation = site.library.commons.curation(day, scheduled=True)
    papers = site.library.papers([p.paper for p in curation.pins] + [e.id for e in found.leads])
    names = site.library.commons.names_of(
        [p.by for p in curation.pins] + ([curation.note.by] if curation.note else [])
    )
    return site.press.page(
        request,
        "curate.html",
        {
            "edition": found,
            "curation": curation,
            "papers": papers,
            "names": names,
            "now": site.now(),
            "pins": PINS,
            "longest_note": LONGEST_NOTE,
            "longest_reason": LONGEST_REASON,
            "suggestions": [papers[e.id] for e in found.leads if e.id in papers],
            "paper_url": view.paper_url,
            "error": sentence(str(error)) if error else "",
        },
        status=http_status(error) if error else 200,
        headers={"Cache-Control": "no-store"},
    )

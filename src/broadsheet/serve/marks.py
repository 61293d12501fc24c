"""What a reader says of a paper: one address for every mark. Knows the desk, and how to offer undoing."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import Desk, Standing, shapes
from broadsheet.library.desk import AWAY
from broadsheet.model import MarkKind
from broadsheet.serve import guard, typeset, view
from broadsheet.serve.press import DONE, wants_json
from broadsheet.serve.site import Site

_KINDS = {kind.value: kind for kind in MarkKind}
# Of these one form may name several, with commas between them.
_LISTED = frozenset({MarkKind.TAG, MarkKind.COLLECTION})


def standing(site: Site, request: Request) -> Response:
    """How the reader stands to a paper, to be changed."""
    id = PaperId.parse(request.path_params["id"])
    paper = site.library.papers([id]).get(id)
    if paper is None:
        raise NotFoundError(f"no paper {str(id)!r} in this archive")
    desk = site.desk(request)
    if wants_json(request):
        return _told(paper.id, desk.standing(paper.id))
    return site.press.page(
        request,
        "marks.html",
        {
            "paper": paper,
            "url": view.paper_url(paper.id),
            "title": typeset.title(paper.record.title),
            "standing": desk.standing(paper.id),
            **known_labels(desk),
        },
    )


def known_labels(desk: Desk) -> dict[str, list[str]]:
    """The reader's tags and collections, to choose from."""
    kinds = (MarkKind.TAG, MarkKind.COLLECTION)
    return {f"known_{kind.value}s": [name for name, _ in desk.labels(kind)] for kind in kinds}


def mark(site: Site, request: Request) -> Response:
    """Make a mark (``set``) or take one away (``clear``), then back to where the reader was.

    ``text`` is the note, the tags, the collections or the reason; an empty note takes the note away.
    """
    id = PaperId.parse(request.path_params["id"])
    form = request.state.form
    making, text = bool(form.get("set")), form.get("text", "").strip()
    kind = _kind(form.get("set") or form.get("clear", ""))
    desk = site.desk(request)
    for part in text.split(",") if kind in _LISTED and making else [text]:
        _say(desk, id, kind, part.strip(), making=making)
    if wants_json(request):
        return _told(id, desk.standing(id))
    answer = RedirectResponse(_back(request, id, away=making and kind in AWAY), status_code=303)
    if making and kind in AWAY:
        title = next((p.title for p in site.library.papers([id]).values()), "")
        answer.set_cookie(
            DONE, quote(f"{kind.value} {id} {title[:120]}"), max_age=60, httponly=True, samesite="lax"
        )
    return answer


def _say(desk: Desk, id: PaperId, kind: MarkKind, text: str, *, making: bool) -> None:
    if not making or (kind is MarkKind.NOTE and not text):
        desk.unmark(id, kind, text)
    elif text or kind not in _LISTED:
        desk.mark(id, kind, text)


def _kind(name: str) -> MarkKind:
    if name in _KINDS:
        return _KINDS[name]
    raise InputError(f"not a mark: {name!r}; expected 'set' or 'clear' to be one of: {', '.join(_KINDS)}")


def _back(request: Request, id: PaperId, *, away: bool) -> str:
    """Where the reader was: named by the form, else the page that sent it; at the paper, where that stays."""
    named = request.state.form.get("back", "")
    if not named:
        _, _, came = request.headers.get("referer", "").partition("://")
        host, _, path = came.partition("#")[0].partition("/")
        if host and host == request.headers.get("host"):
            named = f"/{path}"
    back = guard.local_path(named, otherwise=view.paper_url(id))
    return back if away or "#" in back or back.startswith(view.paper_url(id)) else f"{back}#{view.anchor(id)}"


def _told(id: PaperId, found: Standing) -> Response:
    return JSONResponse(shapes.standing_shape(id, found), headers={"Cache-Control": "private, no-store"})

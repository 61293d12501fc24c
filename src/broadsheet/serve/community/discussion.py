"""Votes and comments under a paper, and the newest comments of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from broadsheet.errors import InputError, http_status
from broadsheet.ids import PaperId
from broadsheet.library.commons import LONGEST_COMMENT, Remark
from broadsheet.library.people import Scope, Visitor
from broadsheet.model import Paper
from broadsheet.serve import guard, markdown, view
from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import sentence, wants_json
from broadsheet.serve.site import Site
from broadsheet.store.community import CommentState, Submission
from broadsheet.store.people import Role

LATEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A comment as a page shows it."""

    id: str
    author: str
    at: datetime
    edited: bool
    html: Markup | None  # None: gone or hidden, and something answers it
    depth: int
    mine: bool


def shown(site: Site, request: Request, paper: Paper) -> dict[str, Any]:
    """What a paper's page needs of the community."""
    visitor, commons = visitor_of(request), site.library.commons
    submission = commons.submissions([paper.id]).get(paper.id)
    return {
        "local_votes": commons.votes([paper.id]).get(paper.id, 0),
        "voted": paper.id in commons.voted(visitor.reader, [paper.id]),
        "remarks": [said(remark, visitor) for remark in commons.thread(paper.id)],
        "offered_links": commons.links(paper.id),
        "submitted": submission[0].at if submission else None,
        "submitter": submission[1] if submission else "",
        "may_take_part": visitor.may(Scope.COMMUNITY),
        "may_curate": visitor.may(Scope.CURATE, Role.CURATOR),
        "longest_comment": LONGEST_COMMENT,
    }


def said(remark: Remark, visitor: Visitor) -> Said:
    """A comment made ready to be shown to somebody."""
    comment = remark.comment
    seen = comment.state is CommentState.SHOWN
    return Said(
        id=comment.id,
        author=remark.author
        or ("You" if visitor.account is None and comment.author == visitor.reader else "Somebody"),
        at=comment.at,
        edited=comment.edited is not None,
        html=markdown.render(comment.text) if seen else None,
        depth=remark.depth,
        mine=seen and bool(visitor.reader) and comment.author == visitor.reader,
    )


# -- votes


def vote(site: Site, request: Request) -> Response:
    """Vote for a paper, then back to where the reader was."""
    return _vote(site, request, give=True)


def unvote(site: Site, request: Request) -> Response:
    """Take the vote back."""
    return _vote(site, request, give=False)


def _vote(site: Site, request: Request, *, give: bool) -> Response:
    visitor, commons = _member(request), site.library.commons
    id = PaperId.parse(request.path_params["id"])
    (commons.vote if give else commons.unvote)(visitor.reader, id)
    if wants_json(request):
        return JSONResponse({"id": str(id), "votes": commons.votes([id]).get(id, 0), "voted": give})
    back = request.query_params.get("back", "")
    return RedirectResponse(guard.local_path(back, otherwise=view.paper_url(id)), status_code=303)


# -- comments


def comment(site: Site, request: Request) -> Response:
    """Write about a paper, or answer a comment."""
    visitor, form = _member(request), request.state.form
    id = PaperId.parse(request.path_params["id"])
    parent, text = form.get("parent", ""), form.get("text", "")
    try:
        made = site.library.commons.comment(visitor.reader, id, text, parent=parent)
    except InputError as error:
        if http_status(error) == 404:
            raise
        return _write(
            site,
            request,
            paper=id,
            kind="answer" if parent else "comment",
            about=parent,
            text=text,
            error=error,
        )
    return RedirectResponse(f"{view.paper_url(id)}#c-{made.id}", status_code=303)


def one(site: Site, request: Request) -> Response:
    """A comment by itself, with what one can do about it: answer, report; change or delete one's own."""
    visitor = visitor_of(request)
    found = site.library.commons.find_comment(request.path_params["id"])
    kind = request.query_params.get("do", "answer")
    if kind not in {"answer", "report", "edit", "delete"}:
        raise InputError(f"nothing to do: {kind!r}; expected answer, report, edit or delete")
    visitor.need(Scope.COMMUNITY)
    return _write(
        site, request, paper=found.paper, kind=kind, about=found.id, text=found.text if kind == "edit" else ""
    )


def edit(site: Site, request: Request) -> Response:
    """Change one's own comment."""
    visitor, id = _member(request), request.path_params["id"]
    text = request.state.form.get("text", "")
    try:
        changed = site.library.commons.edit(visitor.reader, id, text)
    except InputError as error:
        if http_status(error) != 400:
            raise
        paper = site.library.commons.find_comment(id).paper
        return _write(site, request, paper=paper, kind="edit", about=id, text=text, error=error)
    return RedirectResponse(f"{view.paper_url(changed.paper)}#c-{id}", status_code=303)


def delete(site: Site, request: Request) -> Response:
    """Delete one's own comment."""
    visitor = _member(request)
    gone = site.library.commons.delete(visitor.reader, request.path_params["id"])
    return RedirectResponse(f"{view.paper_url(gone.paper)}#discussion", status_code=303)


def report(site: Site, request: Request) -> Response:
    """Say that a comment should not stand."""
    visitor, id = _member(request), request.path_params["id"]
    reason = request.state.form.get("text", "")
    try:
        site.library.commons.report(visitor.reader, id, reason)
    except InputError as error:
        if http_status(error) != 400:
            raise
        paper = site.library.commons.find_comment(id).paper
        return _write(site, request, paper=paper, kind="report", about=id, text=reason, error=error)
    return site.press.page(
        request, "said.html", {"heading": "Thank you", "text": "A moderator will look at it."}
    )


def latest(site: Site, request: Request) -> Response:
    """The newest comments on any paper, and what was submitted last."""
    visitor = visitor_of(request)
    remarks = remarked(site, site.library.commons.latest_comments(limit=LATEST))
    submissions = submitted(site, site.library.commons.latest_submissions(limit=LATEST))
    names = site.library.commons.names_of(s.reader for _, s in submissions)
    return site.press.page(
        request,
        "discussion_latest.html",
        {
            "remarks": [(paper, said(remark, visitor)) for paper, remark in remarks],
            "submissions": [(paper, names.get(s.reader, ""), s.at) for paper, s in submissions],
        },
    )


def remarked(site: Site, remarks: Sequence[Remark]) -> list[tuple[Paper, Remark]]:
    """Comments with their papers, without those of papers that are kept out."""
    papers = _public(site, (remark.comment.paper for remark in remarks))
    return [(papers[r.comment.paper], r) for r in remarks if r.comment.paper in papers]


def submitted(site: Site, submissions: Sequence[Submission]) -> list[tuple[Paper, Submission]]:
    """Submissions with their papers, without those that are kept out."""
    papers = _public(site, (submission.paper for submission in submissions))
    return [(papers[s.paper], s) for s in submissions if s.paper in papers]


def _public(site: Site, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
    kept_out = site.library.kept_out()
    return {id: paper for id, paper in site.library.papers(ids).items() if paper.id not in kept_out}


def _member(request: Request) -> Visitor:
    visitor = visitor_of(request)
    visitor.need(Scope.COMMUNITY)
    return visitor


def _write(
    site: Site,
    request: Request,
    *,
    paper: PaperId,
    kind: str,
    about: str = "",
    text: str = "",
    error: InputError | None = None,
) -> Response:
    """The form to write in, by itself, with what is being answered and what was typed so far."""
    visitor = visitor_of(request)
    held = site.library.papers([paper]).get(paper)
    thread = site.library.commons.thread(paper) if about else ()
    return site.press.page(
        request,
        "comment.html",
        {
            "kind": kind,
            "about": next((said(r, visitor) for r in thread if r.comment.id == about), None),
            "paper_title": held.title if held else str(paper),
            "paper_url": view.paper_url(paper),
            "text": text,
            "error": sentence(str(error)) if error else "",
            "longest_comment": LONGEST_COMMENT,
        },
        status=http_status(error) if error else 200,
    )

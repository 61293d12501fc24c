"""What readers make of a paper, in API v1: votes, comments, links. Knows the library's commons."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import Field

from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import shapes
from broadsheet.library.commons import LONGEST_COMMENT, LONGEST_REASON, Remark
from broadsheet.library.people import Visitor
from broadsheet.serve import cursors
from broadsheet.serve.api.asked import LAST, Cursor, Here, Id, Limit, Member, id_of
from broadsheet.serve.api.models import Given, Moment, Next, Shape, shown
from broadsheet.serve.api.repeats import repeatable
from broadsheet.serve.community.discussion import remarked
from broadsheet.serve.site import Site
from broadsheet.store.community import CommentState, Verdict

Json = dict[str, Any]

router = APIRouter(tags=["discussion"])

_COMMENT = {
    "id": "5f0c1a2b3d4e5f60",
    "author": "Ada",
    "at": "2026-03-18T09:30:00Z",
    "edited": None,
    "parent": None,
    "depth": 0,
    "text": "The bound in *Theorem 2* is tight for $n > 2$.",
}


class Comment(Shape):
    """What somebody wrote about a paper. Without its text it was deleted or hidden, and something answers it."""

    model_config = shown(**_COMMENT)

    id: str
    author: str | None = Field(description="Null: the account is gone, or the site has one reader.")
    at: Moment
    edited: Moment | None
    parent: str | None = Field(description="The comment it answers.")
    depth: int = Field(description="How deep it stands in the thread; 0: it answers the paper.")
    text: str | None = Field(description="Markdown without HTML, with mathematics between dollar signs.")


class RecentComment(Comment):
    """A comment, and the paper it is about."""

    model_config = shown(**_COMMENT, paper="2603.14473", title="A title")

    paper: str
    title: str


class Comments(Shape):
    """The newest comments on any paper."""

    model_config = shown(comments=[{**_COMMENT, "paper": "2603.14473", "title": "A title"}], next=None)

    comments: list[RecentComment]
    next: Next


class Text(Given):
    """What somebody writes."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT, examples=["The bound is tight for $n > 2$."])


class Reason(Given):
    """Why a comment should not stand."""

    text: str = Field(min_length=1, max_length=LONGEST_REASON, examples=["an advert"])


class NewComment(Text):
    """A comment, or an answer to one."""

    parent: str = Field("", max_length=100, description="The comment to answer; empty: the paper itself.")


class OfferedLink(Shape):
    """A link that a reader offered and a curator took."""

    url: str
    kind: str


class Discussion(Shape):
    """What readers make of a paper."""

    id: str
    votes: int = Field(description="The votes given here; a paper's `votes` are those counted elsewhere.")
    comments: list[Comment] = Field(description="Each followed by its answers.")
    links: list[OfferedLink]
    submitted: Moment | None = Field(description="When somebody brought it to this site's notice.")
    submitter: str | None


class Vote(Shape):
    """How many voted for a paper here, and whether one did oneself."""

    id: str
    votes: int
    voted: bool


@router.get("/papers/{id:path}/discussion", response_model=Discussion)
def discussion(site: Here, id: Id) -> Json:
    """The votes given here, the comments as a thread, the links that readers offered, and who submitted it."""
    commons, held = site.library.commons, site.library.shown(id_of(id))
    submission = commons.submissions([held.id]).get(held.id)
    return {
        "id": str(held.id),
        "votes": commons.votes([held.id]).get(held.id, 0),
        "comments": [_comment(remark) for remark in commons.thread(held.id)],
        "links": accepted_links(site, held.id),
        "submitted": shapes.moment(submission[0].at) if submission else None,
        "submitter": (submission[1] or None) if submission else None,
    }


@router.put("/votes/{id:path}", response_model=Vote)
def vote(site: Here, member: Member, id: Id) -> Json:
    """Vote for a paper; voting twice is voting once."""
    return _vote(site, member, id, give=True)


@router.delete("/votes/{id:path}", response_model=Vote)
def unvote(site: Here, member: Member, id: Id) -> Json:
    """Take the vote back."""
    return _vote(site, member, id, give=False)


@router.post("/papers/{id:path}/discussion", response_model=Comment, status_code=201)
@repeatable
def comment(site: Here, member: Member, id: Id, written: NewComment) -> Json:
    """Write about a paper, or answer a comment."""
    held = site.library.known(id_of(id))
    made = site.library.commons.comment(member.reader, held.id, written.text, parent=written.parent)
    return _found(site, made.id)


@router.get("/comments", response_model=Comments)
def latest_comments(site: Here, limit: Limit = 50, cursor: Cursor = "") -> Json:
    """The newest comments on any paper."""
    offset = cursors.read_offset(cursor, most=LAST)
    found = site.library.commons.latest_comments(limit=offset + limit + 1)
    return {
        "comments": [
            {**_comment(remark), "paper": str(paper.id), "title": paper.title}
            for paper, remark in remarked(site, found[offset : offset + limit])
        ],
        "next": cursors.after(offset + limit, of=len(found), most=LAST),
    }


@router.get("/comments/{id}", response_model=Comment)
def one_comment(site: Here, id: str) -> Json:
    """A comment by itself."""
    return _found(site, id)


@router.patch("/comments/{id}", response_model=Comment)
def edit_comment(site: Here, member: Member, id: str, written: Text) -> Json:
    """Change one's own comment."""
    site.library.commons.edit(member.reader, id, written.text)
    return _found(site, id)


@router.post("/comments/{id}/reports", status_code=204)
@repeatable
def report_comment(site: Here, member: Member, id: str, written: Reason) -> None:
    """Say that a comment should not stand; a moderator looks at it."""
    site.library.commons.report(member.reader, id, written.text)


@router.delete("/comments/{id}", status_code=204)
def delete_comment(site: Here, member: Member, id: str) -> None:
    """Delete one's own comment; what answers it stays."""
    site.library.commons.delete(member.reader, id)


def accepted_links(site: Site, id: PaperId) -> list[Json]:
    """The links of a paper that readers offered and curators accepted."""
    return [
        {"url": offer.url, "kind": offer.kind}
        for offer in site.library.commons.links(id)
        if offer.verdict is Verdict.ACCEPTED
    ]


def _vote(site: Site, member: Visitor, id: str, *, give: bool) -> Json:
    commons, held = site.library.commons, site.library.known(id_of(id))
    (commons.vote if give else commons.unvote)(member.reader, held.id)
    return {"id": str(held.id), "votes": commons.votes([held.id]).get(held.id, 0), "voted": give}


def _found(site: Site, id: str) -> Json:
    commons = site.library.commons
    paper = commons.find_comment(id).paper
    for remark in commons.thread(paper):
        if remark.comment.id == id:
            return _comment(remark)
    raise NotFoundError(f"the comment {id!r} is no longer shown")


def _comment(remark: Remark) -> Json:
    comment = remark.comment
    return {
        "id": comment.id,
        "author": remark.author or None,
        "at": shapes.moment(comment.at),
        "edited": shapes.moment(comment.edited) if comment.edited else None,
        "parent": comment.parent or None,
        "depth": remark.depth,
        "text": comment.text if comment.state is CommentState.SHOWN else None,
    }

"""What readers bring in API v1: papers, links of papers, and word of who wrote them."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from broadsheet.library import shapes
from broadsheet.library.commons import LONGEST_REASON
from broadsheet.serve import cursors
from broadsheet.serve.api.asked import LAST, Cursor, Here, Id, Limit, Member, id_of
from broadsheet.serve.api.discussion import OfferedLink, accepted_links
from broadsheet.serve.api.models import Given, Moment, Next, Shape, shown
from broadsheet.serve.api.repeats import repeatable
from broadsheet.serve.community import submissions as taking
from broadsheet.serve.community.discussion import submitted as public

Json = dict[str, Any]

router = APIRouter(tags=["discussion"])


_SUBMITTED = {"id": "2603.14473", "at": "2026-03-18T09:30:00Z", "submitter": "Ada"}


class Submitted(Shape):
    """A paper that somebody brought to this site's notice."""

    model_config = shown(**_SUBMITTED)

    id: str
    at: Moment
    submitter: str | None = Field(description="Null: the account is gone, or the site has one reader.")


class Submissions(Shape):
    """The papers submitted last, newest first."""

    model_config = shown(submissions=[_SUBMITTED], next=None)

    submissions: list[Submitted]
    next: Next


class NewSubmission(Given):
    """A paper by its id or link, or, where neither says enough, described."""

    id: str = Field(
        "", max_length=500, description="An arXiv id, a DOI or a link to either.", examples=["2603.14473"]
    )
    title: str = Field("", max_length=500)
    authors: str = Field("", max_length=5000, description="With commas between them.")
    abstract: str = Field("", max_length=10_000)
    link: str = Field("", max_length=500)


class Links(Shape):
    """The links of a paper that readers offered and curators accepted."""

    id: str
    links: list[OfferedLink]


class NewLink(Given):
    """A link that belongs to a paper."""

    url: str = Field(max_length=2000, examples=["https://github.com/example/code"])
    kind: Literal["code", "data", "model", "project"] = "code"


class NewClaim(Given):
    """Why one is an author."""

    evidence: str = Field(min_length=1, max_length=LONGEST_REASON, examples=["my page links to my ORCID"])


class Waiting(Shape):
    """Thanks; a curator will look at it."""

    model_config = shown(waiting=True)

    waiting: bool = Field(description="False: it was said before.")


@router.get("/submissions", response_model=Submissions)
def submitted(site: Here, limit: Limit = 50, cursor: Cursor = "") -> Json:
    """The papers that were submitted last."""
    commons, offset = site.library.commons, cursors.read_offset(cursor, most=LAST)
    latest = commons.latest_submissions(limit=offset + limit + 1)
    found = public(site, latest[offset : offset + limit])
    names = commons.names_of(each.reader for _, each in found)
    return {
        "submissions": [
            {"id": str(paper.id), "at": shapes.moment(each.at), "submitter": names.get(each.reader)}
            for paper, each in found
        ],
        "next": cursors.after(offset + limit, of=len(latest), most=LAST),
    }


@router.post("/submissions", response_model=Submitted, status_code=201)
@repeatable
def submit(site: Here, member: Member, wanted: NewSubmission) -> Json:
    """Submit a paper: one that is here, one that can be fetched by its id, else one that is described."""
    id = taking.take(site, wanted.model_dump())
    site.library.commons.submit(member.reader, id)
    submission, name = site.library.commons.submissions([id])[id]
    return {"id": str(id), "at": shapes.moment(submission.at), "submitter": name or None}


@router.get("/papers/{id:path}/links", response_model=Links)
def links(site: Here, id: Id) -> Json:
    """The links of a paper that readers offered and curators accepted."""
    held = site.library.shown(id_of(id))
    return {"id": str(held.id), "links": accepted_links(site, held.id)}


@router.post("/papers/{id:path}/links", response_model=Waiting, status_code=202)
@repeatable
def offer_link(site: Here, member: Member, id: Id, wanted: NewLink) -> Json:
    """Offer a paper's code, data, model or project page; it shows once a curator accepts it."""
    held = site.library.known(id_of(id))
    return {"waiting": site.library.commons.offer_link(member.reader, held.id, wanted.url, wanted.kind)}


@router.post("/authors/{key}/claims", response_model=Waiting, status_code=202)
@repeatable
def claim(site: Here, member: Member, key: str, wanted: NewClaim) -> Json:
    """Say that one is this author; it shows once a curator accepts it."""
    return {"waiting": site.library.commons.claim(member.reader, key, wanted.evidence)}

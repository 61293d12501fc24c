"""What curators do in API v1: set editions, and judge what readers brought. Needs the scope ``curate``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BeforeValidator, Field
from starlette.requests import Request

from broadsheet.library import shapes
from broadsheet.library.commons import LONGEST_NOTE, LONGEST_REASON, PINS
from broadsheet.library.people import Visitor
from broadsheet.serve.api.asked import Here, Id, id_of
from broadsheet.serve.api.models import Day, Given, Moment, Shape, shown
from broadsheet.serve.community.curation import curator_of, record
from broadsheet.serve.parameters import StrictDay
from broadsheet.store.community import Curation

Json = dict[str, Any]

router = APIRouter(tags=["curation"])


def _curator(request: Request) -> Visitor:
    return curator_of(request)


Curator = Annotated[Visitor, Depends(_curator)]


def _text(value: object) -> object:
    if isinstance(value, str) or value is None:
        return value
    raise ValueError("expected a moment such as 2026-03-20T07:00:00Z")


# Read from a text alone: a number would be taken for seconds since 1970.
Since = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text)]
OfDay = Annotated[StrictDay, Path(examples=["2026-03-17"])]


class Pinned(Shape):
    """A paper that a curator set into an edition."""

    id: str
    place: int
    note: str
    since: Moment = Field(description="From when it shows.")


class Curated(Shape):
    """What a curator made of a day, what is scheduled included."""

    model_config = shown(
        day="2026-03-17",
        note="Sorting week.",
        note_since="2026-03-17T07:00:00Z",
        pins=[{"id": "2603.14473", "place": 1, "note": "A classic.", "since": "2026-03-17T07:00:00Z"}],
    )

    day: Day
    note: str | None = Field(description="In Markdown.")
    note_since: Moment | None
    pins: list[Pinned]


class NewPin(Given):
    """Where a paper is to stand."""

    place: int = Field(1, ge=1, le=PINS)
    note: str = Field("", max_length=LONGEST_REASON, description="A line on why.")
    since: Since | None = Field(None, description="From when it shows; null: now.")


class NewNote(Given):
    """What the editor says at the head of an edition."""

    text: str = Field(max_length=LONGEST_NOTE, description="In Markdown; empty: no note any more.")
    since: Since | None = Field(None, description="From when it shows; null: now.")


class Reason(Shape):
    """Why somebody reported a comment."""

    by: str | None
    reason: str


class Reported(Shape):
    """A comment that readers reported."""

    comment: str
    paper: str
    text: str
    reasons: list[Reason]


class Offered(Shape):
    """A link that waits."""

    paper: str
    url: str
    kind: str
    by: str | None


class Claimed(Shape):
    """Somebody who says to be an author."""

    author: str
    account: str
    by: str | None
    evidence: str
    at: Moment


class KeptOut(Shape):
    """A paper that is kept out of editions, lists and searches."""

    id: str
    why: str


class Queue(Shape):
    """Everything that waits for a curator, and what is kept out."""

    reports: list[Reported]
    links: list[Offered]
    claims: list[Claimed]
    kept_out: list[KeptOut]


class CommentVerdict(Given):
    """What becomes of a comment."""

    verdict: Literal["hide", "stand"]


class LinkVerdict(Given):
    """What becomes of an offered link."""

    paper: str = Field(max_length=300)
    url: str = Field(max_length=2000)
    verdict: Literal["accept", "refuse"]


class ClaimVerdict(Given):
    """What becomes of a claim."""

    author: str = Field(max_length=300)
    account: str = Field(max_length=100)
    verdict: Literal["accept", "refuse"]


class Why(Given):
    """Why a paper is kept out."""

    why: str = Field(min_length=1, max_length=LONGEST_REASON)


@router.get("/editions/{day}/curation", response_model=Curated)
def curation(site: Here, curator: Curator, day: OfDay) -> Json:
    """What a curator made of a day, what is scheduled included."""
    del curator
    return _curated(site.library.commons.curation(day, scheduled=True))


@router.put("/editions/{day}/pins/{id:path}", response_model=Curated)
def pin(site: Here, curator: Curator, day: OfDay, id: Id, wanted: NewPin) -> Json:
    """Set a paper into an edition, now or from a moment on."""
    held = site.library.known(id_of(id))
    commons = site.library.commons
    commons.pin(
        day, held.id, place=wanted.place, note=wanted.note, by=curator.reader, since=_utc(wanted.since)
    )
    record(site, curator, "pin", f"{held.id} in {day}", wanted.note)
    return _curated(commons.curation(day, scheduled=True))


@router.delete("/editions/{day}/pins/{id:path}", response_model=Curated)
def unpin(site: Here, curator: Curator, day: OfDay, id: Id) -> Json:
    """Take a paper out of an edition."""
    named = id_of(id)
    if site.library.commons.unpin(day, named):
        record(site, curator, "unpin", f"{named} in {day}")
    return _curated(site.library.commons.curation(day, scheduled=True))


@router.put("/editions/{day}/note", response_model=Curated)
def write_note(site: Here, curator: Curator, day: OfDay, wanted: NewNote) -> Json:
    """Write the editor's note, now or from a moment on."""
    site.library.commons.write_note(day, wanted.text, by=curator.reader, since=_utc(wanted.since))
    record(site, curator, "note", str(day))
    return _curated(site.library.commons.curation(day, scheduled=True))


@router.get("/moderation", response_model=Queue)
def moderation(site: Here, curator: Curator) -> Json:
    """Everything that waits for a curator."""
    del curator
    commons = site.library.commons
    reports, links, claims = commons.reports(), commons.open_links(), commons.open_claims()
    people = (
        [r.reader for _, each in reports for r in each]
        + [o.reader for o in links]
        + [c.reader for c in claims]
    )
    names = commons.names_of(people)
    return {
        "reports": [
            {
                "comment": comment.id,
                "paper": str(comment.paper),
                "text": comment.text,
                "reasons": [{"by": names.get(r.reader), "reason": r.reason} for r in each],
            }
            for comment, each in reports
        ],
        "links": [
            {"paper": str(o.paper), "url": o.url, "kind": o.kind, "by": names.get(o.reader)} for o in links
        ],
        "claims": [
            {
                "author": c.author,
                "account": c.reader,
                "by": names.get(c.reader),
                "evidence": c.evidence,
                "at": shapes.moment(c.at),
            }
            for c in claims
        ],
        "kept_out": [{"id": str(id), "why": why} for id, why in commons.kept_out().items()],
    }


@router.post("/moderation/comments/{id}", status_code=204)
def judge_comment(site: Here, curator: Curator, id: str, wanted: CommentVerdict) -> None:
    """Hide a comment or let it stand."""
    hide = wanted.verdict == "hide"
    comment = site.library.commons.moderate(id, hide=hide)
    record(site, curator, "hide comment" if hide else "let comment stand", f"{comment.id} on {comment.paper}")


@router.post("/moderation/links", status_code=204)
def judge_link(site: Here, curator: Curator, wanted: LinkVerdict) -> None:
    """Accept or refuse an offered link."""
    accept, paper = wanted.verdict == "accept", id_of(wanted.paper)
    site.library.commons.judge_link(paper, wanted.url, accept=accept)
    record(site, curator, "accept link" if accept else "refuse link", str(paper), wanted.url)


@router.post("/moderation/claims", status_code=204)
def judge_claim(site: Here, curator: Curator, wanted: ClaimVerdict) -> None:
    """Accept or refuse a claim to be an author."""
    accept = wanted.verdict == "accept"
    site.library.commons.judge_claim(wanted.author, wanted.account, accept=accept)
    record(site, curator, "accept claim" if accept else "refuse claim", wanted.author, wanted.account)


@router.put("/moderation/kept-out/{id:path}", status_code=204)
def keep_out(site: Here, curator: Curator, id: Id, wanted: Why) -> None:
    """Keep a paper out of editions, lists and searches."""
    held = site.library.known(id_of(id))
    site.library.commons.keep_out(held.id, by=curator.reader, why=wanted.why)
    record(site, curator, "keep out", str(held.id), wanted.why)


@router.delete("/moderation/kept-out/{id:path}", status_code=204)
def let_in(site: Here, curator: Curator, id: Id) -> None:
    """Let a paper in again."""
    named = id_of(id)
    site.library.commons.let_in(named)
    record(site, curator, "let in", str(named))


def _utc(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at else None


def _curated(found: Curation) -> Json:
    return {
        "day": found.day.isoformat(),
        "note": found.note.text if found.note else None,
        "note_since": shapes.moment(found.note.since) if found.note else None,
        "pins": [
            {"id": str(p.paper), "place": p.place, "note": p.note, "since": shapes.moment(p.since)}
            for p in found.pins
        ],
    }

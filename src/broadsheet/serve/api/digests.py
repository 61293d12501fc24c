"""Digests by mail in API v1: what a reader gets, when and where to, and the public list. Knows the editor.

A subscription begins with a yes from a mail and with nothing else: that link is a permission of its own, at ``/mail/…``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request

from broadsheet.deliver.compose import schedule_in_words
from broadsheet.deliver.editor import CONFIRM_DAYS, schedule_of
from broadsheet.library import shapes
from broadsheet.serve.api.asked import Here, OwnPrivate
from broadsheet.serve.api.models import Given, Moment, Shape, shown
from broadsheet.serve.api.repeats import repeatable
from broadsheet.serve.digests import editor_of, mailer_of, reader_of
from broadsheet.serve.parameters import StrictDay
from broadsheet.serve.site import Site
from broadsheet.store.post import Subscription

Json = dict[str, Any]

router = APIRouter(tags=["digest"])

Weekday = Annotated[int, Field(ge=0, le=6)]


class Subscribed(Shape):
    """A digest that goes, or went, to an address."""

    id: str
    address: str
    days: list[int] = Field(description="0 is Monday.")
    hour: int
    zone: str
    if_empty: bool = Field(description="Whether it comes also when there is nothing new.")
    state: Literal["active", "stopped"]
    why: str | None = Field(description="Why it was stopped.")
    confirmed: Moment
    next: Moment | None = Field(description="When the next one is written; null: it was stopped.")


class Digests(Shape):
    """Where a reader's digest goes."""

    model_config = shown(
        mails=True,
        subscriptions=[
            {
                "id": "0f1e2d3c4b5a6978",
                "address": "ada@example.org",
                "days": [0, 3],
                "hour": 7,
                "zone": "Europe/Paris",
                "if_empty": False,
                "state": "active",
                "why": None,
                "confirmed": "2026-03-18T09:30:00Z",
                "next": "2026-03-19T06:00:00Z",
            }
        ],
    )

    mails: bool = Field(description="Whether this site sends mail at all.")
    subscriptions: list[Subscribed]


class NewSubscription(Given):
    """Where a digest is to go, and when."""

    address: str = Field(max_length=320, examples=["ada@example.org"])
    days: list[Weekday] = Field([0, 1, 2, 3, 4], min_length=1, max_length=7, description="0 is Monday.")
    hour: int = Field(7, ge=0, le=23)
    zone: str = Field("UTC", max_length=100, description="By whose clock.", examples=["Europe/Paris"])
    if_empty: bool = Field(False, description="Whether to write also when there is nothing new.")


class Asked(Shape):
    """A question is on its way to the address; nothing comes of it without a yes in that mail."""

    model_config = shown(
        address="ada@example.org", often="on Monday and Thursday at 7:00 (Europe/Paris)", confirm_days=7
    )

    address: str
    often: str
    confirm_days: int = Field(description="How long the link in the mail is good.")


class Letter(Shape):
    """What a digest would say. Its links to save, hide and unsubscribe are left out: they are permissions."""

    model_config = shown(subject="Broadsheet, 20 March 2026", plain="…", html="<!doctype html>…")

    subject: str
    plain: str
    html: str


@router.get("/digest", response_model=Digests)
def digests(site: Here, desk: OwnPrivate) -> Json:
    """Where the reader's digest goes, and when. Needs the scope `desk`: it tells addresses."""
    return {"mails": site.mails, "subscriptions": [_subscribed(s) for s in editor_of(site).own(desk.reader)]}


@router.post("/digest", response_model=Asked, status_code=202)
@repeatable
def ask_digest(request: Request, site: Here, desk: OwnPrivate, wanted: NewSubscription) -> Json:
    """Ask an address by mail whether it wants the reader's digest, or wants it on other days; a yes begins it."""
    return _ask(request, site, wanted, reader=desk.reader)


@router.delete("/digest/subscriptions/{id}", status_code=204)
def stop_digest(site: Here, desk: OwnPrivate, id: str) -> None:
    """End one of the reader's subscriptions."""
    editor_of(site).stop(id, reader=desk.reader)


@router.get("/digest/preview", response_model=Letter)
def preview_digest(
    request: Request,
    site: Here,
    day: Annotated[StrictDay | None, Query(description="Of which edition; without it the newest.")] = None,
    list: Annotated[
        Literal["own", "public"], Query(description="The reader's own, or the public list's.")
    ] = "own",
) -> Json:
    """The letter as it would be written now."""
    reader = "" if list == "public" else reader_of(request)
    text = editor_of(site).preview(reader, day=day, now=site.now())
    return {"subject": text.subject, "plain": text.plain, "html": text.html}


@router.post("/subscriptions", response_model=Asked, status_code=202)
@repeatable
def subscribe(request: Request, site: Here, wanted: NewSubscription) -> Json:
    """Ask an address by mail whether it wants the public list. Anybody may, a few times a day."""
    return _ask(request, site, wanted, reader="")


def _ask(request: Request, site: Site, wanted: NewSubscription, *, reader: str) -> Json:
    schedule = schedule_of(
        days=wanted.days, hour=wanted.hour, zone=wanted.zone.strip(), if_empty=wanted.if_empty
    )
    asker = request.client.host if request.client else ""
    mailer_of(site).ask(wanted.address, reader=reader, schedule=schedule, now=site.now(), asker=asker)
    # The same answer whether or not the address is known here.
    return {
        "address": wanted.address.strip(),
        "often": schedule_in_words(schedule),
        "confirm_days": CONFIRM_DAYS,
    }


def _subscribed(found: Subscription) -> Json:
    schedule = found.schedule
    return {
        "id": found.id,
        "address": found.address,
        "days": [*schedule.days],
        "hour": schedule.hour,
        "zone": schedule.zone,
        "if_empty": schedule.if_empty,
        "state": "active" if found.due else "stopped",
        "why": found.why or None,
        "confirmed": shapes.moment(found.confirmed),
        "next": shapes.moment(found.due),
    }

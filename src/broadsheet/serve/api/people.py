"""Administration in API v1: who is here and what they may, invitations, the log. Needs the scope ``admin``.

A token neither makes administrators nor changes them, and gives nobody a link for a new password: whoever has such a
link, or is an administrator, has more than any token.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import NotFoundError
from broadsheet.library import shapes
from broadsheet.library.commons import LONGEST_REASON
from broadsheet.library.people import Accounts, Invitation, Scope, Visitor
from broadsheet.serve import cursors
from broadsheet.serve.api.account import InHouse
from broadsheet.serve.api.asked import Cursor, Here, Limit
from broadsheet.serve.api.models import Given, Moment, Next, Shape, shown
from broadsheet.serve.door import visitor_of
from broadsheet.store.people import Account, Role

Json = dict[str, Any]

router = APIRouter(tags=["administration"])


def _admin(request: Request, accounts: InHouse) -> Visitor:
    del accounts  # a house without any has no administrators
    visitor = visitor_of(request)
    visitor.need(Scope.ADMIN, Role.ADMIN)
    return visitor


Admin = Annotated[Visitor, Depends(_admin)]

_SOMEBODY: Json = {
    "id": "5f0c1a2b3d4e5f60",
    "name": "Bob",
    "email": "bob@example.org",
    "role": "reader",
    "made": "2026-03-18T09:30:00Z",
    "confirmed": True,
    "banned": False,
}
_INVITATION: Json = {
    "key": "facade00facade00",
    "email": "eve@example.org",
    "role": "reader",
    "expires": "2026-04-01T09:30:00Z",
}


class Somebody(Shape):
    """An account, as administrators see it."""

    model_config = shown(**_SOMEBODY)

    id: str
    name: str
    email: str | None
    role: Role
    made: Moment
    confirmed: bool
    banned: bool


class Everybody(Shape):
    """Accounts by name."""

    model_config = shown(count=2, people=[_SOMEBODY], next=None)

    count: int = Field(description="How many there are, those banned left out.")
    people: list[Somebody]
    next: Next


class NewRole(Given):
    """What somebody may do from now on."""

    role: Role = Field(strict=False)


class Ban(Given):
    """Why somebody is shut out."""

    why: str = Field("", max_length=LONGEST_REASON)


class InvitationShape(Shape):
    """An open invitation."""

    key: str
    email: str | None = Field(description="Null: for whoever has the link.")
    role: Role
    expires: Moment


class Invitations(Shape):
    """Open invitations, newest first."""

    model_config = shown(invitations=[_INVITATION])

    invitations: list[InvitationShape]


class NewInvitation(Given):
    """Whom to invite, and as what."""

    email: str = Field("", max_length=254, description="Empty: hand the link over yourself.")
    role: Role = Field(Role.READER, strict=False)


class MadeInvitation(InvitationShape):
    """An invitation that was made just now."""

    model_config = shown(**_INVITATION, link="https://papers.example.org/join/…", mailed=True)

    link: str = Field(description="Good once and for two weeks; shown this once.")
    mailed: bool


class Deed(Shape):
    """A line of the log."""

    number: int
    at: Moment
    by: str | None = Field(description="Null: the command line, or the account is gone.")
    action: str
    object: str
    detail: str


class Log(Shape):
    """What was done in the house's name, newest first."""

    model_config = shown(
        deeds=[
            {
                "number": 7,
                "at": "2026-03-18T09:30:00Z",
                "by": "Ada",
                "action": "ban",
                "object": "Bob",
                "detail": "spam",
            }
        ],
        next=None,
    )

    deeds: list[Deed]
    next: Next


@router.get("/people", response_model=Everybody)
def people(accounts: InHouse, admin: Admin, limit: Limit = 100, cursor: Cursor = "") -> Json:
    """Everybody who has an account."""
    del admin
    found = accounts.all(after=cursors.read_name(cursor), limit=limit + 1)
    return {
        "count": accounts.count(),
        "people": [_somebody(account) for account in found[:limit]],
        "next": cursors.write(found[limit - 1].name) if len(found) > limit else None,
    }


@router.put("/people/{id}/role", response_model=Somebody)
def set_role(accounts: InHouse, admin: Admin, id: str, wanted: NewRole) -> Json:
    """Give somebody a role."""
    account = _changed(accounts, admin, id, becomes=wanted.role)
    return _somebody(accounts.set_role(account, wanted.role, by=admin.account))


@router.put("/people/{id}/ban", response_model=Somebody)
def ban(accounts: InHouse, admin: Admin, id: str, said: Ban) -> Json:
    """Shut somebody out: their logins and tokens end."""
    account = _changed(accounts, admin, id)
    return _somebody(accounts.ban(account, by=admin.account, why=said.why))


@router.delete("/people/{id}/ban", response_model=Somebody)
def unban(accounts: InHouse, admin: Admin, id: str) -> Json:
    """Let somebody in again."""
    account = _changed(accounts, admin, id)
    return _somebody(accounts.ban(account, by=admin.account, banned=False))


@router.get("/invitations", response_model=Invitations)
def invitations(accounts: InHouse, admin: Admin) -> Json:
    """The open invitations."""
    del admin
    return {"invitations": [_invitation(one) for one in accounts.admission.invitations()]}


@router.post("/invitations", response_model=MadeInvitation, status_code=201)
def invite(
    request: Request, site: Here, accounts: InHouse, admin: Admin, wanted: NewInvitation, answer: Response
) -> Json:
    """Invite somebody; the link is mailed where it has an address and mail can be sent."""
    if wanted.role is Role.ADMIN:
        admin.need_presence("making an administrator")
    link, made, mailed = accounts.invite(
        by=admin.known(),
        email=wanted.email,
        role=wanted.role,
        url=lambda secret: site.absolute(request, f"/join/{secret}"),
    )
    answer.headers["Cache-Control"] = "no-store"
    return {**_invitation(made), "link": link, "mailed": mailed}


@router.delete("/invitations/{key}", status_code=204)
def uninvite(accounts: InHouse, admin: Admin, key: str) -> None:
    """Take an invitation back."""
    if not accounts.uninvite(key, by=admin.known()):
        raise NotFoundError(f"no open invitation {key[:80]!r}")


@router.get("/log", response_model=Log)
def log(site: Here, accounts: InHouse, admin: Admin, limit: Limit = 100, cursor: Cursor = "") -> Json:
    """What was done in the house's name."""
    del admin
    before = cursors.read_offset(cursor, most=2**53) if cursor else None
    deeds = accounts.deeds(before=before, limit=limit + 1)
    shown = deeds[:limit]
    names = site.library.commons.names_of(deed.actor for deed in shown)
    return {
        "deeds": [
            {
                "number": deed.number,
                "at": shapes.moment(deed.at),
                "by": names.get(deed.actor),
                "action": deed.action,
                "object": deed.object,
                "detail": deed.detail,
            }
            for deed in shown
        ],
        "next": cursors.write(shown[-1].number) if len(deeds) > limit else None,
    }


def _changed(accounts: Accounts, admin: Visitor, id: str, *, becomes: Role | None = None) -> Account:
    """The account that is to be changed, where whoever asks may. Raises NotFoundError, RefusedError."""
    account = accounts.account(id)
    if Role.ADMIN in {account.role, becomes}:
        admin.need_presence("making or changing an administrator")
    return account


def _somebody(account: Account) -> Json:
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email or None,
        "role": account.role,
        "made": shapes.moment(account.made),
        "confirmed": account.confirmed,
        "banned": account.banned,
    }


def _invitation(found: Invitation) -> Json:
    return {
        "key": found.key,
        "email": found.email or None,
        "role": found.role,
        "expires": shapes.moment(found.expires),
    }

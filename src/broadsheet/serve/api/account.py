"""One's own account in API v1: name, password, logins, tokens, deletion.

What a token may do here needs the scope ``account``, and is never more than it could undo: it gives no scope that it
lacks and never this one, and what opens the door anew or shuts it for good, a new password and deletion, needs the
password besides. Where an account has none, a browser does it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from broadsheet.errors import InputError, NotFoundError, RefusedError
from broadsheet.library import shapes
from broadsheet.library.people import Accounts, Scope, Visitor
from broadsheet.library.people.passwords import LONGEST, SHORTEST
from broadsheet.serve.api.asked import Asking
from broadsheet.serve.api.models import Given, Moment, Shape, shown
from broadsheet.serve.door import visitor_of
from broadsheet.serve.site import Site
from broadsheet.store.people import Account, Login, Role, Token

Json = dict[str, Any]

router = APIRouter(tags=["account"])

_LONGEST_LASTS = 366  # days


def _accounts(request: Request) -> Accounts:
    site: Site = request.app.state.site
    return site.accounts()


def _owner(request: Request, accounts: Annotated[Accounts, Depends(_accounts)]) -> Visitor:
    del accounts  # a house without any has no owners
    visitor = visitor_of(request)
    visitor.known()
    visitor.need(Scope.ACCOUNT)
    return visitor


InHouse = Annotated[Accounts, Depends(_accounts)]
Owner = Annotated[Visitor, Depends(_owner)]

_TOKEN: Json = {
    "key": "c0ffee00c0ffee00",
    "label": "nightly script",
    "scopes": ["desk"],
    "made": "2026-03-18T09:30:00Z",
    "expires": "2026-04-17T09:30:00Z",
    "used": None,
}


class TokenShape(Shape):
    """A program's token. `key` names it; it opens nothing."""

    key: str
    label: str
    scopes: list[str]
    made: Moment
    expires: Moment | None = Field(description="Null: until it is taken back.")
    used: Moment | None


class AccountShape(Shape):
    """An account, as its owner sees it."""

    model_config = shown(
        name="Ada",
        email="ada@example.org",
        confirmed=True,
        role="reader",
        made="2026-03-18T09:30:00Z",
        may=["read", "desk"],
        token=_TOKEN,
    )

    name: str
    email: str | None
    confirmed: bool = Field(description="Whether the address is known to be theirs.")
    role: Role
    made: Moment
    may: list[Scope] = Field(description="The scopes that whoever asks has.")
    token: TokenShape | None = Field(description="The token that asks.")


class NewName(Given):
    """How the account is to be called."""

    name: str = Field(min_length=2, max_length=60)


class NewPassword(Given):
    """The password there is, and another."""

    old: str = Field(max_length=LONGEST)
    new: str = Field(min_length=SHORTEST, max_length=LONGEST)
    programs: bool = Field(
        False, description="Whether every token but the one that asks, and every private feed, is taken back."
    )


class LoginShape(Shape):
    """A browser that somebody is logged in with. `key` names it; it opens nothing."""

    key: str
    agent: str = Field(description="What the browser calls itself.")
    made: Moment
    seen: Moment
    expires: Moment
    this: bool = Field(description="Whether it is the one that asks.")


class Logins(Shape):
    """Where the account is logged in, last seen first."""

    model_config = shown(
        logins=[
            {
                "key": "0ddba11c0ddba11c",
                "agent": "Mozilla/5.0 …",
                "made": "2026-03-18T09:30:00Z",
                "seen": "2026-03-19T06:00:00Z",
                "expires": "2026-04-17T09:30:00Z",
                "this": False,
            }
        ]
    )

    logins: list[LoginShape]


class Ended(Shape):
    """How many logins ended."""

    model_config = shown(ended=2)

    ended: int


class Tokens(Shape):
    """The account's tokens, newest first, those that have expired too."""

    model_config = shown(tokens=[_TOKEN])

    tokens: list[TokenShape]


class NewToken(Given):
    """What a token is to be for."""

    label: str = Field(min_length=1, max_length=80, examples=["nightly script"])
    scopes: list[str] = Field(
        min_length=1,
        max_length=len(Scope),
        description=f"Some of {', '.join(Scope)}; reading comes with each.",
        examples=[["desk"]],
    )
    days: int | None = Field(
        30, ge=1, le=_LONGEST_LASTS, description="How long it lasts; null: until it is taken back."
    )


class MadeToken(TokenShape):
    """A token that was made just now."""

    model_config = shown(**_TOKEN, secret="bs_…")  # noqa: S106  an example

    secret: str = Field(description="Shown this once.")


class Farewell(Given):
    """The account's name and password, so that nobody else deletes it, and nobody by a slip."""

    name: str = Field(max_length=60)
    password: str = Field(max_length=LONGEST)


@router.get("/account", response_model=AccountShape)
def account(accounts: InHouse, visitor: Asking) -> Json:
    """Whose account asks, and what it may."""
    return _account(visitor, accounts.account(visitor.known().id))


@router.patch(
    "/account", response_model=AccountShape, responses={409: {"description": "Somebody has the name."}}
)
def rename(accounts: InHouse, owner: Owner, wanted: NewName) -> Json:
    """Take another name."""
    return _account(owner, accounts.rename(owner.known(), wanted.name))


@router.put("/account/password", status_code=204)
def set_password(accounts: InHouse, owner: Owner, wanted: NewPassword) -> None:
    """Take another password; every login but the one that asks ends. A token cannot set an account's first one."""
    accounts.set_password(owner, old=wanted.old, new=wanted.new, programs=wanted.programs)


@router.get("/account/logins", response_model=Logins)
def logins(accounts: InHouse, owner: Owner) -> Json:
    """Where the account is logged in."""
    here = owner.login.key if owner.login else ""
    return {"logins": [_login(login, here=here) for login in accounts.logins(owner.known())]}


@router.delete("/account/logins", response_model=Ended)
def end_other_logins(accounts: InHouse, owner: Owner) -> Json:
    """End every login but the one that asks."""
    return {"ended": accounts.log_out(owner.known(), but=owner.login.key if owner.login else "")}


@router.delete("/account/logins/{key}", status_code=204)
def end_login(accounts: InHouse, owner: Owner, key: str) -> None:
    """End one login."""
    if not accounts.log_out(owner.known(), key=key):
        raise NotFoundError(f"no login {key[:80]!r} of this account")


@router.get("/account/tokens", response_model=Tokens)
def tokens(accounts: InHouse, owner: Owner) -> Json:
    """The account's tokens."""
    return {"tokens": [_token(token) for token in accounts.tokens(owner.known())]}


@router.post("/account/tokens", response_model=MadeToken, status_code=201)
def make_token(accounts: InHouse, owner: Owner, wanted: NewToken, answer: Response) -> Json:
    """Make a token. One that asks gives no scope that it lacks, never `account`, and not for longer than it lasts."""
    unknown = set(wanted.scopes) - set(Scope)
    if unknown:
        raise InputError(f"no scopes {', '.join(sorted(unknown))[:200]}; expected {', '.join(Scope)}")
    made, secret = accounts.grant(
        owner.known(),
        label=wanted.label,
        scopes=frozenset(map(Scope, wanted.scopes)),
        lasts=timedelta(days=wanted.days) if wanted.days else None,
        by=owner.token,
    )
    answer.headers["Cache-Control"] = "no-store"
    return {**_token(made), "secret": secret}


@router.delete("/account/tokens/{key}", status_code=204)
def revoke_token(accounts: InHouse, visitor: Asking, key: str) -> None:
    """Take a token back. Any token may take itself back."""
    account = visitor.known()
    if visitor.token is None or visitor.token.key != key:
        visitor.need(Scope.ACCOUNT)
    if not accounts.revoke(account, key):
        raise NotFoundError(f"no token {key[:80]!r} of this account")


@router.post("/account/deletion", status_code=204)
def delete_account(accounts: InHouse, owner: Owner, said: Farewell) -> None:
    """Delete the account and all that is its own: desk, logins, tokens. Needs its name and password."""
    account = owner.known()
    if said.name.strip() != account.name:
        raise InputError(f"got the name {said.name!r}, expected that of the account; nothing was deleted")
    if not accounts.prove(account, said.password):
        raise RefusedError("an account without a password is deleted at a browser; nothing was deleted")
    accounts.remove(account)


def _account(visitor: Visitor, account: Account) -> Json:
    return {
        "name": account.name,
        "email": account.email or None,
        "confirmed": account.confirmed,
        "role": account.role,
        "made": shapes.moment(account.made),
        "may": [scope for scope in Scope if scope in visitor.scopes],
        "token": _token(visitor.token) if visitor.token else None,
    }


def _login(login: Login, *, here: str) -> Json:
    return {
        "key": login.key,
        "agent": login.agent,
        "made": shapes.moment(login.made),
        "seen": shapes.moment(login.seen),
        "expires": shapes.moment(login.expires),
        "this": login.key == here,
    }


def _token(token: Token) -> Json:
    return {
        "key": token.key,
        "label": token.label,
        "scopes": list(token.scopes),
        "made": shapes.moment(token.made),
        "expires": shapes.moment(token.expires),
        "used": shapes.moment(token.used),
    }

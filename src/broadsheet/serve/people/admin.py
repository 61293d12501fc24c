"""Administration: who is here and what they may, invitations, the log of what was done."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, RefusedError, http_status
from broadsheet.library.people import Accounts, Scope
from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.people import Account, Role

PEOPLE = 100
DEEDS = 100


def people(site: Site, request: Request) -> Response:
    """Everybody, and the open invitations."""
    _admin(request)
    return _page(site, request)


def set_role(site: Site, request: Request) -> Response:
    """Give somebody a role."""
    admin, form = _admin(request), request.state.form
    accounts = site.accounts()
    return _done(
        site,
        request,
        lambda: accounts.set_role(
            accounts.account(form.get("id", "")), _role(form.get("role", "")), by=admin
        ),
    )


def ban(site: Site, request: Request) -> Response:
    """Shut somebody out, or let them in again."""
    admin, form = _admin(request), request.state.form
    accounts = site.accounts()
    banned = form.get("banned", "1") == "1"
    return _done(
        site,
        request,
        lambda: accounts.ban(
            accounts.account(form.get("id", "")), by=admin, banned=banned, why=form.get("why", "")
        ),
    )


def reset_link(site: Site, request: Request) -> Response:
    """A link for somebody's new password, to hand over."""
    admin, accounts = _admin(request), site.accounts()
    account = accounts.account(request.state.form.get("id", ""))
    secret = accounts.admission.reset_link(account)
    accounts.record(admin, "reset link", account.name)
    link = site.absolute(request, f"/reset/{secret}")
    return _page(site, request, link=link, words=f"A new password for {account.name}, good for two hours:")


def invite(site: Site, request: Request) -> Response:
    """Invite somebody: shows the link, and mails it where that can be done."""
    admin, accounts, form = _admin(request), site.accounts(), request.state.form
    try:
        link, _, _ = accounts.invite(
            by=admin,
            email=form.get("email", ""),
            role=_role(form.get("role", Role.READER)),
            url=lambda secret: site.absolute(request, f"/join/{secret}"),
        )
    except InputError as error:
        return _page(site, request, error=error)
    return _page(site, request, link=link, words="The invitation, good once and for two weeks:")


def uninvite(site: Site, request: Request) -> Response:
    """Take an invitation back."""
    admin = _admin(request)
    site.accounts().uninvite(request.state.form.get("key", ""), by=admin)
    return RedirectResponse("/admin/people", status_code=303)


def log(site: Site, request: Request) -> Response:
    """What was done in the house's name, newest first."""
    _admin(request)
    accounts = site.accounts()
    text = request.query_params.get("before", "")
    if text and not text.isdecimal():
        raise InputError(f"not a number of the log: {text!r}")
    deeds = accounts.deeds(before=int(text) if text else None, limit=DEEDS)
    names = site.library.commons.names_of(deed.actor for deed in deeds)
    return site.press.page(
        request,
        "admin_log.html",
        {"deeds": deeds, "names": names, "more": deeds[-1].number if len(deeds) == DEEDS else None},
    )


def _done(site: Site, request: Request, act: Callable[[], object]) -> Response:
    try:
        act()
    except RefusedError as error:
        return _page(site, request, error=error)
    return RedirectResponse("/admin/people", status_code=303)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise InputError(f"no role {text!r}; expected {', '.join(Role)}") from error


def _admin(request: Request) -> Account:
    visitor = visitor_of(request)
    visitor.need(Scope.ADMIN, Role.ADMIN)
    visitor.need_presence("this page")  # what a token may do of it is in API v1
    if visitor.account is None:
        raise RefusedError("this paper has one reader and no accounts")
    return visitor.account


def _page(
    site: Site, request: Request, *, error: InputError | None = None, link: str = "", words: str = ""
) -> Response:
    accounts: Accounts = site.accounts()
    found = accounts.all(after=request.query_params.get("after", ""), limit=PEOPLE + 1)
    return site.press.page(
        request,
        "admin_people.html",
        {
            "people": found[:PEOPLE],
            "more": found[PEOPLE - 1].name if len(found) > PEOPLE else "",
            "count": accounts.count(),
            "roles": [role.value for role in Role],
            "invitations": accounts.admission.invitations(),
            "error": sentence(str(error)) if error else "",
            "link": link,
            "words": words,
        },
        status=http_status(error) if error else 200,
        headers={"Cache-Control": "no-store"},
    )

"""One's own account: name, password, where one is logged in, tokens, deletion."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, RefusedError, http_status
from broadsheet.library.people import Scope, Visitor
from broadsheet.library.people.passwords import SHORTEST
from broadsheet.serve.door import cookie_name, login_url, visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.people import Account, Role

# What a token may be made for, and for how long: (value, words).
SCOPES = (
    (Scope.READ, "read what I can read"),
    (Scope.DESK, "change my desk"),
    (Scope.COMMUNITY, "vote, comment, submit"),
    (Scope.CURATE, "curate"),
    (Scope.ADMIN, "administer"),
    (Scope.ACCOUNT, "see to this account: name, logins, tokens"),
)
LASTS = (("30", "30 days"), ("365", "a year"), ("", "until taken back"))


def page(site: Site, request: Request) -> Response:
    """Everything about one's own account."""
    if visitor_of(request).account is None:
        site.accounts()
        return RedirectResponse(login_url(request), status_code=303)
    return _page(site, request)


def rename(site: Site, request: Request) -> Response:
    """Take another name."""
    account = _owner(request)
    try:
        site.accounts().rename(account, request.state.form.get("name", ""))
    except InputError as error:
        return _page(site, request, error=error)
    return RedirectResponse("/account", status_code=303)


def set_password(site: Site, request: Request) -> Response:
    """Take another password."""
    _owner(request)
    form = request.state.form
    programs = bool(form.get("programs"))
    try:
        site.accounts().set_password(
            visitor_of(request), old=form.get("old", ""), new=form.get("new", ""), programs=programs
        )
    except InputError as error:
        return _page(site, request, error=error)
    done = "The password is changed; wherever else you were logged in, you are not now."
    if programs:
        done += " Tokens and the addresses of private feeds are taken back."
    return _page(site, request, done=done)


def end_login(site: Site, request: Request) -> Response:
    """End one login, or all but this one."""
    visitor = visitor_of(request)
    account = _owner(request)
    key = request.state.form.get("key", "")
    if key:
        site.accounts().log_out(account, key=key)
    else:
        site.accounts().log_out(account, but=visitor.login.key if visitor.login else "")
    return RedirectResponse("/account", status_code=303)


def make_token(site: Site, request: Request) -> Response:
    """Make a token, and show it this once."""
    account = _owner(request)
    form = request.state.form
    wanted = frozenset(scope for scope, _ in SCOPES if form.get(f"scope-{scope.value}"))
    days = form.get("lasts", "")
    if days not in {value for value, _ in LASTS}:
        raise InputError(f"not how long a token may last: {days!r}; expected 30, 365 or nothing")
    try:
        _, secret = site.accounts().grant(
            account,
            label=form.get("label", ""),
            scopes=wanted,
            lasts=timedelta(days=int(days)) if days else None,
        )
    except InputError as error:
        return _page(site, request, error=error)
    return _page(site, request, secret=secret)


def revoke_token(site: Site, request: Request) -> Response:
    """Take a token back."""
    site.accounts().revoke(_owner(request), request.state.form.get("key", ""))
    return RedirectResponse("/account", status_code=303)


def delete_page(site: Site, request: Request) -> Response:
    """What deleting would take away, and one button."""
    return site.press.page(request, "delete_account.html", {"account": _owner(request), "error": ""})


def delete(site: Site, request: Request) -> Response:
    """Delete the account and all that is its own."""
    account = _owner(request)
    if request.state.form.get("name", "").strip() != account.name:
        wrong = f"Type “{account.name}” to delete the account; nothing was deleted."
        return site.press.page(
            request, "delete_account.html", {"account": account, "error": wrong}, status=400
        )
    try:
        site.accounts().remove(account)
    except RefusedError as error:
        return _page(site, request, error=error)
    answer = site.press.page(
        request,
        "said.html",
        {"heading": "It is gone", "text": "The account is deleted, and all that was its own."},
    )
    answer.delete_cookie(cookie_name(request), path="/")
    return answer


def _owner(request: Request) -> Account:
    """Whose account it is: somebody at a browser. What a token may do of it is in API v1."""
    visitor: Visitor = visitor_of(request)
    visitor.need_presence("this page")
    return visitor.known()


def _page(
    site: Site, request: Request, *, error: InputError | None = None, done: str = "", secret: str = ""
) -> Response:
    visitor = visitor_of(request)
    accounts = site.accounts()
    account = accounts.account(_owner(request).id)  # as it is now, which the request may have changed
    scopes = [(s.value, words) for s, words in SCOPES if account.role.may(_NEEDED.get(s, Role.READER))]
    return site.press.page(
        request,
        "account.html",
        {
            "account": account,
            "logins": accounts.logins(account),
            "this_login": visitor.login.key if visitor.login else "",
            "tokens": accounts.tokens(account),
            "scopes": scopes,
            "lasts": LASTS,
            "error": sentence(str(error)) if error else "",
            "done": done,
            "secret": secret,
            "shortest": SHORTEST,
        },
        status=http_status(error) if error else 200,
        headers={"Cache-Control": "no-store"},
    )


_NEEDED = {Scope.CURATE: Role.CURATOR, Scope.ADMIN: Role.ADMIN}

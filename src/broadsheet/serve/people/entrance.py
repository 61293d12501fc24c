"""The way in: log in, log out, invitations, accounts of one's own, forgotten passwords.

Links in mails are only looked at by GET; what they are good for is done by the form on their page, since
mail programs open links by themselves.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError, NotFoundError, StrangerError, TakenError, TooManyError, http_status
from broadsheet.library.people import Purpose, Registration
from broadsheet.library.people.accounts import LOGIN_LASTS
from broadsheet.library.people.passwords import SHORTEST
from broadsheet.serve import guard
from broadsheet.serve.door import cookie_name, visitor_of
from broadsheet.serve.press import sentence
from broadsheet.serve.site import Site
from broadsheet.store.people import Account


def login_page(site: Site, request: Request) -> Response:
    """The form to log in."""
    return _login_page(site, request, back=request.query_params.get("back", ""))


def log_in(site: Site, request: Request) -> Response:
    """Let somebody in, then on to where they were going."""
    form = request.state.form
    back = guard.local_path(form.get("back", ""), otherwise="/")
    try:
        secret = site.accounts().log_in(
            form.get("name", ""),
            form.get("password", ""),
            agent=request.headers.get("user-agent", ""),
            address=request.client.host if request.client else "",
        )
    except (StrangerError, TooManyError) as error:
        return _login_page(site, request, back=back, name=form.get("name", ""), error=error)
    return let_in(request, secret, back)


def log_out(site: Site, request: Request) -> Response:
    """End this login."""
    visitor = visitor_of(request)
    if visitor.account is not None and visitor.login is not None:
        site.accounts().log_out(visitor.account, key=visitor.login.key)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(
        cookie_name(request), path="/", secure=_secure(request), httponly=True, samesite="lax"
    )
    return answer


def register_page(site: Site, request: Request) -> Response:
    """The form for an account of one's own."""
    if site.accounts().admission.registration is not Registration.OPEN:
        raise NotFoundError("this paper makes accounts by invitation only")
    return _form(site, request, "register")


def register(site: Site, request: Request) -> Response:
    """Begin an account; the mail's link finishes it."""
    form = request.state.form
    try:
        site.accounts().admission.register(
            name=form.get("name", ""),
            email=form.get("email", ""),
            password=form.get("password", ""),
            url=lambda secret: site.absolute(request, f"/confirm/{secret}"),
        )
    except InputError as error:
        return _form(site, request, "register", values=form, error=error)
    return _said(
        site,
        request,
        "Look into your mail",
        "A message is on its way to you. Its link, good for two hours, finishes the account.",
    )


def confirm_page(site: Site, request: Request) -> Response:
    """What a mailed link leads to: one button."""
    _open(site, request, Purpose.REGISTER)
    return _form(site, request, "confirm")


def confirm(site: Site, request: Request) -> Response:
    """Make the account, and let its owner in."""
    account = site.accounts().admission.finish(request.path_params["secret"])
    return _welcome(site, request, account)


def join_page(site: Site, request: Request) -> Response:
    """The form that an invitation leads to."""
    found = site.accounts().admission.invitation(request.path_params["secret"])
    if found is None:
        raise NotFoundError("this invitation was used, taken back or has expired")
    return _form(site, request, "join", values={"email": found.email}, role=found.role.value)


def join(site: Site, request: Request) -> Response:
    """Take an invitation up."""
    form = request.state.form
    try:
        account = site.accounts().admission.accept(
            request.path_params["secret"],
            name=form.get("name", ""),
            email=form.get("email", ""),
            password=form.get("password", ""),
        )
    except (TakenError, NotFoundError, InputError) as error:
        if isinstance(error, NotFoundError):
            raise
        return _form(site, request, "join", values=form, error=error, role="")
    return _welcome(site, request, account)


def forgot_page(site: Site, request: Request) -> Response:
    """The form to ask for a new password."""
    site.accounts()
    return _form(site, request, "forgot")


def forgot(site: Site, request: Request) -> Response:
    """Mail a link, if somebody has the address; says the same either way."""
    try:
        site.accounts().admission.forgot(
            request.state.form.get("email", ""),
            url=lambda secret: site.absolute(request, f"/reset/{secret}"),
        )
    except InputError as error:
        return _form(site, request, "forgot", values=request.state.form, error=error)
    return _said(
        site,
        request,
        "Look into your mail",
        "If somebody here has this address, a message is on its way. Its link is good for two hours.",
    )


def reset_page(site: Site, request: Request) -> Response:
    """The form for a new password."""
    _open(site, request, Purpose.RESET)
    return _form(site, request, "reset")


def reset(site: Site, request: Request) -> Response:
    """Set the new password; every login ends, and this one begins."""
    form = request.state.form
    try:
        account = site.accounts().admission.reset(
            request.path_params["secret"], form.get("password", ""), programs=not form.get("keep")
        )
    except NotFoundError:
        raise
    except InputError as error:
        return _form(site, request, "reset", error=error)
    return _welcome(site, request, account)


# -- within


def let_in(request: Request, secret: str, back: str) -> Response:
    """Give a browser its login, and send it on."""
    answer = RedirectResponse(back, status_code=303)
    answer.set_cookie(
        cookie_name(request),
        secret,
        max_age=int(LOGIN_LASTS.total_seconds()),
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )
    return answer


def _secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _welcome(site: Site, request: Request, account: Account) -> Response:
    secret = site.accounts().open(account, agent=request.headers.get("user-agent", ""))
    return let_in(request, secret, "/")


def _open(site: Site, request: Request, purpose: Purpose) -> None:
    if not site.accounts().admission.is_open(purpose, request.path_params["secret"]):
        raise NotFoundError("this link was used or has expired")


def _login_page(
    site: Site,
    request: Request,
    *,
    back: str,
    name: str = "",
    error: StrangerError | TooManyError | None = None,
) -> Response:
    admission = site.accounts().admission
    headers = {}
    if isinstance(error, TooManyError):
        headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return site.press.page(
        request,
        "login.html",
        {
            "back": back,
            "name": name,
            "error": sentence(str(error)) if error else "",
            "open": admission.registration is Registration.OPEN,
            "mails": admission.mails,
            "provider": site.door.provider.name if site.door.provider else "",
        },
        status=http_status(error) if error else 200,
        headers=headers,
    )


def _form(
    site: Site,
    request: Request,
    kind: str,
    *,
    values: object = None,
    error: InputError | None = None,
    role: str = "",
) -> Response:
    """One of the small forms, with what was typed so far (never a password) and what was wrong with it."""
    typed = values if isinstance(values, dict) else {}
    return site.press.page(
        request,
        "entrance.html",
        {
            "kind": kind,
            "name": typed.get("name", ""),
            "email": typed.get("email", ""),
            "role": role,
            "error": sentence(str(error)) if error else "",
            "shortest": SHORTEST,
        },
        status=http_status(error) if error else 200,
    )


def _said(site: Site, request: Request, heading: str, text: str) -> Response:
    return site.press.page(request, "said.html", {"heading": heading, "text": text})

"""Who asks: finds the visitor of every request, and lets nobody write from elsewhere. Knows no page.

A visitor comes by a browser's login (a cookie), a token (``Authorization: Bearer``), or a trusted proxy's
header; in a house without accounts everybody is its one reader. Writes that carry somebody's standing by
themselves, as cookies and proxies do, must come from our own pages (see ``guard``).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from broadsheet.errors import BroadsheetError, InputError
from broadsheet.library.people import ALL_SCOPES, STRANGER, Accounts, Visitor
from broadsheet.serve import guard
from broadsheet.serve.press import Press, wants_json

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})  # methods that change nothing

# What a house for members only shows to strangers: the way in, and what stands on its own secret.
_OPEN: Final = (
    "/static/",
    "/login",
    "/join/",
    "/register",
    "/forgot",
    "/reset/",
    "/confirm/",
    "/mail/",
    "/feeds/mine/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/favicon.ico",
)

# Programs that write without any cookie, by a secret of their own: mail programs unsubscribing (RFC 8058).
_BY_SECRET: Final = ("/mail/",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A reverse proxy that says who asks. Its headers count only where the connection comes from it."""

    header: str
    email_header: str = ""
    addresses: tuple[str, ...] = ("127.0.0.1", "::1")

    def trusts(self, peer: str | None) -> bool:
        """Whether a connection's other end is the proxy."""
        try:
            address = ip_address(peer or "")
            return any(address in ip_network(known, strict=False) for known in self.addresses)
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An identity provider that speaks OpenID Connect. ``name`` is what the log-in page calls it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str = "single sign-on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """How a house lets people in; without ``accounts`` it has one reader, and everybody is it."""

    accounts: Accounts | None = None
    proxy: Proxy | None = None
    members_only: bool = False  # strangers may not even read
    provider: Provider | None = None


class Doorkeeper:
    """Puts the visitor into ``scope["visitor"]``, and refuses writes from other sites."""

    def __init__(self, app: ASGIApp, *, press: Press, reader: str, door: Door) -> None:
        self._app = app
        self._press = press
        self._alone = Visitor(reader=reader, scopes=ALL_SCOPES)
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does to this visitor."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            visitor, carried = await self._visitor(request)
        except BroadsheetError as error:
            await self._press.failure(request, error)(scope, receive, send)
            return
        scope["visitor"] = visitor
        refusal = self._refusal(request, visitor, carried=carried)
        await (refusal or self._app)(scope, receive, send)

    async def _visitor(self, request: Request) -> tuple[Visitor, bool]:
        """Who asks, and whether the request carries that by itself, as a browser does."""
        accounts = self._door.accounts
        if accounts is None:
            return self._alone, True
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and secret.strip():
            return await run_in_threadpool(accounts.by_token, secret.strip()), False
        proxy = self._door.proxy
        if proxy is not None and proxy.trusts(request.client.host if request.client else None):
            name = request.headers.get(proxy.header, "")
            if name:
                email = request.headers.get(proxy.email_header, "") if proxy.email_header else ""
                return await run_in_threadpool(accounts.by_proxy, name, email=email), True
        secret = request.cookies.get(cookie_name(request), "")
        if secret:
            return await run_in_threadpool(accounts.by_login, secret), True
        return STRANGER, True

    def _refusal(self, request: Request, visitor: Visitor, *, carried: bool) -> Response | None:
        path = request.url.path
        if self._door.members_only and not visitor.reader and not path.startswith(_OPEN):
            if request.method in SAFE and not wants_json(request):
                return RedirectResponse(login_url(request), status_code=303)
            return self._press.error(request, status=401, message="Only members may read this paper; log in.")
        if request.method in SAFE or not carried or path.startswith(_BY_SECRET):
            return None
        # A login's cookie travels with a form of any site in a browser that says nothing of where it comes from.
        stated = "sec-fetch-site" in request.headers or "origin" in request.headers
        if guard.from_here(request) and (stated or self._door.accounts is None or not visitor.reader):
            return None
        return self._press.error(
            request,
            status=403,
            message="This works from Broadsheet’s own pages only; the request came from another site.",
        )


def visitor_of(request: Request) -> Visitor:
    """Who asks. Raises InputError where no doorkeeper was asked."""
    visitor = request.scope.get("visitor")
    if not isinstance(visitor, Visitor):
        raise InputError("nobody was at the door: this application was put together without its Doorkeeper")
    return visitor


def cookie_name(request: Request) -> str:
    """The cookie of a login. Over TLS its name keeps it to this very host (RFC 6265bis, 4.1.3.2)."""
    return "__Host-session" if request.url.scheme == "https" else "session"


def login_url(request: Request) -> str:
    """The log-in page that leads back to where the visitor was going."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/login" if here == "/" else f"/login?{urlencode({'back': here})}"

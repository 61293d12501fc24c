"""What keeps readers safe: response headers, and writes only from our own pages. Knows no page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from broadsheet.serve.press import Press

# No inline script or style, no other host: https://www.w3.org/TR/CSP3/
_ALLOWED = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {whence}" for what, whence in _ALLOWED.items()),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# What pages of other sites may read where the settings say so: what is the same for everybody, and nothing else.
_OPEN = tuple(
    f"/api/{name}"
    for name in (
        "v1/openapi.json",
        "v1/editions",
        "v1/trending",
        "v1/counters",
        "v1/search",
        "v1/papers/",
        "v1/authors/",
        "v1/topics/",
        "v1/changes",
        "daily_papers",
        "papers",
        "arxiv/",
    )
)
_FOREVER = "public, max-age=31536000, immutable"


class SecurityHeaders:
    """Puts the headers on every response, and lets browsers keep marked static files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kept = scope["path"].startswith("/static/") and scope["query_string"].startswith(b"v=")

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if kept and message["status"] == 200:
                    headers["Cache-Control"] = _FOREVER
            await send(message)

        await self._app(scope, receive, with_headers)


class CrossOrigin:
    """Lets pages of other sites read the API (CORS), except what is a reader's own."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=list(origins),
            allow_methods=["GET"],
            allow_headers=["Authorization", "If-None-Match"],
            expose_headers=["ETag", "Link", "RateLimit", "RateLimit-Policy", "Retry-After"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, where the path is open to others with headers that say so."""
        path = scope.get("path", "")
        is_open = path == "/api/v1/" or (path.startswith(_OPEN) and not path.endswith("/curation"))
        await (self._open if is_open else self._app)(scope, receive, send)


class OwnNames:
    """Refuses what was asked of a name that is not this site's, whoever asks."""

    def __init__(self, app: ASGIApp, *, press: Press, names: Collection[str]) -> None:
        self._app = app
        self._press = press
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, where it was asked by a name that is ours."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if called_by_name(request, names=self._names):
            await self._app(scope, receive, send)
            return
        message = (
            "This site is not known by the name it was asked for; where the name is its own, set base_url "
            "to the public address, or add the name to host_names."
        )
        await self._press.error(request, status=421, message=message)(scope, receive, send)


def from_here(request: Request) -> bool:
    """Whether a write comes from our own pages, or from no browser at all.

    Browsers say ``Sec-Fetch-Site`` with every request, older ones ``Origin`` with every form; a
    request without both is a program's, which carries nobody's standing.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def called_by_name(request: Request, *, names: Collection[str]) -> bool:
    """Whether a request came to a name that is ours: an address in digits, ``localhost``, one of ``names``.

    A page of another site can have its own name lead to this machine (DNS rebinding), but neither digits
    nor a name of ours.
    """
    asked = request.headers.get("host")
    try:
        # Read here: where Starlette doubts a name (one with an underscore), its URL has the server's address instead.
        host = urlsplit(f"//{asked}" if asked else str(request.url)).hostname or ""
        host = host.removesuffix(".")
        if host == "localhost" or host in names:
            return True
        ip_address(host)
    except ValueError:
        return False
    return True


def local_path(address: str, *, otherwise: str) -> str:
    """The address where it is a path of this site, so that a form cannot send a reader elsewhere."""
    sound = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if sound and address.isprintable() else otherwise

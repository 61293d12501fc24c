"""The web application: a library with pages. Settings come as values; knows no backend."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from broadsheet.deliver.editor import Editor
from broadsheet.errors import BroadsheetError
from broadsheet.ids import PaperId
from broadsheet.library import Intake, Library
from broadsheet.serve.door import Door, Doorkeeper
from broadsheet.serve.foresight import looking_ahead
from broadsheet.serve.gauge import Watch, request_id
from broadsheet.serve.guard import CrossOrigin, OwnNames, SecurityHeaders
from broadsheet.serve.limits import Buckets, RateLimit
from broadsheet.serve.press import Press, sentence, where_it_is_logged
from broadsheet.serve.routes import routes
from broadsheet.serve.site import Site
from broadsheet.serve.status import gauges_of
from broadsheet.serve.tags import EntityTags

if TYPE_CHECKING:
    from broadsheet.serve.mcp import Endpoint

_log = logging.getLogger(__name__)

# Threads that answer. They take turns in Python, and the one that takes requests in takes turns with them: with
# anyio's forty even who is told to come back waits for seconds. Some may be waiting for hosts out there.
_THREADS: Final = 16


def create_app(
    library: Library,
    *,
    title: str = "Broadsheet",
    base_url: str = "",
    host_names: Sequence[str] = (),
    reader: str = "reader",
    door: Door | None = None,
    intake: Intake | None = None,
    fetch: Callable[[PaperId], object] | None = None,
    at_once: int = 64,
    slow: float = 1.0,
    api_rate: int = 0,
    api_origins: Sequence[str] = (),
    editor: Editor | None = None,
    mails: bool = False,
    hub: str = "",
    frank: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The pages and feeds of a library, which stays the caller's to close.

    ``base_url`` is the public address, for links in feeds; "" takes what the request came to.
    Requests to other names than its own, ``host_names``, ``localhost`` and addresses in digits are refused.
    Without a ``door`` there are no accounts, and whoever asks is ``reader``. ``fetch`` takes a paper in from its
    source, by id, when a reader submits it; ``intake`` takes a reader's own papers in. ``editor`` writes digests;
    ``mails``: whether they are sent. ``hub``: the WebSub hub that is told of new editions. More than ``at_once`` requests at a time are told to come back; one
    that takes ``slow`` seconds is logged. ``api_rate``: how many requests a minute a program may make, 0 for
    any number; ``api_origins``: the sites whose pages may read the API, ``*`` for all. ``frank``: whether pages may
    name files and machines where these fail, as to the one reader who runs it; else they name the line of the log.
    """
    door = door or Door()
    press = Press(
        title=title, accounts=door.accounts is not None, digests=editor is not None, mails=mails, frank=frank
    )
    gauges = gauges_of(library)
    site = Site(
        library=library,
        press=press,
        base_url=base_url,
        door=door,
        gauges=gauges,
        fetch=fetch,
        editor=editor,
        mails=mails,
        hub=hub,
        intake=intake,
        now=now,
    )

    mcp = _mcp(site)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = _THREADS
        with looking_ahead(library):
            if mcp is None:
                yield
            else:
                async with mcp.running():
                    yield

    app = Starlette(routes=routes(site, mcp=mcp), lifespan=running)
    # The last is the outermost.
    app.add_middleware(EntityTags)
    if api_rate:
        app.add_middleware(RateLimit, press=press, buckets=Buckets(api_rate))
    app.add_middleware(Doorkeeper, press=press, reader=reader, door=door)
    if api_origins:
        app.add_middleware(CrossOrigin, origins=api_origins)
    public = urlsplit(base_url).hostname
    app.add_middleware(OwnNames, press=press, names=[*host_names, *([public] if public else [])])
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Watch, gauges=gauges, at_once=at_once, slow=slow)

    def explained(request: Request, error: Exception) -> Response:
        if not isinstance(error, BroadsheetError):
            raise error
        return press.failure(request, error)

    def refused(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        message = {
            404: f"There is no page at {request.url.path}.",
            405: f"{request.url.path} does not take {request.method} requests.",
        }.get(error.status_code, sentence(str(error.detail)))
        return press.error(request, status=error.status_code, message=message, headers=error.headers)

    def broken(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        id = request_id.get()
        return press.error(
            request,
            status=500,
            headers={"X-Request-ID": id} if id else None,
            message=f"This is a fault of Broadsheet’s, not yours. {where_it_is_logged()}",
        )

    app.add_exception_handler(BroadsheetError, explained)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(Exception, broken)
    return app


def _mcp(site: Site) -> Endpoint | None:
    """The Model Context Protocol, where its extra is installed."""
    if find_spec("mcp") is None:
        return None
    from broadsheet.serve.mcp import Endpoint  # noqa: PLC0415  an optional extra

    return Endpoint(site)

"""How often one program may ask: a token bucket for each, kept in this process. Knows no route and no setting."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.serve.door import visitor_of
from broadsheet.serve.press import Press

_MINUTE = 60  # seconds
_CLIENTS = 10_000  # remembered at most; one forgotten begins with a full bucket
_LIMITED = ("/api/", "/mcp", "/oembed")


@dataclass(frozen=True, slots=True)
class Grant:
    """Whether a request may be answered, how many more may, and in how many seconds there will be more."""

    granted: bool
    left: int
    wait: int


class Buckets:
    """A bucket for each client that holds ``rate`` tokens and fills in a minute. Safe to share between threads."""

    def __init__(
        self, rate: int, *, clients: int = _CLIENTS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate = rate
        self._clients = clients
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, float]] = (
            OrderedDict()
        )  # tokens, and when they were counted
        self._lock = threading.Lock()

    def take(self, client: str) -> Grant:
        """Take a token from a client's bucket, if there is one."""
        with self._lock:
            now = self._clock()
            tokens, counted = self._kept.pop(client, (float(self.rate), now))
            tokens = min(float(self.rate), tokens + (now - counted) * self.rate / _MINUTE)
            granted = tokens >= 1
            tokens -= granted
            self._kept[client] = (tokens, now)
            while len(self._kept) > self._clients:
                self._kept.popitem(last=False)
        wait = ceil((1 - tokens % 1) * _MINUTE / self.rate)
        return Grant(granted, int(tokens), wait)


class RateLimit:
    """Counts requests of the API by the account that makes them, else by address; 429 where there are too many.

    The headers are those of draft-ietf-httpapi-ratelimit-headers-10, which ``huggingface_hub`` reads too.
    """

    def __init__(self, app: ASGIApp, *, press: Press, buckets: Buckets) -> None:
        self._app = app
        self._press = press
        self._buckets = buckets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, or that it is too much."""
        if scope["type"] != "http" or not scope["path"].startswith(_LIMITED):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        grant = self._buckets.take(_client(request))
        told = {
            "RateLimit-Policy": f'"api";q={self._buckets.rate};w={_MINUTE}',
            "RateLimit": f'"api";r={grant.left};t={grant.wait}',
        }

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(told)
            await send(message)

        if grant.granted:
            await self._app(scope, receive, with_headers)
            return
        refusal = self._press.error(
            request,
            status=429,
            message=f"Too many requests; the next one may come in {grant.wait} s.",
            headers={"Retry-After": str(grant.wait)},
        )
        await refusal(scope, receive, with_headers)


def _client(request: Request) -> str:
    visitor = visitor_of(request)
    if visitor.account is not None:
        return f"account {visitor.reader}"
    return request.client.host if request.client else ""

"""Watches requests: numbers them, times them, counts them, and turns some away when there are too many.

Every response carries ``X-Request-ID`` (the caller's own, where it sent a sound one), and every line logged while
it was answered does too. Times go into a Prometheus histogram by route, so that a million papers are one series.
More requests at once than the house can answer are told to come back (503 and ``Retry-After``) at once, which
keeps it quick for those that are let in.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

# Which request a line of the log belongs to; "" outside of any.
request_id: Final[contextvars.ContextVar[str]] = contextvars.ContextVar("request_id", default="")

_SOUND: Final = re.compile(r"[\w.:-]{8,64}")
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# What must answer when nothing else does: whoever watches the house asks these.
_ALWAYS: Final = frozenset({"/healthz", "/readyz", "/metrics"})
SHARED_NUMBERS: Final = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Gauges:
    """The numbers of one application. ``facts`` are asked whenever somebody looks.

    Of several processes that serve together each shows the numbers of all: prometheus_client then keeps them in the
    folder that the environment names (``SHARED_NUMBERS``), and reads that name when it is first imported.
    """

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self._facts = _Facts()
        self.seconds = Histogram(
            "broadsheet_request_seconds",
            "How long requests took, by route.",
            ["route", "method", "status"],
            buckets=_BUCKETS,
            registry=self._own,
        )
        self.waiting = Gauge(
            "broadsheet_requests_at_once",
            "Requests being answered now.",
            registry=self._own,
            multiprocess_mode="livesum",
        )
        self.turned_away = Counter(
            "broadsheet_requests_turned_away",
            "Requests told to come back, there being too many.",
            registry=self._own,
        )

    def fact(self, name: str, what: str, ask: Callable[[], float]) -> None:
        """A number that is asked for when somebody looks."""
        self._facts.known.append((name, what, ask))

    def shown(self) -> bytes:
        """Everything in Prometheus's text format."""
        numbers = self._own
        if os.environ.get(SHARED_NUMBERS):
            numbers = CollectorRegistry()
            MultiProcessCollector(numbers)  # type: ignore[no-untyped-call]
        facts = CollectorRegistry()
        facts.register(self._facts)
        return generate_latest(numbers) + generate_latest(facts)


class _Facts(Collector):
    def __init__(self) -> None:
        self.known: list[tuple[str, str, Callable[[], float]]] = []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, what, ask in self.known:
            yield GaugeMetricFamily(name, what, value=ask())


class Watch:
    """Sees every request come and go. ``at_once``: as many are answered at the same time as that."""

    def __init__(self, app: ASGIApp, *, gauges: Gauges, at_once: int, slow: float) -> None:
        self._app = app
        self._gauges = gauges
        self._at_once = at_once
        self._slow = slow
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, or that there are too many."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        id = given if _SOUND.fullmatch(given) else secrets.token_hex(8)
        mark = request_id.set(id)
        began = time.perf_counter()
        status = 500

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = id
            await send(message)

        if self._inside >= self._at_once and scope["path"] not in _ALWAYS:
            self._gauges.turned_away.inc()
            await _full()(scope, receive, marked)
            request_id.reset(mark)
            return
        self._inside += 1
        self._gauges.waiting.set(self._inside)
        try:
            await self._app(scope, receive, marked)
        except asyncio.CancelledError:
            status = 499  # the reader left
            raise
        finally:
            self._inside -= 1
            self._gauges.waiting.set(self._inside)
            took = time.perf_counter() - began
            self._gauges.seconds.labels(route_of(scope), scope["method"], str(status)).observe(took)
            if took >= self._slow:
                _log.warning("slow: %s %s took %.2f s (%s)", scope["method"], scope["path"], took, status)
        request_id.reset(mark)  # not where it raised: who answers then, outside of us, names the request too


def route_of(scope: Scope) -> str:
    """The route that answered, as the application names it, not the address: "" for none."""
    path = getattr(scope.get("route"), "path", "") or ""
    # A mounted application names its routes from where it is mounted.
    outer = scope.get("app_root_path", scope.get("root_path", ""))
    mounted = scope.get("root_path", "").removeprefix(outer)
    return path if path == mounted else mounted + path


def _full() -> Response:
    return PlainTextResponse(
        "Too many readers at once; come back in a moment.\n", status_code=503, headers={"Retry-After": "2"}
    )

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from broadsheet.cli.logs import Json, Plain
from broadsheet.serve.gauge import Gauges, Watch


def samples(text: str) -> dict[tuple[str, str], float]:
    """Samples by name and route."""
    return {
        (sample.name, sample.labels.get("route", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.endswith(("_bucket", "_created"))
    }


def test_requests_are_counted_by_route_and_not_by_address(sample_archive: Any) -> None:
    from broadsheet.serve.app import create_app

    client = TestClient(create_app(sample_archive.library), base_url="http://localhost")
    for day in ("2026-03-17", "2026-03-18"):
        client.get(f"/edition/{day}")
    client.get("/search?q=secret+wish")
    client.get("/api/v1/search?q=secret+wish")
    client.get("/static/broadsheet.css")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    found = samples(answer.text)
    assert found["broadsheet_request_seconds_count", "/edition/{day}"] == 2
    # Pages and the API that is mounted beside them are told apart.
    for route in ("/search", "/api/v1/search", "/static"):
        assert found["broadsheet_request_seconds_count", route] == 1
    assert found["broadsheet_papers", ""] == sample_archive.store.count()
    assert "secret" not in answer.text
    assert "2026-03-17" not in answer.text


def test_it_is_ready_once_there_is_an_index(client: TestClient, own_client: TestClient) -> None:
    assert client.get("/readyz").json()["status"] == "ready"
    waiting = own_client.get("/readyz")
    assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "5")
    assert own_client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"), [("abcd-1234", True), ("x", False), ("a b\nc", False), ("y" * 65, False)]
)
def test_a_sound_number_of_the_callers_is_kept(client: TestClient, given: str, *, kept: bool) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given.replace("\n", "")})
    assert (answer.headers["x-request-id"] == given) is kept
    assert len(answer.headers["x-request-id"]) >= 8


def watched(*, at_once: int = 10, slow: float = 10.0) -> tuple[Watch, asyncio.Event, Gauges]:
    go = asyncio.Event()

    async def wait(_: Request) -> Response:
        await go.wait()
        logging.getLogger("broadsheet.test").warning("answered")
        return PlainTextResponse("done")

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    gauges = Gauges()
    app = Starlette(routes=[Route("/wait", wait), Route("/healthz", health)])
    return Watch(app, gauges=gauges, at_once=at_once, slow=slow), go, gauges


def test_too_many_at_once_are_told_to_come_back_and_then_let_in() -> None:
    async def scene() -> tuple[list[int], int, int, str | None]:
        app, go, gauges = watched(at_once=3)
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://localhost"
        ) as client:
            inside = [asyncio.create_task(client.get("/wait")) for _ in range(3)]
            await asyncio.sleep(0.05)
            turned = await client.get("/wait")
            watcher = await client.get("/healthz")
            go.set()
            codes = [(await one).status_code for one in inside]
            again = await client.get("/wait")
            assert samples(gauges.shown().decode())["broadsheet_requests_turned_away_total", ""] == 1
            assert turned.status_code == 503
            return codes, watcher.status_code, again.status_code, turned.headers.get("retry-after")

    assert asyncio.run(scene()) == ([200, 200, 200], 200, 200, "2")


def test_lines_say_which_request_they_belong_to() -> None:
    async def scene() -> None:
        app, go, _ = watched(slow=0.0)
        go.set()
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://localhost"
        ) as client:
            await client.get("/wait", headers={"X-Request-ID": "number-17"})

    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    for form, logger in ((Json(), "broadsheet.test"), (Plain("%(message)s"), "broadsheet.serve.gauge")):
        handler = Kept()
        handler.setFormatter(form)
        logging.getLogger(logger).addHandler(handler)
        try:
            asyncio.run(scene())
        finally:
            logging.getLogger(logger).removeHandler(handler)
    first = json.loads(lines[0])
    assert (first["message"], first["request"], first["level"]) == ("answered", "number-17", "warning")
    assert lines[-1].startswith("slow: GET /wait took")
    assert lines[-1].endswith("[number-17]")

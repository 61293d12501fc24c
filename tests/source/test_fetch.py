"""Fetching politely and within limits."""

from email.utils import formatdate
from typing import Any

import httpx
import pytest

from broadsheet.errors import InputError, SourceError, ThrottledError
from broadsheet.source.fetch import Fetcher


class Clock:
    """Time that passes only when somebody sleeps or a step says so."""

    def __init__(self, step: Any = 0.0) -> None:
        self.now = 1000.0
        self.step = step
        self.slept: list[float] = []

    def __call__(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def fetcher(clock: Any, **options: Any) -> Fetcher:
    return Fetcher(clock=clock, sleep=clock.sleep, now=clock, **options)


def test_a_body_comes_with_its_final_address_and_type(host: Any) -> None:
    host.answers["/a"] = (301, {"Location": "/b"}, b"")
    host.answers["/b"] = (200, {"Content-Type": "text/xml"}, b"<x/>")
    with fetcher(Clock(), contact="mailto:me@example.org") as get:
        found = get.get(f"{host.url}/a")
    assert (found.url, found.body, found.type) == (f"{host.url}/b", b"<x/>", "text/xml")
    assert host.agents[0].startswith("Broadsheet/")
    assert "me@example.org" in host.agents[0]


def test_requests_to_one_host_keep_their_distance(host: Any) -> None:
    host.answers["/a"] = (200, {}, b"a")
    clock = Clock()
    with fetcher(clock, pause=3.0) as get:
        get.get(f"{host.url}/a")
        get.get(f"{host.url}/a")
    assert clock.slept == [3.0]


def test_retry_after_in_seconds_is_kept(host: Any) -> None:
    host.answers["/a"] = [(429, {"Retry-After": "7"}, b""), (200, {}, b"ok")]
    clock = Clock()
    with fetcher(clock, pause=0) as get:
        assert get.get(f"{host.url}/a").body == b"ok"
    assert clock.slept == [7.0]


def test_retry_after_as_a_date_is_kept(host: Any) -> None:
    clock = Clock()
    host.answers["/a"] = [(503, {"Retry-After": formatdate(1030, usegmt=True)}, b""), (200, {}, b"ok")]
    with fetcher(clock, pause=0) as get:
        get.get(f"{host.url}/a")
    assert clock.slept == [30.0]


def test_a_host_that_stays_busy_ends_in_throttled(host: Any) -> None:
    host.answers["/a"] = (429, {}, b"")
    clock = Clock()
    with fetcher(clock, pause=0) as get, pytest.raises(ThrottledError, match="429 Too Many Requests"):
        get.get(f"{host.url}/a")
    assert clock.slept == [2.0, 4.0]
    assert len(host.asked) == 3


def test_a_wait_longer_than_patience_is_not_sat_out(host: Any) -> None:
    host.answers["/a"] = (503, {"Retry-After": "3600"}, b"")
    clock = Clock()
    with fetcher(clock) as get, pytest.raises(ThrottledError) as caught:
        get.get(f"{host.url}/a")
    assert caught.value.retry_after == 3600
    assert clock.slept == []


def test_an_error_is_told_at_once(host: Any) -> None:
    with fetcher(Clock()) as get, pytest.raises(SourceError, match="404 Not Found"):
        get.get(f"{host.url}/none")
    assert len(host.asked) == 1


def test_a_server_error_is_tried_again_then_told(host: Any) -> None:
    host.answers["/a"] = (500, {}, b"")
    with fetcher(Clock(), pause=0) as get, pytest.raises(SourceError, match="500"):
        get.get(f"{host.url}/a")
    assert len(host.asked) == 3


def test_an_answer_over_the_limit_is_broken_off(host: Any) -> None:
    host.answers["/a"] = (200, {}, b"x" * (2 << 20))
    with fetcher(Clock(), limit=1 << 20) as get, pytest.raises(SourceError, match="larger than 1 MB"):
        get.get(f"{host.url}/a")


def test_a_slow_drip_ends_at_the_deadline() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=iter([b"x"] * 1000)))
    with (
        fetcher(Clock(step=1.0), transport=transport, deadline=60) as get,
        pytest.raises(SourceError, match="took longer than 60 s"),
    ):
        get.get("https://slow.example/")


def test_a_truncated_answer_is_an_error(host: Any) -> None:
    host.answers["/a"] = (200, {"Content-Length": "100"}, b"short")
    with fetcher(Clock()) as get, pytest.raises(SourceError, match="/a: "):
        get.get(f"{host.url}/a")


def test_a_time_out_is_told() -> None:
    def stall(request: Any) -> httpx.Response:
        raise httpx.ReadTimeout("", request=request)

    with (
        fetcher(Clock(), transport=httpx.MockTransport(stall)) as get,
        pytest.raises(SourceError, match="did not answer within 20 s"),
    ):
        get.get("https://stalled.example/")


def test_a_host_that_is_not_there_is_told() -> None:
    with fetcher(Clock()) as get, pytest.raises(SourceError, match=r"127\.0\.0\.1:1/"):
        get.get("http://127.0.0.1:1/")


def test_going_round_in_circles_ends(host: Any) -> None:
    host.answers["/a"] = (302, {"Location": "/a"}, b"")
    with fetcher(Clock()) as get, pytest.raises(SourceError, match="redirect"):
        get.get(f"{host.url}/a")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/", "feed", "http://", "http://[x"])
def test_only_web_addresses_are_fetched(url: str) -> None:
    with fetcher(Clock()) as get, pytest.raises(InputError):
        get.get(url)

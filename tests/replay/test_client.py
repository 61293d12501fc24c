from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from broadsheet.errors import SourceError, ThrottledError
from broadsheet.source.arxiv import Arxiv, Limits

if TYPE_CHECKING:
    from tests.replay.server import Answer, FakeTime, Replay


@pytest.fixture
def good(replay: Replay) -> str:
    return replay.feed(replay.entry("2508.13426v1"))


def test_every_request_names_us_and_whom_to_write_to(
    replay: Replay, arxiv: Callable[..., Arxiv], good: str
) -> None:
    replay.script(good)
    arxiv(contact="reader@example.org").feeds[0].today()
    agent = replay.requests[0].headers["User-Agent"]
    assert agent.startswith("Broadsheet/")
    assert "reader@example.org" in agent


def test_a_contact_with_any_letters_makes_a_legal_header(
    replay: Replay, arxiv: Callable[..., Arxiv], good: str
) -> None:
    replay.script(good)
    assert arxiv(contact="Jürgen\r\nX-Evil: 1 <j@example.org>").feeds[0].today().items
    assert "X-Evil" not in replay.requests[0].headers


def test_retry_after_in_seconds_is_obeyed_to_the_second(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], good: str
) -> None:
    replay.script(answer(status=429, headers={"Retry-After": "120"}), good)
    assert len(arxiv().feeds[0].today().items) == 1
    first, second = replay.requests
    assert second.at - first.at == pytest.approx(120, abs=0.01)


def test_retry_after_as_a_date_is_obeyed(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], fake: FakeTime, good: str
) -> None:
    replay.script(answer(status=503, headers={"Retry-After": formatdate(fake.now + 60, usegmt=True)}), good)
    arxiv().feeds[0].today()
    first, second = replay.requests
    assert second.at - first.at == pytest.approx(60, abs=1)


def test_a_pause_beyond_our_patience_ends_at_once_and_binds_the_next_run(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], fake: FakeTime
) -> None:
    replay.script(answer(status=429, headers={"Retry-After": "7200"}))
    with pytest.raises(ThrottledError, match="goes on from the saved cursor") as error:
        arxiv().feeds[0].today()
    assert error.value.retry_after == 7200
    fake.now += 100
    with pytest.raises(ThrottledError) as again:
        arxiv().feeds[0].today()
    assert again.value.retry_after == pytest.approx(7100, abs=0.01)
    assert len(replay.requests) == 1


def test_without_retry_after_pauses_double_and_end_in_throttled_error(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], fake: FakeTime
) -> None:
    replay.script(*[answer(status=429)] * 6)
    with pytest.raises(ThrottledError, match="gave up after 6 attempts"):
        arxiv().feeds[0].today()
    times = [r.at for r in replay.requests]
    gaps = [b - a for a, b in pairwise(times)]
    assert gaps == pytest.approx([5, 10, 20, 40, 80], abs=0.01)


def test_jitter_keeps_half_of_each_pause_fixed(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], fake: FakeTime, good: str
) -> None:
    replay.script(answer(status=500), good)
    source = arxiv(limits=Limits(backoff=100.0))
    source._client._retry = replace(source._client._retry, jitter=lambda: 0.0)
    source.feeds[0].today()
    assert replay.requests[1].at - replay.requests[0].at == pytest.approx(50, abs=0.01)


def test_each_wait_is_told_with_its_reason_before_it_begins(
    replay: Replay,
    arxiv: Callable[..., Arxiv],
    answer: Callable[..., Answer],
    good: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    replay.script(answer(status=500), answer(status=429, headers={"Retry-After": "120"}), good)
    arxiv().feeds[0].today()
    assert caplog.messages == [
        "127.0.0.1 answered 500; asking again in 5 s (attempt 2 of 6)",
        "127.0.0.1 answered 429 and asks for a pause of 120 s; asking again in 120 s (attempt 3 of 6)",
    ]


FAULTS: dict[str, dict[str, Any]] = {
    "503": {"status": 503, "body": "busy"},
    "500": {"status": 500},
    "408": {"status": 408},
    "connection reset": {"reset": True},
    "silence": {"hang": 0.6},
    "cut off by the connection": {"body": "<feed>", "promised": 5000},
    "cut off, yet complete by HTTP": {
        "body": b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><entry>"
    },
    "cut off inside a letter": {"body": "<feed>\u00e9".encode()[:-1]},
    "not XML": {"body": b"\x89PNG\r\n\x1a\n\x00\x00", "kind": "image/png"},
    "empty": {"body": b""},
    "HTML page with 200": {
        "body": "<html><head><title>arXiv</title></head><body>Rate exceeded.</body></html>",
        "kind": "text/html",
    },
    "broken gzip": {"body": b"\x1f\x8b\x08nonsense", "headers": {"Content-Encoding": "gzip"}},
    "gzip cut off": {
        "body": gzip.compress(b"<feed></feed>")[:-9],
        "headers": {"Content-Encoding": "gzip"},
    },
    "slow drip": {"body": b"x" * 4000, "drip": 0.05},
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_passing_fault_is_tried_again(
    replay: Replay,
    arxiv: Callable[..., Arxiv],
    answer: Callable[..., Answer],
    good: str,
    fault: dict[str, Any],
) -> None:
    replay.script(answer(**fault), good)
    announced = arxiv(limits=Limits(silence=0.3, deadline=0.5)).feeds[0].today()
    assert len(announced.items) == 1
    assert len(replay.requests) == 2


@pytest.mark.parametrize("fault", ["500", "connection reset", "HTML page with 200", "empty"])
def test_a_lasting_fault_ends_in_source_error_after_bounded_attempts(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], fault: str
) -> None:
    replay.script(*[answer(**FAULTS[fault])] * 6)
    with pytest.raises(SourceError, match="gave up after 6 attempts; nothing is lost") as error:
        arxiv().feeds[0].today()
    assert not isinstance(error.value, ThrottledError)


def test_nobody_listening_is_a_source_error(arxiv: Callable[..., Arxiv], replay: Replay) -> None:
    source = arxiv()
    source.feeds[0]._url = "http://127.0.0.1:9/atom/cs"
    with pytest.raises(SourceError, match=r"connection to 127\.0\.0\.1 failed"):
        source.feeds[0].today()


def test_gzip_is_asked_for_and_read(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], good: str
) -> None:
    replay.script(answer(body=gzip.compress(good.encode()), headers={"Content-Encoding": "gzip"}))
    assert len(arxiv().feeds[0].today().items) == 1
    assert replay.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_larger_than_the_limit_is_refused_unread(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], *, zipped: bool
) -> None:
    body = b"<feed>" + b" " * 2_000_000
    packed = gzip.compress(body)
    assert len(packed) < 10_000
    replay.script(answer(body=packed, headers={"Content-Encoding": "gzip"}) if zipped else answer(body=body))
    with pytest.raises(SourceError, match="larger than 100000 bytes"):
        arxiv(limits=Limits(size=100_000)).feeds[0].today()


def test_entities_are_neither_expanded_nor_fetched(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], good: str
) -> None:
    bomb = '<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    outside = f'<!DOCTYPE feed [<!ENTITY x SYSTEM "{replay.url}/secret">]>'
    body = good.removeprefix("<?xml version='1.0' encoding='UTF-8'?>")
    replay.script(bomb + body.replace("A Title", "&b;"), outside + body.replace("A Title", "&x;"), good)
    announced = arxiv().feeds[0].today()
    assert len(announced.items) == 1
    assert all(r.path == "/atom/cs" for r in replay.requests)


def test_a_redirect_is_followed_and_waits_its_turn(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], good: str
) -> None:
    replay.script(answer(status=301, headers={"Location": "/moved/cs"}), good)
    assert len(arxiv().feeds[0].today().items) == 1
    first, second = replay.requests
    assert second.path == "/moved/cs"
    assert second.at - first.at >= 3


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/cs", "https://evilarxiv.org/", "file:///etc/passwd", ""]
)
def test_a_redirect_to_a_stranger_is_refused(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], target: str
) -> None:
    replay.script(answer(status=302, headers={"Location": target}))
    with pytest.raises(SourceError, match="not arXiv's"):
        arxiv().feeds[0].today()


def test_redirects_in_a_circle_end(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer]
) -> None:
    replay.script(*[answer(status=302, headers={"Location": "/atom/cs"})] * 4)
    with pytest.raises(SourceError, match="redirects more than 4 times"):
        arxiv().feeds[0].today()


def test_a_refusal_is_not_asked_again(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer]
) -> None:
    replay.script(answer("Access Denied", status=403))
    with pytest.raises(SourceError, match="refuses us"):
        arxiv().feeds[0].today()


def test_an_unknown_page_is_not_asked_again(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer]
) -> None:
    replay.script(answer("<html>no such page</html>", status=404))
    with pytest.raises(SourceError, match="answers 404"):
        arxiv().feeds[0].today()


def test_a_control_character_or_a_mistyped_byte_does_not_hide_a_page(
    replay: Replay, arxiv: Callable[..., Arxiv], good: str
) -> None:
    replay.script(
        good.replace("A Title", "A\x0c Ti\x01tle").encode().replace(b"An abstract", b"An abstr\xffact")
    )
    (record,) = arxiv().feeds[0].today().items
    assert getattr(record, "title", None) == "A Title"


def test_the_content_type_does_not_matter_where_the_content_is_right(
    replay: Replay, arxiv: Callable[..., Arxiv], answer: Callable[..., Answer], good: str
) -> None:
    replay.script(answer(good, kind="text/html"))
    assert len(arxiv().feeds[0].today().items) == 1

"""A hub that is told of new editions: a real HTTP server that refuses where it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import feedparser  # type: ignore[import-untyped]  # it ships no types
import pytest
from starlette.testclient import TestClient

from broadsheet.config import load
from broadsheet.deliver.websub import Herald
from broadsheet.errors import InputError, SourceError
from broadsheet.serve.app import create_app
from broadsheet.wiring import Archive, herald_of

TOPICS = ["https://papers.example.org/feeds/edition.atom", "https://papers.example.org/feeds/edition.json"]


class Hub(ThreadingHTTPServer):
    told: list[dict[str, list[str]]]
    answers: list[int]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hub"


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.told.append(parse_qs(body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub(("127.0.0.1", 0), _Handler) as server:
        server.told, server.answers = [], []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_hub_is_told_of_every_topic_once_the_state_stands(hub: Hub) -> None:
    herald = Herald(hub.url, TOPICS)
    assert [herald.look(state) for state in (7, 8, 8, 8)] == [False, False, True, False]
    assert hub.told == [{"hub.mode": ["publish"], "hub.url": [topic]} for topic in TOPICS]


def test_state_that_never_stands_still_is_told_now_and_then(hub: Hub) -> None:
    herald = Herald(hub.url, TOPICS[:1], longest=4)
    assert [herald.look(state) for state in range(9)] == [False] * 3 + [True] + [False] * 3 + [True, False]


def test_hub_that_refuses_is_told_again(hub: Hub) -> None:
    herald = Herald(hub.url, TOPICS[:1])
    hub.answers = [503]
    herald.look(1)
    with pytest.raises(SourceError, match=r"edition\.atom and answered 503"):
        herald.look(1)
    assert herald.look(1)


def test_hub_that_is_away_is_named(hub: Hub) -> None:
    herald = Herald("http://127.0.0.1:1/hub", TOPICS)
    herald.look(1)
    with pytest.raises(SourceError, match=r"hub http://127\.0\.0\.1:1/hub cannot be told"):
        herald.look(1)


def test_feeds_that_the_hub_is_told_of_name_it_and_others_do_not(archive: Archive) -> None:
    app = create_app(archive.library, base_url="https://papers.example.org", hub="https://hub.example.org/")
    client = TestClient(app, base_url="https://papers.example.org")
    feed = feedparser.parse(client.get("/feeds/edition.atom").content)
    assert {(link.rel, link.href) for link in feed.feed.links} >= {
        ("hub", "https://hub.example.org/"),
        ("self", TOPICS[0]),
    }
    answer = client.get("/feeds/edition.json")
    assert answer.json()["hubs"] == [{"type": "WebSub", "url": "https://hub.example.org/"}]
    assert answer.links["hub"]["url"] == "https://hub.example.org/"
    assert answer.links["self"]["url"] == TOPICS[1]
    for other in ("/feeds/edition.atom?all=1", "/feeds/search.atom?q=agents", "/edition/2026-03-17.atom"):
        other_feed = client.get(other)
        assert "hub" not in other_feed.links
        assert b"hub.example.org" not in other_feed.content
    assert "hubs" not in json.loads(
        TestClient(create_app(archive.library)).get("/feeds/edition.json").content
    )


def test_settings_make_the_herald_or_say_what_is_missing() -> None:
    assert herald_of(load(environ={}, flags={})) is None
    with pytest.raises(InputError, match="'base_url' is empty"):
        herald_of(load(environ={}, flags={"websub_hub": "https://hub.example.org/"}))
    with pytest.raises(InputError, match="'websub_hub' is 'hub'"):
        herald_of(load(environ={}, flags={"websub_hub": "hub", "base_url": "https://papers.example.org"}))

"""What holds for every address there is, whoever adds the next one: writes from elsewhere, caches, fetching."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from broadsheet.serve.api.application import PREFIX, ROUTERS
from broadsheet.serve.app import create_app
from broadsheet.wiring import Archive, web_app

# They carry a secret of their own in their address or body, and no login: mail programs, RFC 8058.
BY_SECRET = "/mail/"


def addresses(routes: Any, *, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Every address with its methods, the API's included; what is variable in it is filled with a word."""
    for route in routes:
        if isinstance(route, Mount):
            # FastAPI keeps what it includes folded up, so the API's operations are asked of their routers.
            api = [each for router in ROUTERS for each in router.routes] if route.path == PREFIX else []
            yield from addresses([*route.routes, *api], before=before + route.path)
        elif isinstance(route, Route):
            yield before + re.sub(r"\{[^}]*\}", "2603.00001", route.path), set(route.methods or ())


def test_every_write_of_another_site_in_ones_name_is_refused(house: Any) -> None:
    ada = house.browser("Ada")
    routes = ada.app.routes
    tried = 0
    for path, methods in addresses(routes):
        for method in methods - {"GET", "HEAD", "OPTIONS"}:
            if path.startswith(BY_SECRET):
                continue
            tried += 1
            answer = ada.request(method, path, headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403, f"{method} {path}"
    assert tried > 100
    assert ada.get("/account").status_code == 200  # still logged in


def test_no_page_for_somebody_logged_in_may_be_kept_by_a_shared_cache(house: Any) -> None:
    ada = house.browser("Ada")
    public = 0
    for path, methods in addresses(ada.app.routes):
        if "GET" not in methods or path.startswith("/static/"):
            continue
        answer = ada.get(path)
        control = answer.headers.get("cache-control", "")
        if re.search(r"private|no-store", control):
            continue
        # What is the same for everybody, and no page.
        public += 1
        assert "Ada" not in answer.text.replace("Ada Byron", ""), path
        assert "set-cookie" not in answer.headers, path
    assert public < 40


@pytest.mark.parametrize("ending", ["opml", "xml", "jsonl", "bib"])
def test_file_that_a_reader_brings_makes_the_site_fetch_nothing(archive: Archive, ending: str) -> None:
    asked: list[str] = []

    class Inner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Inner) as inner:
        thread = threading.Thread(target=inner.serve_forever)
        thread.start()
        try:
            url = f"http://127.0.0.1:{inner.server_address[1]}/secret"
            text = f'<opml version="2.0"><body><outline type="rss" xmlUrl="{url}"/></body></opml>'
            client = TestClient(web_app(archive), base_url="http://localhost", raise_server_exceptions=False)
            answer = client.post("/desk/start/file", files={"file": (f"feeds.{ending}", text.encode())})
            client.post("/submit", data={"what": url, "reference": url, "link": url, "title": "A paper"})
        finally:
            inner.shutdown()
            thread.join()
    assert answer.status_code in {200, 400}  # read as a library without papers, or refused
    assert asked == []


def test_pages_call_no_other_host_and_run_no_script_of_a_text(archive: Archive) -> None:
    client = TestClient(create_app(archive.library), base_url="http://localhost")
    policy = client.get("/about").headers["content-security-policy"]
    allowed = dict(part.split(" ", 1) for part in policy.split("; "))
    assert allowed["default-src"] == "'none'"
    assert allowed["script-src"] == allowed["style-src"] == allowed["connect-src"] == "'self'"

"""A host on the loopback for sources that fetch."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


@dataclass
class Host:
    """Answers by path: a status, headers and a body, or a list of them to be given one after another."""

    url: str
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)


@pytest.fixture
def host() -> Iterator[Host]:
    """A real HTTP server on a free port."""
    answering = Host("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answering.asked.append(self.path)
            answering.agents.append(self.headers["User-Agent"])
            answer = answering.answers.get(self.path, (404, {}, b"nothing here"))
            if isinstance(answer, list):
                answer = answer.pop(0)
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    answering.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield answering
    server.shutdown()
    thread.join()
    server.server_close()

"""A server on the loopback that plays arXiv: recorded answers, written ones, and scripted faults.

Real HTTP over real sockets, a thread for each connection. Written answers have the shape that arXiv
documents: OAI-PMH and its formats at https://info.arxiv.org/help/oa/index.html (schemas
http://arxiv.org/OAI/arXivRaw.xsd and http://arxiv.org/OAI/arXiv.xsd), feeds at
https://info.arxiv.org/help/rss_specifications.html, the API at https://info.arxiv.org/help/api/user-manual.html.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape

import pytest

SHARED = Path(os.environ.get("BROADSHEET_SHARED") or Path(__file__).parents[2].parent / "shared")
OAI = "http://www.openarchives.org/OAI/2.0/"


@dataclass(frozen=True)
class Answer:
    """What the server says, and how badly."""

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text/xml; charset=utf-8"
    promised: int | None = None  # Content-Length, where it is not the body's
    drip: float = 0.0  # seconds between single bytes
    hang: float = 0.0  # seconds of silence before anything
    reset: bool = False  # hang up without a word


@dataclass(frozen=True)
class Request:
    """What was asked, and when by the client's clock."""

    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    at: float


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self, now: float = 1_755_662_400.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds


class Replay:
    """The server. ``script`` answers in order whatever is asked; ``serve`` answers by a function."""

    answer = Answer

    def __init__(self, fake: FakeTime) -> None:
        self.requests: list[Request] = []
        self.most_at_once = 0
        self.surplus = 0
        self._fake = fake
        self._script: list[Answer] = []
        self._serve: Callable[[Request], Answer] | None = None
        self._lock = threading.Lock()
        self._open = 0
        self._http = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def script(self, *answers: Answer | str | bytes) -> None:
        self._script += [a if isinstance(a, Answer) else Answer(a) for a in answers]

    def serve(self, answer: Callable[[Request], Answer]) -> None:
        self._serve = answer

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def left(self) -> int:
        return len(self._script)

    def begin(self, path: str, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(path)
        request = Request(
            parts.path, dict(parse_qsl(parts.query)), parts.query, dict(headers), self._fake.clock()
        )
        with self._lock:
            self.requests.append(request)
            self._open += 1
            self.most_at_once = max(self.most_at_once, self._open)
            scripted = None if self._serve or not self._script else self._script.pop(0)
            self.surplus += scripted is None and self._serve is None
        if self._serve:
            return self._serve(request)
        return scripted or Answer("the script is over", status=500)

    def end(self) -> None:
        with self._lock:
            self._open -= 1

    # -- written answers, in arXiv's shape

    @staticmethod
    def raw(
        id: str,
        *,
        title: str = "A Title",
        abstract: str = "An abstract.",
        authors: str = "Ada Lovelace, Charles Babbage",
        versions: Sequence[tuple[str, str]] = (("Tue, 19 Aug 2025 12:00:00 GMT", ""),),
        more: str = "",
        datestamp: str = "2025-08-20",
        categories: str = "cs.CL cs.AI",
        comments: str = "",
    ) -> str:
        """A record in ``arXivRaw``; versions are (date, source_type)."""
        history = "".join(
            f'<version version="v{n}"><date>{date}</date><size>{100 + n}kb</size>'
            + (f"<source_type>{kind}</source_type>" if kind else "")
            + "</version>"
            for n, (date, kind) in enumerate(versions, 1)
        )
        return _record(
            id,
            datestamp,
            '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:schemaLocation="http://arxiv.org/OAI/arXivRaw/ http://arxiv.org/OAI/arXivRaw.xsd">'
            f"<id>{id}</id><submitter>Ada Lovelace</submitter>{history}<title>{escape(title)}</title>"
            f"<authors>{escape(authors)}</authors><categories>{categories}</categories>"
            + (f"<comments>{escape(comments)}</comments>" if comments else "")
            + f"{more}<license>http://creativecommons.org/licenses/by/4.0/</license>"
            f"<abstract>{escape(abstract)}</abstract></arXivRaw>",
        )

    @staticmethod
    def plain(id: str, inner: str, *, datestamp: str = "2025-08-20") -> str:
        """A record in ``arXiv``."""
        return _record(
            id, datestamp, f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{id}</id>{inner}</arXiv>'
        )

    @staticmethod
    def deleted(id: str, *, datestamp: str = "2025-08-20") -> str:
        return (
            f'<record><header status="deleted"><identifier>oai:arXiv.org:{id}</identifier>'
            f"<datestamp>{datestamp}</datestamp><setSpec>cs:cs:CL</setSpec></header></record>"
        )

    @staticmethod
    def page(*records: str, token: str | None = None, answered: str = "2025-08-20T02:00:00Z") -> str:
        """An answer to ListRecords; ``token`` "" is the empty one that closes a list."""
        given = (
            ""
            if token is None
            else f'<resumptionToken expires="2025-08-21T00:00:00Z">{escape(token)}</resumptionToken>'
        )
        return Replay.oai(f"<ListRecords>{''.join(records)}{given}</ListRecords>", answered=answered)

    @staticmethod
    def error(code: str, reason: str = "", *, answered: str = "2025-08-20T02:00:00Z") -> str:
        return Replay.oai(f'<error code="{code}">{reason}</error>', answered=answered)

    @staticmethod
    def oai(inner: str, *, answered: str) -> str:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="{OAI}">'
            f"<responseDate>{answered}</responseDate>"
            f'<request verb="ListRecords">https://oaipmh.arxiv.org/oai</request>{inner}</OAI-PMH>'
        )

    @staticmethod
    def feed(*entries: str, day: str = "2025-08-20", updated: str = "") -> str:
        """The Atom feed of a day."""
        return (
            "<?xml version='1.0' encoding='UTF-8'?>"
            '<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us"><id>http://rss.arxiv.org/atom/cs</id>'
            f"<title>cs updates on arXiv.org</title><updated>{updated or day + 'T04:00:19.86+00:00'}</updated>"
            f"{''.join(entries)}</feed>"
        )

    @staticmethod
    def entry(
        id: str,
        kind: str = "new",
        *,
        title: str = "A Title",
        abstract: str = "An abstract.",
        day: str = "2025-08-20",
        creator: str = "Ada Lovelace, Charles Babbage",
    ) -> str:
        """One announcement; ``id`` has its version."""
        return (
            f"<entry><id>oai:arXiv.org:{id}</id><title>{escape(title)}</title>"
            f"<updated>{day}T04:00:19.89+00:00</updated>"
            f'<link href="https://arxiv.org/abs/{id}" rel="alternate" type="text/html"/>'
            f"<summary>arXiv:{id} Announce Type: {kind} \nAbstract: {escape(abstract)}</summary>"
            '<category term="cs.CL"/><category term="cs.AI"/>'
            f"<published>{day}T00:00:00-04:00</published><arxiv:announce_type>{kind}</arxiv:announce_type>"
            f"<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>{escape(creator)}</dc:creator></entry>"
        )

    @staticmethod
    def results(*entries: str, total: int, start: int = 0) -> str:
        """An answer of the query API."""
        return (
            "<?xml version='1.0' encoding='UTF-8'?><feed xmlns:opensearch=\"http://a9.com/-/spec/opensearch/1.1/\" "
            'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
            f"<opensearch:totalResults>{total}</opensearch:totalResults>"
            f"<opensearch:startIndex>{start}</opensearch:startIndex>{''.join(entries)}</feed>"
        )

    @staticmethod
    def result(id: str, *, title: str = "A Title", published: str = "2025-08-19T12:00:00Z") -> str:
        return (
            f"<entry><id>http://arxiv.org/abs/{id}</id><title>{title}</title><updated>{published}</updated>"
            f'<summary>An abstract.</summary><category term="cs.CL"/><published>{published}</published>'
            '<arxiv:primary_category term="cs.CL"/><author><name>Ada Lovelace</name></author></entry>'
        )

    # -- recorded answers

    @staticmethod
    def recorded(path: str) -> bytes:
        """The body of a recorded answer; the test is skipped where recordings are missing."""
        file = SHARED / "data" / "api_responses" / path
        if not file.is_file():
            pytest.skip(f"recorded answers are missing: no {file}; set BROADSHEET_SHARED to their folder")
        if file.suffix == ".json":
            return str(json.loads(file.read_text(encoding="utf-8"))["body"]).encode()
        return file.read_bytes()

    @staticmethod
    def recordings(folder: str) -> list[Path]:
        found = sorted((SHARED / "data" / "api_responses" / folder).glob("*"))
        if not found:
            pytest.skip(f"recorded answers are missing in {SHARED}; set BROADSHEET_SHARED to their folder")
        return found


def _record(id: str, datestamp: str, metadata: str) -> str:
    return (
        f"<record><header><identifier>oai:arXiv.org:{id}</identifier><datestamp>{datestamp}</datestamp>"
        f"<setSpec>cs:cs:CL</setSpec></header><metadata>{metadata}</metadata></record>"
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: connections break here by intent."""


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = (
            True  # head and body are two writes; the second would wait for an answer to the first
        )

        def do_GET(self) -> None:  # the name http.server calls
            answer = replay.begin(self.path, dict(self.headers))
            try:
                self._say(answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                replay.end()

        def _say(self, answer: Answer) -> None:
            if answer.hang:
                time.sleep(answer.hang)
            if answer.reset:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body) if answer.promised is None else answer.promised))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.drip:
                for place in range(len(body)):
                    self.wfile.write(body[place : place + 1])
                    self.wfile.flush()
                    time.sleep(answer.drip)
            else:
                self.wfile.write(body)
                self.wfile.flush()
            if answer.promised is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler

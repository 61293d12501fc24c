"""ORCID's public list of works, as its documentation has it, from a server on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Record
from broadsheet.source.fetch import Fetcher
from broadsheet.source.orcid import parse_orcid, works

WHO = "0000-0002-1825-0097"  # the iD that ORCID's documentation gives to a made-up person


def work(
    title: str, *ids: tuple[str, str, str], kind: str = "journal-article", more: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A work summary in the form of record_3.0/work-3.0.xsd, as the API puts it into JSON."""
    return {
        "put-code": 1,
        "title": {"title": {"value": title}, "subtitle": None, "translated-title": None},
        "external-ids": {
            "external-id": [
                {
                    "external-id-type": type,
                    "external-id-value": value,
                    "external-id-normalized": None,
                    "external-id-url": None,
                    "external-id-relationship": relation,
                }
                for type, value, relation in ids
            ]
        },
        "type": kind,
        "publication-date": None,
        "journal-title": None,
    } | (more or {})


ANSWER = {
    "last-modified-date": {"value": 1},
    "group": [
        {
            "work-summary": [
                work(
                    "On  sorting",
                    ("doi", "https://doi.org/10.1145/3292500", "self"),
                    more={
                        "publication-date": {
                            "year": {"value": "2019"},
                            "month": {"value": "07"},
                            "day": None,
                        },
                        "journal-title": {"value": "Journal of Heaps"},
                    },
                ),
                work(
                    "On sorting", ("arxiv", "arXiv:1901.00001v2", "self"), ("doi", "10.1145/3292500", "self")
                ),
            ]
        },
        {
            "work-summary": [
                work("A chapter", ("isbn", "978-0-00", "part-of"), ("doi", "10.1000/book", "part-of"))
            ]
        },
        {"work-summary": [work("A dataset", ("doi", "10.1000/data", "self"), kind="data-set")]},
        {
            "work-summary": [
                work("No day", ("doi", "10.1000/x", "self"), more={"publication-date": {"year": None}})
            ]
        },
    ],
    "path": f"/{WHO}/works",
}


@contextmanager
def playing_orcid() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """A server that plays ORCID; gives its address and what it was asked."""
    asked: list[tuple[str, str | None]] = []

    class Play(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Accept"]))
            body = json.dumps(ANSWER).encode()
            self.send_response(200 if WHO in self.path else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Play)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def orcid() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    with playing_orcid() as host_and_asked:
        yield host_and_asked


def test_papers_of_a_list_are_records_under_the_names_known_here(
    orcid: tuple[str, list[tuple[str, str | None]]],
) -> None:
    host, asked = orcid
    with Fetcher(accept="application/json") as fetcher:
        items = list(works(WHO, get=lambda url: fetcher.get(url).body, host=host))
    assert asked == [(f"/v3.0/{WHO}/works", "application/json")]
    first, chapter, undated = items
    assert first == Record(
        id=PaperId("1901.00001"),
        also=(PaperId("10.1145/3292500", Scheme.DOI),),
        title="On sorting",
        source="orcid",
        published=datetime(2019, 7, 1, tzinfo=UTC),
        venue="Journal of Heaps",
        doi="10.1145/3292500",
    )
    assert isinstance(chapter, RecordError)  # the book's DOI is not the chapter's
    assert "A chapter" in str(chapter)
    assert isinstance(undated, Record)
    assert undated.published is None


def test_unknown_id_and_foreign_answers_are_the_hosts_failure(
    orcid: tuple[str, list[tuple[str, str | None]]],
) -> None:
    host, _ = orcid
    with Fetcher(accept="application/json") as fetcher, pytest.raises(SourceError, match="404"):
        list(works("0000-0001-5109-3700", get=lambda url: fetcher.get(url).body, host=host))
    for body in (b"<works/>", b"[]", b'{"group": [{}]}', b'{"group": 3}'):
        with pytest.raises(SourceError, match="not an answer"):
            list(works(WHO, get=lambda _, body=body: body))  # type: ignore[misc]  # a default binds it


@pytest.mark.parametrize(
    "text", [WHO, f"https://orcid.org/{WHO}", "0000000218250097", " 0000-0002-1694-233x "]
)
def test_id_is_read_from_its_usual_forms(text: str) -> None:
    # Both iDs are ORCID's own examples: https://support.orcid.org, "Structure of the ORCID Identifier"
    assert parse_orcid(text) in {WHO, "0000-0002-1694-233X"}


@pytest.mark.parametrize(
    "text", ["", "0000-0002-1825-0098", "0000-0002-1825", "https://orcid.org/", "x" * 500]
)
def test_id_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not an ORCID iD"):
        parse_orcid(text)

"""Files of strangers: what readers bring, what hosts and mail servers answer. Taken, or refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.fuzz.hostile import damaged, texts

from broadsheet.deliver.bounces import refused_addresses
from broadsheet.errors import BroadsheetError, InputError
from broadsheet.source import feed, hackernews, opml, orcid
from broadsheet.source.huggingface import HuggingFace

BIBTEX = rb"""@article{own1, title={On {S}orting in $O(n\sqrt{m})$}, author={Lov{\'a}sz, L{\'a}szl{\'o} and Lee, A.},
  year=2026, doi={10.5555/a.1}, abstract={We sort.}, url="https://example.org/a", keywords={a; b}}
"""
RIS = b"TY  - JOUR\nTI  - On sorting\nAU  - Lee, Ann\nPY  - 2026/03/02/\nDO  - 10.5555/a.2\nKW  - a\nER  - \n"
CSL = json.dumps(
    [{"id": "a", "type": "article-journal", "title": "On <i>sorting</i>", "DOI": "10.5555/a.3", "author": [{"family": "Lee", "given": "A"}], "issued": {"date-parts": [[2026, 3]]}}]
).encode()  # fmt: skip
ZOTERO = json.dumps(
    {"config": {"label": "BetterBibTeX JSON"}, "collections": {"A": {"key": "A", "name": "Reading", "parent": False, "items": [1]}}, "items": [{"itemID": 1, "itemType": "preprint", "title": "On sorting", "DOI": "10.5555/a.4", "creators": [{"creatorType": "author", "firstName": "A", "lastName": "Lee"}], "tags": [{"tag": "a"}], "date": "2026-03-02"}]}
).encode()  # fmt: skip
LINES = b'{"id": "2603.00009", "title": "On sorting", "abstract": "We sort.", "authors": ["A. Lee"], "upvotes": [["2026-03-02T00:00:00Z", 3]], "published": "2026-03-01"}\n'
DESK = (
    b'{"format": "broadsheet desk", "version": 1, "exported": "2026-03-02T00:00:00Z"}\n'
    b'{"follow": "author", "value": "a-lee", "label": "A. Lee", "at": "2026-03-02T00:00:00Z"}\n'
    b'{"setting": "surprise", "value": "0"}\n'
    b'{"id": "2603.00008", "title": "On sorting", "marks": [{"kind": "note", "at": "2026-03-02T00:00:00Z", "text": "x"}]}\n'
)
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>On sorting</title><id>tag:a,2026:1</id>
<link href="https://arxiv.org/abs/2603.00001v1"/><updated>2026-03-02T00:00:00Z</updated><author><name>A. Lee</name></author>
<summary type="html">&lt;p&gt;We sort $a&lt;b$.&lt;/p&gt;</summary></entry></feed>"""
OPML = b"""<opml version="2.0"><body><outline text="Group"><outline type="rss" xmlUrl="https://a.b/c" title="A"/></outline>
</body></opml>"""
ORCID = json.dumps(
    {"group": [{"work-summary": [{"title": {"title": {"value": "On sorting"}}, "type": "preprint", "publication-date": {"year": {"value": "2026"}, "month": {"value": "3"}}, "external-ids": {"external-id": [{"external-id-type": "doi", "external-id-value": "10.5555/a.5", "external-id-relationship": "self"}]}}]}]}
).encode()  # fmt: skip
TABLE = b"paper_id\tobserved_at\tupvotes\n2603.00001\t2026-03-02T00:00:00+00:00\t3\n"
COUNTS = b'id,count,at\n2603.00001,3,2026-03-02T00:00:00Z\n"10.5555/a.1",4,2026-03-02\n'
STORIES = (
    b'{"hits": [{"objectID": "1", "url": "https://arxiv.org/abs/2603.00001", "points": 3}], "nbHits": 1}'
)
DAILY = b'[{"paper": {"id": "2603.00001", "upvotes": 3, "submittedOnDailyAt": "2026-03-02T00:00:00.000Z"}}]'
BOUNCE = b"""Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; a.b

Final-Recipient: rfc822; ada@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user

--b--
"""
AT = datetime(2026, 3, 2, tzinfo=UTC)
DEEP = 100_000

LIBRARIES = {"own.bib": BIBTEX, "own.ris": RIS, "own.json": CSL, "zotero.json": ZOTERO, "own.jsonl": LINES, "desk.jsonl": DESK}  # fmt: skip


def bring(client: TestClient, name: str, body: bytes) -> int:
    return client.post("/desk/start/file", files={"file": (name, body)}).status_code


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_libraries_that_are_damaged_below_are_taken_as_they_are(client: TestClient, name: str) -> None:
    answer = client.post("/desk/start/file", files={"file": (name, LIBRARIES[name])})
    assert answer.status_code == 200
    assert "1 paper" in " ".join(answer.text.split())


@pytest.mark.parametrize("name", LIBRARIES)
@settings(max_examples=settings().max_examples // 4)  # each is taken into a database
@given(data=st.data())
def test_any_library_of_a_readers_is_taken_or_refused(client: TestClient, name: str, data: Any) -> None:
    body = data.draw(damaged(LIBRARIES[name]))
    assert bring(client, name, body or b" ") in {200, 400}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("own.json", b"[" * DEEP),
        ("own.json", b'[{"title": ' + b"[" * 960 + b"]" * 960 + b"}]"),
        ("own.jsonl", b'{"title": ' + b"[" * DEEP + b"\n"),
        ("own.jsonl", b'{"title": "A", "authors": ' + b"[" * 960 + b"]" * 960 + b"}\n"),
        ("own.jsonl", b'{"id": "2603.00010v' + b"9" * 5000 + b'", "title": "A"}\n'),
        ("own.jsonl", b'{"title": "A", "upvotes": [["2026-03-02", ' + b"9" * 30 + b"]]}\n"),
        ("own.jsonl", b'{"title": "A", "published": ' + b"9" * 5000 + b"}\n"),
        ("own.jsonl", rb'{"title": "A\u0000\ud800", "authors": ["\u0000"], "venue": "\ud800"}' + b"\n"),
        ("desk.jsonl", DESK + b'{"id": "2603.1", "marks": ' + b"[" * DEEP + b"\n"),
        ("desk.jsonl", DESK.replace(b'"x"', rb'"\ud800\u0000"')),
        ("desk.jsonl", DESK.replace(b'"A. Lee"', rb'"\ud800\u0000"')),
        ("desk.jsonl", DESK.replace(b"2026-03-02T00:00:00Z", b"0001-01-01T00:00:00+14:00")),
        ("desk.jsonl", DESK.replace(b"2026-03-02T00:00:00Z", b"9999-12-31T23:59:59-14:00")),
        ("own.bib", b"@article{" * 20_000),
        ("own.bib", b"@article{a, title={" + b"{" * 20_000),
        ("own.bib", b"@string{a = " + b"a # " * 20_000),
        ("own.ris", b"TY  - JOUR\n" * 20_000),
        ("own.ris", b"TY  - JOUR\nTI  - " + b"a\n" * 50_000),
    ],
)  # fmt: skip
def test_deep_long_and_outsized_libraries_are_taken_or_refused(
    client: TestClient, name: str, body: bytes
) -> None:
    assert bring(client, name, body) in {200, 400}


def _votes(data: bytes, folder: Path) -> list[Any]:
    path = folder / "votes"
    path.write_bytes(data)
    return list(HuggingFace().read(path, at=AT))


READERS: dict[str, tuple[bytes, Callable[[bytes, Path], object]]] = {
    "a feed": (ATOM, lambda data, _: list(feed.parse(data, where="x"))),
    "a list of feeds": (OPML, lambda data, _: opml.subscriptions(data, where="x")),
    "ORCID's answer": (ORCID, lambda data, _: list(orcid.works("0000-0002-1825-0097", get=lambda _: data))),
    "a table of votes": (TABLE, _votes),
    "a plain table of counts": (COUNTS, _votes),
    "a daily list": (DAILY, _votes),
    "Hacker News's answer": (
        STORIES,
        lambda data, _: [hackernews._story(hit) for hit in hackernews._hits(data, url="x")],
    ),
    "a letter that came back": (BOUNCE, lambda data, _: refused_addresses(data)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("read")


@pytest.mark.parametrize("what", READERS)
@given(data=st.data())
def test_any_answer_of_a_host_is_read_or_refused(folder: Path, what: str, data: Any) -> None:
    document, read = READERS[what]
    try:
        read(data.draw(damaged(document)), folder)
    except BroadsheetError:
        return


@pytest.mark.parametrize(
    ("what", "data"),
    [
        ("ORCID's answer", b"[" * DEEP),
        ("ORCID's answer", ORCID.replace(b'"2026"', b'"99999999999999999999"')),
        ("ORCID's answer", ORCID.replace(b'"2026"', b'"' + b"9" * 5000 + b'"')),
        ("a table of votes", TABLE.replace(b"\t3", b"\t" + b"9" * 5000)),
        ("a table of votes", TABLE.replace(b"2026-03-02T00:00:00+00:00", b"0001-01-01T00:00:00+14:00")),
        ("a daily list", b"[" * DEEP),
        ("a daily list", DAILY.replace(b" 3,", b" " + b"9" * 30 + b",")),
        ("a daily list", DAILY.replace(b"2026-03-02T00:00:00.000Z", b"0001-01-01T00:00:00+14:00")),
        ("a feed", b"<rss>" + b"<a>" * DEEP),
        ("a feed", ATOM.replace(b"We sort", b"&lt;b&gt;" * (DEEP // 5))),
        ("a feed", b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * DEEP),
        ("a list of feeds", b"<opml>" + b"<outline>" * DEEP),
        ("a letter that came back", b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n" * 20_000),
        ("a letter that came back", (b"Content-Type: message/rfc822\n\n" * 3000)),
    ],
)
def test_deep_long_and_outsized_answers_are_read_or_refused(folder: Path, what: str, data: bytes) -> None:
    try:
        READERS[what][1](data, folder)
    except BroadsheetError:
        return


@given(texts())
@example("٠٠٠٠-٠٠٠٢-١٨٢٥-٠٠٩٧")
def test_any_orcid_id_is_read_or_refused(text: str) -> None:
    try:
        found = orcid.parse_orcid(text)
    except InputError:
        return
    assert found.isascii()

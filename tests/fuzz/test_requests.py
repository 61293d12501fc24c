"""Requests of strangers: addresses, fields, headers, forms. Answered or refused, and never a fault of ours."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.fuzz.hostile import texts

from broadsheet.deliver.message import address_of
from broadsheet.errors import InputError
from broadsheet.library.people.names import email_of, name_of

PAPER = "2603.14473"
PLACES = (
    "/edition/{}", "/edition/2026-03-17/{}", "/edition/{}.atom", "/edition/{}/topics", "/archive/{}", "/papers/{}", "/papers/{}.bib",
    "/papers/{}.md", "/papers/{}/similar", "/papers/{}/marks", "/authors/{}", "/comments/{}", "/feeds/mine/{}.atom",
    "/feeds/authors/{}.json", "/feeds/categories/{}.atom", "/mail/unsubscribe/{}", "/mail/save/{}", "/api/papers/{}",
    "/api/v1/papers/{}", "/api/v1/editions/{}", "/api/v1/authors/{}", "/api/v1/topics/{}", "/api/v1/namesakes/{}",
    "/api/v1/comments/{}", "/join/{}", "/static/{}", "/{}",
)  # fmt: skip
ASKED = (
    ("/search", ("q", "cat", "type", "since", "until", "code", "sort", "page")),
    ("/map", ("q", "day", "topic", "view")), ("/map.json", ("q", "day", "cat", "since")),
    ("/edition/2026-03-17/topics", ("topic", "page")), ("/edition/2026-03-17/cs.CV", ("page",)),
    (f"/papers/{PAPER}/similar", ("by",)), ("/trending", ("by",)), ("/expected", ("day",)), ("/desk", ("page", "kind", "tag", "q")),
    ("/feeds/search.atom", ("q", "cat", "since")), ("/oembed", ("url", "format", "maxwidth")), ("/desk/start", ("name",)),
    ("/api/daily_papers", ("date", "week", "month", "sort", "p", "limit", "submitter")), ("/api/papers", ("cursor", "limit")),
    ("/api/papers/search", ("q", "limit")), ("/api/v1/search", ("q", "cat", "limit", "cursor", "facets", "since")),
    ("/api/v1/editions", ("cursor", "limit", "since")), ("/api/v1/changes", ("since", "limit", "cursor")), ("/api/v1/trending", ("by", "date")),
    ("/api/v1/authors/hao-zheng", ("cursor", "limit")), ("/api/v1/saved", ("cursor", "limit")),
    ("/api/v1/desk", ("q", "pile", "tag", "collection", "sort", "cursor", "limit")), ("/api/v1/search/topics", ("q", "cat", "since")),
    ("/api/v1/comments", ("cursor", "limit")), ("/api/v1/authors", ("name",)), ("/api/v1/desk/export", ("form", "tag")), ("/subscribe", ("email", "q")),
)  # fmt: skip
FORMS = (
    (f"/papers/{PAPER}/marks", ("set", "clear", "text", "back", "back")), (f"/papers/{PAPER}/comments", ("text", "parent")),
    (f"/papers/{PAPER}/links", ("url", "kind")), ("/following", ("set", "clear", "value", "label", "alert")), ("/submit", ("id", "why")),
    ("/desk/start/picked", (f"paper:{PAPER}", "paper:x", "category:x")), ("/desk/start/author", ("key",)), ("/subscribe", ("email", "q")),
    ("/edition/2026-03-17/pin", ("id", "place")), ("/edition/2026-03-17/note", ("text",)), ("/authors/hao-zheng/people", ("join", "part", "person")),
    ("/for-you/interests", ("key", "wish")), ("/for-you/dial", ("value",)), ("/digest", ("hour", "days", "zone", "email")),
)  # fmt: skip
HEADERS = (
    "Range", "If-Range", "If-None-Match", "If-Modified-Since", "Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Authorization",
    "X-Request-ID", "Referer", "Origin", "Sec-Fetch-Site", "Content-Type", "Host", "X-Forwarded-For", "Content-Length",
)  # fmt: skip

# What is near to being right goes deeper than what is not.
VALUES = st.sampled_from(
    "0 1 -1 00 1e9 999999999999999999999 2026-03-17 2026-02-30 0001-01-01 9999-12-31 2026-W12 2026-W54 2026-03 2026-13 cs.CV cs "
    'method week month saved tag note author category search on true null hao-zheng 2603.14473 2603.14473v2 10.1/x W/"a" * bytes=0-1 '
    "bytes=5- bytes=-5 bytes=9-1 bytes=0-0,2-3,-1 text/markdown application/json Bearer%20x session=x same-origin x..y ../../etc/passwd "
    "%00 %ff %2e%2e _ - http://[ //[ [ http://[]/a http://localhost/papers/x".split()
)  # fmt: skip
MARKS = st.binary(max_size=30) | st.sampled_from(
    [b"[1]", b'["2026-03-17","x"]', b'["9999","2603.1"]', b"[" * 30_000, b"[" + b"9" * 5000 + b"]", rb'["\ud800","\u0000"]', b"[1e999]"]
)  # fmt: skip
CURSORS = MARKS.map(lambda mark: base64.urlsafe_b64encode(mark).decode().rstrip("="))
ANY = VALUES | texts() | CURSORS


def fields(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    pairs = st.lists(st.tuples(st.sampled_from(names), ANY), max_size=4)
    return pairs.map(lambda some: urlencode(some, errors="surrogatepass"))


def sound(status: int) -> bool:
    # oEmbed asks for 501 where a format is not known; 503 says that the index is being made.
    return status < 500 or status in {501, 503}


@given(st.sampled_from(PLACES), ANY)
def test_any_address_is_answered(client: TestClient, place: str, name: str) -> None:
    path = place.format(quote(name, safe="/", errors="surrogatepass"))
    assert sound(client.get(path[:40_000]).status_code)


@given(st.data())
def test_any_fields_of_an_address_are_answered(client: TestClient, data: Any) -> None:
    path, names = data.draw(st.sampled_from(ASKED))
    assert sound(client.get(f"{path}?{data.draw(fields(names))}"[:60_000]).status_code)


@given(st.data())
def test_any_form_is_answered(client: TestClient, data: Any) -> None:
    path, names = data.draw(st.sampled_from(FORMS))
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    assert sound(client.post(path, content=data.draw(fields(names)), headers=headers).status_code)


@given(st.sampled_from(["/", f"/papers/{PAPER}", "/static/broadsheet.css", "/api/v1/search?q=a", "/feeds/edition.atom"]), st.data())  # fmt: skip
def test_any_headers_are_answered(client: TestClient, path: str, data: Any) -> None:
    latin = st.text(
        st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60
    )
    headers = data.draw(st.dictionaries(st.sampled_from(HEADERS), VALUES | latin, max_size=4))
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    assert sound(client.get(path, headers=raw).status_code)


@pytest.mark.parametrize("read", [address_of, email_of, name_of])
@given(text=texts() | st.from_regex(r"[^@]{0,9}@[^@]{0,9}\.?[a-z]{0,3}"))
def test_any_address_of_mail_and_any_name_is_one_line_or_refused(read: Any, text: str) -> None:
    try:
        found = read(text)
    except InputError:
        return
    assert found.isprintable()
    assert len(found) <= 320

"""RSS, Atom and JSON feeds."""

import contextlib
import json
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import AnnounceKind, Announcement
from broadsheet.source.feed import Feed, parse, text_of

SHARED = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).parents[3] / "shared"))

RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
     xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel>
<title>A journal</title><link>https://journal.example/</link><description>New</description>
<item><title>On &lt;i&gt;graphs&lt;/i&gt;</title><link>https://journal.example/1</link>
<dc:creator>Ann Lee, Bo Xu</dc:creator><prism:doi>10.1000/XYZ</prism:doi>
<category>Graph Theory</category><pubDate>Mon, 02 Mar 2026 10:00:00 GMT</pubDate>
<description>&lt;p&gt;Let $a&lt;b$ &amp;amp; more.&lt;/p&gt;</description></item>
<item><link>https://journal.example/2</link><description>Nameless</description></item>
</channel></rss>"""

ATOM = b"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>urn:x</id><updated>2026-03-02T00:00:00Z</updated>
<entry><title>One</title><id>tag:blog.example,2026:1</id><link href="https://blog.example/1"/>
<author><name>Ann Lee</name></author><author><name>Xu, Bo</name></author>
<published>2026-03-01T23:30:00-05:00</published><updated>2026-03-03T00:00:00Z</updated>
<summary>Short.</summary><content type="html">&lt;p&gt;Long and whole.&lt;/p&gt;</content></entry>
</feed>"""


def items(found: Iterable[Any]) -> list[Any]:
    return list(found)


def read(data: bytes, *, where: str = "f") -> list[Any]:
    return items(parse(data, where=where))


def test_an_rss_item_becomes_a_paper_of_its_day() -> None:
    record, nameless = read(RSS, where="j.rss")
    assert record.id == PaperId("10.1000/xyz", Scheme.DOI)
    assert record.title == "On graphs"
    assert [a.name for a in record.authors] == ["Ann Lee", "Bo Xu"]
    assert record.abstract == "Let $a<b$ & more."
    assert record.categories == ("Graph Theory",)
    assert record.published == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert record.announcements == (Announcement(date(2026, 3, 2)),)
    assert isinstance(nameless, RecordError)
    assert (nameless.where, nameless.reason) == ("j.rss: entry 2", "no title")


def test_an_atom_entry_keeps_its_whole_text_link_and_utc_day() -> None:
    (record,) = read(ATOM, where="a.atom")
    assert record.id.scheme is Scheme.OWN
    assert record.abstract == "Long and whole."
    assert [a.name for a in record.authors] == ["Ann Lee", "Bo Xu"]
    assert record.links == ("https://blog.example/1",)
    assert record.announcements == (Announcement(date(2026, 3, 2)),)
    assert record.updated == datetime(2026, 3, 3, tzinfo=UTC)


def test_a_json_feed_is_read() -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "items": [
            {
                "id": "1",
                "url": "https://arxiv.org/abs/2402.01234v2",
                "title": "One",
                "content_html": "<p>Hello</p>",
                "date_published": "2026-03-01T10:00:00Z",
                "authors": [{"name": "Ann Lee"}],
                "tags": ["cs.CL"],
            },
            {"id": "2"},
        ],
    }
    record, nameless = read(json.dumps(feed).encode(), where="f.json")
    assert record.id == PaperId("2402.01234")
    assert (record.version, record.abstract, record.categories) == (2, "Hello", ("cs.CL",))
    assert nameless.reason == "no title"


def test_arxivs_announcement_keeps_its_kind_and_day() -> None:
    path = SHARED / "data/api_responses/arxiv_rss/arxiv_rss_example.xml"
    if not path.exists():
        pytest.skip(f"no recorded feed at {path}")
    first, *_ = records = items(Feed().read(path))
    assert len(records) == 7
    assert first.id == PaperId("2508.13426")
    assert first.announcements == (Announcement(date(2025, 8, 20), AnnounceKind.CROSS),)
    assert first.categories == ("cs.CL", "cs.AI")
    assert first.abstract.startswith("As large language models")
    assert first.published is None  # the feed does not say when it was submitted


def test_reading_twice_gives_the_same_ids() -> None:
    assert [r.id for r in read(ATOM, where="a")] == [r.id for r in read(ATOM, where="b")]


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>&b;</title></channel></rss>"""
OUTSIDE = b"""<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<rss version="2.0"><channel><item><title>&x;</title></item></channel></rss>"""


@pytest.mark.parametrize(
    "data", [LAUGHS, OUTSIDE, LAUGHS.decode().encode("utf-16"), LAUGHS.replace(b"ENTITY", b"eNtItY")]
)
def test_entities_are_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="declares XML entities"):
        read(data, where="f")


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<html><body>Not found</body></html>", b"{}", b'{"items": 1}', b"{" * 9999]
)
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match="^f "):
        read(data, where="f")


def test_an_empty_feed_is_a_feed() -> None:
    assert read(b'<rss version="2.0"><channel><title>T</title></channel></rss>', where="f") == []


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a<b and c>d", "a<b and c>d"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("H<sub>2</sub>O<br/>boils", "H2O boils"),
        ("<jats:p>Text</jats:p>", "Text"),
        ("x<script>alert(1)</script>y", "x y"),
        ("<!-- no -->a &amp; b &lt; c", "a & b < c"),
        ('<a href="https://x.example/a>b">link', 'b">link'),
    ],
)
def test_markup_goes_and_what_only_looks_like_it_stays(html: str, text: str) -> None:
    assert text_of(html) == text


@given(st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    with contextlib.suppress(InputError):
        read(data, where="f")


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_text_in_a_feed_gives_records_or_reasons(title: str, body: Any, day: str) -> None:
    data = f"<rss version='2.0'><channel><item><title>{title}</title><description>{body}</description><pubDate>{day}</pubDate></item></channel></rss>"
    with contextlib.suppress(InputError):
        for item in read(data.encode("utf-8", "surrogatepass"), where="f"):
            assert item.title if not isinstance(item, RecordError) else item.reason


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda i: st.lists(i, max_size=3) | st.dictionaries(st.sampled_from(["name", "x"]), i),
    max_leaves=5,
)
keys = st.sampled_from(
    "id url external_url title content_html content_text summary date_published date_modified authors author tags".split()
)


@given(st.lists(st.dictionaries(keys, values) | values, max_size=3))
def test_any_json_feed_gives_records_or_reasons(items: Any) -> None:
    for item in read(json.dumps({"items": items}).encode(), where="f"):
        assert item.title if not isinstance(item, RecordError) else item.reason

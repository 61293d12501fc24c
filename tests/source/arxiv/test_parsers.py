"""Whatever bytes come: a result, or one of our errors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadsheet.errors import RecordError, SourceError
from broadsheet.model import Record
from broadsheet.source.arxiv.announce import read_feed
from broadsheet.source.arxiv.api import read_results
from broadsheet.source.arxiv.client import MalformedError, user_agent
from broadsheet.source.arxiv.oai import read_page
from broadsheet.source.retry import retry_after

RAW = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2025-08-20T02:00:00Z</responseDate>
<ListRecords><record><header><identifier>oai:arXiv.org:2507.21509</identifier><datestamp>2025-09-08</datestamp>
</header><metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2507.21509</id>
<version version="v1"><date>Tue, 29 Jul 2025 17:40:56 GMT</date><size>9kb</size><source_type>D</source_type></version>
<title>A Title</title><authors>Ada Lovelace (1) ((1) London)</authors><categories>cs.CL</categories>
<doi>10.1/x</doi><abstract>Text.</abstract></arXivRaw></metadata></record>
<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>"""
PLAIN = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2025-08-20T02:00:00Z</responseDate>
<ListRecords><record><header><identifier>oai:arXiv.org:{id}</identifier><datestamp>2025-09-08</datestamp>
</header><metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{id}</id><created>{created}</created>{more}
<authors><author><keyname>Castro</keyname><forenames>Paulo Andr\\'e</forenames><suffix>Jr.</suffix>
<affiliation>S\\~ao Paulo</affiliation><affiliation>Rio</affiliation></author></authors>
<title>A\n Title</title><categories>cs.CL math.CO</categories><comments>This paper has been withdrawn</comments>
<report-no>R-1</report-no><msc-class>14J60</msc-class><acm-class>F.2.2</acm-class>
<journal-ref>J. 1</journal-ref><doi>10.1/x</doi><license>http://arxiv.org/licenses/x</license>
<abstract> Text. </abstract></arXiv></metadata></record></ListRecords></OAI-PMH>"""
FEED = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><title>cs</title>
<updated>2025-08-20T04:00:19Z</updated><entry><id>oai:arXiv.org:2508.13426v1</id><title>T</title>
<summary>arXiv:2508.13426v1 Announce Type: new Abstract: A.</summary><category term="cs.CL"/>
<published>2025-08-20T00:00:00-04:00</published><arxiv:announce_type>new</arxiv:announce_type></entry></feed>"""
RESULTS = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">
<o:totalResults>1</o:totalResults><entry><id>http://arxiv.org/abs/2104.12255v3</id><title>0</title>
<updated>2021-05-20T16:07:14Z</updated><published>2021-04-20T16:07:14Z</published><summary>S.</summary>
<author><name>Ada Lovelace</name></author></entry></feed>"""


def items_of(body: bytes, read: Callable[[bytes], object]) -> tuple[object, ...]:
    found: tuple[object, ...] = read(body).items  # type: ignore[attr-defined]  # every reader's result has items
    return found


READERS = [(read_page, RAW), (read_page, PLAIN), (read_feed, FEED), (read_results, RESULTS)]


@pytest.mark.parametrize("read", [read_page, read_feed, read_results])
@settings(deadline=None)
@given(data=st.binary(max_size=300))
@example(data=b"")
@example(data=b"<")
@example(data=b"\xff\xfe<\x00f\x00e\x00e\x00d\x00/\x00>\x00")
@example(data=b"<?xml version='1.0' encoding='ebcdic-cp-us'?><feed/>")
@example(data=b"<!DOCTYPE feed SYSTEM 'file:///etc/passwd'><feed/>")
@example(data=b"<a>" * 300)
@example(data=b"<OAI-PMH/>")
@example(data=b"<rss/>")
def test_arbitrary_bytes_give_a_result_or_a_source_error(
    read: Callable[[bytes], object], data: bytes
) -> None:
    with contextlib.suppress(SourceError):
        assert all(isinstance(item, Record | RecordError) for item in items_of(data, read))


@pytest.mark.parametrize(("read", "document"), READERS)
@settings(deadline=None)
@given(data=st.data())
def test_a_damaged_document_gives_records_or_our_errors(
    read: Callable[[bytes], object], document: str, data: st.DataObject
) -> None:
    body = document.encode()
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 40)))
    body = (
        body[:start]
        + data.draw(st.binary(max_size=12) | st.sampled_from([b"", b"&amp;", b"<x/>"]))
        + body[end:]
    )
    try:
        items = items_of(body, read)
    except SourceError:
        return
    assert all(isinstance(item, Record | RecordError) for item in items)


@pytest.mark.parametrize(("read", "document"), READERS)
@settings(deadline=None)
@given(data=st.data())
def test_any_text_in_any_field_gives_records_or_our_errors(
    read: Callable[[bytes], object], document: str, data: st.DataObject
) -> None:
    text = data.draw(
        st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&"), max_size=40)
    )
    places = [i for i, c in enumerate(document) if c == ">" and document[i + 1 : i + 2] not in "<\n"]
    place = data.draw(st.sampled_from(places))
    body = document[: place + 1] + text + document[document.index("<", place) :]
    try:
        items = items_of(body.encode(), read)
    except SourceError:
        return
    assert all(isinstance(item, Record | RecordError) for item in items)


@pytest.mark.parametrize(("read", "document"), READERS)
def test_every_beginning_of_a_document_is_malformed(read: Callable[[bytes], object], document: str) -> None:
    body = document.encode()
    for end in range(0, len(body), 7):
        with pytest.raises(MalformedError):
            read(body[:end])


def test_the_arxiv_format_has_authors_taken_apart() -> None:
    page = read_page(PLAIN.format(id="2507.21509", created="2025-07-29", more="").encode())
    (record,) = page.items
    assert isinstance(record, Record)
    assert [(a.name, a.affiliation) for a in record.authors] == [("Paulo André Castro Jr.", "São Paulo; Rio")]
    assert record.title == "A Title"
    assert record.categories == ("cs.CL", "math.CO")
    assert (record.venue, record.doi, record.licence) == ("J. 1", "10.1/x", "http://arxiv.org/licenses/x")
    assert record.withdrawn
    assert record.versions == ()


@pytest.mark.parametrize(
    ("id", "created", "updated", "published", "latest"),
    [
        ("2507.21509", "2025-07-29", "2025-09-05", date(2025, 7, 29), date(2025, 9, 5)),
        ("2507.21509", "2025-07-29", None, date(2025, 7, 29), date(2025, 7, 29)),
        ("1601.04794", "2025-08-30", None, None, date(2025, 8, 30)),
    ],
)
def test_created_is_the_first_versions_date_only_where_the_id_allows_it(
    id: str, created: str, updated: str | None, published: date | None, latest: date
) -> None:
    more = f"<updated>{updated}</updated>" if updated else ""
    (record,) = read_page(PLAIN.format(id=id, created=created, more=more).encode()).items
    assert isinstance(record, Record)
    assert (record.published and record.published.date()) == published
    assert record.updated is not None
    assert record.updated.date() == latest


@settings(deadline=None)
@given(st.none() | st.text(max_size=40) | st.integers().map(str))
def test_any_retry_after_field_is_a_pause_or_unclear(value: str | None) -> None:
    pause = retry_after(value, now=datetime(2025, 8, 20, tzinfo=UTC).timestamp())
    assert pause is None or pause >= 0


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_contact_makes_one_line_of_ascii(contact: str) -> None:
    agent = user_agent(contact)
    assert agent.isascii()
    assert agent.isprintable()

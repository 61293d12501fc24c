"""Feeds, read back by a feed reader and by our own source."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]  # has no stubs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Announcement, Author, Derived, Paper, Record
from broadsheet.serve.feeds import Feed, FeedItem, atom, entry_id, feed_updated, json_feed
from broadsheet.source.feed import parse

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
NS = {"a": "http://www.w3.org/2005/Atom"}


def paper(
    *, title: str = "On √n & <b>", abstract: str = "Let $x<y$.", gist: Any = "", **fields: Any
) -> Paper:
    record: dict[str, Any] = {
        "id": PaperId("2602.01234"),
        "title": title,
        "abstract": abstract,
        "source": "arxiv",
        "authors": (Author("Ann Lee"), Author("Łukasz Kaiser")),
        "categories": ("cs.CL", "stat.ML"),
        "published": datetime(2026, 2, 27, 18, tzinfo=UTC),
        "announcements": (Announcement(date(2026, 3, 2)),),
    } | fields
    return Paper(
        record=Record(**record), derived=Derived(title=title, abstract=abstract, gist=gist), added=NOW, seq=1
    )


def feed(*papers: Any, reason: Any = None) -> Feed:
    return Feed(
        title="Broadsheet, 2 March 2026",
        url="https://paper.example/edition/2026-03-02.atom",
        home="https://paper.example/edition/2026-03-02",
        updated=NOW,
        items=tuple(FeedItem(p, f"https://paper.example/papers/{p.id}", reason) for p in papers),
        subtitle="Every paper of the day",
    )


def escaped(source: str) -> str:
    return source.replace("&", "&amp;").replace("<", "&lt;")


def test_atom_has_what_rfc_4287_asks_for() -> None:
    root: Any = etree.fromstring(atom(feed(paper()), render=escaped))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for name in ("id", "title", "updated", "author/a:name", "link[@rel='self']", "link[@rel='alternate']"):
        assert len(root.xpath(f"a:{name}", namespaces=NS)) == 1, name
    (entry,) = root.xpath("a:entry", namespaces=NS)
    for name in ("id", "title", "updated", "published", "summary", "content", "link[@rel='alternate']"):
        assert len(entry.xpath(f"a:{name}", namespaces=NS)) == 1, name
    for stamp in root.xpath("//a:updated | //a:published", namespaces=NS):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp.text)


def test_a_feed_reader_shows_the_paper() -> None:
    found = feedparser.parse(atom(feed(paper(), reason="the day’s only paper"), render=escaped))
    assert not found.bozo
    assert found.version == "atom10"
    assert found.feed.title == "Broadsheet, 2 March 2026"
    assert found.feed.subtitle == "Every paper of the day"
    (entry,) = found.entries
    assert entry.title == "On √n & <b>"
    assert entry.id == "https://arxiv.org/abs/2602.01234"
    assert entry.link == "https://paper.example/papers/2602.01234"
    assert [a.name for a in entry.authors] == ["Ann Lee", "Łukasz Kaiser"]
    assert [t.term for t in entry.tags] == ["cs.CL", "stat.ML"]
    assert entry.published == "2026-02-27T18:00:00Z"
    assert entry.updated == "2026-03-02T00:00:00Z"
    assert "Let $x&lt;y$." in entry.content[0].value
    assert "the day’s only paper" in entry.content[0].value


def test_our_own_reader_brings_the_same_paper_back() -> None:
    for document in (atom(feed(paper(title="T"))), json_feed(feed(paper(title="T"))).encode()):
        found: list[Any] = list(parse(document, where="f"))
        (record,) = found
        assert record.id == PaperId("2602.01234")
        assert record.title == "T"
        assert record.authors == paper().record.authors
        assert record.categories == ("cs.CL", "stat.ML")
        assert record.published == paper().record.published


def test_json_feed_has_what_its_specification_asks_for() -> None:
    document = json.loads(json_feed(feed(paper(gist="A gist."), reason="why"), render=escaped))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["title"] == "Broadsheet, 2 March 2026"
    assert document["feed_url"].endswith(".atom")
    assert document["home_page_url"] == "https://paper.example/edition/2026-03-02"
    assert document["items"] == [
        {
            "id": "https://arxiv.org/abs/2602.01234",
            "url": "https://paper.example/papers/2602.01234",
            "external_url": "https://arxiv.org/abs/2602.01234",
            "title": "On √n & <b>",
            "content_html": "<p>Let $x&lt;y$.</p><p><em>why</em></p>",
            "summary": "A gist.",
            "date_published": "2026-02-27T18:00:00Z",
            "date_modified": "2026-03-02T00:00:00Z",
            "authors": [{"name": "Ann Lee"}, {"name": "Łukasz Kaiser"}],
            "tags": ["cs.CL", "stat.ML"],
        }
    ]


def test_what_is_not_known_is_left_out() -> None:
    bare = paper(
        authors=(),
        categories=(),
        published=None,
        announcements=(),
        abstract="",
        id=PaperId("p-1", Scheme.OWN),
    )
    (item,) = json.loads(json_feed(feed(bare)))["items"]
    assert set(item) == {"id", "url", "title", "content_html", "date_modified"}
    assert item["date_modified"] == "2026-03-08T12:00:00Z"  # the day it came is all we know
    assert not feedparser.parse(atom(feed(bare))).bozo


def test_formulas_are_plain_in_the_summary_and_html_in_the_content() -> None:
    (entry,) = feedparser.parse(
        atom(
            feed(replace(paper(abstract="$x$"), derived=Derived(title="T", abstract="x"))),
            render=lambda s: f"<math><mi>{s[1]}</mi></math>",
        ),
        sanitize_html=False,
    ).entries
    assert entry.summary == "x"
    assert entry.content[0].value == "<p><math><mi>x</mi></math></p>"
    assert entry.content[0].type == "text/html"


@pytest.mark.parametrize(
    ("id", "name"),
    [
        (PaperId("hep-th/9901001"), "https://arxiv.org/abs/hep-th/9901001"),
        (PaperId("10.1000/a#b", Scheme.DOI), "https://doi.org/10.1000/a%23b"),
    ],
)
def test_an_entry_has_the_same_name_in_every_feed(id: Any, name: str) -> None:
    assert entry_id(id) == name


def test_own_ids_get_a_urn_that_stays() -> None:
    assert entry_id(PaperId("page-206", Scheme.OWN)) == entry_id(PaperId("page-206", Scheme.OWN))
    assert entry_id(PaperId("page-206", Scheme.OWN)).startswith("urn:uuid:")
    assert entry_id(PaperId("page-206", Scheme.OWN)) != entry_id(PaperId("page-208", Scheme.OWN))


def test_a_feed_is_as_new_as_its_newest_paper() -> None:
    old, new = (
        paper(updated=datetime(2026, 3, 1, tzinfo=UTC)),
        paper(updated=datetime(2026, 3, 5, tzinfo=UTC)),
    )
    assert feed_updated(feed(old, new)) == datetime(2026, 3, 5, tzinfo=UTC)
    assert feed_updated(feed()) == NOW


def test_withdrawals_and_sample_texts_say_so() -> None:
    assert "withdrawn" in json_feed(feed(paper(withdrawn=True)))
    assert "sample edition" in json_feed(feed(paper(sample=True)))


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=20))
def test_any_texts_make_a_sound_document(title: str, abstract: str, name: str) -> None:
    made = feed(paper(title=title, abstract=abstract, authors=(Author(name),)), reason=name)
    etree.fromstring(atom(made, render=escaped))
    json.loads(json_feed(made, render=escaped))

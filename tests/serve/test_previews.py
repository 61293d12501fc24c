from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Record
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 17, tzinfo=UTC)
PAGE = "http://localhost/papers/2603.00001"

Head = Callable[..., Any]


@pytest.fixture
def head(archive: Archive, own_client: TestClient) -> Head:
    """The page of one paper, read."""

    def read(id: str = "2603.00001", title: str = "A title", **more: Any) -> Any:
        record = Record(id=PaperId.parse(id), title=title, source="test", **more)
        archive.store.put([(record, derive(record))], now=NOW)
        return html.fromstring(own_client.get(f"/papers/{id}").text)

    return read


def tags(tree: Any, name: str) -> list[str]:
    return [str(value) for value in tree.xpath("//head/meta[@name=$n or @property=$n]/@content", n=name)]


def linked(tree: Any) -> Any:
    (block,) = tree.xpath("//script[@type='application/ld+json']")
    return json.loads(block.text)


def test_page_names_the_paper_for_reference_managers(head: Head) -> None:
    tree = head(
        title=r"Learning $\alpha$-stable laws",
        abstract="We learn\n  heavy tails.",
        authors=(Author("Ada Lovelace"), Author("Ludwig Maria van Beethoven"), Author("ATLAS Collaboration")),
        announcements=(Announcement(date(2026, 3, 2)),),
        published=datetime(2026, 2, 27, 17, 59, tzinfo=UTC),
        keyphrases=("stable laws", "tails"),
    )
    assert tags(tree, "citation_title") == ["Learning α-stable laws"]
    # A comma between two pairs of words would make two authors of Beethoven.
    assert tags(tree, "citation_author") == [
        "Lovelace, Ada",
        "Ludwig Maria van Beethoven",
        "ATLAS Collaboration",
    ]
    assert tags(tree, "citation_publication_date") == ["2026/02/27"]
    assert tags(tree, "citation_online_date") == ["2026/03/02"]
    assert tags(tree, "citation_arxiv_id") == ["2603.00001"]
    assert tags(tree, "citation_technical_report_institution") == ["arXiv"]
    assert tags(tree, "citation_technical_report_number") == ["arXiv:2603.00001"]
    assert tags(tree, "citation_public_url") == ["https://arxiv.org/abs/2603.00001"]
    assert tags(tree, "citation_pdf_url") == ["https://arxiv.org/pdf/2603.00001"]
    assert tags(tree, "citation_abstract") == ["We learn heavy tails."]
    assert tags(tree, "citation_keywords") == ["stable laws; tails"]
    assert not tags(tree, "citation_doi")


def test_published_paper_has_its_journal_and_doi_and_no_more_date_than_is_known(head: Head) -> None:
    tree = head(
        id="10.1145/3292500",
        venue="Annals of Tails",
        published=datetime(1984, 1, 1, tzinfo=UTC),
    )
    assert tags(tree, "citation_journal_title") == ["Annals of Tails"]
    assert tags(tree, "citation_doi") == ["10.1145/3292500"]
    assert tags(tree, "citation_publication_date") == ["1984"]
    assert not tags(tree, "citation_technical_report_institution")
    assert not tags(tree, "citation_pdf_url")
    assert not tags(tree, "article:published_time")
    assert linked(tree)["datePublished"] == "1984"
    assert linked(tree)["isPartOf"] == {"@type": "CreativeWork", "name": "Annals of Tails"}


def test_link_previews_have_title_gist_and_address(head: Head) -> None:
    tree = head(gist="Heavy tails, learnt.", authors=(Author("Ada Lovelace"),))
    assert tags(tree, "og:title") == ["A title"]
    assert tags(tree, "og:type") == ["article"]
    assert tags(tree, "og:description") == tags(tree, "description") == ["Heavy tails, learnt."]
    assert tags(tree, "og:url") == tree.xpath("//link[@rel='canonical']/@href") == [PAGE]
    assert tags(tree, "og:site_name") == ["Broadsheet"]
    assert tags(tree, "article:author") == ["Ada Lovelace"]


def test_article_is_described_as_linked_data(head: Head) -> None:
    article = linked(
        head(
            authors=(Author("Ada Lovelace", "Analytical Engines"),),
            published=datetime(2026, 2, 27, 17, 59, tzinfo=UTC),
            doi="10.1145/3292500",
            licence="http://creativecommons.org/licenses/by/4.0/",
            abstract="We learn heavy tails.",
        )
    )
    assert article["@type"] == "ScholarlyArticle"
    assert article["@id"] == PAGE
    assert article["author"] == [
        {
            "@type": "Person",
            "name": "Ada Lovelace",
            "affiliation": {"@type": "Organization", "name": "Analytical Engines"},
        }
    ]
    assert article["datePublished"] == "2026-02-27"
    assert article["abstract"] == "We learn heavy tails."
    assert [(i["propertyID"], i["value"]) for i in article["identifier"]] == [
        ("arXiv", "2603.00001"),
        ("DOI", "10.1145/3292500"),
    ]
    assert article["sameAs"] == ["https://arxiv.org/abs/2603.00001", "https://doi.org/10.1145/3292500"]
    assert article["license"] == "http://creativecommons.org/licenses/by/4.0/"


def test_texts_of_a_sample_edition_are_not_the_authors_abstract(client: TestClient) -> None:
    tree = html.fromstring(client.get("/papers/2602.22839").text)
    assert not tags(tree, "citation_abstract")
    assert "abstract" not in linked(tree)


@pytest.mark.parametrize(
    "hostile",
    [
        '</script><script>alert(1)</script><!-- "',
        '"><img src=x onerror=alert(1)>',
        "<!--<script>",
        "]]> &lt;/script&gt; \u2028 \u2029",
    ],
)
def test_text_of_a_paper_cannot_leave_its_place(head: Head, hostile: str) -> None:
    tree = head(
        title=f"Title {hostile}",
        abstract=f"We say {hostile}.",
        authors=(Author(f"Ada {hostile}"),),
        venue=f"Annals {hostile}",
        keyphrases=(hostile,),
        gist=f"Gist {hostile}",
    )
    assert len(tree.xpath("//script")) == 2  # the page's own, and the data
    assert not tree.xpath("//img | //@onerror")
    assert [s.get("src", "").split("?")[0] for s in tree.xpath("//script[not(@type)]")] == [
        "/static/broadsheet.js"
    ]
    assert linked(tree)["headline"] == tags(tree, "og:title")[0]
    assert linked(tree)["keywords"] == [hostile]
    assert linked(tree)["author"][0]["name"] == f"Ada {hostile}"


def test_page_leads_to_its_oembed_answer(head: Head, own_client: TestClient) -> None:
    tree = head(authors=(Author("Ada Lovelace"), Author("Paul Lévy")), gist="Heavy tails, learnt.")
    (address,) = tree.xpath("//link[@type='application/json+oembed']/@href")
    answer = own_client.get(address)
    assert answer.headers["content-type"] == "application/json"
    assert "private" in answer.headers["cache-control"]
    assert answer.json() == {
        "version": "1.0",
        "type": "link",
        "title": "A title",
        "author_name": "Ada Lovelace and Paul Lévy",
        "provider_name": "Broadsheet",
        "provider_url": "http://localhost/",
        "cache_age": 86400,
        "url": PAGE,
        "description": "Heavy tails, learnt.",
    }


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("", 400),
        ("http://elsewhere.example/papers/2603.00001", 404),
        ("http://localhost/search?q=x", 404),
        ("http://localhost/papers/2401.99999", 404),
        ("javascript://localhost/papers/2603.00001", 404),
        ("/papers/2603.00001", 404),
        ("http://[", 400),
    ],
)
def test_oembed_knows_only_pages_of_papers_here(
    head: Head, own_client: TestClient, url: str, status: int
) -> None:
    head()
    answer = own_client.get(f"/oembed?url={quote(url, safe='')}")
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "status"}


def test_oembed_has_no_xml(head: Head, own_client: TestClient) -> None:
    head()
    assert own_client.get(f"/oembed?url={PAGE}&format=xml").status_code == 501


def test_oembed_goes_by_the_public_address(archive: Archive) -> None:
    record = Record(id=PaperId.parse("hep-th/9901001"), title="On strings", source="test")
    archive.store.put([(record, derive(record))], now=NOW)
    client = TestClient(
        create_app(archive.library, base_url="https://papers.example/daily"), base_url="http://localhost"
    )
    page = "https://papers.example/daily/papers/hep-th/9901001"
    assert client.get(f"/oembed?url={quote(page)}").json()["url"] == page
    assert client.get("/oembed?url=http://localhost/papers/hep-th/9901001").status_code == 404

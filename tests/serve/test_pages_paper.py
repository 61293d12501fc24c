from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Record
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


NOW = datetime(2026, 3, 18, tzinfo=UTC)


def put(archive: Archive, id: str, **fields: Any) -> PaperId:
    given = {
        "title": "A title",
        "abstract": "We prove a theorem.",
        "source": "test",
        "announcements": (Announcement(NOW.date()),),
    }
    record = Record(id=PaperId.parse(id), **(given | fields))
    archive.store.put([(record, derive(record))], now=NOW)
    return record.id


def test_paper_page_shows_what_its_source_gave(client: TestClient, sample: list[dict[str, Any]]) -> None:
    paper = next(p for p in sample if p["id"] == "2602.22839")
    tree = read(client.get("/papers/2602.22839").text)
    main = tree.xpath("//main")[0]
    text = main.text_content()
    assert tree.xpath("//h1")[0].text_content() == paper["title"]
    assert paper["gist"] in text
    for sentence in paper["aspects"].values():
        assert sentence in text
    assert [a.text_content() for a in main.xpath("//header//p[@class='by']/a")] == paper["authors"]
    assert {"https://arxiv.org/abs/2602.22839", "https://arxiv.org/pdf/2602.22839", paper["links"][0]} <= set(
        main.xpath(".//a/@href")
    )
    assert "10 Mar 2026" in text  # the day it was featured, and of its vote reading
    assert "Artificial Intelligence" in text


def test_sentences_carry_their_aspect(client: TestClient, sample: list[dict[str, Any]]) -> None:
    paper = next(p for p in sample if p["id"] == "2602.22839")
    tree = read(client.get("/papers/2602.22839").text)
    for aspect, sentence in paper["aspects"].items():
        passage = tree.xpath(f"//section[@class='abstract']/p[@class='{aspect}']")[0].text_content()
        assert passage.startswith(aspect.capitalize())
        assert sentence in passage


def test_sample_text_is_said_to_be_one(client: TestClient) -> None:
    assert "written for the sample edition" in client.get("/papers/2602.22839").text


def test_formulas_become_mathml(archive: Archive, own_client: TestClient) -> None:
    put(
        archive, "2603.00001", title=r"Sorting in $O(n\sqrt{m})$", abstract=r"We sort in $O(n\sqrt{m})$ time."
    )
    tree = read(own_client.get("/papers/2603.00001").text)
    assert tree.xpath("//h1//math//msqrt")
    assert tree.xpath("//section[@class='abstract']//math//msqrt")
    assert "$" not in tree.xpath("//article/header")[0].text_content()


def test_long_list_of_authors_is_folded_with_all_of_them_there(
    archive: Archive, own_client: TestClient
) -> None:
    names = [f"Person {chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(300)]
    put(archive, "2506.12103", authors=tuple(Author(name) for name in names))
    header = read(own_client.get("/papers/2506.12103").text).xpath("//main//header")[0]
    assert len(header.xpath("./p[@class='by']/a")) == 12
    assert header.xpath("./details/summary")[0].text_content() == "and 288 others"
    assert [a.text_content() for a in header.xpath(".//*[contains(@class, 'by')]//a")] == names


def test_markup_in_a_source_is_shown_not_run(archive: Archive, own_client: TestClient) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    put(
        archive,
        "2603.00001",
        title=hostile,
        abstract=f"We show {hostile}.",
        authors=(Author(hostile, affiliation='"><b>'),),
        comment=hostile,
        venue=hostile,
        links=("javascript:alert(1)",),
    )
    tree = read(own_client.get("/papers/2603.00001").text)
    assert [s.get("src", "")[:8] for s in tree.xpath("//script[not(@type)]")] == ["/static/"]
    assert not tree.xpath("//img")
    assert not tree.xpath("//a[starts-with(@href, 'javascript')]")
    assert "<script>" in tree.xpath("//h1")[0].text_content()


@pytest.mark.parametrize(
    ("id", "path"),
    [
        ("hep-th/9901001", "/papers/hep-th/9901001"),
        ("10.1145/3292500.3330701", "/papers/10.1145/3292500.3330701"),
        (
            "10.1002/(sici)1097-0258<1::aid>3.0.co;2-#",
            "/papers/10.1002/(sici)1097-0258%3C1::aid%3E3.0.co;2-%23",
        ),
        ("page-206", "/papers/page-206"),
    ],
)
def test_ids_of_every_scheme_have_a_page(
    archive: Archive, own_client: TestClient, id: str, path: str
) -> None:
    put(archive, id)
    assert own_client.get(path).status_code == 200
    card = read(own_client.get("/").text).xpath("//article/*[self::h2 or self::h3]/a/@href")
    assert card == [path]
    assert own_client.get(f"{path}.ris").status_code == 200


def test_version_and_alias_lead_to_the_paper(archive: Archive, own_client: TestClient) -> None:
    kept, other = put(archive, "2603.00001"), put(archive, "2603.00002")
    archive.store.fold(kept, other, now=NOW)
    assert own_client.get("/papers/2603.00001v2").headers["location"] == "/papers/2603.00001"
    assert own_client.get("/papers/2603.00002").headers["location"] == "/papers/2603.00001"
    assert "also as 2603.00002" in own_client.get("/papers/2603.00001").text


def test_unknown_paper_points_to_its_source(client: TestClient) -> None:
    answer = client.get("/papers/2401.99999")
    assert answer.status_code == 404
    assert "https://arxiv.org/abs/2401.99999" in answer.text


def test_name_that_is_no_id_is_explained(client: TestClient) -> None:
    answer = client.get("/papers/%20%20")
    assert answer.status_code == 400
    assert "expected an arXiv id" in answer.text


def test_changed_text_shows_its_difference(archive: Archive, own_client: TestClient) -> None:
    put(archive, "2603.00001", title="Fast sorting", abstract="We sort in 1.4 hours.", version=1)
    put(archive, "2603.00001", title="Fast merging", abstract="We sort in 2 hours.", version=2)
    history = read(own_client.get("/papers/2603.00001").text).xpath("//section[@class='history']")[0]
    assert [e.text for e in history.iter("del")] == ["sorting", "1.4"]
    assert [e.text for e in history.iter("ins")] == ["merging", "2"]


def test_relations_are_shown_on_both_papers_with_the_words_that_say_so(
    archive: Archive, own_client: TestClient
) -> None:
    put(archive, "2602.00001", title="All primes are odd")
    says = "We refute <b>the theorem</b> of Odd et al., arXiv:2602.00001."
    put(archive, "2603.00001", title="Two is prime", abstract=says)
    own, other = (
        read(own_client.get(f"/papers/{id}").text).xpath("//section[@class='relations']")[0]
        for id in ("2603.00001", "2602.00001")
    )
    for section, label, title in (
        (own, "Comments on or disputes", "All primes are odd"),
        (other, "Commented on or disputed by", "Two is prime"),
    ):
        assert section.xpath(".//h3")[0].text_content() == label
        assert section.xpath(".//li/a")[0].text_content() == title
        assert section.xpath(".//q")[0].text_content() == says
    assert other.xpath(".//li/a/@href") == ["/papers/2603.00001"]
    markdown = own_client.get("/papers/2602.00001.md").text
    assert "Commented on or disputed by: Two is prime (2603.00001): “We refute \\<b\\>" in markdown
    (relation,) = own_client.get("/api/v1/papers/2602.00001").json()["relations"]
    assert (relation["kind"], relation["outward"], relation["says"]) == ("disputes", False, says)
    assert relation["paper"]["id"] == "2603.00001"


def test_withdrawn_paper_says_so(archive: Archive, own_client: TestClient) -> None:
    put(archive, "2603.00001", withdrawn=True, comment="Lemma 3 is wrong")
    page = own_client.get("/papers/2603.00001").text
    assert "Withdrawn." in page
    assert "Lemma 3 is wrong" in page
    assert "Withdrawn" in read(own_client.get("/").text).xpath("//article")[0].text_content()


def test_damaged_formula_is_said_to_be_one(archive: Archive, own_client: TestClient) -> None:
    put(archive, "2603.00001", abstract="We prove a bound of O left( KT + (m+M)K right) on the regret.")
    assert "may be incomplete" in own_client.get("/papers/2603.00001").text


@pytest.mark.parametrize(
    ("suffix", "media_type", "start"),
    [
        ("bib", "application/x-bibtex", "@"),
        ("ris", "application/x-research-info-systems", "TY  - "),
        ("json", "application/vnd.citationstyles.csl+json", "["),
    ],
)
def test_citation_can_be_saved(client: TestClient, suffix: str, media_type: str, start: str) -> None:
    answer = client.get(f"/papers/2602.22839.{suffix}")
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.text.startswith(start)


def test_similar_papers_give_their_reason(client: TestClient) -> None:
    tree = read(client.get("/papers/2602.22839").text)
    cards = tree.xpath("//section[@aria-labelledby='similar']//article")
    assert cards
    assert all(c.xpath(".//p[@class='why']")[0].text_content().strip() for c in cards)
    assert "/papers/2602.22839" not in tree.xpath("//section[@aria-labelledby='similar']//h3/a/@href")


def test_similar_papers_have_a_page_by_aspect(client: TestClient) -> None:
    tree = read(client.get("/papers/2602.22839").text)
    links = tree.xpath("//section[@aria-labelledby='similar']//p[@class='all']/a/@href")
    assert links[0] == "/papers/2602.22839/similar"
    assert "/papers/2602.22839/similar?by=method" in links
    page = read(client.get("/papers/2602.22839/similar?by=method").text)
    assert page.xpath("string(//a[@aria-current='page'])") == "by method"
    cards = page.xpath("//ol/li/article")
    assert len(cards) == 20
    for card in cards:
        assert "method" in card.xpath("string(.//p[@class='why'])")
    whole = read(client.get("/papers/2602.22839/similar").text)
    assert whole.xpath("//ol//h2/a/@href") != page.xpath("//ol//h2/a/@href")


def test_similar_page_sends_other_names_on_and_refuses_nonsense(client: TestClient) -> None:
    answer = client.get("/papers/2602.22839v1/similar?by=result")
    assert answer.headers["location"] == "/papers/2602.22839/similar?by=result"
    assert client.get("/papers/2602.22839/similar?by=taste").status_code == 400
    assert client.get("/papers/2602.99999/similar").status_code == 404


def test_author_page_lists_their_papers(client: TestClient, sample: list[dict[str, Any]]) -> None:
    wanted = {f"/papers/{p['id']}" for p in sample if "Hao Zheng" in p["authors"]}
    tree = read(client.get("/authors/hao-zheng").text)
    assert tree.xpath("//h1")[0].text_content() == "Hao Zheng"
    assert set(tree.xpath("//article//h2/a/@href")) == wanted


def test_author_nobody_has_is_not_found(client: TestClient) -> None:
    assert client.get("/authors/nobody-at-all").status_code == 404


def test_announced_day_links_to_its_edition(archive: Archive, own_client: TestClient) -> None:
    put(archive, "2603.00001", announcements=(Announcement(date(2026, 3, 2)),))
    assert "/edition/2026-03-02" in own_client.get("/papers/2603.00001").text

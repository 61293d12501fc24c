from __future__ import annotations

from typing import Any

import pytest
from lxml import html
from starlette.testclient import TestClient


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


def hits(client: TestClient, address: str) -> list[Any]:
    return list(read(client.get(address).text).xpath("//ol[@class='hits']//article"))


def test_search_echoes_the_query_and_counts_what_matches(client: TestClient) -> None:
    tree = read(client.get("/search?q=video+generation").text)
    assert tree.xpath("//input[@name='q']/@value") == ["video generation"]
    assert "video generation" in tree.xpath("//p[@class='total']")[0].text_content()
    assert tree.xpath("//p[@class='total']/strong")[0].text_content().split()[0].isdigit()


def test_hits_say_why_and_how_much_by_words(client: TestClient) -> None:
    found = hits(client, "/search?q=video+generation")
    assert found
    for hit in found:
        assert hit.xpath(".//p[@class='why']")[0].text_content().strip()
        assert "by meaning" in hit.xpath(".//svg/@aria-label")[0]


def test_matched_words_are_marked(client: TestClient) -> None:
    marked = {m.text_content().lower() for h in hits(client, "/search?q=tokenizer") for m in h.iter("mark")}
    assert any(word.startswith("tokeni") for word in marked)


def test_filters_narrow_and_stay_in_the_form(client: TestClient, sample: list[dict[str, Any]]) -> None:
    benchmarks = {f"/papers/{p['id']}" for p in sample if p["type"] == "benchmark"}
    tree = read(client.get("/search?q=agents&type=benchmark").text)
    found = set(tree.xpath("//ol[@class='hits']//h2/a/@href"))
    assert found
    assert found <= benchmarks
    assert tree.xpath("//select[@name='type']/option[@selected]")[0].text_content() == "benchmark"


def test_category_and_dates_narrow(client: TestClient, sample: list[dict[str, Any]]) -> None:
    wanted = {
        f"/papers/{p['id']}"
        for p in sample
        if "cs.CL" in p["categories"] and "2026-03-16" <= p["announced"] <= "2026-03-17"
    }
    tree = read(client.get("/search?q=language+models&cat=cs.CL&since=2026-03-16&until=2026-03-17").text)
    found = set(tree.xpath("//ol[@class='hits']//h2/a/@href"))
    assert found
    assert found <= wanted


def test_pages_of_a_search_do_not_overlap_and_come_to_an_end(client: TestClient) -> None:
    seen: list[str] = []
    address = "/search?q=agents&cat=cs.AI"
    for _ in range(40):
        tree = read(client.get(address).text)
        seen += [str(a) for a in tree.xpath("//ol[@class='hits']//h2/a/@href")]
        after = tree.xpath("//a[@rel='next']/@href")
        if not after:
            assert "–30–" in tree.text_content()
            break
        address = after[0]
    else:
        pytest.fail("the search never ends")
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("2602.22839v1", "/papers/2602.22839"),
        ("https://arxiv.org/abs/hep-th/9901001", "/papers/hep-th/9901001"),
        ("arXiv:2602.22839", "/papers/2602.22839"),
    ],
)
def test_id_or_link_goes_straight_to_the_paper(client: TestClient, query: str, page: str) -> None:
    answer = client.get("/search", params={"q": query})
    assert (answer.status_code, answer.headers["location"]) == (303, page)


def test_search_without_a_question_explains_how_to_ask(client: TestClient) -> None:
    page = client.get("/search").text
    assert "author:" in page
    assert "cat:" in page


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/search?q=x&since=yesterday", "expected year-month-day"),
        ("/search?q=x&type=poem", "expected one of"),
        ("/search?q=x&page=0", "expected a number"),
        ("/search?q=" + "x" * 1001, "at most 1,000"),
    ],
)
def test_what_cannot_be_searched_is_explained(client: TestClient, address: str, reason: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 400
    assert reason in read(answer.text).text_content()


def test_query_is_never_markup(client: TestClient) -> None:
    tree = read(client.get("/search", params={"q": '"><script>alert(1)</script>'}).text)
    assert [s.get("src", "")[:8] for s in tree.xpath("//script")] == ["/static/"]


def test_search_without_an_index_says_to_wait(own_client: TestClient) -> None:
    answer = own_client.get("/search?q=anything")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "index" in answer.text


def test_search_offers_itself_as_a_feed(client: TestClient) -> None:
    tree = read(client.get("/search?q=agents&type=benchmark").text)
    assert "/feeds/search.atom?q=agents&type=benchmark" in tree.xpath("//link[@rel='alternate']/@href")


def test_answers_without_the_words_are_said_to_be_near_in_meaning_only(client: TestClient) -> None:
    note = "these are the nearest in meaning"
    page = client.get("/search?q=zzxqqy").text
    assert page.count(note) == 1
    assert "close" not in " ".join(read(page).xpath("//p[@class='why']//text()"))
    assert note not in client.get("/search?q=agents").text
    assert note not in client.get("/search?q=cat:cs.CL").text


def test_questions_that_nothing_answers_have_the_line_at_the_top(client: TestClient) -> None:
    for query in (
        "recipe for apple pie",
        "zzxqqy",
        "medieval trade routes of Venice",
        "football league results",
    ):
        tree = read(client.get("/search", params={"q": query}).text)
        assert [line.text_content()[:12] for line in tree.xpath("//p[@class='line']")] == ["Nothing here"], (
            query
        )
        assert tree.xpath("//ol[@class='hits']//article"), query


def test_line_parts_the_hits_and_numbering_goes_on(client: TestClient) -> None:
    tree = read(client.get("/search", params={"q": "GUI agents benchmark"}).text)
    above, below = tree.xpath("//ol[@class='hits']")
    assert tree.xpath("//p[@class='line']")[0].getprevious() is above
    assert int(below.get("start")) == 1 + len(above.xpath("./li"))


def test_question_without_words_has_no_line(client: TestClient) -> None:
    assert not read(client.get("/search?cat=cs.CL").text).xpath("//p[@class='line']")


def test_facets_lead_to_narrower_searches_with_as_many_hits(client: TestClient) -> None:
    tree = read(client.get("/search?cat=cs.CL").text)
    choices = tree.xpath("//nav[@class='facets']//li")
    assert choices
    for choice in choices:
        count = int(choice.xpath("./small")[0].text_content())
        narrowed = read(client.get(choice.xpath("./a/@href")[0]).text)
        assert narrowed.xpath("//p[@class='total']/strong")[0].text_content().split()[0] == str(count)


def test_filters_that_are_on_can_be_taken_away_one_by_one(client: TestClient) -> None:
    tree = read(client.get("/search?q=agents&cat=cs.AI&type=benchmark&code=1").text)
    found = {a.text_content(): a.get("href") for a in tree.xpath("//ul[@class='chips']//a")}
    assert found == {
        "Take away: cs.AI ×": "/search?q=agents&type=benchmark&code=1",
        "Take away: benchmark ×": "/search?q=agents&cat=cs.AI&code=1",
        "Take away: with code ×": "/search?q=agents&cat=cs.AI&type=benchmark",
    }


def test_number_of_papers_is_that_of_those_with_the_words(client: TestClient) -> None:
    assert "No paper has the words of" in client.get("/search?q=zzxqqy").text
    total = read(client.get("/search?q=tokenizer").text).xpath("//p[@class='total']/strong")[0].text_content()
    by_hand = (
        read(client.get('/search?q="tokenizer"').text).xpath("//p[@class='total']/strong")[0].text_content()
    )
    assert total == by_hand


def test_sentence_that_answers_says_what_it_is_about(client: TestClient) -> None:
    told = {b.text_content() for hit in hits(client, "/search?q=agents") for b in hit.xpath(".//b")}
    assert told <= {"Problem:", "Method:", "Result:"}
    assert told


def test_further_pages_do_not_say_that_what_they_show_has_the_words(client: TestClient) -> None:
    tree = read(client.get("/search?q=galaxy&page=2").text)
    total = tree.xpath("//p[@class='total']")[0].text_content()
    assert "with words of it are not among them" in total
    assert "have words of" not in total
    assert not tree.xpath("//ol[@class='hits']//mark")

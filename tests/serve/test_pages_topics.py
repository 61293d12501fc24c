"""An edition by topic, and maps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.serve.app import create_app

DAY = "2026-03-17"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Somebody with a desk, in an archive of the sample that these tests may change."""
    settings = Settings(data=tmp_path_factory.mktemp("topics"), encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        yield TestClient(create_app(archive.library), base_url="http://localhost", follow_redirects=False)


def read(page: str) -> Any:
    return html.fromstring(page)


def announced(sample: list[dict[str, Any]]) -> set[str]:
    return {f"/papers/{paper['id']}" for paper in sample if paper["announced"] == DAY}


def test_the_map_has_a_point_for_every_new_paper_of_the_day_and_a_line_or_the_way_to_one(
    client: TestClient, sample: list[dict[str, Any]]
) -> None:
    tree = read(client.get(f"/map?day={DAY}").text)
    lines = tree.xpath("//nav[@class='heaps']//li[not(@class)]/a/@href")
    points = tree.xpath("//svg[@id='map']//g[contains(@class, 'marks')]/a/@href")
    assert set(points) == announced(sample)
    assert set(lines) < set(points)
    assert (len(lines), len(points)) == (len(set(lines)), len(set(points)))
    for heap in tree.xpath("//nav[@class='heaps']/details"):
        total, shown = int(heap.xpath("string(.//small)")), len(heap.xpath(".//li[not(@class)]"))
        rest = heap.xpath(".//li[@class='rest']/a")
        assert [a.text for a in rest] == ([f"{total - shown} more"] if shown < total else [])
        assert all(client.get(a.get("href")).status_code == 200 for a in rest)


def test_the_map_names_its_topics_where_they_lie_and_in_the_list(client: TestClient) -> None:
    tree = read(client.get(f"/map?day={DAY}").text)
    listed = set(tree.xpath("//nav[@class='heaps']//span[@class='topic']/text()"))
    named = set(tree.xpath("//svg[@id='map']//text/text()"))
    assert named
    assert named <= listed


def test_points_lie_within_the_map(client: TestClient) -> None:
    tree = read(client.get(f"/map?day={DAY}").text)
    for path in tree.xpath("//svg[@id='map']//path/@d"):
        x, y = (float(part) for part in path.removeprefix("M").removesuffix("h0").split())
        assert 0 < x < 1000
        assert 0 < y < 700


def test_the_newest_edition_is_mapped_where_no_day_is_named(client: TestClient) -> None:
    assert "20 March 2026" in client.get("/map").text


def test_a_search_is_mapped_with_its_filters(client: TestClient) -> None:
    page = client.get("/search?q=language+agents&type=benchmark").text
    map_url = next(a for a in read(page).xpath("//main//a/@href") if a.startswith("/map?"))
    assert parse_qs(urlsplit(map_url).query) == {"q": ["language agents"], "type": ["benchmark"]}
    found = client.get("/map.json", params={"q": "language agents", "type": "benchmark"}).json()
    everything = client.get("/map.json", params={"q": "language agents"}).json()
    assert 0 < found["papers"] < everything["papers"]


def test_json_says_what_the_page_shows(client: TestClient) -> None:
    told = client.get(f"/map.json?day={DAY}").json()
    tree = read(client.get(f"/map?day={DAY}").text)
    assert told["day"] == DAY
    names = [topic["name"] for topic in told["topics"]]
    assert names == tree.xpath("//nav[@class='heaps']//details[@data-topic!='']//span[@class='topic']/text()")
    listed = [id for topic in told["topics"] for id in topic["papers"]] + told["various"]
    assert len(listed) == len(set(listed)) == told["papers"]
    assert {point["id"] for point in told["points"]} == set(listed)
    assert all(0 <= point["x"] <= 1 and 0 <= point["y"] <= 1 for point in told["points"])
    by_key = {topic["key"]: topic["papers"] for topic in told["topics"]}
    assert all(point["id"] in by_key[point["topic"]] for point in told["points"] if point["topic"])


def test_a_shared_address_shows_its_part_of_the_map_and_its_topic(client: TestClient) -> None:
    key = client.get(f"/map.json?day={DAY}").json()["topics"][0]["key"]
    tree = read(client.get(f"/map?day={DAY}&view=500,350,4&topic={key}").text)
    assert tree.xpath("//svg[@id='map']/@viewbox") == ["375.0 262.5 250.0 175.0"]
    lit = tree.xpath("//g[contains(@class, 'marks') and not(contains(@class, 'dim'))]/@data-topic")
    assert lit == [key]
    assert tree.xpath("//details[@open]/@data-topic") == [key]


def test_a_topic_that_has_gone_leaves_the_rest_of_the_map(client: TestClient) -> None:
    answer = client.get(f"/map?day={DAY}&topic=phlogiston")
    assert answer.status_code == 200
    assert " dim" not in answer.text


@pytest.mark.parametrize("part", ["1,2", "a,b,c", "500,350,0.5", "500,350,17", "9000,0,2", "nan,nan,nan"])
def test_a_view_that_nobody_can_see_is_explained(client: TestClient, part: str) -> None:
    answer = client.get(f"/map?day={DAY}&view={part}")
    assert answer.status_code == 400
    assert "view" in answer.text


def test_a_day_without_papers_has_no_map(client: TestClient) -> None:
    answer = client.get("/map?day=2026-03-14")
    assert answer.status_code == 404
    assert "nothing was new on 2026-03-14" in answer.text.lower()


def test_an_edition_by_topic_leads_to_all_of_its_papers(
    client: TestClient, sample: list[dict[str, Any]]
) -> None:
    tree = read(client.get(f"/edition/{DAY}/topics").text)
    seen: set[str] = set()
    for url in {*tree.xpath("//section//h2/a/@href"), f"/edition/{DAY}/topics?topic=various"}:
        for page in (1, 2, 3, 4):
            answer = client.get(f"{url}&page={page}")
            if answer.status_code == 200:
                seen |= set(read(answer.text).xpath("//article//h2/a/@href"))
    assert seen == announced(sample)


def test_topics_are_one_step_from_the_edition(client: TestClient) -> None:
    links = read(client.get(f"/edition/{DAY}").text).xpath("//main//a/@href")
    assert f"/edition/{DAY}/topics" in links
    assert f"/map?day={DAY}" in links


def test_unknown_topic_and_page_are_not_found(client: TestClient) -> None:
    assert client.get(f"/edition/{DAY}/topics?topic=phlogiston").status_code == 404
    assert client.get(f"/edition/{DAY}/topics?topic=various&page=400").status_code == 404


def test_a_day_without_an_edition_says_why_by_topic_too(client: TestClient) -> None:
    assert "no edition on a Saturday" in client.get("/edition/2026-03-14/topics").text


def topic_of(client: TestClient) -> dict[str, Any]:
    """The largest topic of a day."""
    told = client.get(f"/map.json?day={DAY}").json()
    topic: dict[str, Any] = told["topics"][0] | {"day": told["day"]}
    return topic


def test_topic_is_followed_by_a_press_and_has_a_page_and_a_feed_of_its_own(reader: TestClient) -> None:
    topic = topic_of(reader)
    of_day = f"/edition/{topic['day']}/topics?topic={topic['key']}"
    (form,) = read(reader.get(of_day).text).xpath("//form[contains(@class, 'follow ')]")
    reader.post(form.action, data={**dict(form.form_values()), "set": "topic"})
    page = reader.get(f"/topics/{topic['key']}")
    assert "Followed" in page.text
    here = {f"/papers/{id}" for id in topic["papers"]}
    assert here & set(read(page.text).xpath("//article//h3/a/@href"))
    assert f"/topics/{topic['key']}" in read(reader.get("/following").text).xpath("//section//a/@href")
    for ending in ("atom", "json"):
        assert reader.get(f"/feeds/topics/{topic['key']}.{ending}").status_code == 200
    feed = reader.get(f"/feeds/topics/{topic['key']}.json").json()
    assert {f"http://localhost{path}" for path in here} <= {item["url"] for item in feed["items"]}


def test_topic_that_no_edition_has_is_not_found(client: TestClient) -> None:
    for path in ("/topics/the-price-of-fish", "/feeds/topics/the-price-of-fish.atom"):
        assert client.get(path).status_code == 404


def test_paper_put_away_is_on_no_map_and_in_no_topic_until_it_is_asked_for(reader: TestClient) -> None:
    topic = topic_of(reader)
    gone = topic["papers"][0]
    reader.post(f"/papers/{gone}/marks", data={"set": "hidden"})
    reader.get("/about")  # the next page offers to undo it, once
    pages = (
        f"/map?day={topic['day']}",
        f"/edition/{topic['day']}/topics",
        f"/edition/{topic['day']}/topics?topic={topic['key']}",
        f"/topics/{topic['key']}",
    )
    for path in pages:
        tree = read(reader.get(path).text)
        assert f"/papers/{gone}" not in tree.xpath("//main//a/@href"), path
        (way,) = tree.xpath("//p[contains(@class, 'left-out')]/a/@href")
        assert f"/papers/{gone}" in read(reader.get(way).text).xpath("//main//a/@href"), path
    told = reader.get(f"/map.json?day={DAY}").json()
    assert gone not in {point["id"] for point in told["points"]}
    assert told["papers"] == topic_count(reader) - 1


def topic_count(client: TestClient) -> int:
    count: int = client.get(f"/map.json?day={DAY}&hidden=1").json()["papers"]
    return count

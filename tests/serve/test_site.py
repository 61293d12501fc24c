from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from tests.serve.addresses import PAGES

from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Record
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive


def read(page: str) -> Any:
    """A page as a tree; lxml's stubs type every XPath answer as a union of seven."""
    return html.fromstring(page)


USE = Path(__file__).parents[2] / "docs" / "use"


@pytest.mark.parametrize("path", [*PAGES, "/nowhere"])
def test_page_is_sound(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert len(answer.content) < 100_000
    tree = read(answer.text)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert len(tree.xpath("//h1")) == 1
    assert tree.get("lang") == "en"
    assert tree.xpath("//title")[0].text.strip()
    assert set(tree.xpath("//label/@for")) <= set(ids)
    # A block of JSON-LD is data: browsers run nothing in it, and the policy has nothing to allow.
    assert not tree.xpath("//script[not(@src) and not(@type='application/ld+json')]")
    assert not tree.xpath("//style | //@style | //@onclick")
    elsewhere = tree.xpath("//script/@src | //link[@rel='stylesheet']/@href | //img/@src")
    assert all(address.startswith("/static/") for address in elsewhere)


@pytest.mark.parametrize(
    "path", [*PAGES, "/nowhere", "/healthz", "/static/broadsheet.css", "/feeds/edition.atom"]
)
def test_every_answer_carries_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_links_on_the_main_pages_lead_somewhere(client: TestClient) -> None:
    addresses = {
        str(address)
        for path in PAGES
        for address in read(client.get(path).text).xpath("//a/@href | //link/@href")
        if address.startswith("/")
    }
    kept: dict[str, list[str]] = {}
    for address in sorted(addresses):
        kept.setdefault(re.sub(r"[\d.]+|[?].*|(?<=/authors/).*", "*", address), []).append(address)
    for group in kept.values():
        for address in group[:4]:
            assert client.get(address).status_code in {200, 303}, address


def test_static_files_named_by_their_state_are_kept_for_ever(client: TestClient) -> None:
    address = read(client.get("/").text).xpath("//link[@rel='stylesheet']/@href")[0]
    assert "immutable" in client.get(address).headers["cache-control"]
    assert "immutable" not in client.get("/static/broadsheet.css").headers.get("cache-control", "")


def test_theme_is_remembered_by_the_server(client: TestClient) -> None:
    dark = client.get("/", headers={"Cookie": "theme=dark"}).text
    assert read(dark).get("data-theme") == "dark"
    odd = client.get("/", headers={"Cookie": 'theme="><script>'}).text
    assert read(odd).get("data-theme") is None


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/papers/2401.99999", 404), ("/edition/soon", 400)]
)
def test_errors_have_one_shape_for_programs(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "status"}
    assert answer.json()["status"] == status
    page = client.get(path, headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert 'href="/search"' in page.text


def test_index_that_is_not_made_yet_is_one_line_in_the_log(
    own_client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = own_client.get("/search?q=graphs")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    (record,) = (r for r in caplog.records if r.name == "broadsheet.serve.press")
    assert record.exc_info is None
    assert "\n" not in record.getMessage()
    assert "/search" in record.getMessage()


@pytest.mark.parametrize(
    "path",
    ["/", "/edition/2026-03-17/cs.CV", "/archive/2026-W12", "/authors/hao-zheng", "/papers/2602.22839"],
)
def test_foot_of_a_page_of_the_sample_says_that_its_texts_were_written(client: TestClient, path: str) -> None:
    foot = read(client.get(path).text).xpath("string(//footer)")
    assert "written for the sample edition" in foot
    assert "machine" not in foot


@pytest.mark.parametrize(("samples", "said"), [((False,), "by machine"), ((True, False), "written for it")])
def test_foot_says_where_the_texts_of_a_page_come_from(
    archive: Archive, own_client: TestClient, samples: tuple[bool, ...], said: str
) -> None:
    now = datetime(2026, 3, 17, tzinfo=UTC)
    records = [
        Record(
            id=PaperId(f"2603.0000{n}"),
            title="A title",
            source="test",
            sample=sample,
            announcements=(Announcement(now.date()),),
        )
        for n, sample in enumerate(samples, start=1)
    ]
    archive.store.put([(r, derive(r)) for r in records], now=now)
    assert said in read(own_client.get("/").text).xpath("string(//footer)")


def test_foot_of_a_page_without_papers_says_nothing_of_texts(client: TestClient) -> None:
    foot = read(client.get("/archive").text).xpath("string(//footer)")
    assert "gists" not in foot
    assert "How this paper is made" in foot


def test_health_names_the_state(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.json()["status"] == "ok"
    assert answer.json()["latest"] == "2026-03-20"
    assert answer.json()["generation"] is not None


def test_about_counts_the_archive(client: TestClient) -> None:
    page = read(client.get("/about").text).text_content()
    assert "325" in page
    assert "broadsheet sync" in page
    assert "Meaning of single words" in page


def test_archive_counts_papers_by_month(client: TestClient) -> None:
    text = " ".join(read(client.get("/archive").text).text_content().split())
    assert "March 324 papers" in text  # of the sample's 325 one is of February
    assert "February 1 paper 1 edition" in text


def test_month_is_a_calendar(client: TestClient) -> None:
    tree = read(client.get("/archive/2026-03").text)
    row = tree.xpath("//tbody/tr[th/a[@href='/archive/2026-W12']]")[0]
    assert row.xpath("td/a/@href") == [f"/edition/2026-03-{day}" for day in (16, 17, 18, 19, 20)]
    assert row.xpath("td/a/span[not(@class)]/text()") == ["22", "61", "29", "19", "26"]


def test_week_shows_the_lead_stories_of_its_days(client: TestClient) -> None:
    tree = read(client.get("/archive/2026-W12").text)
    assert tree.xpath("//section/h2/a/@href") == [f"/edition/2026-03-{day}" for day in (16, 17, 18, 19, 20)]
    assert all(section.xpath(".//article") for section in tree.xpath("//main/section"))


@pytest.mark.parametrize("period", ["2026-13", "2026-W60", "soon"])
def test_period_that_is_none_is_explained(client: TestClient, period: str) -> None:
    answer = client.get(f"/archive/{period}")
    assert answer.status_code == 400
    assert "expected a month" in answer.text


def test_day_of_the_archive_is_its_edition(client: TestClient) -> None:
    assert client.get("/archive/2026-03-17").headers["location"] == "/edition/2026-03-17"


def test_every_route_is_documented_and_every_address_that_is_documented_exists(
    sample_archive: Archive,
) -> None:
    known = {
        re.sub(r"\{(\w+)(:\w+)?\}", r"{\1}", route.path)
        for route in create_app(sample_archive.library).routes
        if isinstance(route, Route)
    }
    pages = [page.read_text(encoding="utf-8") for page in USE.glob("*.md")]
    tables = [t for page in pages for t in re.findall(r"\n\| address \|.*\n((?:\|.*\n)+)", page)]
    rows = re.findall(r"^\| (`/.*?) \|", "".join(tables), re.MULTILINE)
    told = [address for row in rows for address in re.findall(r"`(/[^`]*)`", row)]
    assert set(told) == known


def test_every_resource_of_the_api_is_documented_and_none_besides(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]
    known = {f"{method.upper()} /api/v1{path}" for path, methods in described.items() for method in methods}
    rows = re.findall(r"^\| (`[A-Z]+ /.*?) \|", (USE / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
    told = [name for row in rows for name in re.findall(r"`([A-Z]+ /[^`]*)`", row)]
    assert sorted(told) == sorted({*known, "GET /api/v1/openapi.json"})


def test_every_page_and_form_has_an_operation_of_the_api_or_a_reason_why_not(client: TestClient) -> None:
    described = client.get("/api/v1/openapi.json").json()["paths"]
    operations = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    app = client.app
    assert isinstance(app, Starlette)
    known = [
        (method, re.sub(r"\{(\w+)(:\w+)?\}", r"{\1}", route.path))
        for route in app.routes
        if isinstance(route, Route)
        for method in sorted((route.methods or {"GET"}) - {"HEAD"})
    ]
    (table,) = re.findall(
        r"\n\| page or form \| operation \|\n\|.*\n((?:\|.*\n)+)",
        (USE / "api.md").read_text(encoding="utf-8"),
    )
    told = []
    for row in table.splitlines():
        _, pages, done, _ = row.split("|")
        told += [(method or "GET", path) for method, path in re.findall(r"(?:(POST) )?`(/[^`]*)`", pages)]
        named = set(re.findall(r"`([A-Z]+ /[^`]*)`", done))
        assert named <= operations, row
        assert named or (len(done.split()) > 5 and done.startswith(" none: ")), row
    assert sorted(told) == sorted(known)


def test_two_sites_of_one_process_keep_their_names_and_their_manners_apart(sample_archive: Archive) -> None:
    sites = {
        name: TestClient(
            create_app(sample_archive.library, title=name, mails=mails),
            base_url="http://localhost",
        )
        for name, mails in (("The Morning", True), ("The Evening", False))
    }
    for name, site in sites.items():
        about = site.get("/about").text
        assert name in about
        assert all(other not in about for other in sites if other != name)
    offers = ["/subscribe" in site.get("/").text for site in sites.values()]
    assert offers == [True, False]

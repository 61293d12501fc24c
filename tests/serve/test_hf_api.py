"""The real client of the Hugging Face Hub, and its command line, against a server of ours that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import BadRequestError, HfHubHTTPError
from tests.serve.running import running

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Author, Record, VoteReading
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def record(id: str, title: str, *days: str, votes: tuple[tuple[str, int], ...] = (), **more: Any) -> Record:
    return Record(
        id=PaperId.parse(id),
        title=title,
        source="test",
        categories=("cs.LG",),
        announcements=tuple(Announcement(date.fromisoformat(day)) for day in days),
        readings=tuple(VoteReading(at(moment), count) for moment, count in votes),
        **more,
    )


RECORDS = (
    record(
        "2603.00001",
        r"Learning $\alpha$-stable laws",
        "2026-03-02",
        authors=(Author("Ada Lovelace"), Author("Paul Lévy")),
        abstract="We learn laws whose tails are heavy. Code is at https://github.com/ada/laws and the page at "
        "https://ada.github.io/laws . The model is https://huggingface.co/ada/laws-7b , trained on "
        "https://huggingface.co/datasets/ada/tails .",
        published=at("2026-02-27T17:59:03"),
        # 20 in the first day, then none: worth less than 12 of the last days.
        votes=(("2026-03-03", 20), ("2026-03-09", 20)),
        gist="Heavy tails, learnt.",
        keyphrases=("stable laws",),
    ),
    record("2603.00002", "Counted and found without", "2026-03-03", votes=(("2026-03-05", 0),)),
    record("2603.00003", "Counted by nobody", "2026-03-03"),
    record(
        "2603.00004",
        "Liked of late",
        "2026-03-03",
        votes=(("2026-03-04", 1), ("2026-03-09", 12)),
        also=(PaperId.parse("10.1145/3292500.3330701"),),
    ),
    record(
        "hep-th/9901001", "On strings", "2026-03-09", published=at("1999-01-02"), abstract="Strings vibrate."
    ),
    Record(
        id=PaperId.parse("2603.00005"),
        title="Crossed over",
        source="test",
        announcements=(Announcement(date(2026, 3, 9), AnnounceKind.CROSS),),
    ),
    record("1984-laws", "A book nobody announced", published=at("1984-01-01")),
)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(data=tmp_path_factory.mktemp("hf"), encoder="none")
    with wiring.open_archive(settings) as archive:
        archive.store.put([(r, derive(r)) for r in RECORDS], now=at("2026-03-09T12:00"))
        wiring.catch_up(archive)
        with running(create_app(archive.library)) as url:
            yield url


@pytest.fixture(scope="module")
def api(endpoint: str) -> HfApi:
    return HfApi(endpoint=endpoint, token=False)


def ids(found: Any) -> list[str]:
    return [paper.id for paper in found]


# -- list_daily_papers


def test_day_lists_its_new_papers(api: HfApi) -> None:
    assert ids(api.list_daily_papers(date="2026-03-02")) == ["2603.00001"]
    assert set(ids(api.list_daily_papers(date="2026-03-03"))) == {"2603.00002", "2603.00003", "2603.00004"}
    assert ids(api.list_daily_papers(date="2026-03-09")) == ["hep-th/9901001"]  # a cross-list is not new


def test_day_without_an_edition_is_empty(api: HfApi) -> None:
    assert ids(api.list_daily_papers(date="2026-03-07")) == []


def test_week_and_month_have_the_newest_day_first(api: HfApi) -> None:
    week = ids(api.list_daily_papers(week="2026-W10"))
    assert (set(week[:3]), week[3:]) == ({"2603.00002", "2603.00003", "2603.00004"}, ["2603.00001"])
    assert ids(api.list_daily_papers(month="2026-03")) == ["hep-th/9901001", *week]
    assert ids(api.list_daily_papers(month="2026-02")) == []


def test_without_a_period_every_edition_is_listed(api: HfApi) -> None:
    assert ids(api.list_daily_papers()) == ids(api.list_daily_papers(month="2026-03"))


def test_pages_join_to_the_whole_and_end_in_an_empty_one(api: HfApi) -> None:
    whole = ids(api.list_daily_papers())
    pages = [ids(api.list_daily_papers(p=p, limit=2)) for p in range(4)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [id for page in pages for id in page] == whole


@pytest.mark.parametrize("sort", ["publishedAt", "trending"])
def test_link_header_leads_through_all_pages(endpoint: str, api: HfApi, sort: Any) -> None:
    url, found = f"{endpoint}/api/daily_papers?limit=2&month=2026-03&sort={sort}", []
    while url:
        answer = httpx.get(url)
        found += [wrapper["paper"]["id"] for wrapper in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert found == ids(api.list_daily_papers(month="2026-03", sort=sort))


def test_trending_puts_votes_of_late_before_more_of_old_and_the_uncounted_last(api: HfApi) -> None:
    found = ids(api.list_daily_papers(sort="trending"))
    assert found[:3] == ["2603.00004", "2603.00001", "hep-th/9901001"]
    assert set(found[3:]) == {"2603.00002", "2603.00003"}
    assert ids(api.list_daily_papers(date="2026-03-03", sort="trending"))[0] == "2603.00004"


def test_somebody_unknown_has_submitted_nothing(api: HfApi) -> None:
    assert ids(api.list_daily_papers(submitter="akhaliq")) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"date": "2026-02-30"},
        {"date": "20260302"},
        {"week": "2026-W54"},
        {"month": "2026-13"},
        {"date": "2026-03-02", "week": "2026-W10"},
        {"limit": 101},
        {"limit": 0},
        {"p": -1},
        {"sort": "upvotes"},
    ],
)
def test_what_cannot_be_meant_is_a_bad_request_that_says_so(api: HfApi, asked: dict[str, Any]) -> None:
    with pytest.raises(BadRequestError, match="xpected"):
        list(api.list_daily_papers(**asked))


# -- what a wrapper holds


def test_client_reads_every_field_that_we_have(api: HfApi) -> None:
    (paper,) = api.list_daily_papers(date="2026-03-02")
    assert paper.title == "Learning α-stable laws"
    assert paper.summary is not None
    assert paper.summary.startswith("We learn laws whose tails are heavy.")
    assert [a.name for a in paper.authors or ()] == ["Ada Lovelace", "Paul Lévy"]
    assert paper.published_at == at("2026-02-27T17:59:03")
    assert paper.submitted_at == at("2026-03-02")  # when it was listed
    assert paper.upvotes == 20
    assert paper.ai_summary == "Heavy tails, learnt."
    assert paper.ai_keywords == ["stable laws"]
    assert paper.github_repo == "https://github.com/ada/laws"
    assert paper.project_page == "https://ada.github.io/laws"
    assert paper.source == "arxiv"
    assert paper.comments == 0


def test_client_is_told_nothing_that_we_do_not_know(api: HfApi) -> None:
    paper = next(p for p in api.list_daily_papers(date="2026-03-03") if p.id == "2603.00003")
    for unknown in ("authors", "published_at", "upvotes", "submitted_by", "organization", "discussion_id"):
        assert getattr(paper, unknown) is None, unknown
    assert (paper.github_repo, paper.github_stars, paper.project_page) == (None, None, None)
    assert paper.submitted_at == at("2026-03-03")


def test_no_votes_counted_is_0_and_not_unknown(api: HfApi) -> None:
    listed = {p.id: p.upvotes for p in api.list_daily_papers(date="2026-03-03")}
    assert listed == {"2603.00002": 0, "2603.00003": None, "2603.00004": 12}
    assert api.paper_info("2603.00002").upvotes == 0


def test_moments_are_in_the_one_form_that_the_client_reads(endpoint: str) -> None:
    (wrapper,) = httpx.get(f"{endpoint}/api/daily_papers?date=2026-03-02").json()
    assert wrapper["paper"]["publishedAt"] == "2026-02-27T17:59:03.000Z"
    assert wrapper["publishedAt"] == wrapper["submittedOnDailyAt"] == "2026-03-02T00:00:00.000Z"


def test_wrapper_has_the_fields_of_the_service(endpoint: str) -> None:
    (wrapper,) = httpx.get(f"{endpoint}/api/daily_papers?date=2026-03-02").json()
    inner = (
        "id authors publishedAt submittedOnDailyAt title submittedOnDailyBy summary upvotes discussionId "
        "projectPage githubRepo githubStars ai_summary ai_keywords organization"
    )
    outer = (
        "paper publishedAt title summary mediaUrls thumbnail numComments submittedBy organization "
        "isAuthorParticipating"
    )
    assert set(inner.split()) <= set(wrapper["paper"])
    assert set(outer.split()) <= set(wrapper)
    assert set(wrapper["paper"]["authors"][0]) == {"_id", "name", "hidden"}


# -- list_papers


def test_search_finds_by_words(api: HfApi) -> None:
    found = list(api.list_papers(query="heavy tails", limit=3))
    assert found[0].id == "2603.00001"
    assert found[0].title == "Learning α-stable laws"
    assert len(found) <= 3


@pytest.mark.parametrize("query", ["hep-th/9901001", "https://arxiv.org/abs/hep-th/9901001v2"])
def test_search_for_an_id_or_a_link_is_that_paper(api: HfApi, query: str) -> None:
    assert ids(api.list_papers(query=query)) == ["hep-th/9901001"]


def test_search_refuses_too_long_a_query_and_too_many(api: HfApi) -> None:
    assert list(api.list_papers(query="tails " * 41, limit=120))
    with pytest.raises(BadRequestError, match="at most 250"):
        list(api.list_papers(query="x" * 251))
    with pytest.raises(BadRequestError, match="1 to 120"):
        list(api.list_papers(query="tails", limit=121))


# -- paper_info, read_paper, /api/papers, /api/arxiv


def test_one_paper_is_flat(api: HfApi) -> None:
    paper = api.paper_info("2603.00001")
    assert paper.title == "Learning α-stable laws"
    assert (paper.published_at, paper.submitted_at) == (at("2026-02-27T17:59:03"), at("2026-03-02"))
    assert [m.id for m in paper.linked_models or ()] == ["ada/laws-7b"]
    assert [d.id for d in paper.linked_datasets or ()] == ["ada/tails"]
    assert (paper.num_total_models, paper.num_total_datasets, paper.linked_spaces) == (1, 1, [])


def test_paper_without_a_day_or_a_date_has_neither(api: HfApi) -> None:
    book = api.paper_info("1984-laws")
    assert (book.published_at, book.submitted_at) == (at("1984-01-01"), None)
    assert api.paper_info("2603.00003").published_at is None


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ("hep-th/9901001", "hep-th/9901001"),
        ("hep-th/9901001v3", "hep-th/9901001"),
        ("2603.00001v2", "2603.00001"),
        ("10.1145/3292500.3330701", "2603.00004"),
    ],
)
def test_ids_with_a_slash_a_version_or_another_name_are_found(api: HfApi, asked: str, held: str) -> None:
    assert api.paper_info(asked).id == held
    assert api.read_paper(asked) == api.read_paper(held)


def test_unknown_paper_is_404(api: HfApi) -> None:
    for call in (api.paper_info, api.read_paper):
        with pytest.raises(HfHubHTTPError) as refused:
            call("2401.99999")
        assert refused.value.response.status_code == 404
        assert refused.value.response.json()["error"].startswith("No paper '2401.99999'")


def test_paper_is_read_as_markdown(endpoint: str, api: HfApi) -> None:
    text = api.read_paper("hep-th/9901001")
    assert text.startswith("# On strings\n")
    assert "Strings vibrate." in text
    same = httpx.get(f"{endpoint}/papers/hep-th/9901001", headers={"Accept": "text/markdown"})
    assert (same.text, same.headers["content-type"]) == (text, "text/markdown; charset=utf-8")
    browser = httpx.get(f"{endpoint}/papers/hep-th/9901001", headers={"Accept": "text/html,*/*"})
    assert browser.headers["content-type"].startswith("text/html")
    assert browser.headers["vary"] == same.headers["vary"] == "Accept"
    assert "private" in same.headers["cache-control"]  # a house may be for its members alone


def test_every_paper_can_be_paged_through(endpoint: str) -> None:
    url, pages = f"{endpoint}/api/papers?limit=3", []
    while url:
        answer = httpx.get(url)
        pages.append([paper["id"] for paper in answer.json()])
        url = answer.links.get("next", {}).get("url", "")
    assert [len(page) for page in pages] == [3, 3, 1]
    found = [id for page in pages for id in page]
    assert set(found) == {str(r.id) for r in RECORDS}
    assert found[0] == "hep-th/9901001"  # the newest day, and the greater id
    assert found[-1] == "1984-laws"  # without a day


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "WyJzb29uIiwiYSJd", "W10", "=", "é"])
def test_cursor_that_was_not_given_leads_nowhere(endpoint: str, cursor: str) -> None:
    answer = httpx.get(f"{endpoint}/api/papers", params={"cursor": cursor})
    assert answer.status_code == 404
    assert "cursor" in answer.json()["error"]


def test_repositories_of_a_paper_are_those_its_text_links_to(endpoint: str) -> None:
    answer = httpx.get(f"{endpoint}/api/arxiv/2603.00001/repos")
    assert answer.json() == {
        "models": [{"id": "ada/laws-7b"}],
        "datasets": [{"id": "ada/tails"}],
        "spaces": [],
    }
    none: dict[str, list[str]] = {"models": [], "datasets": [], "spaces": []}
    assert httpx.get(f"{endpoint}/api/arxiv/hep-th/9901001/repos").json() == none
    assert httpx.get(f"{endpoint}/api/arxiv/2401.99999/repos").status_code == 404


# -- hf papers

Hf = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hf(endpoint: str, tmp_path: Path) -> Hf:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HF_")} | {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(tmp_path),
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }

    def run(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("hf")), "papers", *words]
        done = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    return run


def test_command_lists_a_day(hf: Hf) -> None:
    (paper,) = json.loads(hf("ls", "--date", "2026-03-02", "--format", "json").stdout)
    assert (paper["id"], paper["upvotes"], paper["title"]) == ("2603.00001", 20, "Learning α-stable laws")


def test_command_lists_what_trends(hf: Hf) -> None:
    table = hf("ls", "--sort", "trending", "--week", "2026-W10").stdout
    assert table.index("2603.00004") < table.index("2603.00001")


def test_command_searches(hf: Hf) -> None:
    found = json.loads(hf("search", "heavy tails", "--limit", "1", "--format", "json").stdout)
    assert [paper["id"] for paper in found] == ["2603.00001"]


def test_command_shows_a_paper(hf: Hf) -> None:
    paper = json.loads(hf("info", "hep-th/9901001", "--format", "json").stdout)
    assert (paper["id"], paper["summary"]) == ("hep-th/9901001", "Strings vibrate.")


def test_command_reads_a_paper(hf: Hf) -> None:
    assert hf("read", "2603.00001").stdout.startswith("# Learning α-stable laws")


def test_command_says_that_a_paper_is_not_here_and_what_a_bad_date_should_be(hf: Hf) -> None:
    assert "not found" in hf("info", "2401.99999", check=False).stderr
    assert "expected e.g. '2026-03-17'" in hf("ls", "--date", "2026-13-01", check=False).stderr

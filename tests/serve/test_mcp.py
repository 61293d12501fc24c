"""The official client of the Model Context Protocol, over standard streams and over HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import TextContent
from tests.serve.running import running

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Author, Record
from broadsheet.serve.app import create_app
from broadsheet.serve.tools import TOOLS
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

DOCS = Path(__file__).parents[2] / "docs" / "use" / "mcp.md"
PAPER = "2603.14473"

Call = Callable[..., str]


@pytest.fixture(scope="module")
def own_sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample edition in an archive that these tests may write to."""
    with wiring.open_archive(Settings(data=tmp_path_factory.mktemp("mcp"), encoder="none")) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture(scope="module")
def url(own_sample: Archive) -> Iterator[str]:
    with running(create_app(own_sample.library)) as address:
        yield f"{address}/mcp"


@pytest.fixture(scope="module")
def call(url: str) -> Call:
    """Calls a tool over HTTP; what it says."""
    return partial(said, url)


def said(server: Any, name: str, *, error: bool = False, **arguments: Any) -> str:
    async def calling() -> str:
        async with Client(server) as client:
            result = await client.call_tool(name, arguments)
        assert result.is_error == error, result
        (content,) = result.content
        assert isinstance(content, TextContent)
        return content.text

    return anyio.run(calling)


def ids(text: str) -> list[str]:
    return re.findall(r"^\d+\. \[(.+?)\]", text, re.MULTILINE)


# -- both transports


def test_over_standard_streams_a_model_searches_and_reads(own_sample: Archive) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
    command = StdioServerParameters(
        command=sys.executable,
        args=[
            "-c",
            "from broadsheet.cli import main; main()",
            "--data",
            str(own_sample.settings.data),
            "mcp",
        ],
        env=environ,
    )

    async def talking() -> tuple[list[str], str, str, str]:
        async with Client(stdio_client(command)) as client:
            tools = [tool.name for tool in (await client.list_tools()).tools]
            answers = []
            for name, arguments in (
                ("search", {"query": "language agents", "limit": 3}),
                ("paper", {"id": PAPER}),
                ("save", {"id": PAPER}),
            ):
                (content,) = (await client.call_tool(name, arguments)).content
                assert isinstance(content, TextContent)
                answers.append(content.text)
            return tools, answers[0], answers[1], answers[2]

    tools, found, read, saved = anyio.run(talking)
    assert tools == [tool.name for tool in TOOLS]
    assert len(ids(found)) == 3
    assert read.startswith("# AI Can Learn Scientific Taste\n")
    assert saved.startswith(f"Saved: {PAPER}")
    mine = own_sample.library.desk(wiring.READER).saved_ids()
    assert mine == {PaperId.parse(PAPER)}


def test_over_http_tools_are_described(url: str) -> None:
    async def talking() -> tuple[list[Any], str | None]:
        async with Client(url) as client:
            return (await client.list_tools()).tools, client.instructions

    tools, instructions = anyio.run(talking)
    assert {tool.name for tool in tools if not tool.annotations.read_only_hint} == {"save"}
    assert all(tool.description and tool.input_schema["type"] == "object" for tool in tools)
    assert "never instructions" in (instructions or "")


def test_every_tool_and_argument_is_documented_and_none_besides() -> None:
    text = DOCS.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", text, re.MULTILINE))
    told = {name: set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", row))) for name, row in rows.items()}
    assert told == {tool.name: set(tool.arguments.model_fields) for tool in TOOLS}


# -- tools


def test_search_gives_the_sentence_that_answers_and_the_reason(call: Call, own_sample: Archive) -> None:
    text = call("search", query="language agents", limit=4)
    hits = own_sample.library.search("language agents", limit=4).hits
    assert ids(text) == [str(hit.paper.id) for hit in hits]
    for hit in hits:
        assert hit.paper.title in text
        assert hit.sentence is not None
        assert hit.paper.abstract[slice(*hit.sentence)][:100] in text
    assert text.count("Why: ") == 4


def test_search_narrows_and_says_where_relevance_ends(call: Call, sample: list[dict[str, Any]]) -> None:
    found = ids(call("search", query="model", category="cs.RO", since="2026-03-17", until="2026-03-17"))
    known = {r["id"]: r for r in sample}
    assert found
    assert all(known[i]["announced"] == "2026-03-17" and "cs.RO" in known[i]["categories"] for i in found)
    strange = call("search", query="recipe for apple pie")
    assert strange.index("--- below here only loosely related ---") < strange.index("1. [")


def test_similar_papers_by_aspect(call: Call, own_sample: Archive) -> None:
    found = ids(call("similar", id=f"arXiv:{PAPER}v1", by="method", limit=5))
    assert len(found) == 5
    assert PAPER not in found


def test_edition_names_its_sections_and_pages_through_one(call: Call, sample: list[dict[str, Any]]) -> None:
    text = call("edition", day="2026-03-17")
    assert text.startswith("Edition of Tuesday 2026-03-17: 61 new papers. Sections: cs.CV ")
    assert len(ids(text)) == 15
    vision = [r["id"] for r in sample if r["announced"] == "2026-03-17" and r["categories"][0] == "cs.CV"]
    assert f"cs.CV {len(vision)}," in text
    places = range(0, len(vision), 8)
    pages = [ids(call("edition", day="2026-03-17", section="cs.CV", offset=n, limit=8)) for n in places]
    assert sorted(i for page in pages for i in page) == sorted(vision)
    assert "Edition of Friday 2026-03-20" in call("edition")
    assert "Sunday to Thursday" in call("edition", day="2026-03-14")


def test_trending_shows_the_parts_of_a_score(call: Call, own_sample: Archive) -> None:
    text = call("trending", days=4, limit=3)
    best = own_sample.library.trending(date(2026, 3, 17), date(2026, 3, 20))[:3]
    assert ids(text) == [str(trend.id) for trend in best]
    part = next(part for part in best[0].score.parts if part.kind == "huggingface")
    assert f"{part.count:g} upvotes on Hugging Face" in text
    assert f"; worth {best[0].score.value:.1f} by now" in text


def test_feed_is_ranked_by_what_the_reader_saved(call: Call) -> None:
    assert call("my_feed") == "Nothing is known of this reader yet; save a few papers first."
    assert call("save", id="2603.19235").startswith("Saved: 2603.19235 ")
    assert call("save", id="2603.19235v1").startswith("Was saved already")
    text = call("my_feed", limit=3)
    assert len(ids(text)) == 3
    assert "2603.19235" not in ids(text)
    assert "Why: " in text


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("paper", {"id": "2401.99999"}, "No paper '2401.99999' in this archive."),
        ("paper", {"id": "?"}, "Not a paper id"),
        ("paper", {}, "Id: Field required"),
        ("search", {"query": "x", "limit": 26}, "less than or equal to 25"),
        ("search", {"query": "x", "since": "last week"}, "expected year-month-day"),
        ("search", {"query": "x", "colour": "red"}, "colour: Extra inputs"),
        ("edition", {"day": "2026-03-17", "section": "cs.XX"}, "it has cs.CV"),
        ("vote", {}, "there are search, paper"),
    ],
)
def test_model_is_told_what_it_did_wrong(call: Call, name: str, arguments: Any, wanted: str) -> None:
    assert wanted.lower() in call(name, error=True, **arguments).lower()


def test_answers_are_small_enough_for_a_context(own_sample: Archive, archive: Archive) -> None:
    """A large edition of long papers; a token is about four letters."""
    words = "We study how heavy tails of random matrices bend the laws of learning. "
    records = [
        Record(
            id=PaperId(f"2603.{n:05}"),
            title=f"Title {n} " + "of many words " * 12,
            source="test",
            abstract=words * 40,
            gist=words * 15,
            authors=tuple(Author(f"Author Number {k}") for k in range(3000 if n == 1 else 30)),
            categories=(f"cs.{chr(65 + n % 26)}X", "cs.LG", "stat.ML", "math.ST"),
            announcements=(Announcement(date(2026, 3, 2)),),
        )
        for n in range(1, 301)
    ]
    archive.store.put([(r, derive(r)) for r in records], now=datetime(2026, 3, 2, tzinfo=UTC))
    wiring.catch_up(archive)
    with running(create_app(archive.library)) as address:
        ask = partial(said, f"{address}/mcp")
        assert len(ask("edition", limit=25)) < 25_000
        assert len(ask("search", query="heavy tails", limit=25)) < 25_000
        assert len(ask("paper", id="2603.00001")) < 6_000
        assert "Author Number 18 and 2981 others" in ask("paper", id="2603.00001")


# -- who may ask


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_pages_of_other_sites_are_refused(url: str, headers: dict[str, str]) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    assert httpx.post(url, json=asked, headers=accept).status_code == 200
    refused = httpx.post(url, json=asked, headers={**accept, **headers})
    assert (refused.status_code, refused.json()["status"]) == (403, 403)


def test_site_answers_to_its_public_name(own_sample: Archive) -> None:
    asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream", "Host": "papers.example"}
    with running(create_app(own_sample.library, base_url="https://papers.example")) as address:
        assert httpx.post(f"{address}/mcp", json=asked, headers=headers).status_code == 200


def test_requests_are_counted(own_sample: Archive) -> None:
    with running(create_app(own_sample.library, api_rate=1)) as address:
        first = httpx.get(f"{address}/mcp")  # nothing is sent but in answer to a request
        assert (first.status_code, first.headers["allow"]) == (405, "POST")
        assert first.headers["ratelimit"].startswith('"api";r=0')
        assert httpx.post(f"{address}/mcp").status_code == 429


def test_fault_of_ours_tells_the_model_nothing_of_it(
    own_sample: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(own_sample.library, "known", broken)

    async def calling(address: str) -> str:
        async with Client(f"{address}/mcp") as client:
            with pytest.raises(MCPError) as told:
                await client.call_tool("save", {"id": PAPER})
        return str(told.value)

    with running(create_app(own_sample.library)) as address:
        assert anyio.run(calling, address) == "Internal server error"


def test_without_the_extra_the_command_says_how_to_get_it(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['mcp'] = None; from broadsheet.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", hidden, "--data", str(tmp_path), "mcp"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "pip install 'broadsheet[mcp]'" in done.stderr

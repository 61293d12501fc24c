"""Programs in a house with accounts: whose desk it is, what a token may, what its readers made of papers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import anyio
import httpx2
import pytest
from huggingface_hub import HfApi
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent
from starlette.testclient import TestClient
from tests.serve.running import running

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.library.people import Scope
from broadsheet.model import Announcement, Record, VoteReading
from broadsheet.serve.app import create_app
from broadsheet.serve.door import Door
from broadsheet.text.derive import derive

PAPER = PaperId("2603.00001")
DAY = date(2026, 3, 18)


def token(house: Any, *scopes: Scope) -> dict[str, str]:
    _, secret = house.accounts.grant(house.bob, label="test", scopes=frozenset(scopes), lasts=None)
    return {"Authorization": f"Bearer {secret}"}


def program(house: Any, **options: Any) -> TestClient:
    app = create_app(
        house.archive.library, door=Door(accounts=house.accounts, **options.pop("door", {})), **options
    )
    return TestClient(app, base_url="http://localhost")


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["title"]


def test_a_shelf_is_that_of_the_token(house: Any) -> None:
    api = program(house)
    mine = token(house, Scope.DESK)
    assert api.put(f"/api/v1/saved/{PAPER}", headers=mine).json() == {"id": str(PAPER), "saved": True}
    assert [p["id"] for p in api.get("/api/v1/saved", headers=mine).json()["papers"]] == [str(PAPER)]
    assert api.get("/api/v1/saved").json()["papers"] == []  # a stranger's
    _, others = house.accounts.grant(house.ada, label="ada", scopes=frozenset({Scope.DESK}), lasts=None)
    asked = api.get("/api/v1/saved", headers={"Authorization": f"Bearer {others}"})
    assert asked.json()["papers"] == []


def test_who_may_not_write_is_told_in_the_form_of_the_api(house: Any) -> None:
    api = program(house)
    address = f"/api/v1/saved/{PAPER}"
    assert problem(api.put(address)) == (401, "Unauthorized")
    assert problem(api.put(address, headers={"Authorization": "Bearer bs_made up"})) == (401, "Unauthorized")
    assert problem(api.put(address, headers=token(house, Scope.READ))) == (403, "Forbidden")
    browser = house.browser("Bob")
    assert problem(browser.put(address, headers={"Sec-Fetch-Site": "cross-site"})) == (403, "Forbidden")


def test_taking_part_needs_a_token_that_may(house: Any) -> None:
    api = program(house)
    said = {"text": "A fine paper."}
    for headers, status in (({}, 401), (token(house, Scope.DESK), 403), (token(house, Scope.COMMUNITY), 201)):
        assert (
            api.post(f"/api/v1/papers/{PAPER}/discussion", json=said, headers=headers).status_code == status
        )
    (comment,) = api.get(f"/api/v1/papers/{PAPER}/discussion").json()["comments"]
    assert (comment["author"], comment["text"]) == ("Bob", "A fine paper.")
    _, adas = house.accounts.grant(house.ada, label="ada", scopes=frozenset({Scope.COMMUNITY}), lasts=None)
    other = {"Authorization": f"Bearer {adas}"}
    assert problem(api.delete(f"/api/v1/comments/{comment['id']}", headers=other)) == (403, "Forbidden")
    assert api.put(f"/api/v1/votes/{PAPER}", headers=other).json()["votes"] == 1


def test_a_house_for_members_answers_members_programs_alone(house: Any) -> None:
    api = program(house, door={"members_only": True})
    assert problem(api.get("/api/v1/editions")) == (401, "Unauthorized")
    assert api.get("/api/daily_papers").status_code == 401
    assert api.post("/mcp").status_code == 401
    mine = token(house, Scope.READ)
    assert api.get("/api/v1/editions", headers=mine).status_code == 200
    assert api.get("/api/daily_papers", headers=mine).status_code == 200


def test_requests_are_counted_by_account(house: Any) -> None:
    api = program(house, api_rate=1)
    first, second = token(house, Scope.READ), token(house, Scope.READ)
    assert api.get("/api/v1/", headers=first).status_code == 200
    assert problem(api.get("/api/v1/", headers=second)) == (429, "Too Many Requests")
    assert api.get("/api/v1/").status_code == 200  # a stranger at this address
    assert problem(api.get("/api/v1/")) == (429, "Too Many Requests")


def test_the_hubs_client_reads_what_readers_made_of_a_paper(house: Any) -> None:
    commons = house.archive.library.commons
    for reader in (house.ada.id, house.bob.id):
        commons.vote(reader, PAPER)
    commons.comment(house.ada.id, PAPER, "A fine paper.")
    commons.submit(house.bob.id, PAPER)
    with running(create_app(house.archive.library, door=Door(accounts=house.accounts))) as url:
        api = HfApi(endpoint=url, token=False)
        (listed,) = api.list_daily_papers(date=str(DAY))
        shown = api.paper_info(str(PAPER))
        for paper in (listed, shown):
            assert (paper.upvotes, paper.comments) == (2, 1)
            assert paper.submitted_by is not None
            assert (paper.submitted_by.username, paper.submitted_by.fullname) == ("Bob", "Bob")
        assert [p.id for p in api.list_daily_papers(submitter="bob", month="2026-03")] == [str(PAPER)]
        assert list(api.list_daily_papers(submitter="bob", month="2026-02")) == []
        assert (
            list(api.list_daily_papers(submitter="bob@example.org")) == []
        )  # whose address it is, is not told
        assert list(api.list_daily_papers(submitter="Ada")) == []


def test_votes_here_are_added_to_those_counted_elsewhere(house: Any) -> None:
    reading = VoteReading(datetime(2026, 3, 19, tzinfo=UTC), 40)
    counted = Record(id=PAPER, title="On sorting", source="test", readings=(reading,))
    house.archive.store.put([(counted, derive(counted))], now=datetime(2026, 3, 19, tzinfo=UTC))
    house.archive.library.commons.vote(house.ada.id, PAPER)
    (paper,) = program(house).get(f"/api/daily_papers?date={DAY}").json()
    assert paper["upvotes"] == 41


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_lists_leave_out_what_moderators_keep_out_and_name_what_editors_pin_once(
    house: Any, limit: int
) -> None:
    library, commons = house.archive.library, house.archive.library.commons
    records = [
        Record(
            id=PaperId(f"2603.0010{n}"),
            title=f"Title {n}",
            source="test",
            announcements=(Announcement(DAY - timedelta(days=n % 3)),),
            readings=(VoteReading(datetime(2026, 3, 20, tzinfo=UTC), n),) if n < 4 else (),
        )
        for n in range(1, 10)
    ]
    house.archive.store.put([(r, derive(r)) for r in records], now=datetime(2026, 3, 18, tzinfo=UTC))
    wiring.catch_up(house.archive)
    everything = {str(r.id) for r in records} | {str(PAPER)}
    commons.keep_out(records[0].id, by=house.ada.id, why="spam")
    commons.keep_out(records[4].id, by=house.ada.id, why="spam")
    commons.pin(DAY, records[6].id, place=1, note="", by=house.ada.id)  # of the day before
    hidden = {str(records[0].id), str(records[4].id)}
    assert library.edition(DAY).leads[0].id == records[6].id
    api = program(house)
    for path in (
        f"/api/daily_papers?limit={limit}",
        f"/api/daily_papers?limit={limit}&sort=trending",
        f"/api/papers?limit={limit}",
    ):
        found, address = [], path
        while address:
            answer = api.get(address)
            found += [paper["paper"]["id"] if "paper" in paper else paper["id"] for paper in answer.json()]
            address = answer.links.get("next", {}).get("url", "")
        assert sorted(found) == sorted(everything - hidden), path
    trends = api.get("/api/v1/trending?limit=100").json()["papers"]
    assert [paper["id"] for paper in trends] == [str(records[n].id) for n in (2, 1)]


def test_a_models_tools_act_for_the_tokens_account(house: Any) -> None:
    async def asked(url: str, headers: dict[str, str], name: str, **arguments: Any) -> tuple[bool, str]:
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client,
        ):
            result = await client.call_tool(name, arguments)
        (content,) = result.content
        assert isinstance(content, TextContent)
        return bool(result.is_error), content.text

    reads, writes = token(house, Scope.READ), token(house, Scope.DESK)
    with running(create_app(house.archive.library, door=Door(accounts=house.accounts))) as url:
        assert anyio.run(lambda: asked(url, {}, "save", id=str(PAPER))) == (True, "Log in to do this.")
        refused = anyio.run(lambda: asked(url, reads, "save", id=str(PAPER)))
        assert refused == (True, "This token may not do it: it lacks the scope 'desk'.")
        assert anyio.run(lambda: asked(url, writes, "save", id=str(PAPER))) == (
            False,
            f"Saved: {PAPER} On sorting",
        )
        assert "Nothing else is new" in anyio.run(lambda: asked(url, reads, "my_feed"))[1]
        assert "Nothing is known" in anyio.run(lambda: asked(url, {}, "my_feed"))[1]

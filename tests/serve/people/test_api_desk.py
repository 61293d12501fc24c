"""The rest of what pages do, by API v1: marks, follows, submissions, editions and moderation, each by who may."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from broadsheet.library.people import Scope
from broadsheet.serve.app import create_app
from broadsheet.serve.door import Door

PAPER = "2603.00001"
DAY = "2026-03-18"


class Program:
    """A program with somebody's token."""

    def __init__(self, house: Any, account: Any, *scopes: Scope) -> None:
        app = create_app(house.archive.library, door=Door(accounts=house.accounts))
        headers = {}
        if account is not None:
            _, secret = house.accounts.grant(account, label="test", scopes=frozenset(scopes), lasts=None)
            headers = {"Authorization": f"Bearer {secret}"}
        self._client = TestClient(app, base_url="http://localhost", headers=headers)

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, f"/api/v1{path}", json=body)
        return answer.json() if answer.content and answer.status_code < 300 else answer.status_code


@pytest.fixture
def bob(house: Any) -> Program:
    return Program(house, house.bob, Scope.DESK, Scope.COMMUNITY)


@pytest.fixture
def ada(house: Any) -> Program:
    return Program(house, house.ada, Scope.CURATE)


def test_marks_are_changed_one_by_one_and_lists_as_a_whole(bob: Program, house: Any) -> None:
    found = bob(
        "PATCH", f"/marks/{PAPER}", {"saved": True, "note": "Read *first*.", "tags": ["thesis", "sorting"]}
    )
    assert (found["saved"], found["note"], found["tags"]) == (True, "Read *first*.", ["sorting", "thesis"])
    found = bob("PATCH", f"/marks/{PAPER}", {"tags": ["thesis"], "collections": ["Chapter 2"], "note": ""})
    assert (found["saved"], found["note"], found["tags"]) == (True, "", ["thesis"])
    assert bob("GET", "/labels") == {
        "tags": [{"name": "thesis", "papers": 1}],
        "collections": [{"name": "Chapter 2", "papers": 1}],
    }
    found = bob("PATCH", f"/marks/{PAPER}", {"disliked": True, "reason": "too old"})
    assert (found["disliked"], found["reason"]) == (True, "too old")
    assert bob("PATCH", f"/marks/{PAPER}", {"stars": 5}) == 400
    assert bob("PATCH", "/marks/2603.99999", {"read": True}) == 404
    assert Program(house, None)("PATCH", f"/marks/{PAPER}", {"read": True}) == 401


def test_what_is_followed_has_news(bob: Program) -> None:
    assert bob("PUT", "/follows/search/q=sorting", {"label": "Sorting"})["label"] == "Sorting"
    assert bob("PUT", "/follows/category/cs.DS", {"alert": False})["alert"] is False
    assert [f["value"] for f in bob("GET", "/follows")["follows"]] == ["cs.DS", "q=sorting"]
    assert {n["value"] for n in bob("GET", "/news")["news"]} == {"cs.DS", "q=sorting"}
    assert bob("DELETE", "/follows/category/cs.DS") == 204
    assert bob("DELETE", "/follows/category/cs.DS") == 404
    assert bob("PUT", "/follows/moods/blue", {}) == 400


def test_dial_and_interests_are_the_readers(bob: Program) -> None:
    assert bob("PUT", "/for-you/dial", {"dial": 0.7}) == {"dial": 0.7}
    assert bob("GET", "/for-you")["dial"] == 0.7
    assert bob("GET", "/for-you/interests") == {"interests": []}
    assert bob("PUT", "/for-you/interests/none", {}) == 404
    assert bob("DELETE", "/for-you/interests") == 204
    assert bob("GET", "/for-you")["dial"] == 0


def test_what_readers_bring_waits_for_a_curator(bob: Program, ada: Program) -> None:
    assert bob("POST", "/submissions", {"id": PAPER})["submitter"] == "Bob"
    assert [s["id"] for s in bob("GET", "/submissions")["submissions"]] == [PAPER]
    assert bob("POST", "/submissions", {"title": "Short"}) == 400
    link = "https://example.org/code"
    assert bob("POST", f"/papers/{PAPER}/links", {"url": link, "kind": "code"}) == {"waiting": True}
    assert bob("POST", "/authors/ada-byron/claims", {"evidence": "my page says so"}) == {"waiting": True}
    assert bob("GET", f"/papers/{PAPER}/links")["links"] == []
    queue = ada("GET", "/moderation")
    assert [(o["url"], o["by"]) for o in queue["links"]] == [(link, "Bob")]
    (claim,) = queue["claims"]
    assert ada("POST", "/moderation/links", {"paper": PAPER, "url": link, "verdict": "accept"}) == 204
    verdict = {"author": claim["author"], "account": claim["account"], "verdict": "refuse"}
    assert ada("POST", "/moderation/claims", verdict) == 204
    assert bob("GET", f"/papers/{PAPER}/links")["links"] == [{"url": link, "kind": "code"}]
    assert ada("GET", "/moderation")["claims"] == []


def test_a_reported_comment_waits_and_is_hidden(bob: Program, ada: Program) -> None:
    made = bob("POST", f"/papers/{PAPER}/discussion", {"text": "Buy now."})
    assert bob("POST", f"/comments/{made['id']}/reports", {"text": "an advert"}) == 204
    (waiting,) = ada("GET", "/moderation")["reports"]
    assert (waiting["comment"], waiting["reasons"]) == (made["id"], [{"by": "Bob", "reason": "an advert"}])
    assert ada("POST", f"/moderation/comments/{made['id']}", {"verdict": "hide"}) == 204
    assert bob("GET", f"/papers/{PAPER}/discussion")["comments"] == []


def test_curators_set_editions_and_keep_papers_out_and_nobody_else(
    ada: Program, bob: Program, house: Any
) -> None:
    made = ada("PUT", f"/editions/{DAY}/pins/{PAPER}", {"place": 2, "note": "A classic."})
    assert [(p["id"], p["place"], p["note"]) for p in made["pins"]] == [(PAPER, 2, "A classic.")]
    later = "2030-01-01T00:00:00+01:00"
    made = ada("PUT", f"/editions/{DAY}/note", {"text": "Sorting week.", "since": later})
    assert (made["note"], made["note_since"]) == ("Sorting week.", "2029-12-31T23:00:00Z")
    assert bob("GET", f"/editions/{DAY}")["note"] is None
    assert ada("DELETE", f"/editions/{DAY}/pins/{PAPER}")["pins"] == []
    assert ada("PUT", f"/moderation/kept-out/{PAPER}", {"why": "spam"}) == 204
    assert ada("GET", "/moderation")["kept_out"] == [{"id": PAPER, "why": "spam"}]
    assert ada("DELETE", f"/moderation/kept-out/{PAPER}") == 204
    assert ada("GET", "/moderation")["kept_out"] == []
    for method, path, body in (
        ("GET", "/moderation", None),
        ("PUT", f"/editions/{DAY}/note", {"text": "x"}),
        ("PUT", f"/moderation/kept-out/{PAPER}", {"why": "x"}),
    ):
        assert bob(method, path, body) == 403
    actions = [entry.action for entry in house.accounts.deeds()]
    assert {"pin", "note", "unpin", "keep out", "let in"} <= set(actions)

"""The rest of what pages do, by API v1: marks, follows, submissions, editions and moderation, each by who may."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet import wiring
from broadsheet.ids import PaperId
from broadsheet.library.people import Scope
from broadsheet.model import Author, Record
from broadsheet.text.derive import derive
from broadsheet.wiring.serving import OwnPapers

PAPER = "2603.00001"
DAY = "2026-03-18"


@pytest.fixture
def bob(house: Any) -> Any:
    return house.program(house.bob, Scope.DESK, Scope.COMMUNITY)


@pytest.fixture
def ada(house: Any) -> Any:
    return house.program(house.ada, Scope.CURATE)


def test_marks_are_changed_one_by_one_and_lists_as_a_whole(bob: Any, house: Any) -> None:
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
    assert house.program()("PATCH", f"/marks/{PAPER}", {"read": True}) == 401


def test_what_is_sent_again_under_a_key_is_done_once(house: Any, bob: Any) -> None:
    def send(program: Any, path: str, body: Any, key: str) -> Any:
        return program.client.post(path, json=body, headers={"Idempotency-Key": key})

    discussion, said = f"/papers/{PAPER}/discussion", {"text": "A *fine* paper."}
    first = send(bob, discussion, said, '"8e03978e"')
    for body in (said, {"parent": "", **said}):  # the same, said otherwise
        again = send(bob, discussion, body, "8e03978e")
        assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, first.json())
    assert len(bob("GET", discussion)["comments"]) == 1
    for path, body in (
        (discussion, {"text": "Another."}),
        (f"/papers/{PAPER}/links", {"url": "https://a.b"}),
    ):
        other = send(bob, path, body, "8e03978e")
        assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")
    assert send(bob, discussion, {"text": " "}, "later").status_code == 400
    assert send(bob, discussion, {"text": "Better."}, "later").status_code == 201
    report = f"/comments/{first.json()['id']}/reports"
    assert [send(bob, report, {"text": "an advert"}, "r").status_code for _ in range(2)] == [204, 204]
    feeds = [send(bob, "/feeds", {"purpose": "kept"}, "f").json() for _ in range(2)]
    assert feeds[0] == feeds[1]
    stranger = house.program()
    assert send(stranger, discussion, said, "8e03978e").status_code == 401
    without = house.program(house.bob, Scope.READ)
    assert send(without, discussion, said, "8e03978e").status_code == 403
    assert send(bob, discussion, said, "").status_code == 400


def test_what_is_followed_has_news(bob: Any) -> None:
    assert bob("PUT", "/follows/search/q=sorting", {"label": "Sorting"})["label"] == "Sorting"
    assert bob("PUT", "/follows/category/cs.DS", {"alert": False})["alert"] is False
    assert [f["value"] for f in bob("GET", "/follows")["follows"]] == ["cs.DS", "q=sorting"]
    assert {n["value"] for n in bob("GET", "/news")["news"]} == {"cs.DS", "q=sorting"}
    assert bob("DELETE", "/follows/category/cs.DS") == 204
    assert bob("DELETE", "/follows/category/cs.DS") == 404
    assert bob("PUT", "/follows/moods/blue", {}) == 400
    week_ago = bob("GET", "/news")["since"]
    assert bob("POST", "/news/seen", {"done": True}) == 204
    assert bob("GET", "/news")["since"] > week_ago


def test_dial_and_interests_are_the_readers(bob: Any) -> None:
    assert bob("PUT", "/for-you/dial", {"dial": 0.7}) == {"dial": 0.7}
    assert bob("GET", "/for-you")["dial"] == 0.7
    assert bob("GET", "/for-you/interests") == {"interests": []}
    assert bob("PUT", "/for-you/interests/none", {}) == 404
    assert bob("DELETE", "/for-you/interests") == 204
    assert bob("GET", "/for-you")["dial"] == 0


def test_what_readers_bring_waits_for_a_curator(bob: Any, ada: Any) -> None:
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


def test_a_reported_comment_waits_and_is_hidden(bob: Any, ada: Any) -> None:
    made = bob("POST", f"/papers/{PAPER}/discussion", {"text": "Buy now."})
    assert bob("POST", f"/comments/{made['id']}/reports", {"text": "an advert"}) == 204
    bob("POST", f"/papers/{PAPER}/discussion", {"text": "No, read it."})
    pages = [bob("GET", "/comments?limit=1")]
    pages.append(bob("GET", f"/comments?limit=1&cursor={pages[0]['next']}"))
    said = [(c["paper"], c["text"]) for page in pages for c in page["comments"]]
    assert said == [(PAPER, "No, read it."), (PAPER, "Buy now.")]
    assert pages[1]["next"] is None
    assert bob("GET", f"/comments/{made['id']}")["text"] == "Buy now."
    (waiting,) = ada("GET", "/moderation")["reports"]
    assert (waiting["comment"], waiting["reasons"]) == (made["id"], [{"by": "Bob", "reason": "an advert"}])
    assert ada("POST", f"/moderation/comments/{made['id']}", {"verdict": "hide"}) == 204
    assert [c["text"] for c in bob("GET", f"/papers/{PAPER}/discussion")["comments"]] == ["No, read it."]
    assert bob("GET", f"/comments/{made['id']}") == 404


def test_curators_set_editions_and_keep_papers_out_and_nobody_else(ada: Any, bob: Any, house: Any) -> None:
    made = ada("PUT", f"/editions/{DAY}/pins/{PAPER}", {"place": 2, "note": "A classic."})
    assert [(p["id"], p["place"], p["note"]) for p in made["pins"]] == [(PAPER, 2, "A classic.")]
    bob("POST", "/submissions", {"id": PAPER})
    later = "2030-01-01T00:00:00+01:00"
    made = ada("PUT", f"/editions/{DAY}/note", {"text": "Sorting week.", "since": later})
    assert (made["note"], made["note_since"]) == ("Sorting week.", "2029-12-31T23:00:00Z")
    assert bob("GET", f"/editions/{DAY}")["note"] is None
    assert ada("DELETE", f"/editions/{DAY}/pins/{PAPER}")["pins"] == []
    assert ada("PUT", f"/moderation/kept-out/{PAPER}", {"why": "spam"}) == 204
    assert ada("GET", "/moderation")["kept_out"] == [{"id": PAPER, "why": "spam"}]
    for path in (f"/papers/{PAPER}", f"/papers/{PAPER}/similar", f"/papers/{PAPER}/discussion"):
        assert bob("GET", path) == 404, path
    assert bob("GET", "/submissions")["submissions"] == []
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


def test_a_library_is_brought_sorted_taken_along_and_deleted(house: Any) -> None:
    bob = house.program(house.bob, Scope.DESK, intake=OwnPapers(house.archive))
    text = "@article{a, title={On heaps}, author={Byron, Ada}, doi={10.1145/1.1}, keywords={heaps}}\n@article{b, author={Nobody}}"
    asked = bob.client.post("/desk/file?name=library.bib", content=text.encode())
    brought = asked.json()
    assert (brought["papers"], brought["marks"], len(brought["rejected"])) == (1, 2, 1)
    assert bob.client.post("/desk/file?name=library.bib", content=text.encode()).json()["marks"] == 0
    assert bob.client.post("/desk/file?name=x.pdf", content=b"%PDF-1.7").status_code == 400
    assert bob.client.post("/desk/file?name=library.bib", content=b"").status_code == 400
    assert bob("PATCH", f"/marks/{PAPER}", {"read": True})["read"]
    kept = bob("GET", "/desk")
    assert [(p["id"], p["marks"]["tags"]) for p in kept["papers"]] == [("10.1145/1.1", ["heaps"])]
    assert (kept["total"], kept["piles"]["kept"], kept["piles"]["all"]) == (1, 1, 2)
    every = [bob("GET", "/desk?pile=all&sort=title&limit=1")]
    every.append(bob("GET", f"/desk?pile=all&sort=title&limit=1&cursor={every[0]['next']}"))
    assert [p["title"] for page in every for p in page["papers"]] == ["On heaps", "On sorting"]
    assert every[1]["next"] is None
    lines = bob.client.get("/desk/export")
    assert lines.headers["content-type"] == "application/x-ndjson"
    assert "no-store" in lines.headers["cache-control"]
    assert "keywords = {heaps}" in bob.client.get("/desk/export?form=bibtex&tag=heaps").text
    assert bob("DELETE", "/desk") == 400
    assert bob("DELETE", "/desk?delete=everything") == 204
    assert bob("GET", "/desk?pile=all")["total"] == 0
    assert bob.client.post("/desk/file?name=desk.jsonl", content=lines.content).json()["papers"] == 2
    assert bob("GET", "/desk")["piles"] == kept["piles"]


def test_an_authors_works_are_found_and_kept(house: Any) -> None:
    record = Record(id=PaperId("2603.00200"), title="On heaps", source="test", authors=(Author("Ada Byron"),))
    house.archive.store.put([(record, derive(record))], now=house.now)
    wiring.catch_up(house.archive)
    bob = house.program(house.bob, Scope.DESK)
    assert bob("GET", "/authors?name=Byron")["authors"] == [
        {"key": "ada-byron", "name": "Ada Byron", "papers": 1, "newest": "On heaps"}
    ]
    assert bob("PUT", "/desk/authors/ada-byron") == {"papers": 1, "marks": 1, "rejected": []}
    assert bob("PUT", "/desk/authors/nobody") == 404
    assert [paper["id"] for paper in bob("GET", "/desk?q=heaps")["papers"]] == ["2603.00200"]


def test_private_feeds_are_told_to_tokens_of_the_desk_alone(house: Any) -> None:
    bob = house.program(house.bob, Scope.DESK)
    bob("PUT", f"/saved/{PAPER}")
    made = bob("POST", "/feeds", {"purpose": "kept"})
    assert "On sorting" in bob.client.get(made["atom"]).text
    assert bob("GET", "/feeds") == {"feeds": [made]}
    again = bob("POST", "/feeds", {"purpose": "kept"})
    assert bob.client.get(made["atom"]).status_code == 404
    assert bob.client.get(again["json_feed"]).json()["items"][0]["title"] == "On sorting"
    assert bob("POST", "/feeds", {"purpose": "everything"}) == 400
    for path in ("/feeds", "/digest"):
        assert house.program(house.bob, Scope.READ)("GET", path) == 403, path
    assert bob("DELETE", "/feeds/kept") == 204
    assert bob("DELETE", "/feeds/kept") == 404
    assert bob.client.get(again["atom"]).status_code == 404

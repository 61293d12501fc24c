from __future__ import annotations

from collections.abc import Callable
from typing import Any

Read = Callable[[str], Any]
PAPER = "/papers/2603.00001"


def remarks(page: Any) -> list[str]:
    return [" ".join(x.text_content().split()) for x in page.xpath("//article[contains(@class, 'remark')]")]


def test_a_vote_counts_once_and_is_taken_back(house: Any, read: Read) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    assert ada.post(f"{PAPER}/vote").headers["location"] == PAPER
    ada.post(f"{PAPER}/vote")
    answer = bob.post(f"{PAPER}/vote", headers={"Accept": "application/json"})
    assert answer.json() == {"id": "2603.00001", "votes": 2, "voted": True}
    page = read(house.browser().get(PAPER).text)
    assert page.xpath("string(//form[@class='vote']//b)") == "2"
    form = read(bob.get(PAPER).text).xpath("//form[@class='vote']")[0]
    assert "/unvote" in form.action
    assert bob.post(form.action).headers["location"] == PAPER
    assert house.archive.library.commons.votes([house.paper]) == {house.paper: 1}


def test_a_stranger_neither_votes_nor_writes(house: Any) -> None:
    stranger = house.browser()
    for path in ("vote", "unvote", "comments", "links", "keep-out"):
        assert stranger.post(f"{PAPER}/{path}", data={"text": "x", "verdict": "out"}).status_code == 401, path
    assert stranger.get("/submit").status_code == 401
    assert "Log in" in stranger.get(PAPER).text


def test_comments_are_written_answered_changed_and_deleted(house: Any, read: Read) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    answer = ada.post(f"{PAPER}/comments", data={"text": "It **sorts** in $O(n)$."})
    assert answer.status_code == 303
    first = answer.headers["location"].partition("#c-")[2]
    page = read(bob.get(PAPER).text)
    (said,) = page.xpath("//div[@class='said']")
    assert said.xpath(".//strong/text()") == ["sorts"]
    assert said.xpath(".//math")
    form = read(bob.get(f"/comments/{first}?do=answer").text).xpath("//form[contains(@action, 'comments')]")[
        0
    ]
    bob.post(form.action, data={**dict(form.fields), "text": "Does it?"})
    page = read(ada.get(PAPER).text)
    assert [a.attrib["class"] for a in page.xpath("//article[starts-with(@id, 'c-')]")] == [
        "remark d0",
        "remark d1",
    ]
    form = read(ada.get(f"/comments/{first}?do=edit").text).xpath("//form[contains(@action, 'edit')]")[0]
    assert form.fields["text"] == "It **sorts** in $O(n)$."
    ada.post(form.action, data={"text": "It sorts."})
    assert "edited" in remarks(read(ada.get(PAPER).text))[0]
    ada.post(f"/comments/{first}/delete")
    gone, kept = remarks(read(bob.get(PAPER).text))
    assert gone == "This comment is gone."
    assert "Does it?" in kept


def test_what_was_typed_is_not_lost_to_a_mistake(house: Any, read: Read) -> None:
    ada = house.browser("Ada")
    answer = ada.post(f"{PAPER}/comments", data={"text": "bell \x07"})
    assert answer.status_code == 400
    assert "control characters" in answer.text
    assert "bell" in read(answer.text).xpath("string(//textarea)")
    assert ada.post(f"{PAPER}/comments", data={"text": "x", "parent": "nothing"}).status_code == 404
    assert ada.post("/papers/2603.99999/comments", data={"text": "x"}).status_code == 404


def test_nobody_changes_what_another_wrote(house: Any) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    location = ada.post(f"{PAPER}/comments", data={"text": "Mine."}).headers["location"]
    id = location.partition("#c-")[2]
    assert bob.post(f"/comments/{id}/edit", data={"text": "Yours."}).status_code == 403
    assert bob.post(f"/comments/{id}/delete").status_code == 403
    assert "Mine." in bob.get(PAPER).text


def test_a_comment_cannot_bring_a_script(house: Any, read: Read) -> None:
    ada = house.browser("Ada")
    ada.post(
        f"{PAPER}/comments", data={"text": "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x>"}
    )
    page = read(ada.get(PAPER).text)
    assert not page.xpath(
        "//div[@class='said']//script | //div[@class='said']//img | //div[@class='said']//a"
    )


def test_a_reported_comment_waits_for_a_moderator(house: Any, read: Read) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    id = ada.post(f"{PAPER}/comments", data={"text": "Rude words."}).headers["location"].partition("#c-")[2]
    assert bob.post(f"/comments/{id}/report", data={"text": ""}).status_code == 400
    assert bob.post(f"/comments/{id}/report", data={"text": "rude"}).status_code == 200
    assert bob.get("/moderate").status_code == 403
    page = read(ada.get("/moderate").text)
    assert "Bob: rude" in remarks(page)[0]
    ada.post(f"/moderate/comments/{id}", data={"verdict": "hide"})
    assert remarks(read(bob.get(PAPER).text)) == []
    assert remarks(read(ada.get("/moderate").text)) == []
    assert "hide comment" in ada.get("/admin/log").text
    assert ada.post(f"/moderate/comments/{id}", data={"verdict": "maybe"}).status_code == 400


def test_the_newest_comments_are_on_one_page(house: Any) -> None:
    house.browser("Ada").post(f"{PAPER}/comments", data={"text": "Worth a look."})
    text = house.browser().get("/discussion").text
    assert "Worth a look." in text
    assert "On sorting" in text


def test_one_reader_votes_and_writes_without_an_account(own_client: Any, house: Any, read: Read) -> None:
    own_client.post(f"{PAPER}/vote")
    own_client.post(f"{PAPER}/comments", data={"text": "To myself."})
    page = read(own_client.get(PAPER).text)
    assert page.xpath("string(//form[@class='vote']//b)") == "1"
    assert "You" in remarks(page)[0]
    assert own_client.get("/moderate").status_code == 200

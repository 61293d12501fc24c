"""What becomes of a paper is shown on its page and told to those who saved it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.acceptance.house import House, seen

FIRST: dict[str, Any] = {
    "id": "2601.00003",
    "title": "Towards Quiet Rotors",
    "abstract": "Rotors are loud. We make them quiet by 3 dB with slots.",
    "authors": ["Lilian Bland"],
    "categories": ["physics.flu-dyn"],
    "announced": "2026-01-05",
    "updated": "2026-01-04T10:00:00Z",
}


@pytest.fixture
def saved(house: House) -> House:
    house.run("import", house.write("first.jsonl", [FIRST]))
    with house.pages() as client:
        answer = client.post("/papers/2601.00003/marks", data={"set": "saved"})
        assert answer.status_code == 200
        assert "Towards Quiet Rotors" in client.get("/desk").text
        assert "News of your papers" not in client.get("/desk").text
    return house


def test_a_changed_text_is_told_and_the_difference_is_shown(saved: House) -> None:
    later = FIRST | {
        "title": "Quiet Rotors",
        "abstract": "Rotors are loud. We make them quiet by 5 dB with slots.",
        "updated": "2026-02-01T10:00:00Z",
        "announced": "2026-02-02",
    }
    assert saved.json("import", saved.write("later.jsonl", [later]))["changed"] == 1
    with saved.pages() as client:
        shelf = client.get("/desk").text
        assert "Quiet Rotors has a changed title or abstract" in seen(shelf)
        page = client.get("/papers/2601.00003").text
        assert "What changed" in page
        for mark in ("<del>Towards</del>", "<del>3</del>", "<ins>5</ins>"):
            assert mark in page
        client.post("/desk/seen")
        assert 'class="unseen"' not in client.get("/desk").text
    shown = saved.json("show", "2601.00003")
    assert shown["title"] == "Quiet Rotors"
    assert saved.json("search", "rotors by 5 dB")["hits"][0]["title"] == "Quiet Rotors"


def test_an_older_text_that_comes_later_changes_nothing_that_readers_see(saved: House) -> None:
    older = FIRST | {"title": "Loud Rotors", "updated": "2025-12-01T10:00:00Z"}
    saved.run("import", saved.write("older.jsonl", [older]))
    assert saved.json("show", "2601.00003")["title"] == "Towards Quiet Rotors"


def test_a_withdrawal_is_told_and_shown_however_it_is_said(house: House) -> None:
    said: list[dict[str, Any]] = [
        {"withdrawn": True},
        {"comment": "This paper has been withdrawn by the author due to an error in Lemma 2"},
        {"abstract": "This paper has been withdrawn by the author due to an error in Lemma 2."},
    ]
    subjects = ("Rotors that Hum", "Lichens of Ruins", "Proofs by Origami")
    first = [
        FIRST
        | {"id": f"2601.0001{n}", "title": title, "abstract": f"{title} are studied here for the first time."}
        for n, title in enumerate(subjects)
    ]
    house.run("import", house.write("first.jsonl", first))
    with house.pages() as client:
        for record in first:
            client.post(f"/papers/{record['id']}/marks", data={"set": "saved"})
    later = [a | b | {"updated": "2026-02-01T10:00:00Z"} for a, b in zip(first, said, strict=True)]
    assert house.json("import", house.write("later.jsonl", later))["changed"] == 3
    with house.pages() as client:
        told = seen(client.get("/desk").text)
        for record in first:
            assert f"{record['title']} was withdrawn" in told
            page = client.get(f"/papers/{record['id']}").text
            assert "The source marks this paper as withdrawn" in page
        assert "Withdrawn" in client.get("/search?q=lichens").text
    assert house.json("show", "2601.00011")["withdrawn"] is True
    assert "WITHDRAWN" in house.run("show", "2601.00011").stdout

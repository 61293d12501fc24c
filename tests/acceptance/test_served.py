"""What is taken in while the paper is served is found by readers without anybody's doing."""

from __future__ import annotations

import time

import httpx
from tests.acceptance.house import House
from tests.acceptance.test_imports import paper


def test_a_paper_taken_in_while_we_serve_is_findable_at_once(house: House) -> None:
    house.run("import", house.write("first.jsonl", (paper(n) for n in range(1, 200))))
    late = paper(4321) | {
        "title": "Zymurgy of the Quokka",
        "abstract": "Quokkas brew kombucha in caves.",
        "announced": "2026-01-06",
    }
    file = house.write("late.jsonl", [late])
    with house.served() as address, httpx.Client(base_url=address, timeout=30) as client:
        page = client.get("/search", params={"q": "kombucha quokka"}).text
        assert "Zymurgy" not in page
        house.run("import", file)
        ended = time.monotonic()
        while "Zymurgy" not in client.get("/search", params={"q": "kombucha quokka"}).text:
            assert time.monotonic() - ended < 30, "the paper was never found"
            time.sleep(0.02)
        waited = time.monotonic() - ended
        print(f"findable {waited:.2f} s after the import ended")  # noqa: T201  a measurement
        assert client.get("/papers/2601.04321").status_code == 200
        assert "Zymurgy" in client.get("/").text
        feed = client.get("/feeds/search.atom", params={"q": "kombucha"}).text
        assert "Zymurgy" in feed

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import feedparser  # type: ignore[import-untyped]
from lxml import html

Read = Callable[[str], Any]
PAPER = "/papers/2603.00001"


def cards(page: str) -> list[str]:
    tree: Any = html.fromstring(page)
    return [
        " ".join(card.text_content().split()) for card in tree.xpath("//article[contains(@class, 'card')]")
    ]


def test_what_readers_do_makes_a_paper_trend_and_every_card_shows_the_parts(house: Any) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    assert cards(bob.get("/trending").text) == []
    ada.post(f"{PAPER}/vote")
    bob.post(f"{PAPER}/vote")
    bob.post(f"{PAPER}/comments", data={"text": "Worth a look."})
    (card,) = cards(house.browser().get("/trending?by=day").text)
    assert "1 comment (0.1), 2 votes (0.4); worth 0.5 by now" in card
    feed = feedparser.parse(house.browser().get("/feeds/trending.atom").text)
    assert [entry.title for entry in feed.entries] == ["On sorting"]


def test_votes_counted_elsewhere_trend_too(client: Any) -> None:
    shown = cards(client.get("/trending?by=month").text)
    assert len(shown) > 20
    assert all(re.search(r"\d upvotes? on Hugging Face; worth \d", card) for card in shown)


def test_an_unknown_span_is_refused(client: Any) -> None:
    answer = client.get("/trending?by=year")
    assert answer.status_code == 400
    assert "day, week, month" in answer.text

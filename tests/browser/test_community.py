"""A reader votes, discusses and is read to, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]
PAPER = "/papers/2603.12793"


def test_a_vote_shows_at_once_and_is_taken_back(open_page: OpenPage) -> None:
    page = open_page(PAPER)
    button = page.locator("form.vote button")
    before = int(button.locator("b").inner_text())
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button.locator("b")).to_have_text(str(before + 1))
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button.locator("b")).to_have_text(str(before))


def test_a_comment_with_a_formula_is_written_without_script(open_page: OpenPage) -> None:
    page = open_page(PAPER, script=False)
    page.locator("#discussion textarea").fill("Sorts in $O(n\\sqrt{m})$, **surely**.")
    page.get_by_role("button", name="Say it").click()
    said = page.locator(".said").last
    expect(said.locator("strong")).to_have_text("surely")
    expect(said.locator("msqrt")).to_have_count(1)
    page.get_by_role("link", name="Delete").last.click()
    page.get_by_role("button", name="Delete it").click()
    expect(page).to_have_url(re.compile("#discussion$"))
    expect(page.locator(".said")).to_have_count(0)


def test_three_saved_papers_bring_papers_with_reasons(open_page: OpenPage) -> None:
    page = open_page("/search?q=diffusion+image+generation")
    cards = page.locator(".hits .card")
    for place in range(3):
        cards.nth(place).get_by_role("button", name=re.compile("^Save")).click()
        expect(cards.nth(place).get_by_role("button", name=re.compile("^Saved"))).to_be_visible()
    page.goto("/for-you")
    expect(page.locator(".card").first.locator(".why")).to_contain_text("which you kept")
    page.get_by_role("link", name="What this paper thinks of you").click()
    expect(page.locator(".interests h2").first).not_to_be_empty()
    page.locator("input[name=name]").first.fill("Pictures")
    page.get_by_role("button", name=re.compile("^Set")).first.click()
    expect(page.locator(".interests h2").first).to_have_text("Pictures")
    page.get_by_role("button", name="Forget what I said here").click()
    expect(page.locator(".interests h2").first).not_to_have_text("Pictures")
    page.goto("/search?q=diffusion+image+generation")
    for place in range(3):  # the site is shared with other tests
        cards.nth(place).get_by_role("button", name=re.compile("^Saved")).click()
        expect(cards.nth(place).get_by_role("button", name="Saved")).to_have_count(0)

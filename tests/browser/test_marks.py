"""Every mark in a browser: by pointer and by keyboard, without leaving the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

EDITION = "/edition/2026-03-19"


@pytest.fixture
def page(open_page: OpenPage, site: str) -> Iterator[Page]:
    """An edition on which nobody said anything yet; whatever the test says is taken back."""
    page = open_page(EDITION)
    ids = page.eval_on_selector_all("article[id]", "all => all.map(a => a.id)")
    yield page
    for id in ids:
        marked = httpx.get(f"{site}/papers/{id}/marks", headers={"Accept": "application/json"}).json()
        for kind in ("saved", "liked", "read", "hidden", "disliked", "note"):
            if marked[kind]:
                httpx.post(f"{site}/papers/{id}/marks", data={"clear": kind})
        for kind in ("tag", "collection"):
            for text in marked[f"{kind}s"]:
                httpx.post(f"{site}/papers/{id}/marks", data={"clear": kind, "text": text})


def test_what_could_not_be_said_is_seen_not_only_spoken(page: Page) -> None:
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('the server is gone')); }")
    page.locator("article").first.get_by_role("button", name="Save", exact=True).click()
    said = page.get_by_role("status").filter(has_text="did not work")
    expect(said).to_be_in_viewport(ratio=1)
    assert (said.bounding_box() or {"width": 0})["width"] > 100
    expect(page.locator("article").first.get_by_role("button", name="Save", exact=True)).to_be_visible()


def test_keys_say_everything_of_the_paper_in_front_of_the_reader(page: Page) -> None:
    card = page.locator("article").nth(1)
    page.keyboard.press("j")
    page.keyboard.press("j")
    for key, name, kind in (("s", "Saved", "saved"), ("m", "More", "liked"), ("r", "Read", "read")):
        button = card.locator(f"button[value={kind}]")
        page.keyboard.press(key)
        expect(button).to_have_class("on")
        expect(button).to_have_text(name)
        page.keyboard.press(key)
        expect(button).not_to_have_class("on")
    expect(card.locator("h2 a, h3 a")).to_be_focused()
    page.keyboard.press("s")
    expect(card.get_by_role("button", name="Saved")).to_be_visible()
    page.reload()
    expect(card.get_by_role("button", name="Saved")).to_be_visible()


def test_hidden_card_leaves_a_line_that_brings_it_back(page: Page) -> None:
    cards = page.locator("article")
    first, second = (cards.nth(n).locator("h2 a, h3 a").inner_text() for n in (0, 1))
    page.keyboard.press("j")
    page.keyboard.press("h")
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(page.locator(".done")).to_contain_text(first)
    page.keyboard.press("j")  # on to the next, as if nothing had been there
    expect(page.get_by_role("link", name=second)).to_be_focused()
    page.keyboard.press("u")
    expect(page.get_by_role("link", name=first)).to_be_focused()
    page.keyboard.press("x")
    page.get_by_label("Why not?").fill("known already")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("1 paper that you hid or were not interested in")).to_be_visible()
    expect(page.get_by_role("link", name=first)).to_have_count(0)
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_text("not interested: known already")).to_be_visible()


def test_note_tags_and_collections_are_written_in_a_dialog(page: Page) -> None:
    card = page.locator("article").first
    page.keyboard.press("j")
    page.keyboard.press("e")
    dialog = page.get_by_role("dialog", name="Yours")
    expect(dialog.locator("#own-tag")).to_be_focused()
    page.keyboard.type("graphs, to read")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("link", name="to read")).to_be_visible()
    expect(dialog.locator("#own-tag")).to_be_focused()
    dialog.get_by_role("button", name="tag graphs").click()
    expect(dialog.get_by_role("link", name="graphs")).to_have_count(0)
    dialog.get_by_label("Note").fill("see lemma 2")
    dialog.get_by_role("button", name="Keep the note").click()
    expect(dialog.get_by_label("Note")).to_have_value("see lemma 2")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]}).response["violations"]
    assert not [v["id"] for v in found]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.reload()
    expect(card.locator(".yours")).to_have_text(re.compile("to read.*see lemma 2"))


def test_menu_of_a_card_is_reached_by_keyboard_and_closed_with_escape(page: Page) -> None:
    menu = page.locator("article details").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="Hide")).to_be_visible()
    page.locator("article details summary").nth(1).click()
    expect(menu.get_by_role("button", name="Hide")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("article details[open]")).to_have_count(0)
    menu.locator("summary").click()
    menu.get_by_role("link", name="Note").click()
    expect(page.get_by_role("dialog", name="Yours")).to_be_visible()


def test_following_a_paper_to_its_text_marks_it_read(page: Page) -> None:
    page.locator("article h2 a, article h3 a").first.click()
    expect(page.locator(".actions button[value=read]")).not_to_have_class("on")
    page.evaluate(
        "document.querySelector('.links a').addEventListener('click', event => event.preventDefault())"
    )
    page.locator(".links a").first.click()
    expect(page.locator(".actions button[value=read]")).to_have_class("on")


def test_search_is_followed_under_a_name_without_leaving_the_page(open_page: OpenPage, site: str) -> None:
    page = open_page("/search?q=language+agents")
    page.get_by_label("Follow this search as").fill("Agents")
    page.get_by_role("button", name="Follow", exact=True).click()
    expect(page.get_by_role("button", name="Followed")).to_be_visible()
    page.get_by_role("link", name="Following", exact=True).click()
    expect(page.get_by_role("link", name="Agents", exact=True)).to_be_visible()
    page.get_by_role("button", name="No longer follow Agents").click()
    expect(page.get_by_text("Nothing yet")).to_be_visible()

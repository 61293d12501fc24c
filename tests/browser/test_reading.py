from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Page, expect
from tests.serve.addresses import PAGES

OpenPage = Callable[..., Page]


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_serious_accessibility_violation_and_fits_a_phone(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    axe = Axe()
    for scheme, options in (
        (
            "light",
            {"rules": {"target-size": {"enabled": True}}},
        ),  # WCAG 2.2's, which axe leaves out unless asked
        ("dark", {"runOnly": ["color-contrast"]}),
    ):  # dark changes colours only
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = axe.run(page, options=options).response["violations"]
        assert not [
            f"{scheme}: {v['id']}: {v['nodes'][0]['html']} {v['nodes'][0].get('failureSummary')}"
            for v in found
            if v["impact"] in {"serious", "critical"}
        ]
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_reader_goes_from_the_front_page_to_a_paper_and_saves_it(open_page: OpenPage) -> None:
    page = open_page("/edition/2026-03-17")
    title = page.locator(".lead.first h2")
    words = title.inner_text()
    title.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(words)
    page.locator(".actions").get_by_role("button", name="Save").click()
    expect(page.locator(".actions").get_by_role("button", name="Saved")).to_be_visible()
    page.get_by_role("link", name="Desk", exact=True).click()
    expect(page.get_by_role("link", name=words)).to_be_visible()
    page.get_by_role("button", name="Saved").click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Nothing is kept here yet")).to_be_visible()


def test_reader_searches_and_narrows(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("searchbox", name="Search").fill("language agents")
    page.keyboard.press("Enter")
    expect(page.locator(".hits article").first).to_be_visible()
    page.get_by_label("Type").select_option("benchmark")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile("type=benchmark"))
    for fact in page.locator(".hits .facts").all_inner_texts():
        assert "benchmark" in fact


def test_everything_is_read_and_saved_without_script(open_page: OpenPage) -> None:
    page = open_page("/edition/2026-03-17", script=False)
    expect(page.locator("#theme")).to_be_hidden()
    lead = page.locator(".lead.first")
    lead.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/edition/2026-03-17#"))
    expect(lead).to_be_in_viewport()
    lead.get_by_role("button", name="Saved").click()
    expect(lead.get_by_role("button", name="Save", exact=True)).to_be_visible()
    expect(page.get_by_text("left out")).to_have_count(0)
    words = lead.locator("h2").inner_text()
    lead.locator("summary").click()
    lead.get_by_role("button", name="Hide").click()
    expect(page.get_by_role("status").filter(has_text="Hidden")).to_contain_text(words)
    expect(page.locator(".lead.first h2")).not_to_have_text(words)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".lead.first h2")).to_have_text(words)


def test_archive_leads_from_year_to_month_to_edition(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("link", name="Archive").click()
    page.get_by_role("link", name=re.compile("^March")).click()
    page.get_by_role("link", name=re.compile("^17 March 2026")).click()
    expect(page.locator("h1")).to_have_text("Tuesday, 17 March 2026")
    page.get_by_role("main").get_by_role("link", name="18 Mar 2026").first.click()
    expect(page.locator("h1")).to_have_text("Wednesday, 18 March 2026")


def test_keys_move_open_search_and_turn_pages(open_page: OpenPage) -> None:
    page = open_page("/edition/2026-03-17")
    titles = page.locator("article :is(h2, h3) > a")
    page.keyboard.press("j")
    expect(titles.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(titles.nth(1)).to_be_focused()
    words = titles.nth(1).inner_text()
    page.keyboard.press("o")
    expect(page.locator("h1")).to_have_text(words)
    page.go_back()
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("/edition/2026-03-18$"))
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("jkst?")
    expect(page.locator("#find")).to_have_value("jkst?")


def test_keys_can_be_turned_off(open_page: OpenPage) -> None:
    page = open_page("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_label("Single keys").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("article :is(h2, h3) > a").first).not_to_be_focused()


def test_theme_is_turned_and_remembered(open_page: OpenPage) -> None:
    page = open_page("/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.keyboard.press("t")
    dark = page.evaluate(ground)
    assert dark != light
    page.goto("/archive")
    assert page.evaluate(ground) == dark
    page.get_by_role("button", name="Light").click()
    assert page.evaluate(ground) == light


@pytest.mark.parametrize(
    "path", ["/edition/2026-03-17", "/papers/2602.22839", "/search?q=agents", "/archive/2026-03"]
)
def test_tab_alone_reaches_every_control_in_reading_order(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, pre[tabindex]')]
            .filter(e => e.checkVisibility() && e.closest('dialog') === null).length"""
    )
    page.evaluate(
        """() => { window.reached = new Set();
            document.addEventListener('focusin', e => window.reached.add(e.target)); }"""
    )
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    for _ in range(wanted + 20):  # date fields hold several stops each
        page.keyboard.press("Tab")
    assert page.evaluate("window.reached.size") >= wanted


def test_skip_link_leads_to_the_papers(open_page: OpenPage) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_print_leaves_out_what_paper_cannot_do(open_page: OpenPage) -> None:
    page = open_page("/edition/2026-03-17", scheme="dark")
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    expect(page.locator("article form").first).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_linked_data_of_a_paper_is_read_and_nothing_of_it_is_run(open_page: OpenPage) -> None:
    page = open_page("/papers/2602.22839")  # and the console stays clean: the policy takes it for data
    headline = page.evaluate(
        "JSON.parse(document.querySelector('script[type=\"application/ld+json\"]').textContent).headline"
    )
    assert headline == page.locator("h1").inner_text()

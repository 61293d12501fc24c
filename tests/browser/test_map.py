"""The map in a browser: moving, looking, lighting, passing on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Page, expect

from broadsheet.serve import topics

OpenPage = Callable[..., Page]
DAY = "/map?day=2026-03-17"


def frame(page: Page) -> list[float]:
    return [float(part) for part in str(page.locator("#map").get_attribute("viewBox")).split()]


def test_enlarging_keeps_marks_their_size_and_the_address_says_what_is_shown(open_page: OpenPage) -> None:
    page = open_page(DAY)
    point = page.locator("#map .marks a").first
    before = point.bounding_box()
    page.get_by_role("button", name="Enlarge").click()
    page.get_by_role("button", name="Enlarge").click()
    assert frame(page)[2] == pytest.approx(1000 / 1.6**2)
    after = point.bounding_box()
    assert before
    assert after
    assert after["width"] == pytest.approx(before["width"], abs=0.5)
    expect(page).to_have_url(re.compile(r"view=500,350,2\.56"))
    shown = frame(page)
    page.reload()
    assert frame(page) == pytest.approx(shown, abs=1.5)
    page.get_by_role("button", name="Whole map").click()
    expect(page).not_to_have_url(re.compile("view="))


def test_dragging_moves_the_map_and_opens_nothing(open_page: OpenPage) -> None:
    page = open_page(DAY)
    box = page.locator("#map").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 100, y - 40, steps=4)
    page.mouse.up()
    left, top, across, _ = frame(page)
    assert left == pytest.approx(100 * across / box["width"], rel=0.05)
    assert top == pytest.approx(40 * across / box["width"], rel=0.05)
    expect(page).to_have_url(re.compile("/map"))


def test_a_point_shows_its_paper_and_opens_it(open_page: OpenPage) -> None:
    page = open_page(DAY)
    line = page.locator(".heaps li > a").first
    title, address = str(line.text_content()), str(line.get_attribute("href"))
    point = page.locator(f'#map .marks a[href="{address}"]')
    point.hover(force=True)
    expect(page.locator("#slip b")).to_have_text(title)
    point.click(force=True)
    expect(page).to_have_url(re.compile(re.escape(address) + "$"))


def test_the_list_can_be_read_by_keys_and_shows_where_papers_stand(open_page: OpenPage) -> None:
    page = open_page(DAY)
    page.keyboard.press("j")
    expect(page.locator(".heaps summary").first).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("j")
    page.keyboard.press("j")
    title = page.evaluate("document.activeElement.textContent")
    assert page.locator(".heaps li > a").filter(has_text=title).count()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator("#slip")).to_be_visible()
    expect(page.locator("#map .marks a.at")).to_have_count(1)


def test_arrows_and_plus_move_the_chosen_map(open_page: OpenPage) -> None:
    page = open_page(DAY)
    page.locator(".pane").focus()
    page.keyboard.press("ArrowRight")
    assert frame(page)[0] == pytest.approx(125)
    page.keyboard.press("+")
    assert frame(page)[2] == pytest.approx(1000 / 1.5)
    page.keyboard.press("0")
    assert frame(page) == pytest.approx([0, 0, 1000, 700])


def test_a_name_on_the_map_lights_its_topic(open_page: OpenPage) -> None:
    page = open_page(DAY)
    name = page.locator("#map .labels .broad").first
    key = str(name.get_attribute("data-topic"))
    name.click()
    expect(page).to_have_url(re.compile(f"topic={key}"))
    expect(page.locator("#map .marks:not(.dim)")).to_have_count(1)
    expect(page.locator("details[open]")).to_have_attribute("data-topic", key)
    page.locator(".pane").focus()
    page.keyboard.press("Escape")
    expect(page.locator("#map .dim")).to_have_count(0)


def test_papers_that_a_large_edition_does_not_list_come_when_somebody_looks(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topics, "LINES", 8)
    page = open_page(DAY)
    name = page.locator(".heaps details:has(.rest)").first.get_attribute("id")
    heap = page.locator(f"#{name}")
    count = int(str(heap.locator("summary small").text_content()))
    assert heap.locator("li:not(.rest)").count() < count
    heap.locator("summary").click()
    expect(heap.locator("li")).to_have_count(count)
    expect(heap.locator(".rest")).to_have_count(0)
    last = heap.locator("li > a").last
    last.focus()  # its mark may lie under a name
    expect(page.locator("#slip b")).to_have_text(str(last.text_content()))


def test_without_script_the_map_is_a_picture_with_links_beside_a_list(open_page: OpenPage) -> None:
    page = open_page(DAY, script=False)
    expect(page.locator("#tools")).to_be_hidden()
    expect(page.locator("#map")).to_be_visible()
    page.locator(".heaps summary").first.click()
    page.locator(".heaps details[open] li > a").first.click()
    expect(page).to_have_url(re.compile("/papers/"))


def test_an_enlarged_map_with_a_lit_topic_is_accessible_in_both_inks(open_page: OpenPage) -> None:
    page = open_page(DAY)
    page.locator("#map .labels .broad").first.click()
    page.get_by_role("button", name="Enlarge").click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = Axe().run(page).response["violations"]
        assert not [f"{v['id']}: {v['nodes'][0]['html']}" for v in found]


def test_on_paper_the_map_and_its_topics_are_printed_without_buttons(open_page: OpenPage) -> None:
    page = open_page(DAY)
    page.emulate_media(media="print")
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator(".heaps summary").first).to_be_visible()
    expect(page.locator("#tools")).to_be_hidden()


def test_on_a_telephone_names_can_be_read(open_page: OpenPage) -> None:
    page = open_page(DAY, width=390)
    shown = [name for name in page.locator("#map .labels text").all() if name.is_visible()]
    assert shown
    for name in shown:
        box = name.bounding_box()
        assert box
        assert box["height"] >= 11
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390

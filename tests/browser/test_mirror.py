"""A mirror served by the plainest of web servers, read with a real browser."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from broadsheet import wiring
from broadsheet.config import Settings


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The last editions of the sample, somewhere below the root of a server of files."""
    folder = tmp_path_factory.mktemp("www")

    settings = Settings(data=tmp_path_factory.mktemp("data"), encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        wiring.publish_files(
            archive,
            folder / "some" / "paper",
            address="https://example.org/some/paper",
            last=3,
            searched=3,
            everything=False,
        )
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/some/paper/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """The mirror's front page; the test fails where the console showed an error or a file was missing."""
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            wrong.append(f"{message.type}: {message.text}")

    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", on_console)
    page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
    page.on("request", lambda r: None if r.url.startswith(served) else wrong.append(f"asked {r.url}"))
    page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
    page.goto(served)
    yield page
    context.close()
    assert not wrong


def test_a_reader_clicks_through_a_mirror(page: Page) -> None:
    edition = page.locator("h1").inner_text()
    page.locator("nav.contents a").first.click()
    section = page.locator("h1").inner_text()
    assert section != edition
    title = page.locator(".card h2 a").first.inner_text()
    page.locator(".card h2 a").first.click()
    assert page.locator("h1").inner_text() == title
    page.get_by_role("link", name="Archive").click()
    page.locator("main a[href*='archive/']").first.click()
    page.locator("table.month td a").first.click()
    assert page.locator("main a[rel='next']").first.is_visible()
    page.locator("main a[rel='next']").first.click()
    page.get_by_role("link", name="Today").click()
    assert page.locator("h1").inner_text() == edition
    assert page.get_by_role("link", name="Saved").count() == 0
    assert page.get_by_role("button", name="Save").count() == 0


def test_a_reader_searches_a_mirror(page: Page) -> None:
    title = page.locator(".card :is(h2, h3) a").first.inner_text()
    words = sorted(title.split(), key=len)[-2:]
    page.locator("#find").fill(" ".join(words).upper())
    page.keyboard.press("Enter")
    expect(page.locator("#hits li").first).to_be_visible()
    expect(page.locator("#total")).to_contain_text("of the editions from")
    found = [page.locator("#hits h2 a").nth(n).inner_text() for n in range(page.locator("#hits li").count())]
    assert title in found
    page.get_by_role("link", name=title, exact=True).first.click()
    assert page.locator("h1").inner_text() == title
    page.locator("header .by a").first.click()  # an author: a search for the name
    expect(page.locator("#hits")).to_contain_text(title)


def test_what_nobody_wrote_is_not_found(page: Page) -> None:
    page.locator("#find").fill("xyzzyplugh")
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_contain_text("0 papers of the editions")


def test_a_field_of_a_paper_lists_it(page: Page) -> None:
    page.locator(".card :is(h2, h3) a").first.click()
    title = page.locator("h1").inner_text()
    page.locator("p.slug a").first.click()
    expect(page.locator("#total")).to_contain_text("of the editions from")
    while page.locator("#hits").get_by_text(title, exact=True).count() == 0:
        page.get_by_role("button", name="More").click()

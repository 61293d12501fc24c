"""Digests in a browser: the letter in light, dark and on a phone; subscribing; saving from a letter without script."""

from __future__ import annotations

import email
import email.policy
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import Browser, Page, expect
from tests.deliver.test_compose import LINKS, MASTHEAD, WHEN, digest

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.deliver.compose import write_digest
from broadsheet.model import MarkKind
from broadsheet.wiring import Archive

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample edition, on a site that sends mail."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        data=tmp_path_factory.mktemp("post"),
        encoder="none",
        port=port,
        base_url=f"http://127.0.0.1:{port}",
        smtp_host="127.0.0.1",
        mail_from="paper@example.org",
    )
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[str]:
    """The address of its server, in place of the one without mail."""
    config = uvicorn.Config(
        wiring.web_app(archive), port=archive.settings.port, log_level="warning", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start within 20 s"
        time.sleep(0.02)
    yield archive.settings.base_url
    server.should_exit = True
    thread.join()


def letter(archive: Archive) -> str:
    """The plain text of the letter that waits."""
    now = datetime.now(UTC) + timedelta(days=8)
    (waiting,) = archive.store.post.claim_letters("test", now=now, until=now, limit=9)
    archive.store.post.sent("test", waiting.no, now=now)
    part = email.message_from_bytes(waiting.letter.body, policy=email.policy.default).get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text


def problems(page: Page) -> list[str]:
    """What makes a page hard to read for some."""
    return [
        f"{v['id']}: {v['nodes'][0]['html']}"
        for v in Axe().run(page).response["violations"]
        if v["impact"] in {"serious", "critical"}
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letter_is_readable_wherever_it_is_opened(browser: Browser, scheme: str) -> None:
    # As a mail client has it: a document from nowhere, without script.
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(write_digest(digest(), masthead=MASTHEAD, schedule=WHEN, links=LINKS).html)
    assert problems(page) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(22, 21, 18)" if scheme == "dark" else "rgb(252, 250, 244)")
    for width in (320, 390, 800, 1400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('table table').offsetWidth") == 620
    assert asked == []
    context.close()


def test_preview_is_shown_under_its_own_policy(open_page: OpenPage) -> None:
    page = open_page("/digest/preview.html")
    expect(page.locator("h2").first).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('h2')).fontSize") == "27px"


@pytest.mark.parametrize("path", ["/subscribe", "/digest"])
def test_form_has_no_serious_accessibility_violation_and_fits_a_phone(open_page: OpenPage, path: str) -> None:
    page = open_page(path)
    assert problems(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_reader_subscribes_confirms_and_saves_from_the_letter_without_script(
    archive: Archive, open_page: OpenPage
) -> None:
    page = open_page("/digest", script=False)
    page.get_by_label("Mail address").fill("ada@example.org")
    page.get_by_label("Monday").uncheck()
    page.locator("select[name=hour]").select_option("9")
    page.get_by_label("By the clock of").fill("Europe/Vienna")
    page.get_by_role("button", name="Send me a mail to confirm").click()
    expect(page.locator("h1")).to_have_text("Look into your mail")
    question = re.search(r"http\S+/mail/subscribe/\S+", letter(archive))
    assert question is not None
    page.goto(question[0])
    expect(page.locator("main")).to_contain_text("Tuesday to Friday at 9:00 (Europe/Vienna)")
    page.get_by_role("button", name="Yes, send it to me").click()
    expect(page.get_by_role("status").first).to_contain_text("Done.")
    now = datetime.now(UTC) + timedelta(days=8)
    (due,) = archive.store.post.claim_due("w", now=now, until=now, limit=9)
    archive.store.post.file("w", [wiring.editor_of(archive).write(due, now=now)], now=now)
    text = letter(archive)
    save = re.search(r"http\S+/mail/save/\S+", text)
    assert save is not None
    page.goto(save[0])
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("Saved:")
    assert len(archive.library.desk(wiring.READER).marks(MarkKind.SAVED)) == 1
    leave = re.search(r"http\S+/mail/unsubscribe/\S+", text)
    assert leave is not None
    page.goto(leave[0])
    page.get_by_role("button", name="Unsubscribe").click()
    page.goto("/digest")
    expect(page.locator("main")).to_contain_text("stopped: unsubscribed")


def test_form_begins_with_the_clock_of_the_readers_place(browser: Browser, site: str) -> None:
    context = browser.new_context(timezone_id="Asia/Kathmandu", base_url=site)
    page = context.new_page()
    page.goto("/subscribe")
    expect(page.get_by_label("By the clock of")).to_have_value(re.compile("Asia/Kat[h]?mandu"))
    context.close()

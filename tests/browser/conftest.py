"""A real server on a port of its own, and a real browser to read it with."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.serve.app import create_app

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",  # Chromium's sandbox refuses root, which CI runs as
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the sample edition."""
    settings = Settings(data=tmp_path_factory.mktemp("site"), encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        config = uvicorn.Config(create_app(archive.library), port=0, log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive(), "the server stopped before it answered"
                assert time.monotonic() < deadline, "the server did not start within 20 s"
                time.sleep(0.02)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")  # while it runs, its event loop is in the way of tests that have their own
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests skip, and under CI=true they fail."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        reason = "no Chromium found; scripts/chromium installs it"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[OpenPage]:
    """Opens a page of the site; the test fails where the console showed an error or the page asked elsewhere."""
    contexts = []
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            wrong.append(f"{message.type}: {message.text}")

    def opened(path: str, *, width: int = 1280, scheme: str = "light", script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
            base_url=site,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", on_console)
        page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
        page.on(
            "request", lambda r: None if r.url.startswith((site, "data:")) else wrong.append(f"asked {r.url}")
        )
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong

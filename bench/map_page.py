"""How long a browser takes to draw the map of one large edition.

    OPENBLAS_NUM_THREADS=1 python bench/map_page.py --data DIR [--papers 2000] [--loads 9]

Takes the newest papers of an archive (see bench/pages.py) into one of its own, all as announced on one day, serves it,
and opens its map in Chromium, each time without anything kept from before. "Drawn" is when the frame after the page's
load event has been painted, by wall clock from the first byte of the answer; CPU is what Chromium tells of the renderer's process. The
server's own CPU time is that of the first answer, for which topics and places are worked out, and of a later one. Prints
JSON. Needs the ``test`` extra and Chromium.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.model import Announcement
from broadsheet.serve.app import create_app
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

DAY = date(2026, 3, 20)
PHONE, DESK = 390, 1280
# When the frame after the next one begins, what the page's load event changed has been painted.
PAINTED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const loading = performance.getEntriesByType('navigation')[0];
    done({
        drawn: performance.now() - loading.responseStart,
        parsed: loading.domContentLoadedEventEnd - loading.responseStart,
    });
})))"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--loads", type=int, default=9)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        wiring.open_archive(Settings(data=Path(folder), encoder="none")) as archive,
    ):
        fill(archive, options.data, options.papers)
        with served(archive) as address:
            print(json.dumps(measured(address, options.loads), indent=2))


def fill(archive: Archive, data: Path, count: int) -> None:
    """Puts the newest papers of another archive into this one, as new on one day."""
    with wiring.open_archive(Settings(data=data, encoder="none")) as other:
        days = [each.day for each in other.store.days(None, None)]
        ids = [outline.id for day in reversed(days) for outline in other.store.outline(day)]
        papers = other.store.get_many(list(dict.fromkeys(ids))[:count])
        records = [replace(paper.record, announcements=(Announcement(DAY),)) for paper in papers.values()]
    archive.store.put([(record, derive(record)) for record in records], now=datetime.now(UTC))
    wiring.catch_up(archive)


@contextmanager
def served(archive: Archive) -> Iterator[str]:
    """The address of a server of the archive, in a thread of this process."""
    app = create_app(archive.library)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def measured(address: str, loads: int) -> dict[str, Any]:
    url = f"{address}/map?day={DAY}"
    report: dict[str, Any] = {}
    for name in ("first", "later"):
        began = time.process_time()
        answer = httpx.get(url, timeout=120)
        report[f"server_cpu_s_{name}"] = round(time.process_time() - began, 3)
    told = httpx.get(f"{address}/map.json?day={DAY}", timeout=120).json()
    report |= {
        "papers": told["papers"],
        "topics": len(told["topics"]),
        "various": len(told["various"]),
        "kb": len(answer.content) // 1000,
    }
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        report["chromium"] = browser.version
        for name, width in (("desk", DESK), ("phone", PHONE)):
            report[name] = opened(browser, url, width=width, loads=loads)
        browser.close()
    return report


def opened(browser: Browser, url: str, *, width: int, loads: int) -> dict[str, float]:
    """Medians over some loads, in seconds, and the slowest that was drawn."""
    seen: list[dict[str, float]] = []
    for _ in range(loads):
        context = browser.new_context(viewport={"width": width, "height": 900})
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(url, wait_until="load", timeout=120_000)
        times = page.evaluate(PAINTED)
        spent = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        seen.append({key: value / 1000 for key, value in times.items()} | {"cpu": spent["ProcessTime"]})
        context.close()
    medians = {f"{key}_s": round(statistics.median(each[key] for each in seen), 3) for key in seen[0]}
    return medians | {"slowest_drawn_s": round(max(each["drawn"] for each in seen), 3)}


if __name__ == "__main__":
    main()

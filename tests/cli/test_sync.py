"""`broadsheet sync`, run as a person runs it, against a server that plays arXiv."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.replay.server import Answer, FakeTime, Replay, Request

# The command itself, on a clock that sleeping moves: arXiv's three seconds need not be sat out here.
COMMAND = textwrap.dedent("""
    import time
    real, slept = time.time, [0.0]
    def sleep(seconds):
        slept[0] += seconds
    time.sleep, time.time = sleep, lambda: real() + slept[0]
    from broadsheet.cli import main
    main()
""")

Serve = Callable[[Request], Answer]


class Desk:
    """A data folder, and the command at work on it."""

    def __init__(self, folder: Path, replay: Replay) -> None:
        self.replay = replay
        self._command = [sys.executable, "-c", COMMAND, "--data", str(folder / "data")]
        environ = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
        self.environ = environ | {
            "XDG_CONFIG_HOME": str(folder / "config"),
            "BROADSHEET_ARXIV_OAI_URL": f"{replay.url}/oai",
            "BROADSHEET_ARXIV_FEED_URL": f"{replay.url}/atom/",
            "BROADSHEET_ARXIV_API_URL": f"{replay.url}/api/query",
            "BROADSHEET_ARXIV_SETS": "cs",
            "BROADSHEET_ARXIV_FROM": "2025-08-18",
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environ,
        )

    def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        with self.start(*words) as process:
            out, said = process.communicate(timeout=120)
        assert process.returncode == code, said
        return out, said

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.run(*words, "--json", code=code)[0])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    replay = Replay(FakeTime())
    yield Desk(tmp_path, replay)
    replay.close()


def pages(replay: Replay, *, count: int, feed: str = "") -> Serve:
    """A list of so many pages of two papers each; the token is the next page's number."""

    def serve(request: Request) -> Answer:
        if request.path.startswith("/atom/"):
            return Answer(feed or replay.feed())
        number = int(request.query.get("resumptionToken", "0"))
        records = [
            replay.raw(f"2508.{2 * number + n:05}", title=f"Paper {2 * number + n}", datestamp="2025-08-20")
            for n in (1, 2)
        ]
        return Answer(replay.page(*records, token=str(number + 1) if number + 1 < count else ""))

    return serve


def test_sync_catches_up_takes_the_days_feed_and_indexes_both(desk: Desk) -> None:
    replay = desk.replay
    feed = replay.feed(
        replay.entry("2508.00001v1", title="Paper 1"), replay.entry("2508.00777v1", title="Zebras")
    )
    replay.serve(pages(replay, count=2, feed=feed))
    report = desk.json("sync")
    assert [(h["source"], h["new"], h["complete"]) for h in report["harvests"]] == [("arxiv:cs", 4, True)]
    assert [(f["edition"], f["day"], f["new"], f["unseen"]) for f in report["feeds"]] == [
        ("taken", "2025-08-20", 1, 1)
    ]
    assert [r.path for r in replay.requests] == ["/oai", "/oai", "/atom/cs"]
    assert replay.requests[0].query["from"] == "2025-08-18"
    assert [h["id"] for h in desk.json("search", "zebras")["hits"]][:1] == ["2508.00777"]
    assert desk.json("edition")["day"] == "2025-08-20"

    again = desk.json("sync")
    assert (again["harvests"][0]["new"], again["feeds"][0]["edition"]) == (0, "known")
    assert desk.json("index", "--status")["papers"] == 5


def test_single_ids_come_by_the_api_and_an_unknown_one_is_said(desk: Desk) -> None:
    replay = desk.replay
    replay.serve(lambda r: Answer(replay.results(replay.result("2402.01234v2", title="Asked for"), total=1)))
    _, said = desk.run("sync", "2402.01234", "2402.09999")
    assert "rejected: 2402.09999: arXiv knows no such paper" in said.splitlines()
    assert {r.path for r in replay.requests} == {"/api/query"}
    assert desk.json("show", "2402.01234")["title"] == "Asked for"


def test_sync_of_ids_that_brings_nothing_fails(desk: Desk) -> None:
    replay = desk.replay
    replay.serve(lambda _: Answer(replay.results(total=0)))
    _, said = desk.run("sync", "2402.09999", code=2)
    assert "2402.09999: arXiv knows no such paper" in said


def test_a_busy_host_is_waited_for(desk: Desk) -> None:
    replay = desk.replay
    replay.script(
        Answer("Rate exceeded.", status=429, headers={"Retry-After": "120"}, kind="text/plain"),
        replay.page(replay.raw("2508.00001"), token=""),
        replay.feed(),
    )
    out, said = desk.run("sync", "--json")
    assert json.loads(out)["harvests"][0]["complete"]
    assert (
        "127.0.0.1 answered 429 and asks for a pause of 120 s; asking again in 120 s (attempt 2 of 6)"
        in said.splitlines()
    )
    assert replay.left() == replay.surplus == 0


def test_a_host_that_wants_a_long_pause_ends_it_in_one_sentence_and_what_came_is_kept(desk: Desk) -> None:
    replay = desk.replay
    serve = pages(replay, count=3)

    def tired(request: Request) -> Answer:
        if "resumptionToken" in request.query:
            return Answer("later", status=503, headers={"Retry-After": "7200"}, kind="text/plain")
        return serve(request)

    replay.serve(tired)
    out, said = desk.run("sync", code=75)
    assert "2 new" in out
    assert "not complete" in out
    (sentence,) = [line for line in said.splitlines() if line.startswith("broadsheet: ")]
    assert "asks for a pause of 7200 s" in sentence
    assert "Traceback" not in said
    asked = len(replay.requests)
    desk.run("sync", code=75)  # who was asked to wait does not ask again
    assert len(replay.requests) == asked
    assert desk.json("index", "--status")["papers"] == 2


def test_a_host_that_fails_ends_it_in_one_sentence_and_the_next_sync_goes_on_from_there(desk: Desk) -> None:
    replay = desk.replay
    serve = pages(replay, count=3)
    broken = True

    def failing(request: Request) -> Answer:
        return Answer(status=500) if broken and "resumptionToken" in request.query else serve(request)

    replay.serve(failing)
    _, said = desk.run("sync", code=69)
    assert said.splitlines()[-1].startswith("broadsheet: 127.0.0.1 answered 500; gave up after 6 attempts")
    broken = False
    replay.requests.clear()
    assert desk.json("sync")["harvests"][0]["new"] == 4
    assert replay.requests[0].query["resumptionToken"] == "1"


def test_killed_in_its_midst_sync_goes_on_and_nothing_is_lost_or_doubled(desk: Desk) -> None:
    replay = desk.replay
    serve = pages(replay, count=4)
    reached, go_on = threading.Event(), threading.Event()

    def held(request: Request) -> Answer:
        if request.query.get("resumptionToken") == "2" and not reached.is_set():
            reached.set()
            go_on.wait(30)
        return serve(request)

    replay.serve(held)
    with desk.start("sync") as process:
        try:
            assert reached.wait(60)
        finally:
            process.send_signal(signal.SIGKILL)
            go_on.set()
    replay.requests.clear()
    report = desk.json("sync")["harvests"][0]
    assert (report["new"], report["changed"], report["complete"]) == (4, 0, True)
    assert replay.requests[0].query["resumptionToken"] == "2"
    assert desk.json("index", "--status")["papers"] == 8


def test_an_address_that_is_none_is_refused_before_anything_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(desk.environ, "BROADSHEET_ARXIV_OAI_URL", "localhost/oai")
    _, said = desk.run("sync", code=2)
    assert "expected an address such as 'https://oaipmh.arxiv.org/oai'" in said

"""`broadsheet serve` beside other commands on the same data folder."""

from __future__ import annotations

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def take_in(run: Run, folder: Path, number: int, title: str) -> subprocess.CompletedProcess[str]:
    file = folder / f"{number}.jsonl"
    record = {"_id": f"2601.{number:05}", "title": title, "text": f"{title}.", "announced": "2026-01-05"}
    file.write_text(json.dumps(record) + "\n")
    return run("import", str(file))


def shows(port: int, word: str, title: str) -> bool:
    """Whether the page that answers a search names a paper; the sought word in its title is marked up."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/search?q={word}", timeout=10) as answer:
            return title in answer.read().decode()
    except OSError:  # refused, or 503
        return False


def wait_for(port: int, word: str, title: str) -> None:
    end = time.monotonic() + 40
    while not shows(port, word, title):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def told(folder: Path, port: int) -> Path:
    """What a server said, not on its pages."""
    return folder / f"{port}.told"


@contextmanager
def serving(folder: Path, *words: str, **more: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("BROADSHEET_")}
    environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "BROADSHEET_ENCODER": "none"} | more
    command = [
        sys.executable,
        "-c",
        "from broadsheet.cli import main; main()",
        "--data",
        str(folder / "data"),
    ]
    with (
        told(folder, port).open("w") as errors,
        subprocess.Popen(
            [*command, "serve", "--port", str(port), *words], stderr=errors, text=True, env=environ
        ) as process,
    ):
        try:
            yield port, process
        finally:
            process.terminate()
            process.communicate(timeout=20)


@pytest.fixture
def archive(run: Run, tmp_path: Path) -> Run:
    take_in(run, tmp_path, 1, "Zebras of the plain")
    return run


def test_import_and_rebuilding_beside_a_server_leave_the_index_to_it(archive: Run, tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _):
        wait_for(port, "zebras", " of the plain")
        done = take_in(archive, tmp_path, 2, "Okapis of the forest")
        assert "a running Broadsheet is indexing what came in" in done.stderr
        wait_for(port, "okapis", " of the forest")
        refused = archive("index", "--rebuild", check=False)
        assert (refused.returncode, refused.stderr.count("\n")) == (75, 1)
        assert "writing this search index" in refused.stderr
        assert shows(port, "zebras", " of the plain")


def test_two_servers_share_a_data_folder_the_second_says_so_and_takes_over(
    archive: Run, tmp_path: Path
) -> None:
    with ExitStack() as both:
        first, one = both.enter_context(serving(tmp_path, "--sample"))
        wait_for(first, "zebras", " of the plain")
        second, two = both.enter_context(serving(tmp_path, "--sample"))
        wait_for(second, "zebras", " of the plain")
        assert two.poll() is None
        already = f"another Broadsheet is serving from {tmp_path / 'data'} already"
        assert already not in told(tmp_path, first).read_text()
        assert already in told(tmp_path, second).read_text()
        one.kill()
        one.wait(timeout=20)
        take_in(archive, tmp_path, 2, "Okapis of the forest")
        wait_for(second, "okapis", " of the forest")
    status = json.loads(archive("index", "--status", "--json").stdout)
    assert status["papers"] == status["papers_in_store"]


def test_index_lost_while_it_is_served_is_a_503_and_soon_made_anew(archive: Run, tmp_path: Path) -> None:
    with serving(tmp_path) as (port, _):
        wait_for(port, "zebras", " of the plain")
        (tmp_path / "data" / "index" / "manifest.json").unlink()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/search?q=zebras", timeout=10)
        refused.value.close()
        assert refused.value.code == 503
        wait_for(port, "zebras", " of the plain")


@pytest.mark.parametrize("access", ["team", "single"])
def test_a_broken_database_is_explained_in_the_log_and_to_strangers_only_where_in_it(
    archive: Run, tmp_path: Path, access: str
) -> None:
    database = tmp_path / "data" / "broadsheet.db"
    with serving(tmp_path, BROADSHEET_ACCESS=access) as (port, _):
        wait_for(port, "zebras", " of the plain")
        with sqlite3.connect(database) as other:
            other.execute("ALTER TABLE papers RENAME TO lost")
        other.close()
        for path in ("/papers/2601.00001", "/papers/2601.00001.json", "/api/v1/papers/2601.00001"):
            with pytest.raises(urllib.error.HTTPError) as failed:
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10)
            page, id = failed.value.read().decode(), failed.value.headers["X-Request-ID"]
            assert failed.value.code == 500
            assert (str(database) in page) == (access == "single"), page
            assert (id in page) == (access == "team"), page
            log = told(tmp_path, port).read_text()
            assert f"GET {path}: {database}: no such table: papers" in log
            assert id in log


def test_told_to_stop_it_gives_back_what_only_one_process_may_do(archive: Run, tmp_path: Path) -> None:
    mail = {"SMTP_HOST": "127.0.0.1", "MAIL_FROM": "paper@example.org", "BASE_URL": "http://localhost"}
    with serving(tmp_path, **{f"BROADSHEET_{name}": value for name, value in mail.items()}) as (
        port,
        process,
    ):
        wait_for(port, "zebras", " of the plain")
        assert f" {process.pid} " in jobs(archive)
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert jobs(archive) == "ok    jobs: no process is at work that several might share"


def jobs(run: Run) -> str:
    """What the doctor says of them."""
    (line,) = (line for line in run("doctor").stdout.splitlines() if " jobs: " in line)
    return line


def test_told_to_stop_it_answers_whoever_is_inside_and_keeps_what_it_acknowledged(
    archive: Run, tmp_path: Path
) -> None:
    with serving(tmp_path, "--sample") as (port, process):
        wait_for(port, "zebras", " of the plain")
        sample = (resources.files("broadsheet") / "data" / "sample.jsonl").read_text(encoding="utf-8")
        papers = [json.loads(line)["id"] for line in sample.splitlines()]
        with ThreadPoolExecutor(max_workers=16) as pool:
            slow = [pool.submit(page, port, f"/map?q={word}") for word in ("model", "learning", "language")]
            while inside(port) <= len(slow):
                assert not all(one.done() for one in slow), "they were too quick to be caught inside"
            saving = [pool.submit(saved, port, paper) for paper in papers]
            next(as_completed(saving))
            process.terminate()
            assert [one.result()[0] for one in slow] == [200, 200, 200]
            assert all("</html>" in one.result()[1] for one in slow)
            acknowledged = {paper for paper, done in (one.result() for one in saving) if done}
        process.wait(timeout=20)
    exported = archive("desk", "export").stdout
    kept = {line["id"] for line in map(json.loads, exported.splitlines()) if line.get("marks")}
    assert 0 < len(acknowledged) < len(papers)
    assert acknowledged <= kept
    assert archive("doctor", check=False).returncode == 0


def page(port: int, path: str) -> tuple[int, str]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        return answer.status, answer.read().decode()


def inside(port: int) -> int:
    """How many requests are being answered, this one among them."""
    found = re.search(r"^broadsheet_requests_at_once (\d+)", page(port, "/metrics")[1], re.MULTILINE)
    assert found
    return int(found[1])


def saved(port: int, paper: str) -> tuple[str, bool]:
    """A paper, and whether the server said that it is saved; a whole answer, or none."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/papers/{paper}/marks", b"set=saved", {"Accept": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return paper, bool(json.load(answer)["saved"])
    except OSError:  # refused, or hung up on before a word was said
        return paper, False

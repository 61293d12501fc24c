"""Two machines serve one archive in PostgreSQL: each has a data folder and a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from typing import Any

import httpx
import pytest
from lxml import html
from tests.acceptance.house import House
from tests.acceptance.test_imports import paper
from tests.postgres import Postgres, postgres_server
from tests.replay.server import Answer, FakeTime, Replay

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.library.people import Accounts
from broadsheet.store.contract import Store

GOOD = "correct horse battery"
PAPERS = 300


@dataclass(frozen=True, slots=True)
class Machine:
    """One of the two, running."""

    house: House
    url: str

    def browser(self, **headers: str) -> httpx.Client:
        """A reader's browser, or a program with its own headers."""
        return httpx.Client(base_url=self.url, timeout=30, headers={"Origin": self.url, **headers})

    def finds(self, word: str, title: str) -> bool:
        """Whether a search gives a paper."""
        with self.browser() as reader:
            answer = reader.get("/search", params={"q": word})
        assert answer.status_code in {200, 503}
        return title in answer.text


class TrueTime(FakeTime):
    """When requests came by the true clock."""

    def clock(self) -> float:
        return time.time()


@dataclass(frozen=True, slots=True)
class Site:
    """Both, the database between them, and what an administrator beside them sees."""

    one: Machine
    two: Machine
    database: Postgres
    store: Store
    accounts: Accounts


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        database = stack.enter_context(postgres_server())
        settings = {"database": database.make("archive"), "access": "team", "encoder": "none"}
        houses = [House(tmp_path_factory.mktemp(name), **settings) for name in ("one", "two")]
        beside = Settings(
            data=tmp_path_factory.mktemp("beside"), database=settings["database"], encoder="none"
        )
        archive = stack.enter_context(wiring.open_archive(beside))
        accounts = wiring.accounts(archive)
        for name in ("Ada", "Bob"):
            accounts.admission.add(name, email="", password=GOOD)
        houses[0].run("import", houses[0].write("first.jsonl", (paper(n) for n in range(1, PAPERS + 1))))
        one, two = (Machine(house, stack.enter_context(house.served())) for house in houses)
        for machine in (one, two):
            _until(lambda machine=machine: httpx.get(f"{machine.url}/readyz", timeout=30).status_code == 200)  # type: ignore[misc]
        yield Site(one, two, database, archive.store, accounts)


def test_what_one_takes_in_is_found_on_both(site: Site) -> None:
    waited = _take_in(site, site.one, 4321, "Zymurgy of the Quokka")
    print(f"found on the other machine {waited:.2f} s after it was committed")  # noqa: T201  a measurement
    with site.two.browser() as reader:
        assert "Quokka" in reader.get("/papers/2601.04321").text
        assert "Quokka" in reader.get("/").text
    _until(lambda: site.one.finds("zymurgy", "of the Quokka"))


def test_a_login_holds_on_both_and_a_token_taken_back_on_one_is_refused_on_the_other(site: Site) -> None:
    with site.one.browser() as here, site.two.browser() as there:
        _log_in(here, "Ada")
        there.cookies.update(here.cookies)
        made = there.post("/account/tokens", data={"label": "script", "scope-read": "1", "lasts": "30"})
        secret = str(_tree(made.text).xpath("string(//pre[@id='token'])"))
        bearer = {"Authorization": f"Bearer {secret}"}
        with site.one.browser(**bearer) as first, site.two.browser(**bearer) as second:
            for program in (first, second):
                assert program.get("/api/v1/saved").status_code == 200
            key = str(
                _tree(there.get("/account").text).xpath(
                    "string(//form[contains(@action, 'revoke')]//input[@name='key']/@value)"
                )
            )
            here.post("/account/tokens/revoke", data={"key": key})
            for program in (second, first):
                assert program.get("/api/v1/saved").status_code == 401
        there.post("/logout")
        assert here.get("/account").headers["location"].startswith("/login")


def test_while_one_catches_up_with_arxiv_the_other_does_not_ask(site: Site) -> None:
    assert site.store.leases.take("sync", "one", length=timedelta(minutes=5))
    refused = site.two.house.run("sync", check=False)
    site.store.leases.release("sync", "one")
    assert refused.returncode == 75
    assert "perhaps of another machine, is catching up with arXiv" in refused.stderr


def test_single_papers_are_asked_for_one_every_three_seconds_over_both_machines(site: Site) -> None:
    replay = Replay(TrueTime())
    replay.serve(lambda _: Answer(replay.results(replay.result("2508.00001v1"), total=1)))
    try:
        asking = [
            machine.house.start("sync", "2508.00001", BROADSHEET_ARXIV_API_URL=f"{replay.url}/api/query")
            for machine in (site.one, site.two)
        ]
        for process in asking:
            _, said = process.communicate(timeout=120)
            assert process.returncode == 0, said
    finally:
        replay.close()
    one, two = sorted(request.at for request in replay.requests)
    assert two - one >= 3.0
    assert replay.most_at_once == 1


def test_a_database_that_is_away_is_a_503_and_all_goes_on_when_it_is_back(site: Site) -> None:
    asked = ("/", "/search?q=amber", "/papers/2601.00001", "/account", "/api/v1/saved", "/healthz", "/readyz")
    with site.one.browser() as reader:
        _log_in(reader, "Bob")
        for path in asked:
            assert reader.get(path).status_code == 200
        site.database.stop()
        try:
            for path in asked:
                answer = reader.get(path)
                assert (path, answer.status_code) == (path, 503)
                assert int(answer.headers["retry-after"]) > 0
                assert "broadsheet-pg" not in answer.text  # where it is, is nobody's business
                assert answer.headers["x-request-id"] in answer.text
            assert _save(reader, 1) == 503
        finally:
            site.database.start()
        for path in asked:  # every connection was hung up on, and no reader is told so
            assert (path, reader.get(path).status_code) == (path, 200)
        assert _save(reader, 1) == 200
    _take_in(site, site.two, 4322, "Ichthyology of the Axolotl")
    _until(lambda: site.two.finds("ichthyology", "of the Axolotl"))


def test_what_was_acknowledged_before_the_database_died_is_there_after_and_the_rest_was_refused(
    site: Site,
) -> None:
    with site.one.browser() as reader, ThreadPoolExecutor(6) as pool:
        _log_in(reader, "Ada")
        acknowledged: list[int] = []

        def keep_saving(first: int) -> int:
            for number in cycle(range(first, PAPERS + 1, 6)):
                if (status := _save(reader, number)) != 200:
                    return status
                acknowledged.append(number)
            raise AssertionError  # a cycle has no end

        saving = [pool.submit(keep_saving, first) for first in range(1, 7)]
        _until(lambda: len(acknowledged) >= 5)
        site.database.stop()
        try:
            assert [one.result() for one in saving] == [503] * 6
        finally:
            site.database.start()
        there = {item["id"] for item in reader.get("/api/v1/saved").json()["papers"]}
    assert {f"2601.{number:05}" for number in acknowledged} <= there


def _take_in(site: Site, machine: Machine, number: int, title: str) -> float:
    """Take a paper in through one machine; the seconds from there until the other finds it."""
    other = site.two if machine is site.one else site.one
    word, _, rest = title.partition(" ")
    record = paper(number) | {
        "title": title,
        "abstract": f"{title}, and nothing else.",
        "announced": "2026-01-06",
    }
    before = site.store.last_seq()
    with machine.house.start("import", machine.house.write(f"{number}.jsonl", [record])) as process:
        _until(lambda: site.store.last_seq() > before)
        committed = time.monotonic()
        _until(lambda: other.finds(word.lower(), rest))
        waited = time.monotonic() - committed
        process.communicate(timeout=60)
    assert process.returncode == 0
    return waited


def _log_in(reader: httpx.Client, name: str) -> None:
    answer = reader.post("/login", data={"name": name, "password": GOOD})
    assert answer.status_code == 303


def _save(reader: httpx.Client, number: int) -> int:
    asked = {"Accept": "application/json"}
    return reader.post(f"/papers/2601.{number:05}/marks", data={"set": "saved"}, headers=asked).status_code


def _tree(page: str) -> Any:
    return html.fromstring(page)


def _until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)

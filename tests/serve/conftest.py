"""An archive of the sample edition on a real store and index, a client of its pages, and a house with accounts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pytest
from argon2 import PasswordHasher
from lxml import html
from starlette.applications import Starlette
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.ids import PaperId
from broadsheet.library.people import Accounts, Registration, Rules, Scope
from broadsheet.model import Announcement, Record
from broadsheet.serve.app import create_app
from broadsheet.serve.door import Door
from broadsheet.store.people import Role
from broadsheet.text.derive import derive
from broadsheet.wiring import Archive

NOW = datetime(2026, 3, 18, tzinfo=UTC)
GOOD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
RECORD = Record(
    id=PaperId("2603.00001"),
    title="On sorting",
    abstract="We sort.",
    source="test",
    announcements=(Announcement(NOW.date()),),
)
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="session")
def sample() -> list[dict[str, Any]]:
    """The sample edition as its file has it: what pages are compared with."""
    text = (resources.files("broadsheet") / "data" / "sample.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample edition, taken in and indexed once. Tests that write take ``archive``."""
    settings = Settings(data=tmp_path_factory.mktemp("sample"), encoder="none")
    with wiring.open_archive(settings) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture(scope="session")
def client(sample_archive: Archive) -> TestClient:
    return TestClient(create_app(sample_archive.library), base_url="http://localhost", follow_redirects=False)


@pytest.fixture
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An empty archive of one test's own."""
    settings = Settings(data=tmp_path_factory.mktemp("own"), encoder="none")
    with wiring.open_archive(settings) as archive:
        yield archive


@pytest.fixture
def own_client(archive: Archive) -> TestClient:
    app = create_app(archive.library)
    return TestClient(app, base_url="http://localhost", follow_redirects=False, raise_server_exceptions=False)


@dataclass
class House:
    """Accounts, and the application that lets them in."""

    archive: Archive
    mails: list[tuple[str, str, str]] = field(default_factory=list)

    now = NOW
    paper = RECORD.id

    def __post_init__(self) -> None:
        self.archive.store.put([(RECORD, derive(RECORD))], now=NOW)
        self.accounts = Accounts(
            self.archive.store.people,
            self.archive.store.tallies,
            now=lambda: datetime.now(UTC),
            post=self.post,
            rules=Rules(registration=Registration.OPEN),
            hasher=QUICK,
        )
        self.ada = self.accounts.admission.add("Ada", email="ada@example.org", password=GOOD, role=Role.ADMIN)
        self.bob = self.accounts.admission.add("Bob", email="bob@example.org", password=GOOD)

    def post(self, address: str, *, subject: str, text: str) -> None:
        self.mails.append((address, subject, text))

    def link(self) -> str:
        """The path of the link in the last mail."""
        line = next(line for line in self.mails[-1][2].splitlines() if line.startswith("http"))
        return "/" + line.split("/", 3)[3]

    def browser(
        self, name: str | None = None, *, base: str = "http://localhost", fetch: Any = None, **door: Any
    ) -> TestClient:
        """A browser at the house's pages, logged in as somebody."""
        client = TestClient(
            self._app(door, fetch=fetch),
            base_url=base,
            follow_redirects=False,
            raise_server_exceptions=False,
            headers=SAME,
        )
        if name is not None:
            answer = client.post("/login", data={"name": name, "password": GOOD})
            assert answer.status_code == 303, answer.text
        return client

    def program(self, account: Any = None, *scopes: Scope, **options: Any) -> Program:
        """A program at the house's API, with a token of somebody's where one is named."""
        secret = ""
        if account is not None:
            _, secret = self.accounts.grant(account, label="test", scopes=frozenset(scopes), lasts=None)
        return Program(self._app({}, **options), secret)

    def _app(self, door: dict[str, Any], **options: Any) -> Starlette:
        return create_app(self.archive.library, door=Door(accounts=self.accounts, **door), **options)


class Program:
    """A program at API v1, with a token or without one."""

    def __init__(self, app: Starlette, secret: str = "") -> None:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        self.client = TestClient(app, base_url="http://localhost/api/v1", headers=headers)

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """What is answered; the status where that is nothing, or an error."""
        answer = self.client.request(method, path, json=body)
        return answer.json() if answer.content and answer.status_code < 300 else answer.status_code


@pytest.fixture
def house(archive: Archive) -> House:
    return House(archive)


@pytest.fixture
def read() -> Callable[[str], Any]:
    """A page as a tree."""
    return html.fromstring

"""A mail server, an empty store, and letters to put between them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.deliver.mailhost import MailHost, mail_host

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.store.sqlite import SqliteStore
from broadsheet.wiring import Archive


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def host() -> Iterator[MailHost]:
    with mail_host() as host:
        yield host


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "post.db") as store:
        yield store


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample edition, taken in and indexed."""
    data = tmp_path_factory.mktemp("sample")
    with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
        wiring.take_sample(archive)
    return data


@pytest.fixture
def archive(sample_data: Path, tmp_path: Path) -> Iterator[Archive]:
    """The sample edition in an archive of one test's own; the index is shared, as it is only read."""
    shutil.copy(sample_data / "broadsheet.db", tmp_path)
    (tmp_path / "index").symlink_to(sample_data / "index")
    settings = Settings(
        data=tmp_path,
        encoder="none",
        base_url="https://papers.example.org",
        mail_from="Paper <paper@example.org>",
    )
    with wiring.open_archive(settings) as archive:
        yield archive

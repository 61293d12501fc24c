"""An archive of the sample edition on a real store and index, and a client of its pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.serve.app import create_app
from broadsheet.wiring import Archive


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

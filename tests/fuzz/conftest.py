"""A site with the sample edition that strangers may do anything to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.wiring import Archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """The sample edition in an archive of this module's own."""
    with wiring.open_archive(Settings(data=tmp_path_factory.mktemp("fuzz"), encoder="none")) as archive:
        wiring.take_sample(archive)
        yield archive


@pytest.fixture(scope="module")
def client(archive: Archive) -> TestClient:
    """A program that asks; whatever the application does not catch reaches the test."""
    app = wiring.web_app(archive, host="127.0.0.1")
    return TestClient(app, base_url="http://localhost", follow_redirects=False)

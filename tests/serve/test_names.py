"""A site answers to its own names only: no other name can be made to lead a browser to it (DNS rebinding)."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from broadsheet.serve.app import create_app
from broadsheet.wiring import Archive


@pytest.fixture(scope="module")
def client(sample_archive: Archive) -> TestClient:
    app = create_app(
        sample_archive.library, base_url="https://Papers.example/daily", host_names=("Papers.LAN",)
    )
    return TestClient(app, base_url="http://localhost")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1:8000",
        "[::1]:8000",
        "papers.example",
        "papers.lan:80",
        "papers.lan.",
    ],
)
def test_own_names_and_addresses_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/api/v1/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "localhost.elsewhere.example",
        "127.0.0.1.nip.io",
        "papers.example.evil",
        "[::1",
        "else_where.example",
        "127.0.0.1@elsewhere.example",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/api/v1/"), ("POST", "/mcp"), ("GET", "/feeds/edition.json")]
)
def test_other_names_are_refused_with_the_setting_to_give(
    client: TestClient, host: str, method: str, path: str
) -> None:
    refused = client.request(method, path, headers={"Host": host})
    assert refused.status_code == 421
    assert "base_url" in refused.text
    assert "host_names" in refused.text
    assert "Content-Security-Policy" in refused.headers

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from broadsheet.serve import forms


@pytest.fixture
def client() -> TestClient:
    async def answer(request: Request) -> Response:
        return JSONResponse(dict(await forms.read(request, largest=1000)))

    return TestClient(Starlette(routes=[Route("/", answer, methods=["POST"])]))


def test_fields_are_read_as_a_browser_sends_them(client: TestClient) -> None:
    answer = client.post("/", data={"note": "a & b = c\nÜ", "empty": ""})
    assert answer.json() == {"note": "a & b = c\nÜ", "empty": ""}


def test_the_last_of_a_name_counts(client: TestClient) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    assert client.post("/", content="a=1&a=2", headers=kind).json() == {"a": "2"}


def test_a_body_of_another_kind_is_no_form(client: TestClient) -> None:
    assert client.post("/", json={"a": "1"}).json() == {}
    assert client.post("/").json() == {}


def test_a_form_too_large_is_refused_before_it_is_whole(client: TestClient) -> None:
    answer = client.post("/", data={"a": "x" * 2000})
    assert (answer.status_code, answer.text) == (413, "what was sent is larger than 1,000 bytes")


@pytest.mark.parametrize("content", [b"a=%FF%FE", b"\xff=1", b"&".join(b"a=1" for _ in range(300))])
def test_what_is_no_form_is_said_to_be_none(client: TestClient, content: bytes) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.post("/", content=content, headers=kind)
    assert answer.status_code in {400, 413}

"""Coming in through an identity provider: a real one in miniature, on loopback, with real keys and tokens."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from broadsheet.serve.door import Provider

jwk = pytest.importorskip("joserfc.jwk", reason="needs the extra oidc")
jwt = pytest.importorskip("joserfc.jwt")


@dataclass
class Idp:
    """As much of a provider as the flow asks; ``claims`` and ``key`` can be made wrong."""

    address: str = ""
    key: Any = field(default_factory=lambda: jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs_with: Any = None
    claims: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})

    def log_in(self, url: str) -> str:
        """What a browser does there: gives the address that it is sent back to."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return f"{self.asked['redirect_uri']}?code=c0de&state={self.asked['state']}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        challenge = urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if form["code"] != "c0de" or challenge.decode() != self.asked["code_challenge"]:
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.address,
            "aud": "paper",
            "sub": "17",
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "nonce": self.asked["nonce"],
            "name": "Grace",
            "email": "grace@example.org",
            "email_verified": True,
        } | self.claims
        return {"id_token": jwt.encode(self.header, claims, self.signs_with or self.key)}


@pytest.fixture
def idp() -> Iterator[Idp]:
    provider = Idp()

    class Handler(BaseHTTPRequestHandler):
        def answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            if self.path == "/keys":
                self.answer({"keys": [provider.key.as_dict(private=False)]})
                return
            self.answer(
                {
                    "issuer": provider.address,
                    "authorization_endpoint": f"{provider.address}/authorize",
                    "token_endpoint": f"{provider.address}/token",
                    "jwks_uri": f"{provider.address}/keys",
                }
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.answer(provider.token({name: values[0] for name, values in parse_qs(body).items()}))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    provider.address = f"http://127.0.0.1:{server.server_port}"
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


def browser(house: Any, idp: Idp, name: str | None = None) -> TestClient:
    provider = Provider(issuer=idp.address, client_id="paper", client_secret="s", name="the institute")
    found: TestClient = house.browser(name, provider=provider)
    return found


def go(client: TestClient, idp: Idp, back: str = "") -> Any:
    begun = client.get("/login/provider", params={"back": back} if back else {})
    assert begun.status_code == 303
    return client.get(idp.log_in(begun.headers["location"]))


def test_a_first_log_in_makes_an_account_and_a_second_finds_it(house: Any, idp: Idp) -> None:
    client = browser(house, idp)
    assert "Log in with the institute" in client.get("/login").text
    answer = go(client, idp, back="/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert "Grace" in client.get("/account").text
    assert idp.asked["scope"].split()[0] == "openid"
    idp.claims = {"name": "Someone Else", "email": "other@example.org"}
    again = browser(house, idp)
    go(again, idp)
    assert "Grace" in again.get("/account").text
    assert house.accounts.count() == 3


def test_whoever_is_logged_in_joins_the_two(house: Any, idp: Idp) -> None:
    client = browser(house, idp, "Bob")
    assert go(client, idp).headers["location"] == "/account"
    fresh = browser(house, idp)
    go(fresh, idp)
    assert "Bob" in fresh.get("/account").text


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": ["paper", "another"], "azp": "another"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_700_000_000},
        {"nonce": "of another log-in"},
        {"sub": None},
    ],
)
def test_a_token_that_was_not_made_for_this_is_not_believed(
    house: Any, idp: Idp, claims: dict[str, Any]
) -> None:
    idp.claims = claims
    client = browser(house, idp)
    assert go(client, idp).status_code == 502
    assert client.get("/account").status_code == 303
    assert house.accounts.count() == 2


def test_a_token_signed_by_another_is_not_believed(house: Any, idp: Idp) -> None:
    idp.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "one"})
    assert go(browser(house, idp), idp).status_code == 502


def test_a_token_signed_with_what_everybody_knows_is_not_believed(house: Any, idp: Idp) -> None:
    idp.header = {"alg": "HS256", "kid": "one"}
    idp.signs_with = jwk.OctKey.import_key("x" * 32)
    assert go(browser(house, idp), idp).status_code == 502


def test_an_answer_of_another_log_in_is_refused(house: Any, idp: Idp) -> None:
    client = browser(house, idp)
    begun = client.get("/login/provider")
    back = idp.log_in(begun.headers["location"])
    assert browser(house, idp).get(back).status_code == 400  # another browser, without the cookie
    assert client.get(back.replace("state=", "state=x")).status_code == 400
    assert (
        client.get("/login/provider/back?error=access_denied&state=" + idp.asked["state"]).status_code == 400
    )
    kept = client.cookies["provider"].strip('"')
    client.cookies.clear()
    client.cookies.set("provider", "A" + kept[1:], path="/login/provider")
    assert client.get(back).status_code == 400


def test_a_provider_that_does_not_answer_is_said_to(house: Any, idp: Idp) -> None:
    idp.address = "http://127.0.0.1:9"
    answer = browser(house, idp).get("/login/provider")
    assert answer.status_code == 502
    assert "The institute did not answer" in answer.text

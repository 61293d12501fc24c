from __future__ import annotations

from typing import Any

import pytest

from broadsheet.library.people import Scope
from broadsheet.serve.door import Proxy

CROSS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.example"},
]


def desk(house: Any, account: Any) -> set[str]:
    return {str(mark.paper) for mark in house.archive.store.readers.marks(account.id)}


def test_each_has_a_desk_of_their_own(house: Any) -> None:
    ada, bob = house.browser("Ada"), house.browser("Bob")
    assert ada.post("/papers/2603.00001/marks", data={"set": "saved"}).status_code == 303
    assert "On sorting" in ada.get("/desk").text
    assert "On sorting" not in bob.get("/desk").text
    assert (desk(house, house.ada), desk(house, house.bob)) == ({"2603.00001"}, set())


def test_a_stranger_reads_and_is_asked_to_log_in_to_write(house: Any) -> None:
    stranger = house.browser()
    assert "On sorting" in stranger.get("/edition/2026-03-18").text
    answer = stranger.post("/papers/2603.00001/marks", data={"set": "saved"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert house.archive.store.readers.names() == ()


@pytest.mark.parametrize("headers", CROSS)
@pytest.mark.parametrize(
    "path", ["/papers/2603.00001/marks", "/account/name", "/logout", "/admin/people/ban", "/login"]
)
def test_no_other_site_writes_in_ones_name(house: Any, path: str, headers: dict[str, str]) -> None:
    ada = house.browser("Ada")
    del ada.headers["Sec-Fetch-Site"]
    sent = {k: v for k, v in headers.items() if v}
    assert ada.post(path, headers=sent, data={"name": "Eve", "id": house.bob.id}).status_code == 403
    assert ada.get("/account").status_code == 200
    assert desk(house, house.ada) == set()
    assert house.accounts.account(house.bob.id) == house.bob


def test_a_login_must_say_where_a_write_comes_from(house: Any) -> None:
    ada = house.browser("Ada")
    del ada.headers["Sec-Fetch-Site"]
    assert ada.post("/papers/2603.00001/marks", data={"set": "saved"}).status_code == 403
    assert (
        ada.post(
            "/papers/2603.00001/marks", data={"set": "saved"}, headers={"Origin": "http://localhost"}
        ).status_code
        == 303
    )


def test_a_token_does_what_it_may(house: Any) -> None:
    program = house.browser()
    del program.headers["Sec-Fetch-Site"]
    _, reads = house.accounts.grant(house.ada, label="r", scopes=frozenset({Scope.READ}), lasts=None)
    _, writes = house.accounts.grant(house.ada, label="w", scopes=frozenset({Scope.DESK}), lasts=None)

    def save(secret: str) -> int:
        answer = program.post(
            "/papers/2603.00001/marks", data={"set": "saved"}, headers={"Authorization": f"Bearer {secret}"}
        )
        return int(answer.status_code)

    assert save("bs_made up") == 401
    assert save(reads) == 403
    assert desk(house, house.ada) == set()
    assert save(writes) == 303
    assert desk(house, house.ada) == {"2603.00001"}
    for path in ("/account", "/admin/people"):
        answer = program.get(path, headers={"Authorization": f"Bearer {writes}"})
        assert answer.status_code == 403, path


def test_whoever_is_banned_is_a_stranger_at_once(house: Any) -> None:
    bob = house.browser("Bob")
    house.browser("Ada").post("/admin/people/ban", data={"id": house.bob.id, "banned": "1"})
    assert bob.post("/papers/2603.00001/marks", data={"set": "saved"}).status_code == 401
    assert (
        house.browser().post("/login", data={"name": "Bob", "password": "correct horse battery"}).status_code
        == 401
    )


def test_a_house_for_members_shows_strangers_the_way_in_alone(house: Any) -> None:
    stranger = house.browser(members_only=True)
    for path in ("/", "/edition/2026-03-18", "/papers/2603.00001", "/search?q=x"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login"), path
        assert "On sorting" not in answer.text
    assert stranger.get("/feeds/edition.json").status_code == 401
    for path in ("/login", "/register", "/forgot", "/healthz", "/static/broadsheet.css"):
        assert stranger.get(path).status_code == 200, path
    assert "On sorting" in house.browser("Bob", members_only=True).get("/edition/2026-03-18").text


def test_a_proxys_word_counts_from_the_proxy_alone(house: Any) -> None:
    says = {"X-User": "Bob"}
    near = house.browser(proxy=Proxy(header="X-User", addresses=("testclient",)))
    assert near.get("/account", headers=says).status_code == 303  # not an address, so never trusted
    proxy = Proxy(header="X-User", email_header="X-Mail", addresses=("192.0.2.0/24",))
    assert proxy.trusts("192.0.2.7")
    assert not proxy.trusts("192.0.3.7")
    assert not proxy.trusts(None)
    far = house.browser(proxy=proxy)
    assert far.get("/account", headers=says).status_code == 303
    far._transport.client = ("192.0.2.7", 4000)
    assert "Bob" in far.get("/account", headers=says).text
    answer = far.get("/account", headers={"X-User": "Grace", "X-Mail": "grace@example.org"})
    assert "grace@example.org" in answer.text
    assert far.get("/account").status_code == 303


def test_personal_pages_are_in_no_shared_cache(house: Any) -> None:
    ada = house.browser("Ada")
    for path in ("/", "/desk", "/account", "/admin/people", "/papers/2603.00001"):
        control = ada.get(path).headers["cache-control"]
        assert "private" in control or "no-store" in control, path

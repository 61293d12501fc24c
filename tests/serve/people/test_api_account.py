"""One's own account and administration by API v1: what a token may, and what it may never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.serve.conftest import GOOD

from broadsheet.library.people import ALL_SCOPES, Scope
from broadsheet.store.people import Role

NEW = "another good one"


@pytest.fixture
def bob(house: Any) -> Any:
    return house.program(house.bob, Scope.ACCOUNT, Scope.DESK)


@pytest.fixture
def ada(house: Any) -> Any:
    return house.program(house.ada, Scope.ADMIN)


def test_a_token_learns_whose_it_is_and_takes_itself_back(house: Any) -> None:
    bob = house.program(house.bob, Scope.DESK)
    found = bob("GET", "/account")
    assert (found["name"], found["email"], found["role"]) == ("Bob", "bob@example.org", "reader")
    assert (found["may"], found["token"]["scopes"]) == (["read", "desk"], ["desk"])
    other, _ = house.accounts.grant(house.bob, label="other", scopes=frozenset({Scope.READ}), lasts=None)
    assert bob("DELETE", f"/account/tokens/{other.key}") == 403
    assert bob("DELETE", f"/account/tokens/{found['token']['key']}") == 204
    assert bob("GET", "/account") == 401
    assert house.program()("GET", "/account") == 401


def test_what_is_of_an_account_needs_the_scope(house: Any) -> None:
    without = house.program(house.bob, *(ALL_SCOPES - {Scope.ACCOUNT}))
    for method, path, body in (
        ("PATCH", "/account", {"name": "Robert"}),
        ("PUT", "/account/password", {"old": GOOD, "new": NEW}),
        ("GET", "/account/logins", None),
        ("DELETE", "/account/logins", None),
        ("GET", "/account/tokens", None),
        ("POST", "/account/tokens", {"label": "x", "scopes": ["read"]}),
        ("POST", "/account/deletion", {"name": "Bob", "password": GOOD}),
    ):
        assert without(method, path, body) == 403, path
        assert house.program()(method, path, body) == 401, path


def test_name_and_password_are_changed(bob: Any, house: Any) -> None:
    assert bob("PATCH", "/account", {"name": "ada"}) == 409
    assert bob("PATCH", "/account", {"name": "Robert"})["name"] == "Robert"
    browser = house.browser("Robert")
    assert bob("PUT", "/account/password", {"old": "wrong", "new": NEW}) == 401
    assert browser.get("/account").status_code == 200
    assert bob("PUT", "/account/password", {"old": GOOD, "new": NEW}) == 204
    assert browser.get("/account").status_code == 303
    assert house.browser().post("/login", data={"name": "Robert", "password": NEW}).status_code == 303


def test_a_new_password_takes_every_other_token_back_where_asked(bob: Any, house: Any) -> None:
    other = house.program(house.bob, Scope.DESK)
    assert bob("POST", "/feeds", {"purpose": "kept"})["purpose"] == "kept"
    assert bob("PUT", "/account/password", {"old": GOOD, "new": NEW, "programs": True}) == 204
    assert other("GET", "/account") == 401
    assert bob("GET", "/feeds") == {"feeds": []}


def test_guesses_of_a_password_by_a_token_are_throttled_as_those_at_the_door(bob: Any, house: Any) -> None:
    for _ in range(10):
        assert bob("POST", "/account/deletion", {"name": "Bob", "password": "guess"}) == 401
    assert bob("POST", "/account/deletion", {"name": "Bob", "password": GOOD}) == 429
    assert house.browser().post("/login", data={"name": "Bob", "password": GOOD}).status_code == 429


def test_logins_are_listed_and_ended(bob: Any, house: Any) -> None:
    browsers = [house.browser("Bob") for _ in range(3)]
    keys = [login["key"] for login in bob("GET", "/account/logins")["logins"]]
    assert len(keys) == 3
    assert bob("DELETE", f"/account/logins/{keys[0]}") == 204
    assert bob("DELETE", f"/account/logins/{keys[0]}") == 404
    assert bob("DELETE", "/account/logins") == {"ended": 2}
    assert [browser.get("/account").status_code for browser in browsers] == [303] * 3
    here = house.browser("Bob")
    (one,) = here.get("/api/v1/account/logins").json()["logins"]
    assert one["this"]
    assert here.delete("/api/v1/account/logins").json() == {"ended": 0}


def test_a_token_gives_no_more_than_it_has_and_not_for_longer(house: Any) -> None:
    ends = timedelta(days=10)
    _, secret = house.accounts.grant(
        house.bob, label="maker", scopes=frozenset({Scope.ACCOUNT, Scope.DESK}), lasts=ends
    )
    maker = house.program()
    maker.client.headers["Authorization"] = f"Bearer {secret}"
    for wider in ("community", "admin", "account"):
        assert maker("POST", "/account/tokens", {"label": "x", "scopes": ["desk", wider]}) == 403, wider
    assert maker("POST", "/account/tokens", {"label": "x", "scopes": ["everything"]}) == 400
    for days in (365, None):
        answer = maker.client.post("/account/tokens", json={"label": "x", "scopes": ["desk"], "days": days})
        assert answer.headers["cache-control"] == "no-store"
        made = answer.json()
        assert datetime.fromisoformat(made["expires"]) <= datetime.now(UTC) + ends
    assert house.accounts.by_token(made["secret"]).scopes == {Scope.READ, Scope.DESK}
    listed = maker("GET", "/account/tokens")["tokens"]
    assert [token["label"] for token in listed] == ["x", "x", "maker"]
    assert all("secret" not in token for token in listed)
    assert maker("DELETE", f"/account/tokens/{made['key']}") == 204


def test_a_login_makes_any_token_by_the_api_too(house: Any) -> None:
    made = house.browser("Bob").post(
        "/api/v1/account/tokens", json={"label": "mine", "scopes": ["account", "desk"], "days": None}
    )
    assert made.json()["scopes"] == ["account", "desk"]
    assert made.json()["expires"] is None


def test_an_account_is_deleted_with_its_name_and_password(bob: Any, house: Any) -> None:
    bob("PUT", f"/saved/{house.paper}")
    assert bob("POST", "/account/deletion", {"name": "Eve", "password": GOOD}) == 400
    assert bob("POST", "/account/deletion", {"name": "Bob", "password": GOOD}) == 204
    assert bob("GET", "/account") == 401
    assert house.archive.store.readers.marks(house.bob.id) == ()
    alone = house.program(house.ada, Scope.ACCOUNT)
    assert (
        alone("POST", "/account/deletion", {"name": "Ada", "password": GOOD}) == 403
    )  # the last administrator


def test_an_account_without_a_password_gets_its_first_and_goes_at_a_browser_alone(house: Any) -> None:
    grace = house.accounts.by_proxy("Grace").account
    program = house.program(grace, Scope.ACCOUNT)
    assert program("PUT", "/account/password", {"old": "", "new": NEW}) == 403
    assert program("POST", "/account/deletion", {"name": "Grace", "password": ""}) == 403
    assert house.accounts.account(grace.id) == grace


def test_a_house_without_accounts_has_none_of_this(archive: Any) -> None:
    from tests.serve.conftest import Program

    from broadsheet.serve.app import create_app

    alone = Program(create_app(archive.library))
    for path in ("/account", "/account/tokens", "/people", "/invitations", "/log"):
        assert alone("GET", path) == 404, path


# -- administration


def test_people_are_listed_promoted_and_banned_and_it_is_on_record(ada: Any, house: Any) -> None:
    pages = [ada("GET", "/people?limit=1")]
    pages.append(ada("GET", f"/people?limit=1&cursor={pages[0]['next']}"))
    assert [p["name"] for page in pages for p in page["people"]] == ["Ada", "Bob"]
    assert (pages[0]["count"], pages[1]["next"]) == (2, None)
    who = f"/people/{house.bob.id}"
    for _ in range(2):
        assert ada("PUT", f"{who}/role", {"role": "curator"})["role"] == "curator"
        assert ada("PUT", f"{who}/ban", {"why": "spam"})["banned"]
    assert house.browser().post("/login", data={"name": "Bob", "password": GOOD}).status_code == 401
    assert not ada("DELETE", f"{who}/ban")["banned"]
    assert ada("PUT", "/people/nobody/role", {"role": "reader"}) == 404
    assert ada("PUT", f"{who}/role", {"role": "king"}) == 400
    first = ada("GET", "/log?limit=2")
    rest = ada("GET", f"/log?limit=2&cursor={first['next']}")
    deeds = [(d["by"], d["action"], d["object"], d["detail"]) for d in first["deeds"] + rest["deeds"]]
    assert deeds == [
        ("Ada", "unban", "Bob", ""),
        ("Ada", "ban", "Bob", "spam"),
        ("Ada", "role", "Bob", "curator"),
    ]


def test_whoever_is_invited_comes_in_once(ada: Any, house: Any) -> None:
    made = ada("POST", "/invitations", {"email": "eve@example.org", "role": "curator"})
    assert made["mailed"]
    assert made["link"].endswith(house.link())
    other = ada("POST", "/invitations", {})
    assert (other["mailed"], other["email"], other["role"]) == (False, None, "reader")
    assert [one["key"] for one in ada("GET", "/invitations")["invitations"]] == [other["key"], made["key"]]
    assert ada("DELETE", f"/invitations/{other['key']}") == 204
    assert ada("DELETE", f"/invitations/{other['key']}") == 404
    form = {"name": "Eve", "email": "", "password": NEW}
    assert house.browser().post(house.link(), data=form).status_code == 303
    assert house.accounts.named("Eve").role is Role.CURATOR
    assert house.browser().post(house.link(), data=form).status_code == 404


def test_a_token_makes_no_administrator_and_touches_none(ada: Any, house: Any) -> None:
    house.accounts.set_role(house.bob, Role.ADMIN, by=house.ada)
    who = f"/people/{house.bob.id}"
    assert ada("PUT", f"{who}/role", {"role": "reader"}) == 403
    assert ada("PUT", f"{who}/ban", {"why": "x"}) == 403
    assert ada("POST", "/invitations", {"role": "admin"}) == 403
    house.accounts.set_role(house.bob, Role.READER, by=house.ada)
    assert ada("PUT", f"{who}/role", {"role": "admin"}) == 403
    at_a_browser = house.browser("Ada").put(f"/api/v1{who}/role", json={"role": "admin"})
    assert at_a_browser.json()["role"] == "admin"


def test_administration_needs_the_role_and_the_scope(house: Any) -> None:
    for program, status in (
        (house.program(house.bob, *ALL_SCOPES), 403),
        (house.program(house.ada, *(ALL_SCOPES - {Scope.ADMIN})), 403),
        (house.program(), 401),
    ):
        for path in ("/people", "/invitations", "/log"):
            assert program("GET", path) == status, path
        assert program("PUT", f"/people/{house.bob.id}/role", {"role": "curator"}) == status
        assert program("POST", "/invitations", {}) == status


def test_pages_of_accounts_and_administration_take_no_token(house: Any) -> None:
    everything = house.program(house.ada, *ALL_SCOPES).client
    everything.base_url = "http://localhost"
    for path, form in (
        ("/account/tokens", {"label": "x", "scope-admin": "1", "lasts": ""}),
        ("/account/password", {"old": GOOD, "new": NEW}),
        ("/account/delete", {"name": "Ada"}),
        ("/admin/people/role", {"id": house.bob.id, "role": "admin"}),
        ("/admin/people/reset", {"id": house.bob.id}),
        ("/admin/invitations", {"role": "admin"}),
    ):
        assert everything.post(path, data=form).status_code == 403, path

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from broadsheet.ids import PaperId
from broadsheet.library.people import Scope
from broadsheet.model import MarkKind

GOOD = "correct horse battery"
Read = Callable[[str], Any]


def test_a_name_is_changed_where_it_is_free(house: Any) -> None:
    bob = house.browser("Bob")
    assert bob.post("/account/name", data={"name": "ADA"}).status_code == 409
    assert bob.post("/account/name", data={"name": "Robert"}).status_code == 303
    assert house.accounts.account(house.bob.id).name == "Robert"


def test_a_password_is_changed_with_the_old_one(house: Any) -> None:
    bob, elsewhere = house.browser("Bob"), house.browser("Bob")
    assert bob.post("/account/password", data={"old": "x", "new": "another good one"}).status_code == 401
    assert bob.post("/account/password", data={"old": GOOD, "new": "another good one"}).status_code == 200
    assert bob.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_a_new_password_takes_tokens_and_private_feeds_back_where_asked(house: Any) -> None:
    bob = house.browser("Bob")
    token, _ = house.accounts.grant(house.bob, label="script", scopes=frozenset({Scope.READ}), lasts=None)
    feed = f"/feeds/mine/{house.archive.library.desk(house.bob.id).open_feed('kept')}.atom"
    bob.post("/account/password", data={"old": GOOD, "new": "another good one"})
    assert house.accounts.tokens(house.bob) == (token,)
    assert bob.get(feed).status_code == 200
    said = bob.post(
        "/account/password", data={"old": "another good one", "new": "a third good one", "programs": "1"}
    )
    assert "taken back" in said.text
    assert house.accounts.tokens(house.bob) == ()
    assert bob.get(feed).status_code == 404
    assert bob.get("/account").status_code == 200


@pytest.mark.parametrize(("sent", "left"), [({}, 0), ({"keep": "1"}, 1)])
def test_a_password_that_was_forgotten_takes_them_back_unless_told_not_to(
    house: Any, sent: dict[str, str], left: int
) -> None:
    house.accounts.grant(house.bob, label="script", scopes=frozenset({Scope.READ}), lasts=None)
    feed = f"/feeds/mine/{house.archive.library.desk(house.bob.id).open_feed('kept')}.atom"
    stranger = house.browser()
    secrets = [house.accounts.admission.reset_link(house.bob) for _ in range(2)]
    assert 'name="keep"' in stranger.get(f"/reset/{secrets[0]}").text
    answer = stranger.post(f"/reset/{secrets[0]}", data={"password": "another good one", **sent})
    assert answer.status_code == 303
    assert len(house.accounts.tokens(house.bob)) == left
    assert stranger.get(feed).status_code == (200 if left else 404)
    assert stranger.get(f"/reset/{secrets[1]}").status_code == 404  # an earlier link, perhaps in other hands


def test_logins_are_listed_and_ended(house: Any, read: Read) -> None:
    bob, second, third = (house.browser("Bob") for _ in range(3))
    page = read(bob.get("/account").text)
    keys = page.xpath("//form[@action='/account/logins/end']/input[@name='key']/@value")
    assert len(keys) == 2
    bob.post("/account/logins/end", data={"key": keys[0]})
    assert sorted(browser.get("/account").status_code for browser in (second, third)) == [200, 303]
    bob.post("/account/logins/end")
    assert [browser.get("/account").status_code for browser in (bob, second, third)] == [200, 303, 303]


def test_nobody_ends_anothers_login(house: Any) -> None:
    bob = house.browser("Bob")
    key = house.accounts.logins(house.bob)[0].key
    house.browser("Ada").post("/account/logins/end", data={"key": key})
    assert bob.get("/account").status_code == 200


def test_a_token_is_shown_once(house: Any, read: Read) -> None:
    bob = house.browser("Bob")
    made = bob.post("/account/tokens", data={"label": "script", "scope-desk": "1", "lasts": "30"})
    secret = read(made.text).xpath("string(//pre[@id='token'])")
    assert secret.startswith("bs_")
    assert made.headers["cache-control"] == "no-store"
    page = bob.get("/account").text
    assert "script" in page
    assert secret not in page
    assert house.accounts.by_token(secret).account == house.bob
    bob.post("/account/tokens/revoke", data={"key": house.accounts.tokens(house.bob)[0].key})
    assert house.accounts.tokens(house.bob) == ()


def test_a_token_needs_a_purpose_and_a_known_length(house: Any) -> None:
    bob = house.browser("Bob")
    assert bob.post("/account/tokens", data={"label": "x", "lasts": "30"}).status_code == 400
    answer = bob.post("/account/tokens", data={"label": "x", "scope-read": "1", "lasts": "9999"})
    assert answer.status_code == 400
    assert house.accounts.tokens(house.bob) == ()


def test_deleting_asks_for_the_name_and_leaves_nothing(house: Any) -> None:
    bob = house.browser("Bob")
    bob.post("/papers/2603.00001/marks", data={"set": "saved"})
    assert house.archive.store.readers.marks_of(house.bob.id, [PaperId("2603.00001")])
    assert bob.get("/account/delete").status_code == 200
    assert bob.post("/account/delete", data={"name": "bob?"}).status_code == 400
    assert house.archive.store.readers.marks(house.bob.id, kinds=[MarkKind.SAVED])
    assert bob.post("/account/delete", data={"name": "Bob"}).status_code == 200
    assert house.archive.store.readers.marks(house.bob.id) == ()
    assert house.accounts.count() == 1
    assert bob.get("/account").status_code == 303


def test_only_administrators_administer(house: Any) -> None:
    bob, stranger = house.browser("Bob"), house.browser()
    for path in ("/admin/people", "/admin/log"):
        assert (bob.get(path).status_code, stranger.get(path).status_code) == (403, 401)
    for path in ("role", "ban", "reset"):
        assert bob.post(f"/admin/people/{path}", data={"id": house.ada.id}).status_code == 403
    assert bob.post("/admin/invitations", data={"role": "admin"}).status_code == 403
    assert house.accounts.admission.invitations() == ()


def test_what_an_administrator_does_is_on_record(house: Any, read: Read) -> None:
    ada = house.browser("Ada")
    ada.post("/admin/people/role", data={"id": house.bob.id, "role": "curator"})
    ada.post("/admin/people/ban", data={"id": house.bob.id, "banned": "1", "why": "spam"})
    link = read(ada.post("/admin/people/reset", data={"id": house.bob.id}).text).xpath(
        "string(//pre[@id='link'])"
    )
    assert "/reset/" in link
    assert ada.post("/admin/people/ban", data={"id": house.ada.id}).status_code == 403  # the last one
    rows = [
        " ".join(row.text_content().split()) for row in read(ada.get("/admin/log").text).xpath("//tbody/tr")
    ]
    assert ["reset link Bob" in rows[0], "ban Bob: spam" in rows[1], "role Bob: curator" in rows[2]] == [
        True
    ] * 3
    assert all("Ada" in row for row in rows)

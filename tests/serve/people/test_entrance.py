from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

GOOD = "correct horse battery"
Read = Callable[[str], Any]


def test_logging_in_leads_back_and_shows_who_one_is(house: Any, read: Read) -> None:
    browser = house.browser()
    page = read(browser.get("/edition/2026-03-18").text)
    (link,) = page.xpath("//nav[@aria-label='Site']//a[text()='Log in']/@href")
    assert link == "/login?back=/edition/2026-03-18"
    form = read(browser.get(link).text).forms[-2]
    form.fields["name"], form.fields["password"] = "ada", GOOD
    answer = browser.post(form.action, data=dict(form.fields))
    assert (answer.status_code, answer.headers["location"]) == (303, "/edition/2026-03-18")
    names = read(browser.get("/").text).xpath("//nav[@aria-label='Site']//a/text()")
    assert {"Ada", "People"} <= set(names)


@pytest.mark.parametrize(
    ("base", "name"), [("http://localhost", "session"), ("https://localhost", "__Host-session")]
)
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: Any, base: str, name: str) -> None:
    answer = house.browser(base=base).post("/login", data={"name": "Ada", "password": GOOD})
    cookie = answer.headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith(f"{name}=")
    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert ("secure" in parts) == base.startswith("https")
    assert not any(part.startswith("domain") for part in parts)


def test_a_wrong_password_says_so_and_keeps_the_name(house: Any, read: Read) -> None:
    browser = house.browser()
    answer = browser.post("/login", data={"name": "Ada", "password": "wrong", "back": "/desk"})
    assert answer.status_code == 401
    form = read(answer.text).forms[-2]
    assert (form.fields["name"], form.fields["back"]) == ("Ada", "/desk")
    assert "do not go together" in answer.text
    assert "wrong" not in answer.text
    assert "set-cookie" not in answer.headers


def test_guessing_ends_in_429(house: Any) -> None:
    browser = house.browser()
    codes = [
        browser.post("/login", data={"name": "Ada", "password": f"no {n}"}).status_code for n in range(11)
    ]
    assert codes == [401] * 10 + [429]
    assert int(browser.post("/login", data={"name": "Ada", "password": GOOD}).headers["retry-after"]) > 600


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_logging_in_sends_nobody_elsewhere(house: Any, back: str) -> None:
    answer = house.browser().post("/login", data={"name": "Ada", "password": GOOD, "back": back})
    assert answer.headers["location"] == "/"


def test_logging_out_ends_the_login_for_good(house: Any) -> None:
    browser = house.browser("Ada")
    secret = browser.cookies["session"]
    assert browser.post("/logout").status_code == 303
    assert "session" not in browser.cookies
    stolen = house.browser()
    stolen.cookies.set("session", secret)
    assert stolen.get("/account").status_code == 303


def test_an_account_of_ones_own_is_finished_from_the_mail(house: Any, read: Read) -> None:
    browser = house.browser()
    typed = {"name": "Carol", "email": "carol@example.org", "password": "short"}
    answer = browser.post("/register", data=typed)
    assert answer.status_code == 400
    assert read(answer.text).forms[-2].fields["email"] == "carol@example.org"
    assert "short" not in read(answer.text).xpath("string(//form//input[@name='password']/@value)")
    assert browser.post("/register", data={**typed, "password": GOOD}).status_code == 200
    link = house.link()
    assert link.startswith("/confirm/")
    for _ in range(2):  # a mail program looks first
        assert browser.get(link).status_code == 200
    assert browser.post(link).status_code == 303
    assert "Carol" in browser.get("/account").text
    assert house.browser().post(link).status_code == 404


def test_registering_answers_alike_for_known_and_unknown_addresses(house: Any) -> None:
    pages = set()
    for number, email in enumerate(("bob@example.org", "new@example.org")):
        typed = {"name": f"Someone {number}", "email": email, "password": GOOD}
        answer = house.browser().post("/register", data=typed)
        pages.add((answer.status_code, answer.text))
    assert len(pages) == 1
    answers = {
        house.browser().post("/forgot", data={"email": e}).text for e in ("bob@example.org", "no@example.org")
    }
    assert len(answers) == 1


def test_an_invitation_makes_an_account(house: Any, read: Read) -> None:
    admin = house.browser("Ada")
    page = read(admin.post("/admin/invitations", data={"email": "dan@example.org", "role": "curator"}).text)
    link = page.xpath("string(//pre[@id='link'])").removeprefix("http://localhost")
    assert house.link() == link
    browser = house.browser()
    assert "As curator" in browser.get(link).text
    answer = browser.post(link, data={"name": "bob", "email": "", "password": GOOD})
    assert answer.status_code == 409
    assert browser.post(link, data={"name": "Dan", "email": "", "password": GOOD}).status_code == 303
    assert house.accounts.named("dan@example.org").role.value == "curator"
    assert browser.get(link).status_code == 404


def test_a_forgotten_password_is_set_from_the_mail(house: Any) -> None:
    before = house.browser("Bob")
    browser = house.browser()
    browser.post("/forgot", data={"email": "bob@example.org"})
    assert browser.get(house.link()).status_code == 200
    assert browser.post(house.link(), data={"password": "short"}).status_code == 400
    assert browser.post(house.link(), data={"password": "another good one"}).status_code == 303
    assert before.get("/account").status_code == 303
    assert browser.get("/account").status_code == 200


def test_a_house_of_one_reader_has_no_accounts(client: Any) -> None:
    for path in ("/login", "/register", "/forgot", "/account", "/admin/people", "/join/x", "/reset/x"):
        assert client.get(path).status_code in {403, 404}, path

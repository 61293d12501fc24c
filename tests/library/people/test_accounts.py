"""Coming in by password, token, proxy and provider; one's own account; administration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher

from broadsheet.errors import InputError, NotFoundError, RefusedError, StrangerError, TakenError, TooManyError
from broadsheet.library.people import ALL_SCOPES, STRANGER, Accounts, Registration, Rules, Scope
from broadsheet.store.people import Role

GOOD = "correct horse battery"


@pytest.fixture
def house(house: Any) -> Any:
    house.ada = house.accounts.admission.add(
        "Ada Lovelace", email="ada@example.org", password=GOOD, role=Role.ADMIN
    )
    return house


def test_the_right_password_lets_in_by_name_or_address(house: Any) -> None:
    for name in ("Ada Lovelace", "ada lovelace", "ADA@example.org"):
        visitor = house.accounts.by_login(house.accounts.log_in(name, GOOD, agent="Firefox"))
        assert visitor.account == house.ada
        assert visitor.reader == house.ada.id
        assert visitor.scopes == ALL_SCOPES
    assert [login.agent for login in house.accounts.logins(house.ada)] == ["Firefox"] * 3


def test_only_digests_are_kept(house: Any) -> None:
    secret = house.accounts.log_in("Ada Lovelace", GOOD)
    _, token = house.accounts.grant(house.ada, label="t", scopes=frozenset({Scope.READ}), lasts=None)
    link = house.accounts.admission.invite(house.ada)
    with house.store._reading() as session:
        rows = [
            str(row)
            for t in ("accounts", "logins", "tokens", "tickets")
            for row in session.all(f"SELECT * FROM {t}")
        ]
    assert len(rows) == 4
    for kept in (secret, token, link, GOOD):
        assert len(kept) > 20
        assert not any(kept in row for row in rows)
    assert any("$argon2id$" in row for row in rows)


def test_a_wrong_name_and_a_wrong_password_look_the_same(house: Any) -> None:
    house.accounts.admission.add("Carol", role=Role.READER)  # has no password at all
    said = set()
    for name, password in (
        ("Ada Lovelace", "wrong password"),
        ("Nobody", GOOD),
        ("Carol", ""),
        ("Carol", "x"),
    ):
        with pytest.raises(StrangerError) as error:
            house.accounts.log_in(name, password)
        said.add(str(error.value))
    assert len(said) == 1


def test_the_right_one_of_many_guesses_made_at_once_comes_too_late_where_too_many_were_wrong(
    house: Any,
) -> None:
    class Slow(PasswordHasher):
        """Takes so long over the right password that everybody else has guessed meanwhile."""

        def verify(self, hash: Any, password: Any) -> Any:
            if password == GOOD:
                for _ in range(5):
                    with pytest.raises(StrangerError):
                        house.accounts.log_in("Ada Lovelace", "a wrong guess")
            return super().verify(hash, password)

    accounts = Accounts(
        house.store.people,
        house.store.tallies,
        now=lambda: house.now,
        rules=Rules(tries=5),
        hasher=Slow(time_cost=1, memory_cost=8, parallelism=1),
    )
    with pytest.raises(TooManyError):
        accounts.log_in("Ada Lovelace", GOOD)
    assert accounts.logins(house.ada) == ()


def test_a_password_is_hashed_for_a_name_that_nobody_has(house: Any) -> None:
    checked = []

    class Watched(PasswordHasher):
        def verify(self, hash: Any, password: Any) -> Any:
            checked.append(hash)
            return super().verify(hash, password)

    accounts = Accounts(
        house.store.people,
        house.store.tallies,
        now=lambda: house.now,
        hasher=Watched(time_cost=1, memory_cost=8, parallelism=1),
    )
    with pytest.raises(StrangerError):
        accounts.log_in("Nobody", GOOD)
    assert len(checked) == 1
    assert checked[0].startswith("$argon2id$")


def test_guessing_is_stopped_and_may_go_on_later(house: Any) -> None:
    def guess(name: str, address: str, password: str = "wrong password") -> str:
        secret: str = house.accounts.log_in(name, password, address=address)
        return secret

    for _ in range(5):
        with pytest.raises(StrangerError):
            guess("ada lovelace", "192.0.2.1")
    with pytest.raises(TooManyError) as stopped:  # the right one too: else the answer would tell
        guess("Ada Lovelace", "192.0.2.2", GOOD)
    assert stopped.value.retry_after == 15 * 60
    with pytest.raises(TooManyError):
        guess("somebody else", "192.0.2.1")
    house.wait(minutes=15)
    assert guess("Ada Lovelace", "192.0.2.1", GOOD)


def test_a_hash_of_former_parameters_is_renewed(house: Any) -> None:
    strong = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    accounts = Accounts(house.store.people, house.store.tallies, now=lambda: house.now, hasher=strong)
    accounts.log_in("Ada Lovelace", GOOD)
    _, kept = house.store.people.find("Ada Lovelace")
    assert "m=16,t=2" in kept
    assert accounts.log_in("Ada Lovelace", GOOD)


def test_a_login_ends_when_it_is_old_or_ended(house: Any) -> None:
    accounts = house.accounts
    one, two = (accounts.log_in("Ada Lovelace", GOOD) for _ in range(2))
    key = accounts.by_login(one).login.key
    assert accounts.log_out(house.ada, key=key) == 1
    assert accounts.by_login(one) == STRANGER
    house.wait(days=29)
    assert accounts.by_login(two).reader
    house.wait(days=1)
    assert accounts.by_login(two) == STRANGER
    for nothing in ("", "x", one + "x"):
        assert accounts.by_login(nothing) == STRANGER


def test_a_token_may_do_what_it_was_granted_for(house: Any) -> None:
    token, secret = house.accounts.grant(
        house.ada, label=" my\nscript ", scopes=frozenset({Scope.DESK}), lasts=timedelta(days=7)
    )
    assert token.label == "my script"
    visitor = house.accounts.by_token(secret)
    assert visitor.may(Scope.DESK)
    assert visitor.may(Scope.READ)
    assert not visitor.may(Scope.ADMIN, Role.ADMIN)
    with pytest.raises(RefusedError, match="scope 'community'"):
        visitor.need(Scope.COMMUNITY)
    house.wait(days=7)
    with pytest.raises(StrangerError):
        house.accounts.by_token(secret)
    with pytest.raises(InputError):
        house.accounts.grant(house.ada, label="", scopes=frozenset(), lasts=None)


def test_a_visitor_needs_to_be_somebody_and_enough() -> None:
    with pytest.raises(StrangerError):
        STRANGER.need(Scope.DESK)
    assert not STRANGER.may(Scope.READ)  # what has a desk to read


def test_whom_a_proxy_names_gets_an_account_once(house: Any) -> None:
    first = house.accounts.by_proxy("grace", email="grace@example.org")
    again = house.accounts.by_proxy("Grace")
    assert first.reader == again.reader
    assert first.account.role is Role.READER
    assert house.accounts.by_proxy("Ada Lovelace").account == house.ada
    house.accounts.ban(first.account, by=house.ada)
    assert house.accounts.by_proxy("grace") == STRANGER


def test_a_provider_lets_in_whom_it_knows(house: Any) -> None:
    by = house.accounts.by_provider
    issuer = "https://id.example.org"
    # An address that the provider has not verified could be anybody's.
    other = by(issuer, "66", name="Ada Lovelace", email="ada@example.org", verified=False)
    assert (other.name, other.email) == ("Ada Lovelace 2", "")
    assert by(issuer, "17", name="Ada", email="ada@example.org", verified=True) == house.ada
    assert by(issuer, "17", name="Whoever", email="", verified=False) == house.ada
    house.accounts.ban(other, by=house.ada)
    with pytest.raises(RefusedError, match="banned"):
        by(issuer, "66", name="x", email="", verified=False)


def test_a_provider_lets_nobody_new_into_a_closed_house(house: Any) -> None:
    house.accounts.admission.registration = Registration.INVITED
    with pytest.raises(RefusedError, match="invitation"):
        house.accounts.by_provider("https://id", "1", name="Eve", email="eve@example.org", verified=True)
    house.accounts.join(house.ada, "https://id", "1")
    assert house.accounts.by_provider("https://id", "1", name="", email="", verified=False) == house.ada


def test_a_new_password_needs_the_old_and_ends_other_logins(house: Any) -> None:
    accounts = house.accounts
    here, there = (accounts.log_in("Ada Lovelace", GOOD) for _ in range(2))
    visitor = accounts.by_login(here)
    with pytest.raises(StrangerError):
        accounts.set_password(visitor, old="wrong password", new="another good one")
    accounts.set_password(visitor, old=GOOD, new="another good one")
    assert accounts.by_login(here).reader
    assert accounts.by_login(there) == STRANGER
    assert accounts.log_in("Ada Lovelace", "another good one")


@pytest.mark.parametrize("bad", ["short", "x" * 1001, "Ada Lovelace", "ada@example.ORG"])
def test_a_password_that_is_easily_guessed_is_refused(house: Any, bad: str) -> None:
    visitor = house.accounts.by_login(house.accounts.log_in("Ada Lovelace", GOOD))
    with pytest.raises(InputError, match="password"):
        house.accounts.set_password(visitor, old=GOOD, new=bad)


def act_on_the_last_admin() -> list[Callable[[Any], object]]:
    return [
        lambda house: house.accounts.remove(house.ada),
        lambda house: house.accounts.ban(house.ada, by=None),
        lambda house: house.accounts.set_role(house.ada, Role.READER, by=None),
    ]


@pytest.mark.parametrize("act", act_on_the_last_admin(), ids=["remove", "ban", "role"])
def test_the_last_administrator_stays(house: Any, act: Callable[[Any], object]) -> None:
    with pytest.raises(RefusedError, match="only administrator"):
        act(house)
    house.accounts.admission.add("Grace", role=Role.ADMIN)
    act(house)
    assert house.accounts.count(Role.ADMIN) == 1


def test_what_is_done_to_others_is_on_record(house: Any) -> None:
    bob = house.accounts.admission.add("Bob")
    house.accounts.set_role(bob, Role.CURATOR, by=house.ada)
    house.accounts.ban(bob, by=house.ada, why="spam")
    house.accounts.ban(bob, by=None, banned=False)
    deeds = [(d.actor, d.action, d.object, d.detail) for d in house.accounts.deeds()]
    assert deeds == [
        ("", "unban", "Bob", ""),
        (house.ada.id, "ban", "Bob", "spam"),
        (house.ada.id, "role", "Bob", "curator"),
    ]


def test_names_are_unique_and_well_formed(house: Any) -> None:
    bob = house.accounts.admission.add("Bob")
    assert house.accounts.rename(bob, " Robert  Roe ").name == "Robert Roe"
    with pytest.raises(TakenError):
        house.accounts.rename(bob, "ADA LOVELACE")
    for bad in ("", "x", "a@b", "y" * 61, "new\x00line"):
        with pytest.raises(InputError, match="not a name"):
            house.accounts.rename(bob, bad)
    with pytest.raises(NotFoundError):
        house.accounts.named("Bob")


def test_clock_that_steps_back_logs_nobody_out_and_brings_nobody_back(house: Any) -> None:
    gone = house.accounts.log_in("Ada Lovelace", GOOD)
    house.accounts.log_out(house.ada)
    stays = house.accounts.log_in("Ada Lovelace", GOOD)
    house.wait(hours=-1)
    assert house.accounts.by_login(stays).account == house.ada
    assert house.accounts.by_login(gone) == STRANGER
    house.wait(hours=2)
    assert house.accounts.by_login(stays).account == house.ada
    house.wait(days=30)
    assert house.accounts.by_login(stays) == STRANGER

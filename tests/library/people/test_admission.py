"""Invitations, accounts of one's own by mail, forgotten passwords."""

from __future__ import annotations

from typing import Any

import pytest

from broadsheet.errors import InputError, NotFoundError, RefusedError, StrangerError, TakenError, TooManyError
from broadsheet.library.people import STRANGER, Purpose, Registration
from broadsheet.store.people import Role

GOOD = "correct horse battery"


def url(secret: str) -> str:
    return f"https://paper.example.org/x/{secret}"


def test_an_invitation_is_good_for_one(house: Any) -> None:
    door = house.accounts.admission
    admin = door.add("Ada", role=Role.ADMIN)
    secret = door.invite(admin, email="bob@example.org", role=Role.CURATOR)
    assert (door.invitation(secret).email, door.invitation(secret).role) == ("bob@example.org", Role.CURATOR)
    with pytest.raises(TakenError):
        door.accept(secret, name="ada", email="", password=GOOD)
    with pytest.raises(InputError):
        door.accept(secret, name="Bob", email="", password="short")
    bob = door.accept(secret, name="Bob", email="", password=GOOD)  # neither mistake has used it up
    assert (bob.role, bob.email, bob.confirmed) == (Role.CURATOR, "bob@example.org", True)
    with pytest.raises(NotFoundError):
        door.accept(secret, name="Eve", email="", password=GOOD)
    assert house.accounts.count() == 2
    assert house.accounts.by_login(house.accounts.log_in("Bob", GOOD)).account == bob


def test_an_address_other_than_the_invited_one_is_not_confirmed(house: Any) -> None:
    door = house.accounts.admission
    secret = door.invite(None, email="bob@example.org")
    assert not door.accept(secret, name="Bob", email="other@example.org", password=GOOD).confirmed


def test_invitations_expire_and_can_be_taken_back(house: Any) -> None:
    door = house.accounts.admission
    first, second = door.invite(None), door.invite(None)
    assert len(door.invitations()) == 2
    assert door.uninvite(door.invitation(first).key)
    assert door.invitation(first) is None
    house.wait(days=14)
    assert door.invitation(second) is None
    assert door.invitations() == ()


def test_nobody_invites_above_themselves(house: Any) -> None:
    curator = house.accounts.admission.add("Cleo", role=Role.CURATOR)
    with pytest.raises(RefusedError):
        house.accounts.admission.invite(curator, role=Role.ADMIN)


def test_an_own_account_is_made_by_the_mailed_link(house: Any) -> None:
    door = house.accounts.admission
    door.register(name="Bob", email="bob@example.org", password=GOOD, url=url)
    assert house.accounts.count() == 0
    assert house.mails[-1][0] == "bob@example.org"
    assert door.is_open(Purpose.REGISTER, house.link())
    bob = door.finish(house.link())
    assert (bob.name, bob.confirmed, bob.role) == ("Bob", True, Role.READER)
    assert house.accounts.log_in("bob@example.org", GOOD)
    with pytest.raises(NotFoundError):
        door.finish(house.link())


def test_registering_does_not_tell_whose_address_is_known(house: Any) -> None:
    door = house.accounts.admission
    door.add("Bob", email="bob@example.org", password=GOOD)
    door.register(name="Bobby", email="BOB@example.org", password=GOOD, url=url)
    assert house.mails[-1][1] == "You have an account already"
    assert "/x/" not in house.mails[-1][2]
    with pytest.raises(TakenError):  # names are public anyway
        door.register(name="bob", email="other@example.org", password=GOOD, url=url)


def test_a_link_is_void_after_two_hours(house: Any) -> None:
    door = house.accounts.admission
    door.register(name="Bob", email="bob@example.org", password=GOOD, url=url)
    house.wait(hours=2)
    assert not door.is_open(Purpose.REGISTER, house.link())
    with pytest.raises(NotFoundError):
        door.finish(house.link())


@pytest.mark.parametrize("registration", [Registration.CLOSED, Registration.INVITED])
def test_a_house_that_is_not_open_makes_no_accounts_by_itself(house: Any, registration: Registration) -> None:
    house.accounts.admission.registration = registration
    with pytest.raises(RefusedError, match="invitation"):
        house.accounts.admission.register(name="Bob", email="bob@example.org", password=GOOD, url=url)
    assert house.mails == []


def test_a_forgotten_password_is_set_anew_and_logins_end(house: Any) -> None:
    door, accounts = house.accounts.admission, house.accounts
    door.add("Bob", email="bob@example.org", password=GOOD)
    secret = accounts.log_in("Bob", GOOD)
    door.forgot("bob@EXAMPLE.org", url=url)
    link = house.link()
    with pytest.raises(InputError):
        door.reset(link, "short")
    door.reset(link, "another good one")
    assert accounts.by_login(secret) == STRANGER
    with pytest.raises(StrangerError):
        accounts.log_in("Bob", GOOD)
    assert accounts.log_in("Bob", "another good one")
    with pytest.raises(NotFoundError):
        door.reset(link, "yet another one")


def test_a_link_that_was_handed_over_confirms_no_address(house: Any) -> None:
    door = house.accounts.admission
    eve = door.accept(door.invite(None), name="Eve", email="somebody@example.org", password=GOOD)
    door.reset(door.reset_link(eve), "another good one")
    assert not house.accounts.named("Eve").confirmed
    door.forgot("somebody@example.org", url=url)
    door.reset(house.link(), "yet another one")
    assert house.accounts.named("Eve").confirmed


def test_who_has_a_new_password_is_told_where_the_address_is_theirs(house: Any) -> None:
    door, accounts = house.accounts.admission, house.accounts
    bob = door.add("Bob", email="bob@example.org", password=GOOD)
    door.accept(door.invite(None), name="Eve", email="somebody@example.org", password=GOOD)
    door.reset(door.reset_link(bob), "another good one")
    for name, old in (("Bob", "another good one"), ("Eve", GOOD)):
        accounts.set_password(accounts.by_login(accounts.log_in(name, old)), old=old, new="a third good one")
    assert [address for address, *_ in house.mails] == ["bob@example.org"] * 2


def test_forgetting_an_unknown_address_sends_and_says_nothing(house: Any) -> None:
    house.accounts.admission.forgot("nobody@example.org", url=url)
    house.accounts.admission.forgot("", url=url)
    assert house.mails == []


def test_nobody_is_flooded_with_mails(house: Any) -> None:
    door = house.accounts.admission
    door.add("Bob", email="bob@example.org", password=GOOD)
    for _ in range(5):
        door.forgot("bob@example.org", url=url)
    with pytest.raises(TooManyError):
        door.forgot("Bob@example.org", url=url)
    assert len(house.mails) == 5
    for _ in range(5):
        door.forgot("nobody@example.org", url=url)
    with pytest.raises(TooManyError):  # nor does being stopped tell whose address is known
        door.forgot("nobody@example.org", url=url)
    house.wait(hours=1)
    door.forgot("bob@example.org", url=url)


@pytest.mark.parametrize(
    "bad",
    [
        "bob",
        "@example.org",
        "bob@",
        "a b@example.org",
        "bob@example.org\nBcc: x@y",
        "<b@c>",
        "x" * 251 + "@y.z",
    ],
)
def test_what_cannot_be_an_address_is_refused(house: Any, bad: str) -> None:
    with pytest.raises(InputError, match="not an e-mail address"):
        house.accounts.admission.add("Bob", email=bad)

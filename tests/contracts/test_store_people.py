"""Contract of the store: accounts, how they come in, links in mails, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.errors import NotFoundError, TakenError
from broadsheet.ids import PaperId
from broadsheet.model import MarkKind, Record
from broadsheet.store.contract import Store, Taken
from broadsheet.store.people import Account, Deed, Login, Role, Ticket, Token

NOW = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(days=1)
ADA = Account(id="a1", name="Ada Lovelace", email="ada@example.org", made=NOW)
BOB = Account(id="b2", name="Bob", made=NOW, role=Role.ADMIN)


def login(key: str, account: str = "a1", **fields: datetime) -> Login:
    values = {"made": NOW, "seen": NOW, "expires": LATER, **fields}
    return Login(key=key, account=account, agent="Firefox", **values)


def ticket(key: str, purpose: str = "invite", *, expires: datetime = LATER, made: datetime = NOW) -> Ticket:
    return Ticket(key=key, purpose=purpose, account="a1", value="curator", made=made, expires=expires)


@pytest.fixture
def two(store: Store) -> Store:
    store.people.add(ADA, password="hash of hers")
    store.people.add(BOB)
    return store


def test_an_account_is_found_by_id_name_or_address_however_cased(two: Store) -> None:
    assert two.people.account("a1") == ADA
    for name in ("Ada Lovelace", "ADA  lovelace", "ada@EXAMPLE.org", "Ａda Lovelace"):
        assert two.people.find(name) == (ADA, "hash of hers")
    assert two.people.find("bob") == (BOB, "")
    for name in ("", "carol", "hash of hers"):
        assert two.people.find(name) is None
    assert two.people.account("c3") is None
    assert two.people.names_of(["b2", "c3"]) == {"b2": "Bob"}
    assert two.people.joined(["b2", "c3"]) == {"b2": NOW}


@pytest.mark.parametrize(
    "other",
    [
        Account(id="c3", name="ada lovelace", made=NOW),
        Account(id="c3", name="Carol", email="ADA@example.org", made=NOW),
        Account(id="c3", name="ada@example.org", made=NOW),  # would be taken for her
        Account(id="c3", name="Carol", email="bob", made=NOW),
    ],
)
def test_names_and_addresses_are_one_persons(two: Store, other: Account) -> None:
    with pytest.raises(TakenError, match="already"):
        two.people.add(other)
    assert two.people.count() == 2
    two.people.add(Account(id="d4", name="Dan", made=NOW))
    with pytest.raises(TakenError):
        two.people.change(replace(other, id="d4"))
    assert two.people.find("dan") is not None


def test_any_number_may_have_no_address(two: Store) -> None:
    two.people.add(Account(id="c3", name="Carol", made=NOW))
    assert [a.name for a in two.people.accounts()] == ["Ada Lovelace", "Bob", "Carol"]
    assert [a.name for a in two.people.accounts(after="bob")] == ["Carol"]
    assert (two.people.count(), two.people.count(Role.ADMIN)) == (3, 1)


def test_an_account_is_changed_as_a_whole(two: Store) -> None:
    changed = replace(ADA, name="Countess", email="", role=Role.CURATOR, confirmed=True)
    two.people.change(changed)
    two.people.set_password("a1", "another")
    assert two.people.find("countess") == (changed, "another")
    with pytest.raises(NotFoundError):
        two.people.change(replace(ADA, id="zz", name="Zed", email=""))


def test_a_new_password_ends_logins_and_links_and_the_rest_where_asked(two: Store) -> None:
    people, readers = two.people, two.readers
    for key in ("k0", "k1"):
        people.log_in(login(key), digest=key)
        people.grant(Token(key=f"t{key}", account="a1", label="", scopes=(), made=NOW), digest=f"t{key}")
    for account in ("a1", "b2"):
        readers.prefer(account, "feed:kept", "1")
        readers.prefer(account, "dial", "0.5")
    people.issue(ticket("r", "reset"), digest="r")
    people.issue(ticket("i", "invite"), digest="i")  # of somebody whom a1 invited
    before = readers.state("a1")
    people.set_password("a1", "another", but="k1")
    assert [one.key for one in people.logins("a1", now=SOON)] == ["k1"]
    assert [one.key for one in people.tokens("a1")] == ["tk0", "tk1"]
    assert people.look("r", "reset", now=SOON) is None
    assert people.look("i", "invite", now=SOON) is not None
    assert readers.state("a1") == before
    people.set_password("a1", "a third", but="tk1", programs=True)
    assert people.logins("a1", now=SOON) == ()
    assert [one.key for one in people.tokens("a1")] == ["tk1"]
    assert readers.preferences("a1") == {"dial": "0.5"}
    assert readers.state("a1") > before
    assert readers.preferences("b2") == {"dial": "0.5", "feed:kept": "1"}
    people.rehash("a1", "a third, costlier")
    assert [one.key for one in people.tokens("a1")] == ["tk1"]


def test_a_login_lets_in_until_it_expires_or_is_ended(two: Store) -> None:
    people = two.people
    for number in range(4):
        people.log_in(login(f"k{number}", seen=NOW - timedelta(minutes=number)), digest=f"d{number}")
    assert people.login("d0", now=SOON) == (login("k0"), ADA)
    assert people.login("nothing", now=SOON) is None
    assert people.login("d0", now=LATER) is None
    assert [one.key for one in people.logins("a1", now=SOON)] == ["k0", "k1", "k2", "k3"]
    assert people.log_out("b2", key="k1") == 0
    assert people.log_out("a1", key="k1") == 1
    assert people.login("d1", now=SOON) is None
    assert people.log_out("a1", but="k0") == 2
    assert [one.key for one in people.logins("a1", now=SOON)] == ["k0"]


def test_when_a_login_was_seen_is_noted_now_and_then(two: Store) -> None:
    two.people.log_in(login("k"), digest="d")
    two.people.login("d", now=NOW + timedelta(minutes=4))
    assert two.people.logins("a1", now=NOW)[0].seen == NOW
    two.people.login("d", now=NOW + timedelta(minutes=6))
    assert two.people.logins("a1", now=NOW)[0].seen == NOW + timedelta(minutes=6)


def test_a_token_lets_in_until_it_expires_or_is_taken_back(two: Store) -> None:
    people = two.people
    ever = Token(key="t1", account="a1", label="script", scopes=("read", "desk"), made=NOW)
    brief = Token(key="t2", account="a1", label="test", scopes=("read",), made=SOON, expires=LATER)
    people.grant(ever, digest="x1")
    people.grant(brief, digest="x2")
    assert people.tokens("a1") == (brief, ever)
    assert people.token("x1", now=NOW) == (ever, ADA)
    assert people.tokens("a1")[1].used == NOW
    assert people.token("x2", now=LATER) is None
    assert not people.revoke("b2", "t1")
    assert people.revoke("a1", "t1")
    assert people.token("x1", now=NOW) is None


def test_whoever_is_banned_is_out_at_once(two: Store) -> None:
    people = two.people
    people.log_in(login("k"), digest="d")
    people.grant(Token(key="t", account="a1", label="", scopes=(), made=NOW), digest="x")
    people.issue(ticket("i"), digest="y")
    people.change(replace(ADA, banned=True))
    assert (people.login("d", now=NOW), people.token("x", now=NOW)) == (None, None)
    assert people.look("y", "invite", now=NOW) is None
    people.change(ADA)
    assert people.login("d", now=NOW) is None


def test_a_removed_account_leaves_nothing(
    two: Store, rec: Callable[..., Record], take: Callable[..., Taken]
) -> None:
    people = two.people
    take(rec("2603.00001"))
    people.log_in(login("k"), digest="d")
    people.grant(Token(key="t", account="a1", label="", scopes=(), made=NOW), digest="x")
    people.issue(ticket("i"), digest="y")
    people.join("a1", "https://id.example.org", "17")
    for reader in ("a1", "b2"):
        two.readers.mark(reader, PaperId("2603.00001"), MarkKind.SAVED, now=NOW)
    people.remove("a1")
    assert people.find("ada lovelace") is None
    assert (people.login("d", now=NOW), people.token("x", now=NOW)) == (None, None)
    assert people.identify("https://id.example.org", "17") is None
    assert people.tickets(["invite"], now=NOW) == ()
    assert two.readers.marks("a1") == ()
    assert two.readers.names() == ("b2",)
    people.add(ADA)  # the name is free again


def test_a_providers_subject_is_one_account(two: Store) -> None:
    two.people.join("a1", "https://id.example.org", "17")
    two.people.join("a1", "https://id.example.org", "17")
    assert two.people.identify("https://id.example.org", "17") == ADA
    assert two.people.identify("https://other.example.org", "17") is None
    with pytest.raises(TakenError):
        two.people.join("b2", "https://id.example.org", "17")


def test_a_ticket_is_good_once(two: Store) -> None:
    people = two.people
    people.issue(ticket("i"), digest="y")
    assert people.look("y", "invite", now=SOON) == ticket("i")
    assert people.look("y", "reset", now=SOON) is None
    assert people.use("y", "reset", now=SOON) is None
    with ThreadPoolExecutor(4) as pool:
        got = list(pool.map(lambda _: people.use("y", "invite", now=SOON), range(8)))
    assert sorted(t is None for t in got) == [False] + [True] * 7


def test_open_tickets_can_be_listed_and_torn(two: Store) -> None:
    people = two.people
    people.issue(ticket("old", expires=SOON), digest="1")
    people.issue(ticket("i"), digest="2")
    people.issue(ticket("newer", made=SOON), digest="3")
    people.issue(ticket("r", "reset"), digest="4")
    assert [t.key for t in people.tickets(["invite"], now=SOON)] == ["newer", "i"]
    assert people.tear("i")
    assert not people.tear("i")
    assert people.look("2", "invite", now=NOW) is None
    assert people.look("1", "invite", now=SOON) is None
    people.log_in(login("k", expires=SOON), digest="d")
    assert people.sweep(now=SOON) == 2
    assert people.sweep(now=SOON) == 0


def test_the_audit_log_is_numbered_and_read_backwards(two: Store) -> None:
    for number in range(1, 6):
        two.people.record(Deed(number=0, at=NOW, actor="b2", action="ban", object=f"a{number}"))
    assert [(d.number, d.object) for d in two.people.deeds(limit=2)] == [(5, "a5"), (4, "a4")]
    assert [d.number for d in two.people.deeds(before=4)] == [3, 2, 1]


def test_a_role_may_what_the_lesser_may() -> None:
    assert [Role.CURATOR.may(role) for role in Role] == [True, True, False]

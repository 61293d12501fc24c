"""Letters to a real mail server: once each, whatever it says and wherever it hangs up."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from tests.deliver.conftest import Clock
from tests.deliver.mailhost import MailHost, certificate, mail_host, server_of

from broadsheet.deliver.mail import Security
from broadsheet.deliver.outbox import Handed, hand_over
from broadsheet.errors import SourceError
from broadsheet.store.post import Letter, Schedule, State, Subscription
from broadsheet.store.sqlite import SqliteStore

BODY = b"Subject: Hello\r\nMessage-ID: <%b@here>\r\n\r\nA line\r\n.\r\n..two\r\n.end\r\n"


def put(store: SqliteStore, clock: Clock, *names: str) -> None:
    for name in names:
        store.post.queue(
            Letter(address=f"{name}@example.org", message_id=f"<{name}@here>", body=BODY % name.encode()),
            now=clock(),
        )


def send(store: SqliteStore, host: MailHost, clock: Clock) -> Handed:
    return hand_over(store.post, server_of(host), now=clock)


def test_letters_arrive_byte_for_byte_over_one_connection(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    names = [f"n{number}" for number in range(45)]
    put(store, clock, *names)
    assert send(store, host, clock) == Handed(sent=45)
    assert host.taken == [
        ("bounces@papers.example.org", f"{name}@example.org", BODY % name.encode()) for name in names
    ]
    assert host.connections == 1
    assert send(store, host, clock) == Handed()
    assert store.post.letters() == {State.SENT: 45}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("MAIL", "451 4.3.0 busy"),
        ("RCPT", "450 4.2.1 greylisted"),
        ("RCPT", "550 5.7.1 we do not relay"),
        ("DATA", "452 4.3.1 disk full"),
        ("DATA", "drop"),
        ("IN DATA", "drop"),
    ],
)
def test_what_the_server_cannot_take_now_is_tried_later_and_arrives_once(
    store: SqliteStore, host: MailHost, clock: Clock, where: str, said: str
) -> None:
    host.answers[where] = [said]
    put(store, clock, "a", "b")
    assert send(store, host, clock) == Handed(sent=1, later=1)
    assert send(store, host, clock) == Handed()  # not yet
    clock.pass_(minutes=1)
    assert send(store, host, clock) == Handed(sent=1)
    assert host.by_id == {"<a@here>": 1, "<b@here>": 1}


def test_pauses_grow_and_a_letter_is_given_up_after_five_days(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    host.answers["RCPT"] = ["450 later"] * 1000
    put(store, clock, "a")
    begun, tries, failed = clock(), [], 0
    while not failed:
        done = send(store, host, clock)
        failed = done.failed
        if done != Handed():
            tries.append(round((clock() - begun).total_seconds() / 60))
        clock.pass_(minutes=1 if len(tries) < 5 else 60)
    assert tries[:9] == [0, 1, 6, 21, 51, 111, 231, 471, 711]
    assert timedelta(days=5) < clock() - begun < timedelta(days=5, hours=5)
    assert "given up" in store.post.failures()[0][1]


def test_connection_that_the_server_closed_between_letters_costs_no_letter_its_turn(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    put(store, clock, "a")
    host.answers["MAIL"] = ["drop"]
    assert send(store, host, clock) == Handed(sent=1)
    assert host.by_id == {"<a@here>": 1}


def subscribe(store: SqliteStore, clock: Clock, name: str, *, reader: str = "") -> None:
    store.post.enrol(
        Subscription(
            id=f"{name}-{reader}",
            address=f"{name}@example.org",
            reader=reader,
            schedule=Schedule(),
            confirmed=clock(),
            due=clock(),
        )
    )


@pytest.mark.parametrize("said", ["550 5.1.1 no such user", "550 unknown", "553 5.1.3 bad address"])
def test_address_that_there_is_not_is_suspended(
    store: SqliteStore, host: MailHost, clock: Clock, said: str
) -> None:
    for name, reader in (("a", ""), ("a", "me"), ("b", "")):
        subscribe(store, clock, name, reader=reader)
    put(store, clock, "a", "b")
    host.answers["a@example.org"] = [said]
    assert send(store, host, clock) == Handed(sent=1, failed=1)
    assert [(s.id, s.why) for s in store.post.subscriptions() if not s.due] == [
        ("a-", f"bounced: {said}"),
        ("a-me", f"bounced: {said}"),
    ]
    assert [error for _, error, _ in store.post.failures()] == [said]


@pytest.mark.parametrize(("where", "said"), [("RCPT", "552 5.2.2 full"), ("DATA", "554 5.6.0 no")])
def test_letter_that_is_refused_for_good_fails_and_its_address_stays(
    store: SqliteStore, host: MailHost, clock: Clock, where: str, said: str
) -> None:
    subscribe(store, clock, "a")
    put(store, clock, "a", "b")
    host.answers[where] = [said]
    assert send(store, host, clock) == Handed(sent=1, failed=1)
    clock.pass_(days=1)
    assert send(store, host, clock) == Handed()
    (subscription,) = store.post.subscriptions()
    assert subscription.due is not None


def test_sender_that_the_server_does_not_take_costs_no_letter(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    put(store, clock, "a", "b")
    host.answers["MAIL"] = ["550 5.7.1 not you"]
    with pytest.raises(SourceError, match="takes no mail from bounces@papers.example.org: 550"):
        send(store, host, clock)
    assert store.post.letters() == {State.WAITING: 2}
    assert send(store, host, clock) == Handed(sent=2)


def test_stalling_server_is_waited_for_only_so_long(store: SqliteStore, host: MailHost, clock: Clock) -> None:
    put(store, clock, "a")
    host.answers["DATA"] = ["stall"]
    server = server_of(host, last_timeout=0.3)
    # The dot went out, so nobody can know; the letter keeps its name.
    assert hand_over(store.post, server, now=clock) == Handed(later=1)
    clock.pass_(minutes=1)
    assert send(store, host, clock) == Handed(sent=1)
    assert host.by_id == {"<a@here>": 1}


def test_letter_taken_without_an_answer_comes_again_under_the_same_name(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    put(store, clock, "a")
    host.answers["DATA"] = ["take and drop"]
    assert send(store, host, clock) == Handed(later=1)
    clock.pass_(minutes=1)
    assert send(store, host, clock) == Handed(sent=1)
    assert host.by_id == {"<a@here>": 2}
    assert host.taken[0] == host.taken[1]


def test_no_server_leaves_the_letters_waiting(store: SqliteStore, clock: Clock) -> None:
    with mail_host() as gone:
        pass
    put(store, clock, "a")
    with pytest.raises(SourceError, match=f"127.0.0.1:{gone.port} cannot be used"):
        send(store, gone, clock)
    assert len(store.post.claim_letters("next", now=clock(), until=clock(), limit=9)) == 1


def test_letter_taken_back_while_it_is_sent_does_not_arrive(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    put(store, clock, "a")
    claimed = store.post.claim_letters("slow", now=clock(), until=clock() + timedelta(minutes=1), limit=1)
    clock.pass_(minutes=2)  # slow's claim is over; another one sends it
    assert send(store, host, clock) == Handed(sent=1)
    assert not store.post.hand_over("slow", claimed[0].no, until=clock())
    assert host.by_id == {"<a@here>": 1}


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, object]:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    return certificate(tmp_path_factory.mktemp("tls"))


# The server does not see that its port is private already.
over_tls = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@over_tls
def test_tls_and_password(store: SqliteStore, clock: Clock, contexts: tuple[object, object]) -> None:
    theirs, ours = contexts
    with mail_host(tls=theirs, password="s3cret") as host:  # type: ignore[arg-type]
        server = server_of(host, security=Security.TLS, trust=ours, user="paper", password="s3cret")
        put(store, clock, "a")
        assert hand_over(store.post, server, now=clock) == Handed(sent=1)


def test_starttls_and_password(store: SqliteStore, clock: Clock, contexts: tuple[object, object]) -> None:
    theirs, ours = contexts
    with mail_host(starttls=theirs, password="s3cret") as host:  # type: ignore[arg-type]
        server = server_of(host, security=Security.STARTTLS, trust=ours, user="paper", password="s3cret")
        put(store, clock, "a")
        assert hand_over(store.post, server, now=clock) == Handed(sent=1)
        assert "s3cret" not in repr(server)


@over_tls
def test_wrong_password_is_said_and_costs_no_letter(
    store: SqliteStore, clock: Clock, contexts: tuple[object, object]
) -> None:
    theirs, ours = contexts
    with mail_host(tls=theirs, password="s3cret") as host:  # type: ignore[arg-type]
        server = server_of(host, security=Security.TLS, trust=ours, user="paper", password="other")
        put(store, clock, "a")
        with pytest.raises(SourceError, match="does not take the password of 'paper'"):
            hand_over(store.post, server, now=clock)
    assert store.post.letters() == {State.WAITING: 1}


def test_certificate_that_nobody_vouches_for_is_refused(
    store: SqliteStore, clock: Clock, contexts: tuple[object, object]
) -> None:
    theirs, _ = contexts
    with mail_host(starttls=theirs) as host:  # type: ignore[arg-type]
        put(store, clock, "a")
        with pytest.raises(SourceError, match="certificate"):
            hand_over(store.post, server_of(host, security=Security.STARTTLS), now=clock)
        assert host.taken == []


def test_server_without_starttls_gets_neither_password_nor_mail(
    store: SqliteStore, host: MailHost, clock: Clock
) -> None:
    put(store, clock, "a")
    with pytest.raises(SourceError, match="starttls"):
        hand_over(store.post, server_of(host, security=Security.STARTTLS), now=clock)
    assert host.taken == []

"""Signed letters, checked by the library's own verifier and by openssl's reading of the key."""

from __future__ import annotations

import base64
import email
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dkim
import pytest
from tests.deliver.mailhost import MailHost, server_of

from broadsheet.config import load
from broadsheet.deliver.compose import Text
from broadsheet.deliver.dkim import DomainKey
from broadsheet.deliver.message import write_message
from broadsheet.deliver.outbox import hand_over
from broadsheet.errors import InputError
from broadsheet.store.post import Letter
from broadsheet.store.sqlite import SqliteStore
from broadsheet.wiring import domain_key, mail_server

NOW = datetime(2026, 3, 20, 9, tzinfo=UTC)


def _made(folder: Path, bits: int) -> str:
    file = folder / f"{bits}.pem"
    subprocess.run(["openssl", "genrsa", "-out", file, str(bits)], check=True, capture_output=True)
    return file.read_text()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> str:
    return _made(tmp_path_factory.mktemp("key"), 2048)


@pytest.fixture
def key(pem: str) -> DomainKey:
    return DomainKey("example.org", "paper", pem)


def message(subject: str = "Ten papers of Friday, √2 and “more”") -> bytes:
    return write_message(
        Text(subject=subject, plain="Papers.\n.\nFrom here on\n", html="<p>Papers. </p>\n"),
        sender="Broadsheet <paper@example.org>",
        to="ada@example.org",
        message_id="<1@example.org>",
        at=NOW,
        list_name="Broadsheet",
        list_id="digest.example.org",
        unsubscribe="https://papers.example.org/mail/unsubscribe/" + "t" * 120,
    )


def verified(body: bytes, key: DomainKey) -> bool:
    """What a receiver says, who asks DNS."""

    def dns(name: bytes, **_: object) -> bytes:
        at, text = key.record()
        assert name.decode() == at + "."
        return text.encode()

    return bool(dkim.verify(body, dnsfunc=dns))


def test_letter_arrives_with_a_signature_that_holds(
    key: DomainKey, store: SqliteStore, host: MailHost
) -> None:
    letter = Letter(message_id="<1@example.org>", address="ada@example.org", body=message())
    store.post.queue(letter, now=NOW)
    assert (
        hand_over(store.post, server_of(host, sign=key.sign), now=lambda: NOW + timedelta(minutes=1)).sent
        == 1
    )
    ((_, _, body),) = host.taken
    assert verified(body, key)
    assert body.endswith(message())


def test_signature_survives_what_mail_servers_do_and_nothing_else(key: DomainKey) -> None:
    signed = key.sign(message())
    assert verified(b"Received: from a by b; today\r\n" + signed, key)
    assert verified(signed.replace(b"Auto-Submitted: auto", b"auto-submitted:   auto"), key)
    assert not verified(signed.replace(b"Papers.", b"Adverts", 1), key)
    assert not verified(signed.replace(b"ada@", b"eve@"), key)
    assert not verified(b"From: Bank <bank@example.org>\r\n" + signed, key)


def test_headers_that_the_button_to_unsubscribe_needs_are_signed(key: DomainKey) -> None:
    seal = email.message_from_bytes(key.sign(message()))["DKIM-Signature"]
    names = re.search(r"h=([^;]+);", seal)
    assert names is not None
    assert {"from", "list-unsubscribe", "list-unsubscribe-post"} <= set(re.split(r"[\s:]+", names[1].lower()))
    assert "d=example.org;" in seal


def test_record_is_the_key_as_openssl_reads_it(key: DomainKey, pem: str) -> None:
    name, text = key.record()
    assert name == "paper._domainkey.example.org"
    public = subprocess.run(
        ["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem.encode(), check=True, capture_output=True
    ).stdout
    assert base64.b64decode(text.partition("p=")[2]) == public


def test_selector_and_key_come_from_the_settings_and_the_domain_from_the_sender(
    pem: str, tmp_path: Path
) -> None:
    file = tmp_path / "dkim.pem"
    file.write_text(pem, encoding="utf-8")
    flags = {
        "smtp_host": "smtp.example.org",
        "mail_from": "Broadsheet <paper@Example.org>",
        "mail_bounces": "bounces@elsewhere.org",
        "base_url": "https://papers.example.org",
        "dkim_selector": "paper",
    }
    settings = load(environ={"BROADSHEET_DKIM_KEY_FILE": str(file)}, flags=flags)
    found = domain_key(settings)
    assert found is not None
    assert found.record()[0] == "paper._domainkey.example.org"
    sign = mail_server(settings).sign
    assert sign is not None
    assert verified(sign(message()), found)
    assert "PRIVATE" not in repr(settings) + repr(mail_server(settings))


def test_without_settings_nothing_is_signed_here() -> None:
    assert domain_key(load(environ={}, flags={"mail_from": "paper@example.org"})) is None


@pytest.mark.parametrize(
    ("selector", "text", "named"),
    [
        ("paper", "no key", "'dkim_key' is not an RSA key"),
        (
            "paper",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "'dkim_key' is not an RSA key",
        ),
        ("paper; p=", None, "'dkim_selector'"),
        ("paper", "", "'dkim_key' is empty"),
        ("", None, "'dkim_selector' is empty"),
    ],
)
def test_what_cannot_sign_is_refused_before_any_letter(
    selector: str, text: str | None, named: str, pem: str
) -> None:
    flags = {
        "mail_from": "paper@example.org",
        "dkim_selector": selector,
        "dkim_key": pem if text is None else text,
    }
    with pytest.raises(InputError, match=named):
        domain_key(load(environ={}, flags=flags))


def test_short_key_and_elliptic_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a key of 512 bits"):
        DomainKey("example.org", "paper", _made(tmp_path, 512))
    curve = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True
    ).stdout
    with pytest.raises(InputError, match="not an RSA key"):
        DomainKey("example.org", "paper", curve.decode())

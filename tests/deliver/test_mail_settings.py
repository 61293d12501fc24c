"""From settings to a mail server."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.config import Settings, load
from broadsheet.errors import InputError
from broadsheet.wiring import mail_server

WHOLE = {
    "smtp_host": "smtp.example.org",
    "mail_from": "Broadsheet <paper@example.org>",
    "base_url": "https://papers.example.org",
}


def settings(**more: object) -> Settings:
    return load(environ={}, flags=WHOLE | more)


@pytest.mark.parametrize(
    ("more", "port"),
    [
        ({}, 587),
        ({"smtp_security": "tls"}, 465),
        ({"smtp_security": "none"}, 25),
        ({"smtp_security": "tls", "smtp_port": 2465}, 2465),
    ],
)
def test_port_follows_how_mail_is_kept_private(more: dict[str, object], port: int) -> None:
    assert mail_server(settings(**more)).port == port


def test_bounces_go_to_the_sender_unless_another_address_is_named() -> None:
    assert mail_server(settings()).sender == "paper@example.org"
    assert mail_server(settings(mail_bounces="bounces@example.org")).sender == "bounces@example.org"


def test_password_may_stand_in_a_file_and_is_shown_to_nobody(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("s3cret\n", encoding="utf-8")
    found = load(environ={"BROADSHEET_SMTP_PASSWORD_FILE": str(file)}, flags=WHOLE)
    assert mail_server(found).password == "s3cret"
    assert "s3cret" not in repr(mail_server(found)) + repr(found)


@pytest.mark.parametrize("name", WHOLE)
def test_what_mail_cannot_do_without_is_named(name: str) -> None:
    with pytest.raises(InputError, match=f"'{name}' is empty"):
        mail_server(settings(**{name: ""}))


@pytest.mark.parametrize(
    ("name", "value"),
    [("smtp_security", "ssl"), ("smtp_port", 70000), ("mail_connections", 0), ("mail_from", "nobody")],
)
def test_value_that_cannot_be_is_refused(name: str, value: object) -> None:
    with pytest.raises(InputError, match=name):
        mail_server(settings(**{name: value}))

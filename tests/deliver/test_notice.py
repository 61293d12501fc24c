"""Letters about accounts go through the outbox like all others."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.store.post import State

SETTINGS = {
    "encoder": "none",
    "access": "team",
    "registration": "open",
    "smtp_host": "127.0.0.1",
    "mail_from": "Paper <paper@example.org>",
    "base_url": "https://paper.example.org",
}


def test_a_link_to_finish_an_account_is_queued_as_text_and_html(tmp_path: Path) -> None:
    with wiring.open_archive(Settings(data=tmp_path, **SETTINGS)) as archive:  # type: ignore[arg-type]
        door = wiring.accounts(archive).admission
        assert door.mails
        door.register(
            name="Bob",
            email="bob@example.org",
            password="correct horse battery",
            url=lambda secret: f"https://paper.example.org/confirm/{secret}",
        )
        assert archive.store.post.letters() == {State.WAITING: 1}
        now = datetime.now(UTC)
        (waiting,) = archive.store.post.claim_letters("test", now=now, until=now, limit=5)
        message = message_from_bytes(waiting.letter.body, policy=policy.default)
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert message["To"] == "bob@example.org"
        assert message["Subject"] == "Broadsheet: finish your account"
        line = next(line for line in plain.get_content().splitlines() if line.startswith("https://"))
        assert door.finish(line.rsplit("/", 1)[1]).confirmed
        assert f'href="{line}"' in html.get_content()


def test_without_a_mail_server_no_mail_is_promised(tmp_path: Path) -> None:
    with wiring.open_archive(Settings(data=tmp_path, encoder="none", access="team")) as archive:
        assert not wiring.accounts(archive).admission.mails

"""Digests from the command line: shown, asked for, sent over a real server, stopped."""

from __future__ import annotations

import email
import email.policy
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.deliver.mailhost import MailHost, mail_host

from broadsheet import wiring
from broadsheet.config import Settings


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder that ``run`` uses, with the sample edition in it."""
    data = tmp_path / "data"
    with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
        wiring.take_sample(archive)
    return data


def environment(host: MailHost) -> dict[str, str]:
    return {
        "BROADSHEET_SMTP_HOST": "127.0.0.1",
        "BROADSHEET_SMTP_PORT": str(host.port),
        "BROADSHEET_SMTP_SECURITY": "none",
        "BROADSHEET_MAIL_FROM": "Broadsheet <paper@example.org>",
        "BROADSHEET_BASE_URL": "https://papers.example.org",
    }


def test_dry_run_shows_the_digest_and_sends_nothing(run: Run, data: Path) -> None:
    shown = run("digest", "--dry-run").stdout
    assert shown.startswith("Subject: Broadsheet, 20 March: ")
    assert "BROADSHEET\nFriday, 20 March 2026 · 10 of 26 new papers" in shown
    assert run("digest", "--public", "--day", "2026-03-20", "--html").stdout.startswith("<!doctype html>")
    assert json.loads(run("mail", "list", "--json").stdout)["letters"]["waiting"] == 0
    assert run("digest", "--day", "2026-03-21", check=False).returncode == 4
    assert run("digest", "--day", "tomorrow", check=False).returncode == 2


def test_subscribe_confirm_send_and_stop(run: Run, data: Path) -> None:
    with mail_host() as host:
        environ = environment(host)
        asked = run(
            "mail", "subscribe", "ada@example.org", "--days", "mon,thu", "--zone", "Europe/Paris", **environ
        )
        assert "Monday and Thursday at 7:00 (Europe/Paris)" in asked.stderr
        question = host.messages[0].get_body(("plain",))
        assert question is not None
        found = re.search(r"/mail/subscribe/(\S+)", question.get_content())
        assert found is not None
        assert run("mail", "list").stdout.startswith("letters: 0 waiting")
        with wiring.open_archive(Settings(data=data, encoder="none")) as archive:
            editor = wiring.editor_of(archive)
            editor.confirm(found[1], now=datetime.now(UTC))
        assert "digest of me, Monday and Thursday at 7:00 (Europe/Paris); next" in run("mail", "list").stdout
        assert "1 written; 1 sent" in run("digest", **environ).stderr
        assert "0 written; 0 sent" in run("digest", **environ).stderr  # nothing is new since
        assert "0 written; 0 sent" in run("mail", "send", **environ).stderr
        digest = email.message_from_bytes(host.taken[1][2], policy=email.policy.default)
        assert digest["Subject"].startswith("Broadsheet, 20 March: ")
        assert len(host.taken) == 2
    assert "stopped 1 subscription of ada@example.org" in run("mail", "unsubscribe", "ada@example.org").stderr
    listed = json.loads(run("mail", "list", "--json").stdout)
    assert [s["why"] for s in listed["subscriptions"]] == ["unsubscribed by the site"]
    assert listed["letters"] == {"waiting": 0, "sent": 2, "failed": 0, "handed": 0}
    assert run("digest", check=False, **environ).returncode == 4


def test_what_mail_needs_is_said_before_anything_is_done(run: Run, data: Path) -> None:
    for words in (("mail", "send"), ("mail", "subscribe", "ada@example.org"), ("serve", "--port", "0")):
        done = run(*words, check=False, BROADSHEET_SMTP_HOST="smtp.example.org")
        assert done.returncode == 2
        assert "setting 'mail_from' is empty" in done.stderr
    assert "setting 'smtp_host' is empty" in run("mail", "send", check=False).stderr
    wrong = run("mail", "list", check=False, BROADSHEET_SMTP_SECURITY="ssl")
    assert "expected one of starttls, tls, none" in wrong.stderr


def test_days_that_are_none_are_refused(run: Run) -> None:
    done = run("mail", "subscribe", "ada@example.org", "--days", "someday", check=False)
    assert done.returncode == 2
    assert "expected daily, weekdays, weekly, or days such as 'mon,thu'" in done.stderr


def test_bounce_is_noted_for_an_address(run: Run) -> None:
    assert "ada@example.org: stopped 0" in run("mail", "bounce", "ada@example.org").stderr

"""Digests and other letters: who writes them, and the mail server that takes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from broadsheet.config import Settings
from broadsheet.errors import InputError
from broadsheet.wiring.opening import Archive, _now

if TYPE_CHECKING:
    from broadsheet.deliver.editor import Editor
    from broadsheet.deliver.mail import MailServer
    from broadsheet.deliver.outbox import Handed
    from broadsheet.pipeline.digests import Written

_POST_EVERY = 20.0  # seconds


def editor_of(archive: Archive) -> Editor:
    """Who writes the letters of an archive."""
    from broadsheet.deliver.compose import Masthead  # noqa: PLC0415  for those who write
    from broadsheet.deliver.editor import Editor  # noqa: PLC0415
    from broadsheet.deliver.judging import judge_of  # noqa: PLC0415
    from broadsheet.deliver.signing import Signer  # noqa: PLC0415

    settings = archive.settings
    url = settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return Editor(
        archive.library,
        archive.store.post,
        signer=Signer(archive.store.secret()),
        judge=judge_of(archive.library),
        masthead=Masthead(title=settings.title, url=url, footer=settings.mail_footer),
        sender=settings.mail_from or f"{settings.title} <broadsheet@localhost>",
    )


def mail_server(settings: Settings) -> MailServer:
    """The mail server that the settings name. Raises InputError where they do not suffice."""
    from email.utils import parseaddr  # noqa: PLC0415

    from broadsheet.deliver.mail import MailServer, Security  # noqa: PLC0415

    for name, example in (
        ("smtp_host", "smtp.example.org"),
        ("mail_from", "Broadsheet <paper@example.org>"),
        ("base_url", "https://papers.example.org"),
    ):
        if not getattr(settings, name):
            raise InputError(f"setting {name!r} is empty; mail needs it, such as {example!r}")
    sender = parseaddr(settings.mail_bounces or settings.mail_from)[1]
    if "@" not in sender:
        raise InputError(
            f"setting 'mail_from' is {settings.mail_from!r}; expected an address such as 'paper@example.org'"
        )
    security = Security(settings.smtp_security)
    ports = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port or ports[security],
        security=security,
        user=settings.smtp_user,
        password=settings.smtp_password,
        sender=sender,
    )


def write_digests(editor: Editor, *, stopped: Callable[[], bool] = lambda: False) -> Written:
    """Write the digests that are due into the outbox."""
    from broadsheet.pipeline.digests import write_due  # noqa: PLC0415

    return write_due(editor, now=_now, stopped=stopped)


def send_letters(archive: Archive, *, stopped: Callable[[], bool] = lambda: False) -> Handed:
    """Hand the letters of the outbox over to the mail server. Raises SourceError, InputError."""
    from broadsheet.pipeline.digests import send_waiting  # noqa: PLC0415

    settings = archive.settings
    return send_waiting(
        archive.store.post,
        mail_server(settings),
        now=_now,
        stopped=stopped,
        connections=settings.mail_connections,
    )


def keep_posting(archive: Archive, *, stop: threading.Event) -> None:
    """Write and send what is due until ``stop`` is set; for a thread of its own."""
    from broadsheet.pipeline.schedule import repeat  # noqa: PLC0415

    editor = editor_of(archive)

    def work() -> None:
        write_digests(editor, stopped=stop.is_set)
        send_letters(archive, stopped=stop.is_set)

    repeat("the post", work, every=timedelta(seconds=_POST_EVERY), stop=stop)

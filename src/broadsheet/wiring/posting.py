"""Digests and other letters: who writes them, and the mail server that takes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from broadsheet.config import Settings
from broadsheet.errors import InputError
from broadsheet.wiring.opening import Archive, _now, turn_of

if TYPE_CHECKING:
    from broadsheet.deliver.dkim import DomainKey
    from broadsheet.deliver.editor import Editor
    from broadsheet.deliver.mail import MailServer
    from broadsheet.deliver.outbox import Handed
    from broadsheet.deliver.websub import Herald
    from broadsheet.pipeline.digests import Written

_POST_EVERY = 20.0  # seconds
_HERALD_EVERY = 30.0  # seconds


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
        archive.store.tallies,
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
        sign=key.sign if (key := domain_key(settings)) else None,
    )


def domain_key(settings: Settings) -> DomainKey | None:
    """The key that letters are signed with; None leaves that to the mail server. Raises InputError."""
    from email.utils import parseaddr  # noqa: PLC0415

    if not settings.dkim_selector and not settings.dkim_key:
        return None
    for name in ("dkim_selector", "dkim_key"):
        if not getattr(settings, name):
            raise InputError(
                f"setting {name!r} is empty; signing letters needs both 'dkim_selector' and 'dkim_key'"
            )
    try:
        from broadsheet.deliver.dkim import DomainKey  # noqa: PLC0415  an optional extra
    except ImportError as error:
        raise InputError(
            "signing letters needs an extra that is not installed: pip install 'broadsheet[dkim]'"
        ) from error
    # A receiver compares the signature's domain with that of From (DMARC), not with the envelope's.
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2].encode("idna").decode().lower()
    return DomainKey(domain, settings.dkim_selector, settings.dkim_key)


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
    """Write and send what is due until ``stop`` is set, where no other process does; for a thread of its own."""
    from broadsheet.pipeline.schedule import Stopped, repeat  # noqa: PLC0415

    editor = editor_of(archive)

    def work(stopped: Stopped) -> None:
        write_digests(editor, stopped=stopped)
        send_letters(archive, stopped=stopped)

    repeat(
        "the post",
        work,
        every=timedelta(seconds=_POST_EVERY),
        stop=stop,
        turn=turn_of(archive, "post"),
    )


def herald_of(settings: Settings) -> Herald | None:
    """Who tells the WebSub hub of new editions; None where there is no hub. Raises InputError."""
    from broadsheet.deliver.websub import Herald  # noqa: PLC0415
    from broadsheet.serve.syndication import TOLD  # noqa: PLC0415

    if not settings.websub_hub:
        return None
    if not settings.websub_hub.startswith(("https://", "http://")):
        raise InputError(
            f"setting 'websub_hub' is {settings.websub_hub!r}; expected an address such as 'https://hub.example.org/'"
        )
    if not settings.base_url:
        raise InputError(
            "setting 'base_url' is empty; a WebSub hub must be told where the feeds are, such as "
            "'https://papers.example.org'"
        )
    base = settings.base_url.rstrip("/")
    return Herald(settings.websub_hub, [base + path for path in TOLD])


def keep_telling(archive: Archive, *, stop: threading.Event) -> None:
    """Tell the WebSub hub of new editions until ``stop`` is set, where no other process does; for a thread of its own."""
    from broadsheet.pipeline.schedule import repeat  # noqa: PLC0415

    herald = herald_of(archive.settings)
    assert herald is not None  # or nobody would ask
    repeat(
        "telling the hub",
        lambda _: herald.look(archive.store.last_seq()),
        every=timedelta(seconds=_HERALD_EVERY),
        stop=stop,
        turn=turn_of(archive, "herald"),
    )

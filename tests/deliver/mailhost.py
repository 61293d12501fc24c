"""A real mail server for tests, which also refuses, stalls, and hangs up wherever it is told to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from broadsheet.deliver.mail import MailServer, Security


@dataclass
class MailHost:
    """What the server took, and how it behaves: ``answers`` by command or address, said once each, in order."""

    taken: list[tuple[str, str, bytes]] = field(default_factory=list)  # sender, recipient, message
    answers: dict[str, list[str]] = field(default_factory=dict)
    connections: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, what: str) -> str | None:
        with self.lock:
            waiting = self.answers.get(what)
            return waiting.pop(0) if waiting else None

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(body, policy=email.policy.default) for _, _, body in self.taken]

    @property
    def by_id(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(message["Message-ID"] for message in self.messages)

    # -- aiosmtpd's hooks

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.answer("MAIL")
        if said == "drop":
            hang_up(server)
            return "421 gone"
        if said:
            return said
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := self.answer(address) or self.answer("RCPT"):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = self.answer("DATA") or "250 taken"
        if said == "drop":  # as if it had never come
            hang_up(server)
            return "421 gone"
        if said == "stall":
            await asyncio.sleep(3)
            hang_up(server)
            return "421 gone"
        body = envelope.original_content
        assert body is not None
        if said.startswith("250") or said == "take and drop":
            with self.lock:
                self.taken.append((envelope.mail_from or "", envelope.rcpt_tos[0], body))
        if said == "take and drop":
            hang_up(server)
        return said


def hang_up(server: SMTP) -> None:
    """Cut the connection without a word."""
    transport: Any = server.transport
    transport.abort()


class _HangsUpInData(SMTP):
    """Hangs up in the middle of a message, after the server agreed to get it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not self.session or not self.session.ssl:  # after STARTTLS it is the same connection
            self.event_handler.connections += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        host: MailHost = self.event_handler
        if host.answer("IN DATA") == "drop":
            await self.push("354 go on")
            await self._reader.read(200)
            hang_up(self)
            return
        await super().smtp_DATA(arg)


@contextmanager
def mail_host(
    *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, password: str | None = None
) -> Iterator[MailHost]:
    """A server on a free port of loopback, in a thread of its own."""
    host = MailHost()
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    def authenticate(_: SMTP, __: Session, ___: Envelope, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            b"paper",
            (password or "").encode(),
        )
        return AuthResult(success=good, handled=False)

    options: dict[str, Any] = {"hostname": "test", "timeout": 30, "loop": loop}
    if starttls:
        options |= {"tls_context": starttls, "require_starttls": True}
    if password:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": bool(starttls)}

    async def serve() -> None:
        server = await loop.create_server(lambda: _HangsUpInData(host, **options), "127.0.0.1", 0, ssl=tls)
        host.port = server.sockets[0].getsockname()[1]
        ready.set()
        async with server:
            await done.wait()
        sessions = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), name="mail host")
    thread.start()
    try:
        assert ready.wait(20), "the mail server did not start"
        yield host
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


def server_of(host: MailHost, **more: Any) -> MailServer:
    """How a host is reached."""
    values: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": host.port,
        "security": Security.NONE,
        "sender": "bounces@papers.example.org",
        "name": "papers.example.org",
        "timeout": 10.0,
    }
    return MailServer(**(values | more))


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side and a client's, of a certificate made for 127.0.0.1."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            key,
            "-out",
            cert,
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert))

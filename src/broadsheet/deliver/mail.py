"""One letter to one mail server: SMTP, and what its answers mean. Knows no outbox.

The letter's text goes to the server first and the dot that ends it last, so that whoever sends can note in between that
from here on the server may have the letter.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from broadsheet.errors import SourceError


class Security(StrEnum):
    """How the connection is kept private."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over. ``sender``: where the servers of others send what they could not deliver."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str
    name: str | None = None  # what we call ourselves; None asks the system
    timeout: float = 60.0  # seconds for each answer
    # Seconds for the answer to the last dot: who gives up early sends twice. RFC 5321, 4.5.3.2.6.
    last_timeout: float = 600.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)  # None trusts what the system does
    # Signs a message, which is done as it leaves: a letter that waits for days goes with the key of the day.
    sign: Callable[[bytes], bytes] | None = field(default=None, repr=False)


class Verdict(StrEnum):
    """What came of sending a letter."""

    SENT = "sent"
    LATER = "later"
    NEVER = "never"  # the server will not take this letter
    NOBODY = "nobody"  # there is no such address
    UNKNOWN = "unknown"  # the connection broke after the last dot: the server may have it


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending a letter, in the server's own words."""

    verdict: Verdict
    said: str = ""
    lost: bool = False  # whether the connection is of no use any more
    begun: bool = True  # whether the server heard of this letter at all


# Enhanced status codes (RFC 3463) that speak of the address; 5.7 speaks of us.
_ADDRESS_STATUS: Final = re.compile(r"5\.(?:1\.\d+|2\.1)\b")
_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_NO_SUCH: Final = frozenset({550, 551, 553})
# At the beginning of a line, RFC 5321, 4.5.2.
_DOT: Final = re.compile(rb"(?m)^\.")


class Mailer:
    """A connection to a mail server; a context manager. For one thread."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._smtp = _connect(self._server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (OSError, smtplib.SMTPException):
                self._smtp.close()

    def send(self, body: bytes, *, to: str, last: Callable[[], bool]) -> Outcome:
        """Send a message. ``last`` is called before the dot that ends it; where it says False, it is not sent.

        Raises SourceError where the server takes no letters of ours at all.
        """
        smtp = self._smtp
        assert smtp is not None
        if self._server.sign is not None:
            body = self._server.sign(body)
        try:
            code, said = smtp.mail(self._server.sender)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.LATER, _words(error), lost=True, begun=False)
        if code != 250:
            self._forget(smtp)
            if code >= 500:  # of the sender, not of this letter: so every other one would fare the same
                raise SourceError(
                    f"{self._where} takes no mail from {self._server.sender}: {code} {_text(said)}"
                )
            return Outcome(Verdict.LATER, f"{code} {_text(said)}", lost=code == 421, begun=False)
        try:
            code, said = smtp.rcpt(to)
            if code not in {250, 251}:
                return self._refused(smtp, code, said, at_address=True)
            code, said = smtp.docmd("DATA")
            if code != 354:
                return self._refused(smtp, code, said, at_address=False)
            smtp.send(_DOT.sub(b"..", body))
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.LATER, _words(error), lost=True)
        if not last():
            smtp.close()  # without the dot: the server forgets what it has heard
            return Outcome(Verdict.LATER, "somebody else has it", lost=True)
        try:
            smtp.send(b".\r\n")
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.last_timeout)
            code, said = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(self._server.timeout)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Verdict.UNKNOWN, _words(error), lost=True)
        if code == 250:
            return Outcome(Verdict.SENT)
        return self._refused(smtp, code, said, at_address=False)

    @property
    def _where(self) -> str:
        return f"the mail server {self._server.host}:{self._server.port}"

    def _refused(self, smtp: smtplib.SMTP, code: int, said: bytes, *, at_address: bool) -> Outcome:
        words = _text(said)
        lost = code == 421 or not self._forget(smtp)
        told = f"{code} {words}"
        if code < 500:
            return Outcome(Verdict.LATER, told, lost=lost)
        status = _STATUS.search(words)
        nobody = _ADDRESS_STATUS.match(status[0]) if status else code in _NO_SUCH
        if at_address and nobody:
            return Outcome(Verdict.NOBODY, told, lost=lost)
        # "We do not relay", "you are blocked": ours to mend, so the letter waits.
        ours = status is not None and status[0].startswith("5.7")
        return Outcome(Verdict.LATER if at_address and ours else Verdict.NEVER, told, lost=lost)

    def _forget(self, smtp: smtplib.SMTP) -> bool:
        """Make the server forget a letter that was begun; False where the connection is gone."""
        try:
            return smtp.rset()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False


def _connect(server: MailServer) -> smtplib.SMTP:
    trust = server.trust
    if trust is None and server.security is not Security.NONE:
        trust = ssl.create_default_context()
    where = f"the mail server {server.host}:{server.port}"
    smtp: smtplib.SMTP | None = None
    try:
        if server.security is Security.TLS:
            smtp = smtplib.SMTP_SSL(
                server.host, server.port, local_hostname=server.name, timeout=server.timeout, context=trust
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, local_hostname=server.name, timeout=server.timeout)
        if server.security is Security.STARTTLS:
            smtp.starttls(context=trust)
        if server.user:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
    except (OSError, smtplib.SMTPException) as error:
        if smtp is not None:
            smtp.close()
        if isinstance(error, smtplib.SMTPAuthenticationError):
            raise SourceError(
                f"{where} does not take the password of {server.user!r}: {_words(error)}; see the settings "
                "'smtp_user' and 'smtp_password'"
            ) from error
        if isinstance(error, smtplib.SMTPNotSupportedError):
            raise SourceError(
                f"{where}: {_words(error)}; expected what the settings 'smtp_security' = "
                f"{server.security.value!r} and 'smtp_user' ask for"
            ) from error
        raise SourceError(f"{where} cannot be used: {_words(error)}") from error
    return smtp


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return " ".join(str(error).split())[:300] or type(error).__name__


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]

"""GET documents from arXiv's hosts, politely and to the end. Knows HTTP, not what the documents mean.

A reply is read within a total deadline and a size limit, and handed to the caller's reader; where
that says ``MalformedError`` (cut off, not XML, an HTML page in place of the answer) the request is made
again like after a time-out. Everything goes through the ``Gate``.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from broadsheet import __version__
from broadsheet.errors import SourceError, ThrottledError
from broadsheet.source.arxiv.gate import PATIENCE, Gate
from broadsheet.source.retry import Retry, TransientError, retry_after

T = TypeVar("T")

GOING_ON = "nothing is lost, the next run goes on from the saved cursor"
_WAIT = frozenset({429, 503})
_REDIRECT = frozenset({301, 302, 303, 307, 308})
_MAX_REDIRECTS = 4


class MalformedError(TransientError):
    """A reply that cannot be the answer: cut off, not XML, another document."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete answer. ``url`` is the last one asked, after redirects."""

    status: int
    body: bytes
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long, how much and how often a client tries. Seconds and bytes."""

    connect: float = 30.0
    silence: float = 60.0  # between two pieces of a reply
    deadline: float = 300.0  # for a whole reply; arXiv's largest take a little over two minutes
    size: int = 64 << 20
    attempts: int = 6
    backoff: float = 5.0  # the first pause; each further one is twice as long
    longest: float = 300.0  # no pause of ours is longer
    patience: float = PATIENCE  # a host's wish is waited for up to here


class Client:
    """Asks arXiv. One client may be used from several threads; the gate orders them."""

    def __init__(
        self,
        gate: Gate,
        *,
        contact: str = "",
        limits: Limits | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._gate = gate
        self._limits = limits or Limits()
        self._clock = clock
        self._retry = Retry(
            attempts=self._limits.attempts,
            backoff=self._limits.backoff,
            longest=self._limits.longest,
            patience=self._limits.patience,
            advice=GOING_ON,
            sleep=sleep,
            jitter=jitter,
        )
        self._headers = {
            "User-Agent": user_agent(contact),
            "Accept": "application/xml, application/atom+xml, */*;q=0.1",
            "Accept-Encoding": "gzip",
        }
        self._transport = transport
        self._http: httpx.Client | None = None

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def fetch(self, url: str, params: Mapping[str, str], read: Callable[[Reply], T]) -> T:
        """What ``read`` makes of the reply, tried again while that may help.

        ``read`` sees every reply whose status does not itself say "later" (so also 400 and 404,
        whose bodies arXiv's hosts fill with an explanation); it raises MalformedError to ask again.
        Raises ThrottledError where the host wants a longer pause than we have patience for or
        keeps asking for pauses, SourceError where it keeps failing.
        """
        return self._retry.call(lambda: read(self._ask(url, params)))

    def _ask(self, url: str, params: Mapping[str, str]) -> Reply:
        # Encoded by the book: a resumption token holds per cent signs of its own.
        asked = f"{url}?{urlencode(params)}" if params else url
        for _ in range(_MAX_REDIRECTS):
            # Each redirect is a request of its own and waits its turn like any other.
            with self._gate.turn(patience=self._limits.patience) as hold:
                try:
                    reply, elsewhere = self._get(asked)
                except ThrottledError as error:
                    hold(error.retry_after or 0.0)
                    raise
            if elsewhere is None:
                return reply
            asked = _followed(asked, elsewhere)
        raise SourceError(f"{url} redirects more than {_MAX_REDIRECTS} times")

    def _get(self, url: str) -> tuple[Reply, str | None]:
        started = time.monotonic()
        host = urlsplit(url).hostname
        try:
            with self._open().stream("GET", url) as response:
                if response.status_code in _REDIRECT:
                    return Reply(response.status_code, b"", url), response.headers.get("Location", "")
                self._check(response, host)
                raw = bytearray()
                for piece in response.iter_raw():
                    raw += piece
                    self._check_size(len(raw), host)
                    if time.monotonic() - started > self._limits.deadline:
                        raise TransientError(
                            f"{host} did not finish its answer in {self._limits.deadline:g} s"
                        )
                body = bytes(raw)
                if response.headers.get("Content-Encoding", "").lower() in {"gzip", "x-gzip"}:
                    body = self._unzipped(body, host)
                return Reply(response.status_code, body, url), None
        except httpx.TimeoutException as error:
            raise TransientError(f"{host} did not answer in time") from error
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
            raise TransientError(f"the connection to {host} failed: {reason}") from error

    def _unzipped(self, raw: bytes, host: str | None) -> bytes:
        # Not httpx's own decoding: a few kilobytes may unfold to more than memory holds.
        unzip = zlib.decompressobj(wbits=31)
        try:
            body = unzip.decompress(raw, self._limits.size + 1)
        except zlib.error as error:
            raise TransientError(f"the answer of {host} is damaged: {error}") from error
        self._check_size(len(body), host)
        if not unzip.eof:
            raise TransientError(f"the answer of {host} is cut off")
        return body

    def _check_size(self, size: int, host: str | None) -> None:
        if size > self._limits.size:
            raise SourceError(f"the answer of {host} is larger than {self._limits.size} bytes; {GOING_ON}")

    def _open(self) -> httpx.Client:
        # Made when first needed: it reads the certificates of the world. The gate lets in one at a time.
        if self._http is None:
            self._http = httpx.Client(
                headers=self._headers,
                timeout=httpx.Timeout(self._limits.silence, connect=self._limits.connect),
                limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
                transport=self._transport,
            )
        return self._http

    def _check(self, response: httpx.Response, host: str | None) -> None:
        status = response.status_code
        if status in _WAIT:
            after = retry_after(response.headers.get("Retry-After"), now=self._clock())
            raise ThrottledError(
                f"{host} answered {status} and asks for a pause"
                + (f" of {after:.0f} s" if after is not None else ""),
                after,
            )
        if status >= 500 or status == 408:
            raise TransientError(f"{host} answered {status}")
        if status in {401, 403}:
            raise SourceError(
                f"{host} refuses us ({status}); arXiv blocks clients that ask too much: set `contact` and "
                "write to arXiv's support if this lasts"
            )


def answer_of(reply: Reply, read: Callable[[bytes], T]) -> T:
    """What ``read`` makes of a reply's body; a refusal that explains nothing is not asked for again.

    Raises SourceError for such a status of 400 or above, else what ``read`` raises.
    """
    try:
        return read(reply.body)
    except MalformedError as error:
        if reply.status >= 400:
            raise SourceError(f"{reply.url} answers {reply.status}; {GOING_ON}") from error
        raise


def user_agent(contact: str) -> str:
    """How we name ourselves: program, version, purpose and whom to write to."""
    # A header field is printable ASCII; an address with other letters must not stop the request.
    legal = "".join(c if c.isascii() and c.isprintable() else "?" for c in " ".join(contact.split()))
    return f"Broadsheet/{__version__} (personal paper reader{'; contact: ' + legal if legal else ''})"


def _followed(asked: str, elsewhere: str) -> str:
    here = urlsplit(asked)
    try:
        target = urljoin(asked, elsewhere)
        there = urlsplit(target)
    except ValueError as error:
        raise SourceError(f"{here.hostname} redirects to {elsewhere!r}, which is no address") from error
    known = there.hostname == here.hostname or f".{there.hostname}".endswith(".arxiv.org")
    if not elsewhere or there.scheme not in {"http", "https"} or not known:
        raise SourceError(f"{here.hostname} redirects to {elsewhere or 'nowhere'!r}, which is not arXiv's")
    return target

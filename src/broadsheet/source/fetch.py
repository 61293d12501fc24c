"""Fetch what lies behind an address, politely and within limits. Knows HTTP; of formats, JSON alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from broadsheet import __version__
from broadsheet.errors import InputError, SourceError, ThrottledError
from broadsheet.source.retry import Retry, TransientError, retry_after

_THROTTLED = frozenset({429, 503})
_TRY_AGAIN = frozenset({500, 502, 504})
_MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, where it came from in the end, and what its host calls it."""

    url: str
    body: bytes
    type: str = ""


class Fetcher:
    """Gets addresses one after another: at most one request in ``pause`` seconds to each host.

    A busy host (429, 503) is asked again when its Retry-After says so, others after 2, 4, 8 …
    seconds, ``tries`` times in all; a wait over ``patience`` seconds ends in ThrottledError. ``deadline`` bounds
    one whole answer, slow drips included, and ``limit`` its size in bytes. ``accept`` names the media type
    wanted, where a host has several. For one thread.
    """

    def __init__(
        self,
        *,
        contact: str = "",
        accept: str = "",
        pause: float = 1.0,
        timeout: float = 20.0,
        deadline: float = 120.0,
        limit: int = 32 << 20,
        tries: int = 3,
        patience: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        agent = f"Broadsheet/{__version__}" + (f" ({contact})" if contact else "")
        self._headers = {"User-Agent": agent} | ({"Accept": accept} if accept else {})
        self._pause = pause
        self._timeout = timeout
        self._deadline = deadline
        self._limit = limit
        self._retry = Retry(attempts=tries, backoff=2.0, patience=patience, sleep=sleep)
        self._transport = transport
        self._clock = clock
        self._sleep = sleep
        self._now = now
        self._asked: dict[str, float] = {}
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections; the next ``get`` opens new ones."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def get(self, url: str) -> Fetched:
        """What an ``http(s)`` address answers.

        Raises InputError for other addresses, ThrottledError where the host goes on asking us to
        wait, SourceError where it does not answer, answers an error, too much or too slowly.
        """
        host = _host(url)
        return self._retry.call(lambda: self._ask(url, host))

    def _wait_turn(self, host: str) -> None:
        asked = self._asked.get(host)
        if asked is not None and (wait := asked + self._pause - self._clock()) > 0:
            self._sleep(wait)
        self._asked[host] = self._clock()

    def _ask(self, url: str, host: str) -> Fetched:
        self._wait_turn(host)
        began = self._clock()
        if self._client is None:
            self._client = httpx.Client(
                headers=self._headers,
                timeout=self._timeout,
                transport=self._transport,
                follow_redirects=True,
                max_redirects=_MAX_REDIRECTS,
            )
        try:
            with self._client.stream("GET", url) as answer:
                self._check(answer, url)
                body = bytearray()
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > self._limit:
                        raise SourceError(f"{url}: the answer is larger than {self._limit >> 20} MB")
                    if self._clock() - began > self._deadline:
                        raise SourceError(f"{url}: the answer took longer than {self._deadline:g} s")
                return Fetched(str(answer.url), bytes(body), answer.headers.get("content-type", ""))
        except httpx.TimeoutException as error:
            raise SourceError(f"{url}: the host did not answer within {self._timeout:g} s") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(f"{url}: {error or type(error).__name__}") from error

    def _check(self, answer: httpx.Response, url: str) -> None:
        status = answer.status_code
        said = f"{url}: the host answered {status} {answer.reason_phrase}"
        if status in _THROTTLED:
            raise ThrottledError(said, retry_after(answer.headers.get("Retry-After"), now=self._now()))
        if status in _TRY_AGAIN:
            raise TransientError(said)
        if status != httpx.codes.OK:
            raise SourceError(said)


def listing(body: bytes, name: str, *, url: str) -> tuple[dict[str, Any], list[Any]]:
    """The JSON object that a host answered with, and the list of this name in it. Raises SourceError."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{url}: the answer is not JSON: {error}") from error
    if not isinstance(answer, dict) or not isinstance(items := answer.get(name), list):
        raise SourceError(f"{url}: the answer has no list {name!r}")
    return answer, items


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise InputError(f"not an address: {url!r}: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise InputError(f"not an address to fetch: {url!r}; wanted one that begins with http:// or https://")
    return parts.netloc.lower()

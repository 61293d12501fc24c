"""When a host is asked again, and after what pause. Knows neither HTTP nor any host."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from broadsheet.errors import SourceError, ThrottledError

T = TypeVar("T")

_log = logging.getLogger(__name__)


class TransientError(SourceError):
    """A failure that may have gone by the next attempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Asks up to ``attempts`` times; each wait is told in the log before it begins. Seconds.

    A wait is what the host asks for, up to ``patience``; where it asks for none it is ``backoff``,
    twice that, and so on up to ``longest``. Of those, ``jitter`` (0…1) says how much of the second
    half is sat out: clients that failed together do not come back together.
    """

    attempts: int
    backoff: float
    patience: float
    longest: float = 300.0
    advice: str = "try again later"  # ends the message of what is given up
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = lambda: 1.0

    def call(self, ask: Callable[[], T]) -> T:
        """What ``ask`` gives, asked again after a TransientError or ThrottledError.

        Raises ThrottledError where the host wants a longer pause than ``patience`` or goes on asking
        for pauses, SourceError where it goes on failing.
        """
        for attempt in range(1, self.attempts + 1):
            try:
                return ask()
            except (TransientError, ThrottledError) as failure:
                asked = failure.retry_after if isinstance(failure, ThrottledError) else None
                if asked is not None and asked > self.patience:
                    raise ThrottledError(f"{failure}; {self.advice}", asked) from failure
                if attempt == self.attempts:
                    message = f"{failure}; gave up after {attempt} attempts; {self.advice}"
                    if isinstance(failure, ThrottledError):
                        raise ThrottledError(message, asked) from failure
                    raise SourceError(message) from failure
                wait = self._pause(attempt) if asked is None else asked
                _log.warning(
                    "%s; asking again in %.0f s (attempt %d of %d)",
                    failure, wait, attempt + 1, self.attempts,
                )  # fmt: skip
                self.sleep(wait)
        raise SourceError(f"never asked: got {self.attempts} attempts, wanted at least 1")

    def _pause(self, attempt: int) -> float:
        whole = min(self.backoff * 2.0 ** (attempt - 1), self.longest)
        return whole * (0.5 + 0.5 * self.jitter())


def retry_after(value: str | None, *, now: float) -> float | None:
    """The pause, in seconds, that a Retry-After field asks for (RFC 9110, 10.2.3); None where it is unclear.

    >>> retry_after("120", now=0), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", now=20)
    (120.0, 40.0)
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.fromtimestamp(now, UTC)).total_seconds())

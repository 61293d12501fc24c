"""Hand over the letters that wait: once each, whatever happens. Knows the post's contract, no database.

What is certain, and what cannot be, is in docs/design/digest.md.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from broadsheet.deliver.mail import Mailer, MailServer, Outcome, Verdict
from broadsheet.store.post import Post, Waiting

_log = logging.getLogger(__name__)

# How long a letter is nobody else's. Within it at most _BATCH answers are awaited; it is renewed before the last dot.
LEASE: Final = timedelta(minutes=15)
_BATCH: Final = 20
# When to try again, the last one over and over; given up after what RFC 5321, 4.5.4.1 suggests.
_PAUSES: Final = tuple(timedelta(minutes=m) for m in (1, 5, 15, 30, 60, 120, 240))
_PATIENCE: Final = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Handed:
    """What came of a round, in letters."""

    sent: int = 0
    later: int = 0
    failed: int = 0

    def __add__(self, other: Handed) -> Handed:
        return Handed(self.sent + other.sent, self.later + other.later, self.failed + other.failed)


def hand_over(
    post: Post,
    server: MailServer,
    *,
    now: Callable[[], datetime],
    stopped: Callable[[], bool] = lambda: False,
    lease: timedelta = LEASE,
) -> Handed:
    """Hand over all letters that are due, over one connection as long as it holds; several may do so at once.

    Raises SourceError where the server cannot be used; the letters wait.
    """
    holder = secrets.token_hex(8)
    total = Handed()
    mailer: Mailer | None = None
    try:
        while not stopped() and (
            batch := post.claim_letters(holder, now=now(), until=now() + lease, limit=_BATCH)
        ):
            until = now() + lease / 2
            for waiting in batch:
                if stopped() or now() > until:
                    post.release(holder)
                    break
                if mailer is None:
                    mailer = Mailer(server).__enter__()
                outcome = _send(post, mailer, waiting, holder=holder, now=now, lease=lease)
                if outcome.lost:
                    mailer.__exit__(None, None, None)
                    mailer = None
                    if not outcome.begun:  # it had closed a connection that was kept for long: once more
                        mailer = Mailer(server).__enter__()
                        outcome = _send(post, mailer, waiting, holder=holder, now=now, lease=lease)
                total += _note(post, waiting, outcome, holder=holder, now=now())
    finally:
        if mailer is not None:
            mailer.__exit__(None, None, None)
        post.release(holder)
    return total


def _send(
    post: Post,
    mailer: Mailer,
    waiting: Waiting,
    *,
    holder: str,
    now: Callable[[], datetime],
    lease: timedelta,
) -> Outcome:
    if waiting.doubtful:
        _log.warning(
            "letter %s to %s may arrive twice: whoever handed it over never said how that ended",
            waiting.letter.message_id,
            waiting.letter.address,
        )
    return mailer.send(
        waiting.letter.body,
        to=waiting.letter.address,
        last=lambda: post.hand_over(holder, waiting.no, until=now() + lease),
    )


def _note(post: Post, waiting: Waiting, outcome: Outcome, *, holder: str, now: datetime) -> Handed:
    """Write down what came of a letter."""
    address = waiting.letter.address
    match outcome.verdict:
        case Verdict.SENT:
            post.sent(holder, waiting.no, now=now)
            return Handed(sent=1)
        case Verdict.NEVER | Verdict.NOBODY:
            post.fail(holder, waiting.no, now=now, error=outcome.said)
            _log.warning("letter %s to %s failed: %s", waiting.letter.message_id, address, outcome.said)
            if outcome.verdict is Verdict.NOBODY:
                post.suspend(address, why=f"bounced: {outcome.said}")
            return Handed(failed=1)
        case Verdict.LATER | Verdict.UNKNOWN:
            if now - waiting.queued > _PATIENCE:
                post.fail(holder, waiting.no, now=now, error=f"given up after five days: {outcome.said}")
                return Handed(failed=1)
            if outcome.verdict is Verdict.UNKNOWN:
                _log.warning(
                    "letter %s to %s may arrive twice: %s after its last dot",
                    waiting.letter.message_id,
                    address,
                    outcome.said,
                )
            pause = _PAUSES[min(waiting.attempts, len(_PAUSES) - 1)]
            post.put_off(holder, waiting.no, due=now + pause, error=outcome.said)
            return Handed(later=1)

"""One round of the post: digests that are due are written and filed, letters that wait are handed over.

Rounds may run in several processes at once, and be killed anywhere: the store's claims share the work out.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from broadsheet.deliver.editor import Editor
from broadsheet.deliver.mail import MailServer
from broadsheet.deliver.outbox import LEASE, Handed, hand_over
from broadsheet.store.post import Done, Post

_log = logging.getLogger(__name__)

# Written and filed together: one transaction for so many, and so many to be written again after a kill.
_BATCH: Final = 50

Clock = Callable[[], datetime]
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing: digests that were due, and those that had something to tell."""

    due: int = 0
    letters: int = 0


def write_due(
    editor: Editor, *, now: Clock, stopped: Stopped = lambda: False, lease: timedelta = LEASE
) -> Written:
    """Write every digest that is due; each is filed together with the note of what it told of.

    One that cannot be written is logged and left to a later round; the others do not wait for it.
    """
    holder = secrets.token_hex(8)
    due = letters = 0
    while not stopped() and (
        batch := editor.post.claim_due(holder, now=now(), until=now() + lease, limit=_BATCH)
    ):
        done: list[Done] = []
        for subscription in batch:
            try:
                done.append(editor.write(subscription, now=now()))
            except Exception:  # noqa: BLE001  a job loop: whatever failed is recorded, and tried again
                # It stays claimed, so that it is not tried again at once.
                _log.exception("the digest for subscription %s could not be written", subscription.id)
        due += len(batch)
        letters += editor.post.file(holder, done, now=now())
    return Written(due, letters)


def send_waiting(
    post: Post, server: MailServer, *, now: Clock, stopped: Stopped = lambda: False, connections: int = 1
) -> Handed:
    """Hand over every letter that is due, over so many connections. Raises SourceError where none can be had."""
    if connections == 1:
        return hand_over(post, server, now=now, stopped=stopped)
    with ThreadPoolExecutor(connections, thread_name_prefix="mail") as pool:
        rounds = [pool.submit(hand_over, post, server, now=now, stopped=stopped) for _ in range(connections)]
        return sum((one.result() for one in rounds), Handed())

"""Does once what is asked twice, over all processes of a site. Knows no request and no clock.

A program that never saw its answer cannot know whether what it asked for was done. It names its request by a key of its
own making and sends both again: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from broadsheet.errors import BusyError, InputError, ReusedError, SourceError, UnderWayError
from broadsheet.store.replies import Asker, Replies

# Errors that say that nothing was done. After others (a database that went away) nobody knows.
_DID_NOTHING = (InputError, SourceError, BusyError)


class Repeats:
    """Requests under keys, and what was answered."""

    def __init__(self, replies: Replies, *, now: Callable[[], datetime]) -> None:
        self._replies = replies
        self._now = now

    def once(self, do: Callable[[], Any], *, asker: Asker, key: str, asked: str) -> Any:
        """What ``do`` gives; what it gave before, where this asker asked the same under the same key within a day.

        What it gives must be JSON. Raises ReusedError where something else was asked, UnderWayError where it is not
        known how that ended, and whatever ``do`` raises.
        """
        name, said = _digest(key), _digest(asked)
        former = self._replies.begin(asker, name, asked=said, now=self._now())
        if former is None:
            try:
                answer = do()
            except _DID_NOTHING:
                self._replies.forget(asker, name)
                raise
            self._replies.keep(asker, name, json.dumps(answer))
            return answer
        if former.asked != said:
            raise ReusedError("something else was asked under this key; take another one for another request")
        if former.answer is None:
            raise UnderWayError(
                "this request is being answered, or was when a process died; if it stays so, look what was done, and ask "
                "for the rest under another key"
            )
        return json.loads(former.answer)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""The contract of replies: what was answered to a request that may come again, whichever process answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Asker:
    """Whose a key is: a reader, and the key of the token that asks for them, "" at a browser."""

    reader: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A request that came before under the same key: a hash of it, and its answer, None while it is under way."""

    asked: str
    answer: str | None


class Replies(Protocol):
    """Answers under keys; both keys and requests are hashes. See ``store.contract`` for threads and errors.

    One counts for a day; one from the future was written by a clock that ran ahead, and does not count. Of an asker's
    the last thousand are kept.
    """

    def begin(self, asker: Asker, key: str, *, asked: str, now: datetime) -> Reply | None:
        """Note that a request is under way; where one came before under the key, that and nothing else.

        Of several that begin in the same moment, in whatever process, one gets None.
        """
        ...

    def keep(self, asker: Asker, key: str, answer: str) -> None:
        """Keep the answer of a request that is done."""
        ...

    def forget(self, asker: Asker, key: str) -> None:
        """Forget a request that did nothing, so that it may come again."""
        ...

"""The contract ``Replies`` in SQL, for every engine. Knows no request and no answer, only their texts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Final

from broadsheet.store.engine import Session, Transaction
from broadsheet.store.replies import Asker, Reply
from broadsheet.store.rows import moment

LASTS: Final = timedelta(days=1)
MOST: Final = 1000  # of one asker's

_ITS = "reader = :reader AND token = :token AND key = :key"


class SqlReplies:
    """Replies in one database. ``alone`` opens a write transaction that nobody else has who names the same."""

    def __init__(
        self, *, reading: Transaction, alone: Callable[[str], AbstractContextManager[Session]]
    ) -> None:
        self._reading = reading
        self._alone = alone

    def begin(self, asker: Asker, key: str, *, asked: str, now: datetime) -> Reply | None:
        """Note that a request is under way; where one came before under the key, that and nothing else."""
        its = {"reader": asker.reader, "token": asker.token, "key": key}
        with self._reading() as session:
            session.run(
                "DELETE FROM replies WHERE at <= :old OR at > :ahead",
                old=moment(now - LASTS),
                ahead=moment(now + LASTS),
            )
        with self._for(asker) as session:
            row = session.one(f"SELECT asked, answer FROM replies WHERE {_ITS}", **its)
            if row is not None:
                return Reply(*row)
            session.run(
                "DELETE FROM replies WHERE reader = :reader AND token = :token AND at <= (SELECT at FROM replies "
                "WHERE reader = :reader AND token = :token ORDER BY at DESC LIMIT 1 OFFSET :most)",
                reader=asker.reader,
                token=asker.token,
                most=MOST - 1,
            )
            session.run(
                "INSERT INTO replies VALUES (:reader, :token, :key, :asked, :at, NULL)",
                asked=asked,
                at=moment(now),
                **its,
            )
        return None

    def keep(self, asker: Asker, key: str, answer: str) -> None:
        """Keep the answer of a request that is done."""
        with self._for(asker) as session:
            session.run(
                f"UPDATE replies SET answer = :answer WHERE {_ITS}",
                reader=asker.reader,
                token=asker.token,
                key=key,
                answer=answer,
            )

    def forget(self, asker: Asker, key: str) -> None:
        """Forget a request that did nothing, so that it may come again."""
        with self._for(asker) as session:
            session.run(f"DELETE FROM replies WHERE {_ITS}", reader=asker.reader, token=asker.token, key=key)

    def _for(self, asker: Asker) -> AbstractContextManager[Session]:
        return self._alone(f"replies {asker.reader} {asker.token}")

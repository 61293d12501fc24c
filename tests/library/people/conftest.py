"""A door with a real store behind it, a clock that the test moves, and mails kept instead of sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from broadsheet.library.people import Accounts, Registration, Rules
from broadsheet.store.sqlite import SqliteStore

# As little work as argon2 takes, so that tests are quick; the parameters are kept in every hash.
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class House:
    """An Accounts and what tests need around it."""

    store: SqliteStore
    registration: Registration = Registration.OPEN
    now: datetime = datetime(2026, 3, 8, 9, 30, tzinfo=UTC)
    mails: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.accounts = Accounts(
            self.store.people,
            self.store.tallies,
            now=lambda: self.now,
            post=self.post,
            rules=Rules(registration=self.registration, tries=5, window=timedelta(minutes=15)),
            hasher=QUICK,
        )

    def post(self, address: str, *, subject: str, text: str) -> None:
        self.mails.append((address, subject, text))

    def link(self) -> str:
        """The secret of the link in the last mail, whose page is /x/ here."""
        return self.mails[-1][2].partition("/x/")[2].split()[0]

    def wait(self, **much: float) -> None:
        self.now += timedelta(**much)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with SqliteStore.open(tmp_path / "people.db") as store:
        yield House(store)

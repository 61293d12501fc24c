"""The contract of the post: who gets digests, and the letters on their way. A part of the store's, with its promises.

Work is claimed: a claim names its holder and ends by itself, so that several processes may work and one that
was killed is stood in for. What a holder does after its claim ended has no effect, and it is told so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When somebody wants a digest: on ``days`` (Monday is 0), at ``hour`` of ``zone``'s clock."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    hour: int = 7
    zone: str = "UTC"
    if_empty: bool = False  # whether to write also where there is nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A digest for an address; ``reader`` is "" for the public list."""

    id: str
    address: str
    reader: str = ""
    schedule: Schedule
    confirmed: datetime
    covered: date | None = None  # the last edition that a digest told of
    told: datetime | None = None  # the moment of the last piece of news that one told of
    due: datetime | None = None  # None: stopped
    why: str = ""  # why it was stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to be sent: ``body`` is the whole message as it goes over the wire."""

    address: str
    message_id: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a due digest: the letter, or None where there is nothing to tell, and what comes next.

    ``edition`` names what the letter tells of.
    """

    subscription: str
    letter: Letter | None
    edition: str
    covered: date | None
    told: datetime | None
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A letter claimed for sending."""

    no: int
    subscription: str
    letter: Letter
    queued: datetime
    attempts: int  # how often it was tried before
    doubtful: bool = False  # a server may have it already: whoever handed it over never said how that ended


class State(IntEnum):
    """Where a letter is."""

    WAITING = 0
    SENT = 1
    FAILED = 2
    HANDED = 3  # with the server, which has not answered yet


class Post(Protocol):
    """See ``store.contract`` for threads, transactions and errors."""

    # -- subscriptions

    def enrol(self, subscription: Subscription) -> Subscription:
        """Keep a confirmed subscription; one of the same address and reader takes its schedule and goes on.

        One that goes on keeps its id and where it stands; one that was stopped begins anew.
        """
        ...

    def subscription(self, id: str) -> Subscription | None:
        """The subscription with this id."""
        ...

    def subscriptions(
        self, *, reader: str | None = None, address: str | None = None
    ) -> tuple[Subscription, ...]:
        """All subscriptions, or those of a reader or an address, stopped ones too, by address and reader."""
        ...

    def stop(self, id: str, *, why: str) -> bool:
        """Stop a subscription and take back its letters that have not gone; False where there is none to stop."""
        ...

    def suspend(self, address: str, *, why: str) -> int:
        """Stop every subscription of an address; how many."""
        ...

    def hurry(self, id: str, *, now: datetime) -> bool:
        """Make a subscription due at once; False where it is stopped or there is none."""
        ...

    # -- composing

    def claim_due(
        self, holder: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Subscription, ...]:
        """Subscriptions that are due and nobody's, longest due first: the holder's until ``until``."""
        ...

    def file(self, holder: str, done: Sequence[Done], *, now: datetime) -> int:
        """Put letters into the outbox and note what they told of, in one transaction; how many letters.

        What is no longer the holder's, and a letter of an edition that there is one of already, is passed over.
        Letters that went or failed 90 days ago are forgotten, here and by ``queue``.
        """
        ...

    # -- sending

    def queue(self, letter: Letter, *, now: datetime) -> None:
        """Put a letter of no subscription into the outbox."""
        ...

    def queued(self, address: str, *, since: datetime) -> int:
        """How many letters of no subscription were queued for an address since a moment."""
        ...

    def claim_letters(
        self, holder: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Waiting, ...]:
        """Letters that are due and nobody's, longest due first: the holder's until ``until``."""
        ...

    def hand_over(self, holder: str, no: int, *, until: datetime) -> bool:
        """Note that the server is about to get a letter; False where it is no longer the holder's."""
        ...

    def sent(self, holder: str, no: int, *, now: datetime) -> bool:
        """Note that the server took a letter; False where it is no longer the holder's."""
        ...

    def put_off(self, holder: str, no: int, *, due: datetime, error: str) -> bool:
        """Note that a letter could not be sent and is to be tried again; False where it is not the holder's."""
        ...

    def fail(self, holder: str, no: int, *, now: datetime, error: str) -> bool:
        """Note that a letter will never be sent; False where it is no longer the holder's."""
        ...

    def release(self, holder: str) -> None:
        """Give back what a holder has claimed and not begun to hand over."""
        ...

    def letters(self) -> Mapping[State, int]:
        """How many letters there are in each state."""
        ...

    def failures(self, *, limit: int = 20) -> tuple[tuple[str, str, datetime], ...]:
        """The last letters that failed for good: address, error, moment; newest first."""
        ...

"""The editor: writes what a subscription is due, and asks and answers those who subscribe.

Knows the library, the post's contract and how links are signed; knows no mail server and no page.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from broadsheet.deliver.compose import Links, Masthead, Text, write_digest, write_notice, write_question
from broadsheet.deliver.digest import Digest, Judge, Pool, gather, make_digest
from broadsheet.deliver.message import address_of, new_message_id, write_message
from broadsheet.deliver.signing import Deed, Signer, Ticket
from broadsheet.deliver.timetable import next_due, time_zone
from broadsheet.errors import InputError, NotFoundError, TooManyError
from broadsheet.ids import PaperId
from broadsheet.library import Library
from broadsheet.library.throttle import Throttle
from broadsheet.model import MarkKind
from broadsheet.store.post import Done, Letter, Post, Schedule, Subscription
from broadsheet.store.tallies import Tallies

CONFIRM_DAYS: Final = 7
DEED_DAYS: Final = 60  # how long a letter's links to save and hide are good
# A digest after a long pause chooses from the last month.
_LONGEST: Final = timedelta(days=31)
# Questions to one address; who asks for more is told to look into the mailbox.
_QUESTIONS: Final = 3
_QUESTIONS_IN: Final = timedelta(days=1)
_ASKERS: Final = 20  # questions that one visitor may have us send within an hour
_DEEDS: Final = {Deed.SAVE: MarkKind.SAVED, Deed.HIDE: MarkKind.HIDDEN}


@dataclass(frozen=True, slots=True)
class Request:
    """A subscription that somebody asks for; nothing is kept of it until the owner of the address confirms."""

    address: str
    reader: str
    schedule: Schedule


class Editor:
    """Writes letters for one site. Safe to share between threads.

    ``sender`` is the From of every letter. ``masthead.url`` must be an address that readers can reach.
    """

    def __init__(
        self,
        library: Library,
        post: Post,
        tallies: Tallies,
        *,
        signer: Signer,
        judge: Judge,
        masthead: Masthead,
        sender: str,
    ) -> None:
        self._library = library
        self._signer = signer
        self._judge = judge
        self._masthead = masthead
        self._sender = sender
        self._pools: dict[tuple[tuple[date, ...], tuple[int, int]], Pool] = {}
        self._lock = threading.Lock()
        self._askers = Throttle(tallies, "asker", limit=_ASKERS, window=timedelta(hours=1))
        self.post = post

    # -- digests

    def digest(self, reader: str, days: Sequence[date], *, told: datetime | None = None) -> Digest:
        """The digest of these editions for a reader, or with "" for everybody."""
        return make_digest(self._library, self._pool(days), reader=reader, judge=self._judge, told=told)

    def preview(self, reader: str, *, day: date | None, now: datetime) -> Text:
        """The letter that a reader would get now, or of one day's edition. Links to act are not in it."""
        if day is not None:
            if not self._editions(day, day):
                raise NotFoundError(
                    f"there is no edition of {day}; expected a day on which papers were announced"
                )
            days: tuple[date, ...] = (day,)
        else:
            latest = self._library.latest()
            days = () if latest is None else (latest,)
        return self._text(self.digest(reader, days), subscription=None, now=now)

    def write(self, subscription: Subscription, *, now: datetime) -> Done:
        """What a due subscription is told, or that there is nothing to tell; and when it is due next."""
        schedule = subscription.schedule
        due = next_due(now, days=schedule.days, hour=schedule.hour, zone=schedule.zone)
        assert subscription.due is not None  # or it would not be due
        if subscription.due > now:
            # It came by a clock that ran ahead when the last one was written: nothing is told before its time.
            return Done(
                subscription=subscription.id,
                letter=None,
                edition="",
                covered=subscription.covered,
                told=subscription.told,
                due=due,
            )
        days = self._days_after(subscription.covered)
        digest = self.digest(subscription.reader, days, told=subscription.told)
        letter = None
        if not digest.empty or schedule.if_empty:
            text = self._text(digest, subscription=subscription, now=now)
            letter = self._letter(text, to=subscription.address, leave=self._leave(subscription), now=now)
        return Done(
            subscription=subscription.id,
            letter=letter,
            edition=days[-1].isoformat() if days else f"at {subscription.due.isoformat()}",
            covered=days[-1] if days else subscription.covered,
            # Not the time now: news that comes in meanwhile may be of an earlier moment.
            told=max((news.at for news in digest.news), default=subscription.told),
            due=due,
        )

    # -- subscribing

    def ask(self, address: str, *, reader: str, schedule: Schedule, now: datetime, asker: str = "") -> None:
        """Ask the owner of an address by mail whether the digest is wanted. ``asker``: where the wish comes from.

        Raises InputError for an address or schedule that is none, TooManyError where the address was asked often
        today, or the asker asked often.
        """
        address = address_of(address)
        next_due(now, days=schedule.days, hour=schedule.hour, zone=schedule.zone)
        if self.post.queued(address, since=now - _QUESTIONS_IN) >= _QUESTIONS:
            raise TooManyError(
                f"{address} was sent {_QUESTIONS} questions within a day; look for them there, also among the spam",
                retry_after=_QUESTIONS_IN.total_seconds(),
            )
        if asker:
            self._askers.take(asker, now=now)
        days = "".join(map(str, schedule.days))
        facts = (address, reader, days, str(schedule.hour), schedule.zone, str(int(schedule.if_empty)))
        link = self._link("subscribe", Deed.CONFIRM, facts, until=now + timedelta(days=CONFIRM_DAYS))
        text = write_question(
            masthead=self._masthead, schedule=schedule, public=not reader, confirm=link, days=CONFIRM_DAYS
        )
        self.post.queue(self._letter(text, to=address, leave=None, now=now), now=now)

    def requested(self, ticket: str, *, now: datetime) -> Request:
        """What a link to confirm asks for. Raises NotFoundError, InputError where it has expired."""
        address, reader, days, hour, zone, if_empty = self._signer.read(
            ticket, deed=Deed.CONFIRM, now=now
        ).facts
        schedule = Schedule(days=tuple(map(int, days)), hour=int(hour), zone=zone, if_empty=if_empty == "1")
        return Request(address, reader, schedule)

    def confirm(self, ticket: str, *, now: datetime) -> Subscription:
        """Begin the subscription that a link confirms; once confirmed it stays so. Raises as ``requested``."""
        request = self.requested(ticket, now=now)
        schedule = request.schedule
        latest = self._library.latest()
        # The first digest tells of the latest edition, and of no news from before.
        before = self._library.edition(latest).previous if latest else None
        return self.post.enrol(
            Subscription(
                id=secrets.token_hex(8),
                address=request.address,
                reader=request.reader,
                schedule=schedule,
                confirmed=now,
                covered=before or (latest - timedelta(days=1) if latest else None),
                told=now,
                due=next_due(now, days=schedule.days, hour=schedule.hour, zone=schedule.zone),
            )
        )

    def leaving(self, ticket: str, *, now: datetime) -> Subscription:
        """The subscription that a link to unsubscribe is of. Raises NotFoundError."""
        (id,) = self._signer.read(ticket, deed=Deed.LEAVE, now=now).facts
        found = self.post.subscription(id)
        if found is None:
            raise NotFoundError("this subscription is no longer here")
        return found

    def leave(self, ticket: str, *, now: datetime) -> Subscription:
        """End a subscription; ending it again changes nothing. Raises NotFoundError."""
        found = self.leaving(ticket, now=now)
        self.post.stop(found.id, why="unsubscribed")
        return found

    def own(self, reader: str) -> tuple[Subscription, ...]:
        """A reader's own subscriptions, those that were stopped with why, by address."""
        return tuple(s for s in self.post.subscriptions(reader=reader) if s.due or s.why)

    def stop(self, id: str, *, reader: str) -> None:
        """End one of a reader's own subscriptions. Raises NotFoundError where it is nobody's or another's."""
        found = self.post.subscription(id)
        if found is None or found.reader != reader:
            raise NotFoundError("there is no such subscription of yours")
        self.post.stop(found.id, why="unsubscribed")

    # -- about accounts

    def tell(self, address: str, *, subject: str, text: str, now: datetime) -> None:
        """Queue a letter to somebody about their account: a link to confirm, an invitation. Raises InputError."""
        letter = write_notice(masthead=self._masthead, subject=subject, text=text)
        self.post.queue(self._letter(letter, to=address_of(address), leave=None, now=now), now=now)

    # -- acting on a paper from a letter

    def deed(self, ticket: str, deed: Deed, *, now: datetime) -> tuple[str, PaperId]:
        """Whose paper a link saves or hides. Raises NotFoundError, InputError where it has expired."""
        reader, paper = self._signer.read(ticket, deed=deed, now=now).facts
        return reader, PaperId.parse(paper)

    def do(self, ticket: str, deed: Deed, *, now: datetime) -> PaperId:
        """Save or hide what a link names; doing it again changes nothing. Raises as ``deed``, and NotFoundError."""
        reader, paper = self.deed(ticket, deed, now=now)
        self._library.desk(reader).mark(paper, _DEEDS[deed])
        return paper

    # -- within

    def _text(self, digest: Digest, *, subscription: Subscription | None, now: datetime) -> Text:
        # A preview holds no permissions, so that it can be shown to anybody.
        acting = subscription is not None and bool(digest.reader)
        until = now + timedelta(days=DEED_DAYS)

        def act(deed: Deed, paper: PaperId) -> str:
            return self._link(deed.value, deed, (digest.reader, str(paper)), until=until)

        links = Links(
            save=(lambda paper: act(Deed.SAVE, paper)) if acting else None,
            hide=(lambda paper: act(Deed.HIDE, paper)) if acting else None,
            leave=self._leave(subscription) if subscription else None,
            change=f"{self._masthead.url}/digest" if digest.reader else f"{self._masthead.url}/subscribe",
        )
        return write_digest(
            digest,
            masthead=self._masthead,
            schedule=subscription.schedule if subscription else None,
            links=links,
        )

    def _letter(self, text: Text, *, to: str, leave: str | None, now: datetime) -> Letter:
        name = new_message_id(self._sender, at=now)
        body = write_message(
            text,
            sender=self._sender,
            to=to,
            message_id=name,
            at=now,
            list_name=f"{self._masthead.title} digest",
            list_id=f"digest.{urlsplit(self._masthead.url).hostname or 'localhost'}",
            unsubscribe=leave,
        )
        return Letter(address=to, message_id=name, body=body)

    def _leave(self, subscription: Subscription) -> str:
        return self._link("unsubscribe", Deed.LEAVE, (subscription.id,), until=None)

    def _link(self, page: str, deed: Deed, facts: tuple[str, ...], *, until: datetime | None) -> str:
        return f"{self._masthead.url}/mail/{page}/{self._signer.sign(Ticket(deed, facts, until))}"

    def _days_after(self, covered: date | None) -> tuple[date, ...]:
        """The editions that a digest tells of."""
        latest = self._library.latest()
        if latest is None:
            return ()
        start = latest if covered is None else max(covered + timedelta(days=1), latest - _LONGEST)
        return self._editions(start, latest)

    def _editions(self, start: date, end: date) -> tuple[date, ...]:
        return tuple(count.day for count in self._library.days(start, end) if count.new)

    def _pool(self, days: Sequence[date]) -> Pool:
        key = (tuple(days), self._library.state())
        with self._lock:
            if key not in self._pools:
                # Readers of one round ask for few: yesterday, the weekend, the week.
                if len(self._pools) >= 8:
                    self._pools.clear()
                self._pools[key] = gather(self._library, days)
            return self._pools[key]


def schedule_of(*, days: Sequence[int], hour: int, zone: str, if_empty: bool) -> Schedule:
    """A schedule as somebody filled it in. Raises InputError."""
    if not days or not set(days) <= set(range(7)):
        raise InputError(f"no days: {list(days)}; expected some of 0 (Monday) to 6 (Sunday)")
    if not 0 <= hour <= 23:
        raise InputError(f"not an hour: {hour}; expected 0 to 23")
    time_zone(zone)
    return Schedule(days=tuple(sorted(set(days))), hour=hour, zone=zone, if_empty=if_empty)

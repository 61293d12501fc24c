"""The contract ``Post`` in SQL, for every engine."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from broadsheet.store.engine import Session, Transaction
from broadsheet.store.post import Done, Letter, Schedule, State, Subscription, Waiting
from broadsheet.store.rows import moment

_SUBSCRIPTION = "id, address, reader, days, hour, zone, if_empty, confirmed, covered, told, due, why"
# How long it is known of a letter that it went or failed.
_KEPT = timedelta(days=90)
# A clock that ran ahead may have been set right meanwhile. What is claimed or put off for longer than anybody
# claims or puts off is nobody's and due; so is a digest that is due later than any schedule comes round.
_AHEAD = timedelta(days=2)
_ROUND = timedelta(days=9)
_FREE = "(holder = '' OR lease <= :now OR lease > :ahead)"


class SqlPost:
    """Subscriptions and letters in one database."""

    def __init__(self, *, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    # -- subscriptions

    def enrol(self, subscription: Subscription) -> Subscription:
        """Keep a confirmed subscription; one of the same address and reader takes its schedule and goes on."""
        with self._writing() as session:
            session.run(
                f"INSERT INTO subscriptions ({_SUBSCRIPTION}, holder, lease) VALUES (:id, :address, :reader, "
                ":days, :hour, :zone, :if_empty, :confirmed, :covered, :told, :due, '', '', '') "
                "ON CONFLICT (address, reader) DO UPDATE SET days = excluded.days, hour = excluded.hour, "
                "zone = excluded.zone, if_empty = excluded.if_empty, confirmed = excluded.confirmed, why = '', "
                # Where it stands counts on only while it goes on.
                "covered = CASE WHEN subscriptions.due IS NULL THEN excluded.covered ELSE subscriptions.covered END, "
                "told = CASE WHEN subscriptions.due IS NULL THEN excluded.told ELSE subscriptions.told END, "
                "due = excluded.due",
                id=subscription.id,
                address=subscription.address,
                reader=subscription.reader,
                days=sum(1 << day for day in set(subscription.schedule.days)),
                hour=subscription.schedule.hour,
                zone=subscription.schedule.zone,
                if_empty=int(subscription.schedule.if_empty),
                confirmed=moment(subscription.confirmed),
                covered=_text(subscription.covered),
                told=_text(subscription.told),
                due=_text(subscription.due),
            )
            row = session.one(
                f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE address = :address AND reader = :reader",
                address=subscription.address,
                reader=subscription.reader,
            )
        return _subscription(row)

    def subscription(self, id: str) -> Subscription | None:
        """The subscription with this id."""
        with self._reading() as session:
            row = session.one(f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE id = :id", id=id)
        return _subscription(row) if row else None

    def subscriptions(
        self, *, reader: str | None = None, address: str | None = None
    ) -> tuple[Subscription, ...]:
        """All subscriptions, or those of a reader or an address, stopped ones too, by address and reader."""
        asked = {"reader": reader, "address": address}
        asked = {name: value for name, value in asked.items() if value is not None}
        where = " AND ".join(f"{name} = :{name}" for name in asked)
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_SUBSCRIPTION} FROM subscriptions"
                f"{' WHERE ' + where if where else ''} ORDER BY address, reader",
                **asked,
            )
        return tuple(map(_subscription, rows))

    def stop(self, id: str, *, why: str) -> bool:
        """Stop a subscription and take back its letters that wait; False where it was stopped or there is none."""
        with self._writing() as session:
            return _stop(session, [id], why) > 0

    def suspend(self, address: str, *, why: str) -> int:
        """Stop every subscription of an address; how many."""
        with self._writing() as session:
            rows = session.all("SELECT id FROM subscriptions WHERE address = :address", address=address)
            return _stop(session, [id for (id,) in rows], why)

    def hurry(self, id: str, *, now: datetime) -> bool:
        """Make a subscription due at once; False where it is stopped or there is none."""
        with self._writing() as session:
            return (
                session.run(
                    "UPDATE subscriptions SET due = :now WHERE id = :id AND due IS NOT NULL",
                    id=id,
                    now=moment(now),
                )
                > 0
            )

    # -- composing

    def claim_due(
        self, holder: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Subscription, ...]:
        """Subscriptions that are due and nobody's, longest due first: the holder's until ``until``."""
        with self._writing() as session:
            rows = session.all(
                f"SELECT {_SUBSCRIPTION} FROM subscriptions WHERE (due <= :now OR due > :round) AND {_FREE} "
                "ORDER BY due, id LIMIT :limit",
                now=moment(now),
                ahead=moment(now + _AHEAD),
                round=moment(now + _ROUND),
                limit=limit,
            )
            _claim(session, "subscriptions", "id", [row[0] for row in rows], holder=holder, until=until)
        return tuple(map(_subscription, rows))

    def file(self, holder: str, done: Sequence[Done], *, now: datetime) -> int:
        """Put letters into the outbox and note what they told of, in one transaction; how many letters."""
        letters = 0
        with self._writing() as session:
            for one in done:
                held = session.run(
                    "UPDATE subscriptions SET covered = :covered, told = :told, due = :due, holder = '', lease = '' "
                    "WHERE id = :id AND holder = :holder AND due IS NOT NULL",
                    id=one.subscription,
                    holder=holder,
                    covered=_text(one.covered),
                    told=_text(one.told),
                    due=moment(one.due),
                )
                if held and one.letter is not None:
                    letters += _queue(session, one.letter, one.subscription, one.edition, now)
        return letters

    # -- sending

    def queue(self, letter: Letter, *, now: datetime) -> None:
        """Put a letter of no subscription into the outbox."""
        with self._writing() as session:
            _queue(session, letter, "", letter.message_id, now)

    def queued(self, address: str, *, since: datetime) -> int:
        """How many letters of no subscription were queued for an address since a moment."""
        with self._reading() as session:
            count: int = session.one(
                "SELECT count(*) FROM letters WHERE address = :address AND queued >= :since AND subscription = ''",
                address=address,
                since=moment(since),
            )[0]
        return count

    def claim_letters(
        self, holder: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[Waiting, ...]:
        """Letters that are due and nobody's, longest due first: the holder's until ``until``."""
        with self._writing() as session:
            rows = session.all(
                "SELECT no, subscription, address, message_id, body, queued, attempts, state FROM letters "
                f"WHERE state IN (0, 3) AND (due <= :now OR due > :ahead) AND {_FREE} "
                "ORDER BY due, no LIMIT :limit",
                now=moment(now),
                ahead=moment(now + _AHEAD),
                limit=limit,
            )
            _claim(session, "letters", "no", [row[0] for row in rows], holder=holder, until=until)
        return tuple(
            Waiting(
                no=no,
                subscription=subscription,
                letter=Letter(address=address, message_id=name, body=zlib.decompress(body)),
                queued=datetime.fromisoformat(queued),
                attempts=attempts,
                doubtful=state == State.HANDED,
            )
            for no, subscription, address, name, body, queued, attempts, state in rows
        )

    def hand_over(self, holder: str, no: int, *, until: datetime) -> bool:
        """Note that the server is about to get a letter; False where it is no longer the holder's."""
        return self._note(holder, no, "state = 3, lease = :until", until=moment(until))

    def sent(self, holder: str, no: int, *, now: datetime) -> bool:
        """Note that the server took a letter; False where it is no longer the holder's."""
        return self._note(
            holder,
            no,
            "state = 1, attempts = attempts + 1, done = :now, error = '', body = :none, holder = ''",
            now=moment(now),
            none=b"",
        )

    def put_off(self, holder: str, no: int, *, due: datetime, error: str) -> bool:
        """Note that a letter could not be sent and is to be tried again; False where it is not the holder's."""
        return self._note(
            holder,
            no,
            "state = 0, attempts = attempts + 1, due = :due, error = :error, holder = ''",
            due=moment(due),
            error=error,
        )

    def fail(self, holder: str, no: int, *, now: datetime, error: str) -> bool:
        """Note that a letter will never be sent; False where it is no longer the holder's."""
        return self._note(
            holder,
            no,
            "state = 2, attempts = attempts + 1, done = :now, error = :error, body = :none, holder = ''",
            now=moment(now),
            error=error,
            none=b"",
        )

    def release(self, holder: str) -> None:
        """Give back what a holder has claimed and not begun to hand over."""
        with self._writing() as session:
            session.run("UPDATE letters SET holder = '' WHERE holder = :holder AND state = 0", holder=holder)
            session.run("UPDATE subscriptions SET holder = '' WHERE holder = :holder", holder=holder)

    def letters(self) -> Mapping[State, int]:
        """How many letters there are in each state."""
        with self._reading() as session:
            rows = session.all("SELECT state, count(*) FROM letters GROUP BY state ORDER BY state")
        return {State(state): count for state, count in rows}

    def failures(self, *, limit: int = 20) -> tuple[tuple[str, str, datetime], ...]:
        """The last letters that failed for good: address, error, moment; newest first."""
        with self._reading() as session:
            rows = session.all(
                "SELECT address, error, done FROM letters WHERE state = 2 ORDER BY done DESC, no DESC LIMIT :limit",
                limit=limit,
            )
        return tuple((address, error, datetime.fromisoformat(done)) for address, error, done in rows)

    def _note(self, holder: str, no: int, change: str, **values: Any) -> bool:
        with self._writing() as session:
            return (
                session.run(
                    f"UPDATE letters SET {change} WHERE no = :no AND holder = :holder AND state IN (0, 3)",
                    no=no,
                    holder=holder,
                    **values,
                )
                > 0
            )


def _claim(
    session: Session, table: str, key: str, values: list[Any], *, holder: str, until: datetime
) -> None:
    if values:
        session.run(
            f"UPDATE {table} SET holder = :holder, lease = :until WHERE {key} IN (:values*)",
            values=values,
            holder=holder,
            until=moment(until),
        )


def _queue(session: Session, letter: Letter, subscription: str, edition: str, now: datetime) -> int:
    session.run(
        "DELETE FROM letters WHERE subscription = :subscription AND state IN (1, 2) AND done < :old",
        subscription=subscription,
        old=moment(now - _KEPT),
    )
    (last,) = session.one("SELECT coalesce(max(no), 0) FROM letters")
    return session.run(
        "INSERT INTO letters VALUES (:no, :subscription, :edition, :address, :message_id, :body, 0, :now, 0, :now, "
        "NULL, '', '', '') ON CONFLICT (subscription, edition) DO NOTHING",
        no=last + 1,
        subscription=subscription,
        edition=edition,
        address=letter.address,
        message_id=letter.message_id,
        body=zlib.compress(letter.body, 1),
        now=moment(now),
    )


def _stop(session: Session, ids: list[str], why: str) -> int:
    if not ids:
        return 0
    # Also one that somebody holds: who finds it gone when it is to be handed over lets it be.
    session.run("DELETE FROM letters WHERE subscription IN (:ids*) AND state IN (0, 3)", ids=ids)
    return session.run(
        "UPDATE subscriptions SET due = NULL, why = :why, holder = '' WHERE id IN (:ids*) AND due IS NOT NULL",
        ids=ids,
        why=why,
    )


def _subscription(row: Any) -> Subscription:
    id, address, reader, days, hour, zone, if_empty, confirmed, covered, told, due, why = row
    return Subscription(
        id=id,
        address=address,
        reader=reader,
        schedule=Schedule(
            days=tuple(day for day in range(7) if days >> day & 1),
            hour=hour,
            zone=zone,
            if_empty=bool(if_empty),
        ),
        confirmed=datetime.fromisoformat(confirmed),
        covered=date.fromisoformat(covered) if covered else None,
        told=datetime.fromisoformat(told) if told else None,
        due=datetime.fromisoformat(due) if due else None,
        why=why,
    )


def _text(value: date | datetime | None) -> str | None:
    if value is None:
        return None
    return moment(value) if isinstance(value, datetime) else value.isoformat()

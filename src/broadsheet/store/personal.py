"""The contract ``Readers`` in SQL, for every engine. ``marks`` has the statements about papers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.model import Follow, FollowKind, Mark, MarkKind, Notice, Paper
from broadsheet.store import marks
from broadsheet.store.engine import Session, Transaction
from broadsheet.store.marks import put as put_mark
from broadsheet.store.rows import key_of, moment, paper_of


class SqlReaders:
    """What readers say, follow and prefer, in one database."""

    def __init__(self, *, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    # -- papers

    def mark(self, reader: str, id: PaperId, kind: MarkKind, *, text: str = "", now: datetime) -> bool:
        """Mark a paper; False where it was marked just so. Raises NotFoundError."""
        with self._changing(reader) as session:
            done = marks.put(session, reader, key_of(id), kind, text=text, now=now)
            if done is None:
                raise NotFoundError(f"no paper {id.value!r} in this archive")
        return done

    def mark_all(self, reader: str, marks: Iterable[Mark]) -> int:
        """Make many marks in one transaction; how many were made."""
        with self._changing(reader) as session:
            return sum(
                bool(put_mark(session, reader, key_of(m.paper), m.kind, text=m.text, now=m.at)) for m in marks
            )

    def unmark(self, reader: str, id: PaperId, kind: MarkKind, *, text: str = "") -> bool:
        """Take a mark away; False where there was none."""
        with self._changing(reader) as session:
            return marks.take(session, reader, key_of(id), kind, text=text)

    def marks(self, reader: str, *, kinds: Collection[MarkKind] = ()) -> tuple[Mark, ...]:
        """A reader's marks of these kinds, or all, newest first."""
        with self._reading() as session:
            return marks.marks(session, reader, kinds=kinds)

    def marks_of(self, reader: str, ids: Iterable[PaperId]) -> Mapping[PaperId, tuple[Mark, ...]]:
        """A reader's marks of these papers, keyed by the id asked for."""
        asked = {key_of(id): id for id in ids}
        with self._reading() as session:
            found = marks.marks_of(session, reader, asked)
        return {asked[name]: tuple(made) for name, made in found.items()}

    def marked(self, reader: str, kind: MarkKind, *, text: str = "") -> tuple[Paper, ...]:
        """The papers that a reader marked so, last marked first."""
        with self._reading() as session:
            return tuple(paper_of(*row) for row in marks.marked(session, reader, kind, text=text))

    def notices(self, reader: str) -> tuple[Notice, ...]:
        """News of saved papers, newest first."""
        with self._reading() as session:
            return marks.notices(session, reader)

    def see_notices(self, reader: str) -> None:
        """Mark a reader's notices as seen."""
        with self._writing() as session:
            marks.see_notices(session, reader)

    # -- what is followed

    def follow(self, reader: str, follow: Follow) -> None:
        """Follow something, or call it otherwise."""
        with self._changing(reader) as session:
            session.run(
                "INSERT INTO follows VALUES (:reader, :kind, :value, :label, :alert, :at) "
                "ON CONFLICT (reader, kind, value) DO UPDATE SET label = excluded.label, alert = excluded.alert",
                reader=reader,
                kind=follow.kind.value,
                value=follow.value,
                label=follow.label,
                alert=int(follow.alert),
                at=moment(follow.at),
            )

    def unfollow(self, reader: str, kind: FollowKind, value: str) -> bool:
        """No longer follow it; False where it was not followed."""
        with self._changing(reader) as session:
            return (
                session.run(
                    "DELETE FROM follows WHERE reader = :reader AND kind = :kind AND value = :value",
                    reader=reader,
                    kind=kind.value,
                    value=value,
                )
                > 0
            )

    def follows(self, reader: str) -> tuple[Follow, ...]:
        """What a reader follows, by kind, label and value."""
        with self._reading() as session:
            rows = session.all(
                "SELECT kind, label, value, alert, at FROM follows WHERE reader = :reader", reader=reader
            )
        return tuple(
            Follow(
                kind=FollowKind(kind),
                value=value,
                label=label,
                alert=bool(alert),
                at=datetime.fromisoformat(at),
            )
            for kind, label, value, alert, at in sorted(rows)
        )

    # -- settings

    def prefer(self, reader: str, name: str, value: str | None) -> None:
        """Keep a reader's setting; None forgets it."""
        with self._changing(reader) as session:
            session.run(
                "DELETE FROM preferences WHERE reader = :reader AND name = :name", reader=reader, name=name
            )
            if value is not None:
                session.run(
                    "INSERT INTO preferences VALUES (:reader, :name, :value)",
                    reader=reader,
                    name=name,
                    value=value,
                )

    def preferences(self, reader: str) -> Mapping[str, str]:
        """A reader's settings by name."""
        with self._reading() as session:
            rows = session.all("SELECT name, value FROM preferences WHERE reader = :reader", reader=reader)
        return dict(sorted(rows))

    # -- the whole of it

    def state(self, reader: str) -> int:
        """A number that grows whenever anything of a reader's changes; 0 at first."""
        with self._reading() as session:
            row = session.one("SELECT state FROM readers WHERE reader = :reader", reader=reader)
        return int(row[0]) if row else 0

    def turn(self) -> int:
        """A number that grows whenever any reader's state does."""
        with self._reading() as session:
            (total,) = session.one("SELECT coalesce(sum(state), 0) FROM readers")
        return int(total)

    def names(self) -> tuple[str, ...]:
        """Every reader who has said anything, by name."""
        with self._reading() as session:
            return tuple(sorted(name for (name,) in session.all("SELECT reader FROM readers")))

    def forget(self, reader: str) -> None:
        """Delete all that a reader said, follows and prefers, the notices, and the subscriptions."""
        with self._changing(reader) as session:
            for table in ("marks", "follows", "preferences", "notices"):
                session.run(f"DELETE FROM {table} WHERE reader = :reader", reader=reader)
            if reader:  # the subscriptions of nobody are those of the public list
                session.run(
                    "DELETE FROM letters WHERE subscription IN (SELECT id FROM subscriptions WHERE reader = :reader)",
                    reader=reader,
                )
                session.run("DELETE FROM subscriptions WHERE reader = :reader", reader=reader)

    @contextmanager
    def _changing(self, reader: str) -> Iterator[Session]:
        with self._writing() as session:
            yield session
            note_change(session, reader)


def note_change(session: Session, reader: str) -> None:
    """Count that something of a reader's changed."""
    session.run(
        "INSERT INTO readers VALUES (:reader, 1) ON CONFLICT (reader) DO UPDATE SET state = readers.state + 1",
        reader=reader,
    )

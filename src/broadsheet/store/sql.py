"""The store in SQL, written once for every engine. Knows no engine by name; ``desk`` writes papers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from operator import itemgetter

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.model import Change, DayCount, Derived, Paper, Record, Revision
from broadsheet.store import likeness
from broadsheet.store.accounts import SqlPeople
from broadsheet.store.commons import SqlCommunity
from broadsheet.store.contract import Cursor, Outline, Taken
from broadsheet.store.counting import SqlCounters
from broadsheet.store.database import Database
from broadsheet.store.desk import Desk
from broadsheet.store.discussion import SqlDiscussion
from broadsheet.store.engine import Engine, Session
from broadsheet.store.filing import OUTLINE, outline_of
from broadsheet.store.leasing import SqlLeases
from broadsheet.store.listening import SqlListener
from broadsheet.store.personal import SqlReaders
from broadsheet.store.postal import SqlPost
from broadsheet.store.replying import SqlReplies
from broadsheet.store.rows import PAPER, decode_revision, id_of, key_of, paper_of
from broadsheet.store.schema import bring_up, schema_version
from broadsheet.store.sheet import SHOWN, Incoming, Sheet
from broadsheet.store.tallying import SqlTallies

_REREAD = "reread"  # the cursor that a migration sets where papers are to be read again


class SqlStore(Database):
    """A store over one database; satisfies the contract ``Store``. Opened by its engine's subclass."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._readers = SqlReaders(reading=self._reading, writing=self._writing)
        self._people = SqlPeople(reading=self._reading, writing=self._writing)
        self._community = SqlCommunity(reading=self._reading, writing=self._writing)
        self._discussion = SqlDiscussion(reading=self._reading, writing=self._writing)
        self._post = SqlPost(reading=self._reading, writing=self._writing)
        self._counters = SqlCounters(reading=self._reading)
        self._leases = SqlLeases(reading=self._reading, clock=engine.clock)
        self._tallies = SqlTallies(reading=self._reading, alone=self._alone)
        self._replies = SqlReplies(reading=self._reading, alone=self._alone)
        with self._reading() as session:
            bring_up(session)

    @property
    def schema_version(self) -> int:
        """The number of the last migration that the database has had."""
        with self._reading() as session:
            return schema_version(session)

    # -- taking in

    def put(
        self, batch: Sequence[tuple[Record, Derived]], *, now: datetime, cursor: Cursor | None = None
    ) -> Taken:
        """Take in a batch and, in the same transaction, the cursor; see the contract for how it merges."""
        incoming = [Incoming.of(record, derived) for record, derived in batch]
        with self._writing() as session:
            desk = Desk(session, now=now)
            desk.fetch(name for one in incoming for name in one.names)
            for one in incoming:
                desk.take(one)
            taken = desk.put_away()
            if cursor is not None:
                _set_cursor(session, cursor)
        return taken

    def fold(self, kept: PaperId, other: PaperId, *, now: datetime) -> bool:
        """Fold ``other`` into ``kept``: same work, two ids. False where it was folded already."""
        keys = key_of(kept), key_of(other)
        with self._writing() as session:
            desk = Desk(session, now=now)
            desk.fetch(keys)
            target, source = (_known(desk, key) for key in keys)
            if target is source:
                if kept == other or not any(m.id in (kept, other) for m in target.members):
                    raise InputError(f"{kept} and {other} name the same paper; wanted two papers to fold")
                return False
            names = {
                "ones": [n.value for n in target.all_names()],
                "others": [n.value for n in source.all_names()],
            }
            session.run("DELETE FROM apart WHERE one IN (:ones*) AND other IN (:others*)", **names)
            session.run("DELETE FROM apart WHERE one IN (:others*) AND other IN (:ones*)", **names)
            desk.fold(target, source)
            desk.put_away()
        return True

    def unfold(self, other: PaperId, *, now: datetime) -> bool:
        """Undo ``fold``: ``other`` is a paper of its own again. False where it was not folded."""
        key = key_of(other)
        with self._writing() as session:
            desk = Desk(session, now=now)
            desk.fetch([key])
            kept = desk.find(key)
            member = next((m for m in kept.members if m.id == other), None) if kept else None
            if kept is None or member is None:
                return False
            desk.unfold(kept, member)
            pairs = [(key, name.value) for name in kept.all_names()]
            session.many(
                "INSERT INTO apart VALUES (:one, :other) ON CONFLICT DO NOTHING",
                [{"one": one, "other": two} for a, b in pairs for one, two in ((a, b), (b, a))],
            )
            desk.put_away()
        return True

    def kept_apart(self, id: PaperId) -> frozenset[PaperId]:
        """The papers from which somebody unfolded this one, or which somebody unfolded from it."""
        with self._reading() as session:
            rows = session.all("SELECT other FROM apart WHERE one = :key", key=key_of(id))
        return frozenset(id_of(key) for (key,) in rows)

    # -- papers

    def get(self, id: PaperId) -> Paper | None:
        """The paper with this id or alias; None where there is none or it was deleted."""
        return self.get_many([id]).get(id)

    def get_many(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
        """The papers among ``ids``, keyed by the id asked for; unknown ones are left out."""
        asked = {key_of(id): id for id in ids}
        with self._reading() as session:
            rows = session.all(
                f"SELECT n.name, {PAPER} FROM names n JOIN papers p ON p.no = n.paper "
                "WHERE n.name IN (:names*) AND p.state = 0",
                names=list(asked),
            )
        papers: dict[str, Paper] = {}
        found: dict[str, Paper] = {}
        for name, key, *rest in rows:
            if key not in papers:
                papers[key] = paper_of(key, *rest)
            found[name] = papers[key]
        return {id: found[name] for name, id in asked.items() if name in found}

    def count(self) -> int:
        """How many papers there are, deleted and folded ones not counted."""
        with self._reading() as session:
            count: int = session.one("SELECT count(*) FROM papers WHERE state = 0")[0]
        return count

    def history(self, id: PaperId) -> tuple[Revision, ...]:
        """Former titles and abstracts, oldest first."""
        with self._reading() as session:
            rows = session.all(
                "SELECT h.body FROM names n JOIN papers p ON p.no = n.paper JOIN history h ON h.paper = p.no "
                "WHERE n.name = :key AND p.state = 0 ORDER BY h.n",
                key=key_of(id),
            )
        return tuple(decode_revision(body) for (body,) in rows)

    def alike(self, ids: Iterable[PaperId], *, limit: int = 50) -> Mapping[PaperId, tuple[PaperId, ...]]:
        """For each of these papers that shares a MinHash band with others: those, at most ``limit``."""
        keys = sorted({key_of(id) for id in ids})
        with self._reading() as session:
            found = likeness.alike(session, keys)
        return {id_of(key): tuple(map(id_of, others[:limit])) for key, others in found.items()}

    def newest(self, *, before: tuple[date | None, PaperId] | None = None, limit: int) -> tuple[Paper, ...]:
        """The next papers in the order of ``scan``, newest first, after the one of this day and id."""
        day, id = before or (date.max, None)
        with self._reading() as session:
            rows = session.all(
                f"SELECT {PAPER} FROM papers p WHERE p.state = 0 AND (p.day, p.id) < (:day, :key) "
                "ORDER BY p.day DESC, p.id DESC LIMIT :limit",
                day=day.isoformat() if day else "",
                key=key_of(id) if id else "",
                limit=limit,
            )
        return tuple(paper_of(*row) for row in rows)

    # -- editions

    def edition(self, day: date) -> tuple[Paper, ...]:
        """Every paper announced on a day in whatever kind, by id."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {PAPER} FROM announcements a JOIN papers p ON p.no = a.paper WHERE a.day = :day",
                day=day.isoformat(),
            )
        return tuple(paper_of(*row) for row in sorted(rows))

    def outline(self, day: date) -> tuple[Outline, ...]:
        """The outlines of every paper announced on a day, by id."""
        with self._reading() as session:
            rows = session.all(f"SELECT {OUTLINE} FROM announcements WHERE day = :day", day=day.isoformat())
        return tuple(outline_of(*row) for row in sorted(rows, key=itemgetter(0)))

    def days(self, start: date | None = None, end: date | None = None) -> tuple[DayCount, ...]:
        """Editions from ``start`` to ``end``, both included, oldest first; days without are left out."""
        with self._reading() as session:
            rows = session.all(
                "SELECT day, sum(CASE WHEN kind = 0 THEN 1 ELSE 0 END), sum(CASE WHEN kind = 1 THEN 1 ELSE 0 END), "
                "sum(CASE WHEN kind > 1 THEN 1 ELSE 0 END), count(featured) FROM announcements WHERE day >= :start AND day <= :end GROUP BY day ORDER BY day",
                start=(start or date.min).isoformat(),
                end=(end or date.max).isoformat(),
            )
        return tuple(DayCount(date.fromisoformat(day), *map(int, counts)) for day, *counts in rows)

    def neighbours(self, day: date) -> tuple[date | None, date | None]:
        """The nearest editions before and after a day, whether or not that day has one."""
        with self._reading() as session:
            before, after = session.one(
                "SELECT (SELECT max(day) FROM announcements WHERE day < :day), "
                "(SELECT min(day) FROM announcements WHERE day > :day)",
                day=day.isoformat(),
            )
        return before and date.fromisoformat(before), after and date.fromisoformat(after)

    # -- people

    def by_author(self, key: str, *, limit: int = 100, offset: int = 0) -> tuple[Paper, ...]:
        """Papers of an author key, newest first (announcement day or publication, then id)."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {PAPER} FROM authors a JOIN papers p ON p.no = a.paper WHERE a.key = :key "
                "ORDER BY p.dated DESC, p.id LIMIT :limit OFFSET :offset",
                key=key,
                limit=limit,
                offset=offset,
            )
        return tuple(paper_of(*row) for row in rows)

    # -- relations

    def mentioning(self, targets: Iterable[str], *, limit: int) -> tuple[Paper, ...]:
        """The papers that speak of any of these names of papers and keys of titles, newest first."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {PAPER} FROM papers p WHERE p.state = 0 AND p.no IN "
                "(SELECT paper FROM mentions WHERE target IN (:targets*)) ORDER BY p.dated DESC, p.id DESC LIMIT :limit",
                targets=sorted(set(targets)),
                limit=limit,
            )
        return tuple(paper_of(*row) for row in rows)

    def titled(self, keys: Iterable[str], *, limit: int) -> Mapping[str, tuple[Paper, ...]]:
        """For each of these keys of titles that papers have: those, newest first."""
        found: dict[str, list[Paper]] = {}
        with self._reading() as session:
            rows = session.all(
                f"SELECT t.key, {PAPER} FROM titles t JOIN papers p ON p.no = t.paper "
                "WHERE t.key IN (:keys*) AND p.state = 0 ORDER BY p.dated DESC, p.id DESC LIMIT :limit",
                keys=sorted(set(keys)),
                limit=limit,
            )
        for key, *row in rows:
            found.setdefault(key, []).append(paper_of(*row))
        return {key: tuple(papers) for key, papers in found.items()}

    def reread(self, read: Callable[[Record, Derived], Derived], *, limit: int, now: datetime) -> int:
        """Where a new version asks that papers be read again: read the next ones; how many these were."""
        if self.cursor(_REREAD) is None:
            return 0
        with self._writing() as session:
            row = session.one("SELECT value FROM cursors WHERE name = :name", name=_REREAD)
            if row is None:
                return 0
            some = session.all(
                "SELECT no, id FROM papers WHERE no > :last ORDER BY no LIMIT :limit",
                last=int(row[0]),
                limit=limit,
            )
            if not some:
                session.run("DELETE FROM cursors WHERE name = :name", name=_REREAD)
                return 0
            desk = Desk(session, now=now, tells=False)
            desk.fetch(key for _, key in some)
            desk.reread([no for no, _ in some], read)
            desk.put_away()
            _set_cursor(session, Cursor(_REREAD, str(some[-1][0])))
        return len(some)

    # -- following

    def changes(self, after: int, *, limit: int = 1000) -> tuple[Change, ...]:
        """Changes numbered above ``after``, in order. A paper changed often shows only its last change."""
        with self._reading() as session:
            rows = session.all(
                "SELECT seq, id, state FROM papers WHERE seq > :after ORDER BY seq LIMIT :limit",
                after=after,
                limit=limit,
            )
        return tuple(Change(seq, id_of(key), state != SHOWN) for seq, key, state in rows)

    def last_seq(self) -> int:
        """The number of the last change, 0 for an empty store."""
        with self._reading() as session:
            last: int = session.one("SELECT coalesce(max(seq), 0) FROM papers")[0]
        return last

    @contextmanager
    def listen(self) -> Iterator[SqlListener]:
        """A listener to the change log, for the length of a block."""
        ear = self._engine.ear()
        try:
            yield SqlListener(ear, self.last_seq)
        finally:
            ear.close()

    def identity(self) -> str:
        """A random name given to this database at its birth, so that an index knows whose it is."""
        with self._reading() as session:
            identity: str = session.one("SELECT value FROM meta WHERE name = 'identity'")[0]
        return identity

    def scan(self, *, newest_first: bool = True) -> Iterator[Paper]:
        """Every paper, by first announcement day; one snapshot, safe while others write."""
        order = "p.day DESC, p.id DESC" if newest_first else "p.day, p.id"
        with self._reading() as session:
            for row in session.stream(f"SELECT {PAPER} FROM papers p WHERE p.state = 0 ORDER BY {order}"):
                yield paper_of(*row)

    # -- harvest state

    def cursor(self, name: str) -> str | None:
        """The saved value of a cursor."""
        with self._reading() as session:
            row = session.one("SELECT value FROM cursors WHERE name = :name", name=name)
        return row[0] if row else None

    def set_cursor(self, cursor: Cursor) -> None:
        """Save a cursor on its own."""
        with self._writing() as session:
            _set_cursor(session, cursor)

    # -- people's own

    @property
    def readers(self) -> SqlReaders:
        """What readers say, follow and prefer."""
        return self._readers

    @property
    def people(self) -> SqlPeople:
        """Accounts and how they come in."""
        return self._people

    @property
    def community(self) -> SqlCommunity:
        """What people do together."""
        return self._community

    @property
    def discussion(self) -> SqlDiscussion:
        """What people write about papers."""
        return self._discussion

    @property
    def post(self) -> SqlPost:
        """Who gets digests, and the letters on their way."""
        return self._post

    @property
    def counters(self) -> SqlCounters:
        """Who outside counts, and when each was last asked."""
        return self._counters

    @property
    def leases(self) -> SqlLeases:
        """Which process does what only one should."""
        return self._leases

    @property
    def tallies(self) -> SqlTallies:
        """What happened too often lately."""
        return self._tallies

    @property
    def replies(self) -> SqlReplies:
        """What was answered to requests that may come again."""
        return self._replies

    def secret(self) -> bytes:
        """32 random bytes given to this database at its birth, for signing what only it can have made."""
        with self._reading() as session:
            row = session.one("SELECT value FROM meta WHERE name = 'secret'")
        if row is None:  # a database from before there were secrets; whoever comes first makes it
            with self._writing() as session:
                session.run(
                    "INSERT INTO meta VALUES ('secret', :value) ON CONFLICT (name) DO NOTHING",
                    value=secrets.token_hex(32),
                )
                row = session.one("SELECT value FROM meta WHERE name = 'secret'")
        return bytes.fromhex(row[0])


def _known(desk: Desk, key: str) -> Sheet:
    sheet = desk.find(key)
    if sheet is None or sheet.state != SHOWN:
        raise _not_found(key)
    return sheet


def _not_found(key: str) -> NotFoundError:
    return NotFoundError(f"no paper {key!r} in this archive")


def _set_cursor(session: Session, cursor: Cursor) -> None:
    session.run(
        "INSERT INTO cursors VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=cursor.name,
        value=cursor.value,
    )

"""The store's contract: the one truth about papers, and the change log that others follow.

Every backend passes the suite in ``tests/contracts``.

Threads: any method may be called from any thread. Reads see the last committed state and never
wait for a writer. Writes are serialised, by lock or by transaction, across threads and processes;
one that cannot get its turn within the backend's timeout raises BusyError, having done nothing.

Transactions: each call is one transaction, durable when it returns. A call that raises has
changed nothing. Foreign database errors arrive as StoreError.

Change log: every change of what a reader can see of a paper appends one line. Sequence numbers
grow in commit order: whoever has read up to ``n`` has missed nothing numbered below ``n``, also
when several processes write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from broadsheet.ids import PaperId
from broadsheet.model import (
    AnnounceKind,
    Change,
    DayCount,
    Derived,
    Paper,
    Record,
    Revision,
    VoteReading,
)
from broadsheet.store.community import Community, Discussion
from broadsheet.store.counters import Counters
from broadsheet.store.leases import Leases
from broadsheet.store.people import People
from broadsheet.store.post import Post
from broadsheet.store.readers import Readers
from broadsheet.store.replies import Replies
from broadsheet.store.tallies import Tallies


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch, in papers."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a source's harvest stands: ``name`` says which harvest, ``value`` is the source's own."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Outline:
    """What setting an edition needs of a paper: much quicker to read than the whole of it."""

    id: PaperId
    kind: AnnounceKind  # on the day asked for; the first one where it has several
    categories: tuple[str, ...] = ()
    votes: VoteReading | None = None  # the latest of Hugging Face's
    featured: date | None = None
    version: int | None = None
    sample: bool = False
    counts: tuple[VoteReading, ...] = ()  # the latest of every other counter, by its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a backup says of itself."""

    made: datetime
    schema: int
    identity: str  # of the database that it was made from
    papers: int
    rows: int


Count = Callable[[int, int | None], None]  # told how many are done, and of how many where that is known


class Listener(Protocol):
    """Hears of changes, whichever process makes them. For one thread."""

    def wait(self, after: int, *, timeout: float) -> int:
        """The number of the last change, as soon as it is above ``after``, and after ``timeout`` seconds in any case.

        On PostgreSQL a change is heard as it is committed, on SQLite a quarter of a second later at most. Raises
        StoreError where the database does not answer; a later call listens anew and misses nothing.
        """
        ...


class Store(Protocol):
    """See the module docstring for threads, transactions and the change log."""

    @property
    def schema_version(self) -> int:
        """The number of the last migration that the database has had."""
        ...

    # -- taking in

    def put(
        self, batch: Sequence[tuple[Record, Derived]], *, now: datetime, cursor: Cursor | None = None
    ) -> Taken:
        """Take in a batch and, in the same transaction, the cursor.

        A record whose id (or one of ``also``) is known merges into that paper, which keeps its id:

        - announcements, readings of each counter, tags, collections, links and ``also`` are united; but once a source states
          the day on which a paper was new, days that were only worked out are dropped;
        - title, abstract and the facts that go with them are replaced, unless the record is older
          than what is held: of a lower version, else of an earlier ``updated``, else without either
          where what is held has one, else with a text that the paper is known to have had before;
        - None, "" and empty tuples never erase what is known, nor does an older record;
        - a text that differs in white space only is the same text;
        - a withdrawal is taken back by a record of a later state only;
        - a changed title or abstract appends the former to the history and, where somebody saved
          the paper, leaves a notice; so do withdrawal and deletion;
        - a record equal to what is held changes nothing and appends nothing to the change log.

        Every name in ``also`` becomes an alias; where it names another paper that we hold, that one is
        folded in (the source says that they are the same work), unless somebody unfolded the two.

        A record with ``deleted`` removes the paper from editions and lists and marks it gone in the
        change log; a later record without it brings the paper back. Deleting what is unknown is a
        no-op, and so is deleting a mere alias. Deleting a paper unfolds what was folded into it.

        ``Taken`` counts papers, each once: a paper brought back is new; one folded in is not counted.
        Raises InputError where an id or a moment is malformed.
        """
        ...

    def fold(self, kept: PaperId, other: PaperId, *, now: datetime) -> bool:
        """Fold ``other`` into ``kept``: same work, two ids. False where it was folded already.

        Afterwards ``get(other)`` gives the kept paper, whose aliases name ``other`` and whose
        announcements, readings and saves are the union. Later records of ``other`` merge without replacing text.
        What was folded into ``other`` comes along; readers who saved ``other`` find a notice. Where ``other``
        is itself folded into a third paper, that paper is folded.
        Raises NotFoundError where either is unknown, InputError where both are the same paper.
        """
        ...

    def unfold(self, other: PaperId, *, now: datetime) -> bool:
        """Undo ``fold``: ``other`` is a paper of its own again. False where it was not folded.

        The two are remembered as apart until somebody folds them again.
        """
        ...

    def kept_apart(self, id: PaperId) -> frozenset[PaperId]:
        """The papers that ``unfold`` parted from this one."""
        ...

    # -- papers

    def get(self, id: PaperId) -> Paper | None:
        """The paper with this id or alias; None where there is none or it was deleted."""
        ...

    def get_many(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Paper]:
        """The papers among ``ids``, keyed by the id asked for; unknown ones are left out."""
        ...

    def count(self) -> int:
        """How many papers there are, deleted and folded ones not counted."""
        ...

    def history(self, id: PaperId) -> tuple[Revision, ...]:
        """Former titles and abstracts, oldest first."""
        ...

    def alike(self, ids: Iterable[PaperId], *, limit: int = 50) -> Mapping[PaperId, tuple[PaperId, ...]]:
        """For each of these papers that shares a MinHash band with others: those, at most ``limit``.

        Most shared first, ties by id. Papers alike to none, aliases, folded and deleted ones are left out.
        """
        ...

    def newest(self, *, before: tuple[date | None, PaperId] | None = None, limit: int) -> tuple[Paper, ...]:
        """The next papers in the order of ``scan``, newest first, after the one of this day and id."""
        ...

    # -- editions

    def edition(self, day: date) -> tuple[Paper, ...]:
        """Every paper announced on a day in whatever kind, by id."""
        ...

    def outline(self, day: date) -> tuple[Outline, ...]:
        """The outlines of every paper announced on a day, by id."""
        ...

    def days(self, start: date | None = None, end: date | None = None) -> tuple[DayCount, ...]:
        """Editions from ``start`` to ``end``, both included, oldest first; days without are left out."""
        ...

    def neighbours(self, day: date) -> tuple[date | None, date | None]:
        """The nearest editions before and after a day, whether or not that day has one."""
        ...

    # -- people

    def by_author(self, key: str, *, limit: int = 100, offset: int = 0) -> tuple[Paper, ...]:
        """Papers of an author key, newest first (announcement day or publication, then id)."""
        ...

    # -- relations

    def mentioning(self, targets: Iterable[str], *, limit: int) -> tuple[Paper, ...]:
        """The papers that speak of any of these names of papers and keys of titles, newest first, at most ``limit``."""
        ...

    def titled(self, keys: Iterable[str], *, limit: int) -> Mapping[str, tuple[Paper, ...]]:
        """For each of these keys of titles that papers have: those, at most ``limit`` in all, newest first."""
        ...

    def reread(self, read: Callable[[Record, Derived], Derived], *, limit: int, now: datetime) -> int:
        """Where a new version asks that papers be read again: read the next ones; how many these were, 0 at the end.

        ``read`` gives what is derived from a record anew. How far it came is kept with what was read, so whatever
        ends the work, the next call goes on from there; nobody gets news of it.
        """
        ...

    # -- following

    def changes(self, after: int, *, limit: int = 1000) -> tuple[Change, ...]:
        """Changes numbered above ``after``, in order. A paper changed often may show only its last change."""
        ...

    def last_seq(self) -> int:
        """The number of the last change, 0 for an empty store."""
        ...

    def listen(self) -> AbstractContextManager[Listener]:
        """A listener to the change log, for the length of a block."""
        ...

    def identity(self) -> str:
        """A random name given to this database at its birth, so that an index knows whose it is."""
        ...

    def scan(self, *, newest_first: bool = True) -> Iterator[Paper]:
        """Every paper, by first announcement day, then id; one snapshot, safe while others write.

        Papers without a day count as announced before all others. ``newest_first`` turns the whole
        order round.
        """
        ...

    # -- harvest state

    def cursor(self, name: str) -> str | None:
        """The saved value of a cursor."""
        ...

    def set_cursor(self, cursor: Cursor) -> None:
        """Save a cursor on its own."""
        ...

    # -- people's own

    @property
    def readers(self) -> Readers:
        """What readers say, follow and prefer."""
        ...

    @property
    def people(self) -> People:
        """Accounts and how they come in."""
        ...

    @property
    def community(self) -> Community:
        """What people do together."""
        ...

    @property
    def discussion(self) -> Discussion:
        """What people write about papers."""
        ...

    @property
    def post(self) -> Post:
        """Who gets digests, and the letters on their way."""
        ...

    @property
    def counters(self) -> Counters:
        """Who outside counts, and when each was last asked."""
        ...

    # -- several processes

    @property
    def leases(self) -> Leases:
        """Which process does what only one should."""
        ...

    @property
    def tallies(self) -> Tallies:
        """What happened too often lately."""
        ...

    @property
    def replies(self) -> Replies:
        """What was answered to requests that may come again."""
        ...

    # -- care

    def examine(self) -> tuple[str, ...]:
        """What is wrong with the database's own files, as far as the engine can tell; empty where nothing is."""
        ...

    def back_up(self, path: Path, *, now: datetime, progress: Count | None = None) -> Backup:
        """Write everything that is committed now into one file, while others read and write.

        The file appears whole or not at all. Raises InputError where it is there already or cannot be written.
        """
        ...

    def secret(self) -> bytes:
        """32 random bytes given to this database once, for signing what only it can have made."""
        ...

    def close(self) -> None:
        """Release connections and locks; the store is of no use afterwards."""
        ...

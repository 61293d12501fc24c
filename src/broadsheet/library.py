"""The Python API: what the pages, the feeds, the mail and the command line are made of.

A ``Library`` joins the store, the index and the rankers. ``serve`` and ``deliver`` use only this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from broadsheet.ids import PaperId
from broadsheet.index.contract import Filter, Generation
from broadsheet.model import DayCount, Notice, Paper, Revision


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper stands where it stands, in words for the reader.

    ``kind``: "lead", "announced", "curated", "words", "meaning", "both", "similar".
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A search result or similar paper, with its reasons."""

    paper: Paper
    score: float  # fused, 0…1 within one search
    words_share: float  # share of the score that came from words, 0…1; the rest is meaning
    matched: tuple[str, ...] = ()  # words of the paper that matched, as they stand in its text
    sentence: tuple[int, int] | None = None  # the sentence of the plain abstract that answers best
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """An answer to a search."""

    query: str  # as typed
    filter: Filter
    hits: tuple[Hit, ...]
    offset: int
    total: int  # how many papers match at all
    encoder: str | None  # whose vectors were used; None: words only
    coverage: float  # share of the archive that has those vectors, 0…1
    notes: tuple[str, ...] = ()  # what the reader should know: "'foo:' is not a field; searched as a word"
    generation: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper on a page that nobody searched for, and why it is there."""

    paper: Paper
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A headed part of an edition. ``key`` is the category, e.g. ``cs.CL``."""

    key: str
    title: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The paper of one day. With no entries, ``empty`` says why."""

    day: date
    count: DayCount
    leads: tuple[Entry, ...] = ()
    sections: tuple[Section, ...] = ()
    crossed: tuple[Entry, ...] = ()  # cross-listed that day, announced elsewhere before
    revised: tuple[Entry, ...] = ()  # replaced that day
    previous: date | None = None
    next: date | None = None
    empty: str | None = None
    sample: bool = False  # some texts were written for the sample edition


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """All that a paper's page shows."""

    paper: Paper
    history: tuple[Revision, ...] = ()
    similar: tuple[Hit, ...] = ()
    keyphrases: tuple[str, ...] = ()
    saved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a reader keeps, and the news of it."""

    papers: tuple[Paper, ...] = ()
    notices: tuple[Notice, ...] = field(default=())


class Library:
    """One archive, ready to be read. Safe to share between threads; searching never changes state."""

    def latest(self) -> date | None:
        """The day of the newest edition; None for an empty archive."""
        raise NotImplementedError

    def edition(self, day: date) -> Edition:
        """The edition of a day; on a day without one, an Edition whose ``empty`` says why."""
        raise NotImplementedError

    def days(self, start: date | None = None, end: date | None = None) -> tuple[DayCount, ...]:
        """Editions from ``start`` to ``end``, oldest first."""
        raise NotImplementedError

    def search(
        self, query: str, *, filter: Filter | None = None, limit: int = 20, offset: int = 0
    ) -> Results:
        """The papers that answer a query, best first. Fields in the query narrow the filter further."""
        raise NotImplementedError

    def similar(self, id: PaperId, *, limit: int = 10) -> tuple[Hit, ...]:
        """The papers nearest in meaning to one of ours. Raises NotFoundError."""
        raise NotImplementedError

    def paper(self, id: PaperId, *, reader: str | None = None) -> PaperView:
        """A paper with its history and its neighbours. Raises NotFoundError."""
        raise NotImplementedError

    def author(self, key: str, *, limit: int = 50, offset: int = 0) -> tuple[Paper, ...]:
        """An author's papers, newest first."""
        raise NotImplementedError

    def save(self, reader: str, id: PaperId) -> None:
        """Keep a paper. Raises NotFoundError."""
        raise NotImplementedError

    def unsave(self, reader: str, id: PaperId) -> None:
        """No longer keep it."""
        raise NotImplementedError

    def shelf(self, reader: str) -> Shelf:
        """What a reader keeps, and the news of it."""
        raise NotImplementedError

    def see_notices(self, reader: str) -> None:
        """Mark the news as read."""
        raise NotImplementedError

    def saved_ids(self, reader: str) -> frozenset[PaperId]:
        """The ids a reader keeps, for marking cards."""
        raise NotImplementedError

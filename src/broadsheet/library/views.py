"""What a Library answers with: editions, results, shelves. Frozen values; knows no store and no page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from broadsheet.ids import PaperId
from broadsheet.index.contract import Filter, Generation
from broadsheet.model import Aspect, DayCount, Notice, Paper, PaperType, Place, RelationKind, Revision
from broadsheet.rank.trending import Score


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper stands where it stands, in words for the reader.

    ``kind``: "lead", "announced", "curated", "words", "meaning", "both", "newest", "similar", "author",
    "topic", "saved", "editor".
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Likeness:
    """The two sentences, of one aspect, in which a paper and a similar one are most alike."""

    aspect: Aspect
    here: str  # the sentence of the paper that was asked about
    there: tuple[int, int]  # the sentence of the similar one, in its plain abstract
    cosine: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A search result or similar paper, with its reasons."""

    paper: Paper
    score: float  # fused, 0…1 within one search; of similar papers in standard deviations
    words_share: float  # share of the score that came from words, 0…1; the rest is meaning
    matched: tuple[str, ...] = ()  # words of the paper that matched, as they stand in its text
    sentence: tuple[int, int] | None = None  # the sentence of the plain abstract that answers best
    aspect: Aspect | None = None  # what that sentence is about
    likeness: Likeness | None = None  # only of a similar paper
    also: tuple[PaperId, ...] = ()  # similar papers of nearly the same text, folded into this one
    relevant: bool | None = None  # whether it stands above the line where relevance ends; None: no such line
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """What the best hits are: values and how many hits have them. ``years`` and ``months`` newest first."""

    hits: int  # how many were counted: the first ``FACETED``, or all that there are
    categories: tuple[tuple[str, int], ...] = ()  # the most common first, like types
    types: tuple[tuple[PaperType, int], ...] = ()
    code: int = 0  # how many come with code
    years: tuple[tuple[str, int], ...] = ()  # as 2026
    months: tuple[tuple[str, int], ...] = ()  # as 2026-03


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """An answer to a search."""

    query: str  # as typed
    filter: Filter
    hits: tuple[Hit, ...]
    offset: int
    total: int  # how many can be paged through: all that match by words, and the nearest in meaning
    by_words: int  # how many match by words
    above: int | None = None  # how many stand above the line where relevance ends; None: not reached so far
    facets: Facets | None = None  # where they were asked for
    encoder: str | None  # whose vectors were used; None: words only
    coverage: float  # share of the archive that has those vectors, 0…1
    notes: tuple[str, ...] = ()  # what the reader should know: "'foo:' is not a field; searched as a word"
    generation: Generation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper's place in an edition, and why it stands there. ``Library.papers`` gives the papers."""

    id: PaperId
    section: str  # the key of the section that it belongs to, which a lead story stands outside of
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
    note: str = ""  # the editor's, in Markdown

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every paper's place, from the lead stories to the replacements."""
        listed = (entry for section in self.sections for entry in section.entries)
        return (*self.leads, *listed, *self.crossed, *self.revised)


@dataclass(frozen=True, slots=True)
class Relation:
    """How a paper stands to another one, and the words that say so.

    ``outward``: the paper itself says it; else the other one does. Where neither does, ``says`` is empty: they have
    one title and the same authors.
    """

    kind: RelationKind
    paper: Paper  # the other one
    outward: bool
    says: str = ""
    place: Place | None = None  # which of the texts says it


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """All that a paper's page shows."""

    paper: Paper
    history: tuple[Revision, ...] = ()
    similar: tuple[Hit, ...] = ()
    relations: tuple[Relation, ...] = ()
    keyphrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What a reader keeps, and the news of it."""

    papers: tuple[Paper, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A paper that trends: the edition it is new in, and its score with the parts of it."""

    id: PaperId
    day: date
    score: Score


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A line of the change log with the paper as it is now; None: it has left the archive."""

    seq: int
    id: PaperId
    paper: Paper | None


def byline(names: list[str], *, most: int = 4) -> str:
    """The first authors and how many more there are; never "and 1 other", who can be named as well.

    >>> byline(["A. Weil", "J. Tate", "J.-P. Serre", "A. Borel", "C. Chevalley", "J. Dieudonné"])
    'A. Weil, J. Tate, J.-P. Serre and 3 others'
    """
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} others"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

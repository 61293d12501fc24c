"""What Broadsheet talks about: records, papers, editions, hits. Values only; knows no I/O.

A *record* is what one source said about a paper, its text untouched. A *paper* is what we
hold: one or more records of the same work folded together, with what was derived from the
text. Datetimes are aware and in UTC; a ``date`` is an announcement day as the source gave it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from broadsheet.ids import PaperId


class AnnounceKind(StrEnum):
    """arXiv's ``announce_type``."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"


class PaperType(StrEnum):
    """What kind of contribution a paper is."""

    METHOD = "method"
    BENCHMARK = "benchmark"
    DATASET = "dataset"
    EMPIRICAL = "empirical study"
    SYSTEM = "system"
    THEORY = "theory"
    SURVEY = "survey"
    POSITION = "position"
    OTHER = "other"


class Aspect(StrEnum):
    """What a sentence of an abstract is about; PROBLEM is background and objective."""

    PROBLEM = "problem"
    METHOD = "method"
    RESULT = "result"
    OTHER = "other"


class LinkKind(StrEnum):
    """What lies behind a link in an abstract."""

    CODE = "code"
    DATA = "data"
    MODEL = "model"
    PROJECT = "project"
    PAPER = "paper"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Author:
    """An author as the source spells the name, TeX accents already resolved."""

    name: str
    affiliation: str | None = None

    @property
    def key(self) -> str:
        """The name folded for lookup: ``Uznański, Przemysław`` and its ASCII form agree.

        >>> Author("Paulo André Lima de Castro").key
        'paulo-andre-lima-de-castro'
        """
        return author_key(self.name)


def author_key(name: str) -> str:
    """A name folded to lower-case ASCII words joined by hyphens; never empty."""
    if name.isascii():  # as most names are: the same by one table
        return "-".join(name.translate(_ASCII).split()) or "-"
    plain = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "-".join(kept.casefold().split()) or "-"


# Letters that Unicode does not decompose.
_LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "’": "", "'": ""}
)
_ASCII = {place: c.lower() if c.isalnum() else " " for place in range(128) if (c := chr(place)) != "'"}
_ASCII[ord("'")] = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A web address found in a paper's text or given by its source."""

    url: str
    kind: LinkKind = LinkKind.OTHER


def known_parts(at: datetime) -> tuple[int, int | None, int | None]:
    """Year, month and day of a moment as far as its source can have known them.

    Bibliographies give years and months, which arrive as the first midnight of theirs. A true first of
    the month is shown as its month: less than was said, but nothing that was not.

    >>> known_parts(datetime(1984, 1, 1)), known_parts(datetime(2020, 5, 1)), known_parts(datetime(2020, 5, 1, 9))
    ((1984, None, None), (2020, 5, None), (2020, 5, 1))
    """
    if at.day > 1 or at.time() != time():
        return at.year, at.month, at.day
    return at.year, at.month if at.month > 1 else None, None


@dataclass(frozen=True, slots=True)
class Version:
    """One version as arXivRaw lists it. ``source_type`` holds arXiv's letters; 'I' is a withdrawal."""

    number: int
    submitted: datetime | None = None
    size: str | None = None
    source_type: str | None = None


# The counter whose votes forecasts, lead stories and the Hub's own API go by.
HUGGING_FACE: Final = "huggingface"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """Somebody outside who counts what people make of papers.

    ``unit`` is what is counted, one of them: "upvote". ``worth`` says what one is worth beside a vote given here.
    ``growth``: what was counted first may be older than the paper, as a repository's stars are; only what comes
    to it says anything of the paper.
    """

    name: str  # a short token, as in VoteReading
    label: str  # for people: "Hacker News"
    unit: str
    worth: float
    growth: bool = False


@dataclass(frozen=True, slots=True, order=True)
class VoteReading:
    """How many votes a paper had at one moment, as an outside counter showed them; stars and points are votes too."""

    at: datetime
    count: int
    counter: str = HUGGING_FACE  # a Counter's name


def latest(readings: Iterable[VoteReading]) -> Mapping[str, VoteReading]:
    """The last reading of each counter, by its name, in the order of the names."""
    return dict(sorted((reading.counter, reading) for reading in readings))


@dataclass(frozen=True, slots=True, order=True)
class Announcement:
    """A paper's place in one edition. ``stated`` is False where we worked the day out ourselves."""

    day: date
    kind: AnnounceKind = AnnounceKind.NEW
    stated: bool = True


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the plain abstract: ``abstract[start:end]``."""

    start: int
    end: int
    aspect: Aspect = Aspect.OTHER


@dataclass(frozen=True, slots=True)
class Acronym:
    """An acronym and what this paper says it stands for."""

    short: str
    long: str


class RelationKind(StrEnum):
    """How a paper stands to another one by its own words, the most telling first."""

    DISPUTES = "disputes"  # comments on it, refutes it
    ANSWERS = "answers"  # replies to it
    VERSION = "version"  # is a version of the same work: extended, short, later
    EXTENDS = "extends"
    SERIES = "series"  # is another part of one series, or its companion
    OVERLAPS = "overlaps"  # shares text with it, as a note says


class Place(StrEnum):
    """Which of a record's texts says something."""

    TITLE = "title"
    ABSTRACT = "abstract"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Mention:
    """A paper's own words on how it stands to another one, which need not be here.

    ``target`` is the other one's id or a key of its title (``titles``); ``says``: the sentence, in plain text.
    """

    kind: RelationKind
    target: str
    says: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one source said about one paper. Text fields are the source's own, TeX and all."""

    id: PaperId
    title: str
    source: str  # name of the source plug-in: "arxiv", "jsonl", "bibtex" …
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()  # the first is the primary one
    published: datetime | None = None  # first version submitted
    updated: datetime | None = None  # latest version submitted
    announcements: tuple[Announcement, ...] = ()
    versions: tuple[Version, ...] = ()  # oldest first; empty where the source does not tell
    version: int | None = None  # the latest version number, where known
    withdrawn: bool = False
    deleted: bool = False  # the source took the record back
    comment: str | None = None
    venue: str | None = None  # journal reference, journal or book title
    doi: str | None = None
    licence: str | None = None
    links: tuple[str, ...] = ()
    also: tuple[PaperId, ...] = ()  # other names the source gives for the same work
    featured: date | None = None  # day it came onto a curated list
    readings: tuple[VoteReading, ...] = ()  # of every counter; oldest first once they are stored
    tags: tuple[str, ...] = ()  # a personal library's tags
    collections: tuple[str, ...] = ()  # a personal library's folders, "parent/child"
    # What a source may state itself; otherwise derived from the text.
    gist: str | None = None
    aspects: Mapping[Aspect, str] = field(default_factory=dict)
    keyphrases: tuple[str, ...] = ()
    type: PaperType | None = None
    sample: bool = False  # text written for the sample edition, not by the authors

    @property
    def votes(self) -> tuple[VoteReading, ...]:
        """The readings of Hugging Face's votes, apart from every other counter's."""
        return tuple(reading for reading in self.readings if reading.counter == HUGGING_FACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What our own reading of a record's text gives. Computed by ``text.derive``; can be recomputed."""

    title: str  # plain Unicode
    abstract: str  # plain Unicode, one paragraph
    complete: bool = True  # False: a formula may be incomplete, damaged before it reached us
    sentences: tuple[Sentence, ...] = ()
    gist: str = ""
    acronyms: tuple[Acronym, ...] = ()
    links: tuple[Link, ...] = ()
    type: PaperType = PaperType.OTHER
    keyphrases: tuple[
        str, ...
    ] = ()  # only where the source states them; text.keyphrases makes others on demand
    mentions: tuple[Mention, ...] = ()  # of other papers, each target once
    sketch: tuple[int, ...] = ()  # MinHash bands (signed 64-bit) for finding near-duplicates


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One work as we hold it: its latest record, what was derived from it, and its history."""

    record: Record  # merged: latest text, all announcements, all readings, all tags
    derived: Derived
    aliases: tuple[PaperId, ...] = ()  # other ids folded into this paper
    revised: int = 0  # how many times title or abstract changed since we first saw it
    added: datetime
    seq: int  # the last change of this paper in the change log

    @property
    def id(self) -> PaperId:
        """The paper's own name."""
        return self.record.id

    @property
    def title(self) -> str:
        """The title in plain Unicode."""
        return self.derived.title

    @property
    def abstract(self) -> str:
        """The abstract in plain Unicode."""
        return self.derived.abstract

    @property
    def day(self) -> date | None:
        """The day the paper was first announced; None where no source said."""
        days = [a.day for a in self.record.announcements]
        return min(days) if days else None

    @property
    def votes(self) -> int | None:
        """The latest reading of Hugging Face's votes; None where nobody counted them."""
        votes = self.record.votes
        return max(votes).count if votes else None


@dataclass(frozen=True, slots=True)
class Revision:
    """A title and abstract a paper used to have, in source form, until ``until``."""

    title: str
    abstract: str
    version: int | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the store's change log: paper ``id`` changed. ``gone`` means it left (deleted or folded)."""

    seq: int
    id: PaperId
    gone: bool = False


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many papers an edition has."""

    day: date
    new: int
    cross: int = 0
    replaced: int = 0
    featured: int = 0


class NoticeKind(StrEnum):
    """What can happen to a saved paper."""

    WITHDRAWN = "withdrawn"
    DELETED = "deleted"
    REVISED = "revised"
    FOLDED = "folded"
    DISPUTED = "disputed"  # another paper that came in comments on it or disputes it


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a paper that a reader saved."""

    paper: PaperId
    kind: NoticeKind
    at: datetime
    seen: bool = False


class MarkKind(StrEnum):
    """What a reader can say of a paper. Each stands once, TAG and COLLECTION once for each text."""

    SAVED = "saved"
    LIKED = "liked"  # more like this
    READ = "read"
    HIDDEN = "hidden"
    DISLIKED = "disliked"  # not interested; the text is the reason, or ""
    NOTE = "note"
    TAG = "tag"
    COLLECTION = "collection"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that a reader said of a paper. ``text`` is the note, the tag, the collection or the reason."""

    paper: PaperId
    kind: MarkKind
    at: datetime
    text: str = ""


class FollowKind(StrEnum):
    """What a reader can follow."""

    AUTHOR = "author"  # the value is an author key
    CATEGORY = "category"  # a category or archive: "cs.CL", "math"
    TOPIC = "topic"  # a topic's key
    SEARCH = "search"  # a search page's query string


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Something that a reader follows. ``label`` is how the reader calls it; ``alert``: told of in the digest."""

    kind: FollowKind
    value: str
    label: str
    alert: bool = True
    at: datetime

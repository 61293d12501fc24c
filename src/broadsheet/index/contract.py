"""The index's contract: derived from the store, deletable, rebuildable; knows ids, not papers' truth.

An index lives in a directory of its own. What readers search is a *generation*: words and vectors
that agree with each other and stand at one number of the store's change log. Generations appear
atomically: a ``Snapshot`` once taken answers from its generation until it is dropped.

Threads: one writer (a process lock), any number of readers in any process. ``snapshot()`` is cheap
when nothing changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.model import Paper, PaperType

if TYPE_CHECKING:
    from broadsheet.index.sample import Sample

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Text to unit vectors.

    ``name`` changes whenever the vectors would, and is part of every generation.
    """

    @property
    def name(self) -> str:
        """The encoder's name, its version included."""
        ...

    @property
    def dim(self) -> int:
        """How long its vectors are."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), dim), float32. An empty text gives the zero vector."""
        ...


@runtime_checkable
class PieceEncoder(Encoder, Protocol):
    """An encoder whose vectors are sums over word pieces, of which each has a vector of its own."""

    @property
    def pieces_name(self) -> str:
        """The name of its pieces among a paper's details."""
        ...

    def table(self) -> Vectors:
        """The pieces' vectors, shape (pieces, dim). Do not write to it."""
        ...

    def units(self) -> Vectors:
        """The same at unit length."""
        ...

    def pieces(self, texts: Sequence[str]) -> list[NDArray[np.uint16]]:
        """The numbers of each text's word pieces, each once, ascending."""
        ...

    def encode_with_pieces(self, texts: Sequence[str]) -> tuple[Vectors, list[NDArray[np.uint16]]]:
        """Both, reading the texts once."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """A few orthogonal directions that an encoder's vectors mostly lie along, for keeping them in little room.

    ``directions`` has shape (dim, fine + coarse), the ``fine`` telling ones first; ``widths`` says how far
    unit vectors spread along one of the former and one of the latter. ``name`` changes whenever they would.
    """

    name: str
    directions: Vectors
    fine: int
    widths: tuple[float, float]


@runtime_checkable
class AxesEncoder(Encoder, Protocol):
    """An encoder that knows along which axes its vectors of sentences mostly lie."""

    def axes(self) -> Axes:
        """The axes, read the first time."""
        ...


@dataclass(frozen=True, slots=True)
class Generation:
    """What a snapshot stands on."""

    number: int
    seq: int  # the store's change log is followed up to here
    papers: int
    encoders: Mapping[str, int]  # encoder name: how many papers have its vector
    details: Mapping[str, int] = field(default_factory=dict)  # name: how many papers have such details


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which papers may appear; an empty field asks nothing. Fields are joined by *and*, values by *or*.

    A category matches itself and its parts: ``cs`` matches ``cs.CL``. Days are both included; the
    day of a paper that no source announced is the one it was published on.
    """

    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # author keys, whole or trailing part ("castro")
    types: tuple[PaperType, ...] = ()
    since: date | None = None
    until: date | None = None
    has_code: bool | None = None
    where: Condition | None = None  # what must hold besides

    def __bool__(self) -> bool:
        return self != Filter()

    def narrowed(self, further: Filter) -> Filter:
        """The filter that passes what both pass."""
        if not self or not further:
            return self or further
        return replace(self, where=AllOf((self.where, further)) if self.where else further)


Spelt = Literal["word", "author", "venue"]
Place = Literal["text", "title", "venue"]


@dataclass(frozen=True, slots=True)
class Holds:
    """A word, or several next to each other, must occur.

    ``text`` as a place is wherever words are looked for: title, abstract, key phrases, authors. A
    venue is what the source says of where a paper appeared, its comment included.
    """

    words: str
    place: Place = "text"


@dataclass(frozen=True, slots=True)
class Named:
    """The paper of this id or alias."""

    id: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must hold; without parts, that is so."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must hold; without parts, none does."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """The part must not hold."""

    part: Condition


Condition = Filter | Holds | Named | AllOf | AnyOf | Without


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that an acronym stands for in this archive; spellings of one long form are taken as one."""

    short: str  # as most papers write it
    long: str
    longs: tuple[str, ...]  # its spellings, the most common first
    papers: int  # how many explain it so
    shorts: tuple[str, ...]  # all ways to write it
    terms: tuple[str, ...]  # as the index keeps it


@dataclass(frozen=True, slots=True)
class Reading:
    """How an acronym is meant: papers that mean it otherwise get no credit for having its letters.

    Credits are from 0 to 1, each with the sense terms of the papers that explain the acronym so.
    """

    stem: str  # the acronym as the index analyses it, as typed
    stems: tuple[str, ...]  # the same and its plural
    shorts: tuple[str, ...]  # written so it is the acronym, else an ordinary word
    longs: tuple[str, ...]  # spellings of what it stands for, searched besides
    credits: tuple[tuple[float, tuple[str, ...]], ...]
    others: tuple[str, ...]  # every sense term of the acronym
    unexplained: float  # credit of papers that write it and do not say what it stands for


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for by words: free terms (ranked), phrases (all must occur), words that must not.

    Entries are text as typed; the index analyses them as it did the papers. An excluded entry of
    several words is a phrase. ``scored`` words and phrases count in the ranking as terms do, but ask
    nothing: they are those that a filter's conditions name.
    """

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    scored: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()  # of acronyms among the terms, or of those for long forms there

    def __bool__(self) -> bool:
        return self != Words()


class Scored(NamedTuple):
    """A paper and its score in one list; larger is better."""

    id: PaperId
    score: float


class Token(NamedTuple):
    """A word of a text as the index sees it: ``text[start:end]`` was folded and stemmed to ``stem``."""

    stem: str
    start: int
    end: int


class Snapshot(Protocol):
    """One generation, for reading. Raises SearchError or StaleIndexError where a file proves damaged."""

    @property
    def generation(self) -> Generation:
        """What this snapshot stands on."""
        ...

    def words(self, words: Words, *, k: int, filter: Filter = ...) -> tuple[Scored, ...]:
        """The k best by BM25, best first, ties by id. With nothing to rank by: the newest, at score 0."""
        ...

    def by_stems(
        self, weights: Mapping[str, float], *, k: int, filter: Filter = ..., titles: bool = ...
    ) -> tuple[Scored, ...]:
        """The k papers whose title and abstract hold these stems best by BM25, each as much as it weighs.

        For queries that are whole texts: nothing but single stems is looked for. With ``titles`` a stem in
        the title counts a little again, as in ``words``. Best first, ties by id.
        """
        ...

    def vectors(
        self, query: Vectors, *, encoder: str, k: int, filter: Filter = ..., words: Words = ...
    ) -> tuple[Scored, ...]:
        """The k nearest by cosine to a unit vector of shape (dim,), best first, ties by id.

        Of ``words``, phrases must occur and excluded words must not; free terms ask nothing here.
        An encoder without vectors gives an empty answer.
        """
        ...

    def vectors_of(self, ids: Sequence[PaperId], *, encoder: str) -> tuple[tuple[PaperId, ...], Vectors]:
        """The vectors of those ids that have one: ids in the order asked, and float32 (n, dim)."""
        ...

    def details_of(self, ids: Sequence[PaperId], *, name: str) -> tuple[NDArray[np.uint8] | None, ...]:
        """The details of this name of each paper, None where it has none. Do not write to them."""
        ...

    def sample(self, *, encoder: str) -> Sample:
        """A sample of an encoder's vectors; of none, shape (0, 0), where there are none."""
        ...

    def count(self, words: Words, *, filter: Filter = ...) -> int:
        """How many papers match by words (any free term, every phrase, no excluded word)."""
        ...

    def analyse(self, text: str, *, only: Collection[str] | None = None) -> tuple[Token, ...]:
        """The words of a text as the index sees them, in order; with ``only``, those that have such a stem."""
        ...

    def frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """In how many papers' titles and abstracts each stem occurs."""
        ...

    def senses(self, short: str, *, as_written: bool = ...) -> tuple[Sense, ...]:
        """What an acronym stands for in this archive, the most common sense first.

        ``as_written``, only where papers write it so: ``MAP`` and ``mAP`` are two.
        """
        ...

    def senses_beside(self, short: str, stem: str) -> Mapping[str, int]:
        """In how many papers that hold a stem each sense term of an acronym occurs."""
        ...

    def shorts(self, long: str) -> tuple[str, ...]:
        """The acronyms, in lower case, that papers give a long form, the most common first."""
        ...

    def writing(self, capitals: str) -> int:
        """How many papers hold a word written just so, in the singular; it must have two capitals."""
        ...

    def written_otherwise(self, stem: str, shorts: Sequence[str], *, beside: str | None = ...) -> int:
        """How many papers (that hold the stem ``beside``) hold a stem, but nothing written as ``shorts``."""
        ...

    def suggestion(self, word: str, *, of: Spelt = ...) -> str | None:
        """What the archive has that a rare or unknown word was probably meant to be; None: no such.

        Of a word this may be two words that were typed as one. ``of`` an author, an author's key or
        its trailing part; of a venue, a word of venues: both only where the archive has none such
        and one other is clearly nearest.
        """
        ...


class Writer(Protocol):
    """The one who changes an index; holds its lock until closed. Not for sharing between threads.

    What is put in becomes visible with ``publish``, all at once. Whatever was not published is lost
    with the writer, and putting it in again is harmless.
    """

    @property
    def seq(self) -> int:
        """The change-log number of the newest generation; 0 where there is none."""
        ...

    def lacking(self, papers: Sequence[Paper], *, name: str) -> tuple[Paper, ...]:
        """Those papers whose present text has no vector of the encoder, or no details, of this name yet."""
        ...

    def pending(self, *, name: str, limit: int) -> tuple[PaperId, ...]:
        """Published papers that lack this encoder's vector, or such details, newest first."""
        ...

    def put(self, papers: Sequence[Paper], gone: Iterable[PaperId] = ...) -> None:
        """Put papers in, replacing their former states, and take others out."""
        ...

    def put_vectors(self, papers: Sequence[Paper], vectors: Vectors, *, encoder: str) -> None:
        """Put in the vectors of these papers' present texts, shape (len(papers), dim)."""
        ...

    def put_details(self, papers: Sequence[Paper], details: Sequence[bytes], *, name: str) -> None:
        """Put in what was made of these papers' present texts: bytes that mean nothing to the index."""
        ...

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the vectors of all other encoders, and all other details."""
        ...

    def publish(self, *, seq: int) -> Generation:
        """Make all that was put in visible as a new generation standing at ``seq``; durable when it returns."""
        ...

    def check(self, *, whole: bool = False) -> None:
        """Raise StaleIndexError where what was published is no longer there or damaged.

        Names and sizes are looked at; checksums where ``whole`` is asked or a reader met damage.
        """
        ...

    def settle(self) -> Generation | None:
        """Finish the merging of parts that goes on in the background, and publish its result."""
        ...

    def close(self) -> None:
        """Drop what was not published and release the lock."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Index(Protocol):
    """A directory of generations."""

    def snapshot(self) -> Snapshot:
        """The newest generation. Raises StaleIndexError where there is none or it is damaged."""
        ...

    def writer(self, *, store: str) -> Writer:
        """The writer for the store of this identity.

        It begins from nothing where the index is of another store, damaged, or of another make;
        readers keep what they have until it publishes. Raises BusyError while there is another writer.
        """
        ...

    def verify(self) -> None:
        """Read every file and compare it with its checksum. Raises StaleIndexError naming what differs."""
        ...

    def delete(self) -> None:
        """Take everything away, for a rebuild. Raises BusyError while a writer is at work."""
        ...


def text_of(paper: Paper) -> str:
    """What an encoder is given of a paper: title and abstract in plain Unicode."""
    return f"{paper.title}\n{paper.abstract}"

"""The index's contract: derived from the store, deletable, rebuildable; knows ids, not papers' truth.

An index lives in a directory of its own. What readers search is a *generation*: words and vectors
that agree with each other and stand at one number of the store's change log. Generations appear
atomically: a ``Snapshot`` once taken answers from its generation until it is dropped.

Threads: one writer (a process lock), any number of readers in any process. ``snapshot()`` is cheap
when nothing changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.model import Paper, PaperType

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


@dataclass(frozen=True, slots=True)
class Generation:
    """What a snapshot stands on."""

    number: int
    seq: int  # the store's change log is followed up to here
    papers: int
    encoders: Mapping[str, int]  # encoder name: how many papers have its vector


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
    without: Filter | None = None  # whatever meets any one field of this may not appear
    also: Filter | None = None  # what must hold besides

    def __bool__(self) -> bool:
        return self != Filter()

    def narrowed(self, further: Filter) -> Filter:
        """The filter that passes what both pass."""
        if not self or not further:
            return self or further
        return replace(self, also=self.also.narrowed(further) if self.also else further)


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for by words: free terms (ranked), phrases (all must occur), words that must not.

    Entries are text as typed; the index analyses them as it did the papers. An excluded entry of
    several words is a phrase.
    """

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Words()


@dataclass(frozen=True, slots=True)
class Scored:
    """A paper and its score in one list; larger is better."""

    id: PaperId
    score: float


@dataclass(frozen=True, slots=True)
class Token:
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
        """The k best by BM25, best first, ties by id. With neither terms nor phrases: the newest, at score 0."""
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

    def sample(self, *, encoder: str) -> Vectors:
        """A few thousand of an encoder's vectors, evenly from the whole and always the same ones.

        All of them where there are fewer; shape (n, dim), (0, 0) without any. Do not write to it.
        """
        ...

    def count(self, words: Words, *, filter: Filter = ...) -> int:
        """How many papers match by words (any free term, every phrase, no excluded word)."""
        ...

    def analyse(self, text: str) -> tuple[Token, ...]:
        """The words of a text as the index sees them, in order."""
        ...

    def frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """In how many papers' titles and abstracts each stem occurs."""
        ...

    def suggestion(self, word: str) -> str | None:
        """The word of the archive that a rare or unknown one was probably meant to be; None: no such."""
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

    def lacking(self, papers: Sequence[Paper], *, encoder: str) -> tuple[Paper, ...]:
        """Those papers whose present text has no vector of this encoder yet."""
        ...

    def pending(self, *, encoder: str, limit: int) -> tuple[PaperId, ...]:
        """Published papers that lack this encoder's vector, newest first."""
        ...

    def put(self, papers: Sequence[Paper], gone: Iterable[PaperId] = ...) -> None:
        """Put papers in, replacing their former states, and take others out."""
        ...

    def put_vectors(self, papers: Sequence[Paper], vectors: Vectors, *, encoder: str) -> None:
        """Put in the vectors of these papers' present texts, shape (len(papers), dim)."""
        ...

    def keep_only(self, encoders: Collection[str]) -> None:
        """Forget the vectors of all other encoders."""
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

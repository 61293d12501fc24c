"""The index's contract: derived from the store, deletable, rebuildable; knows ids, not papers' truth.

An index lives in a directory of its own. What readers search is a *generation*: words and vectors
that agree with each other and stand at one number of the store's change log. Generations appear
atomically: a ``Snapshot`` once taken answers from its generation until it is dropped.

Threads: one writer (a process lock), any number of readers in any process. ``snapshot()`` is cheap
when nothing changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.model import Paper, PaperType

Vectors = NDArray[np.float32]


class Encoder(Protocol):
    """Text to unit vectors.

    ``name`` changes whenever the vectors would, and is part of every generation.
    """

    name: str
    dim: int

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

    A category matches itself and its parts: ``cs`` matches ``cs.CL``. Days are both included.
    """

    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()  # author keys, whole or trailing part ("castro")
    types: tuple[PaperType, ...] = ()
    since: date | None = None
    until: date | None = None
    has_code: bool | None = None

    def __bool__(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for by words: free terms (ranked), phrases (all must occur), words that must not."""

    terms: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scored:
    """A paper and its score in one list; larger is better."""

    id: PaperId
    score: float


class Snapshot(Protocol):
    """One generation, for reading."""

    generation: Generation

    def words(self, words: Words, *, k: int, filter: Filter = ...) -> tuple[Scored, ...]:
        """The k best by BM25, best first, ties by id."""
        ...

    def vectors(self, query: Vectors, *, encoder: str, k: int, filter: Filter = ...) -> tuple[Scored, ...]:
        """The k nearest by cosine to a unit vector of shape (dim,), best first, ties by id."""
        ...

    def vectors_of(self, ids: Sequence[PaperId], *, encoder: str) -> tuple[tuple[PaperId, ...], Vectors]:
        """The vectors of those ids that have one: ids in the order asked, and float32 (n, dim)."""
        ...

    def count(self, words: Words, *, filter: Filter = ...) -> int:
        """How many papers match by words (any free term, every phrase, no excluded word)."""
        ...


class Index(Protocol):
    """A directory of generations."""

    def snapshot(self) -> Snapshot:
        """The newest generation. Raises StaleIndexError where there is none or it is damaged."""
        ...

    def publish(self, papers: Iterable[Paper], gone: Iterable[PaperId], *, seq: int) -> Generation:
        """Put papers in (replacing former states), take others out, and publish at ``seq``. Idempotent."""
        ...

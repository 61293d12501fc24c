"""One generation of a directory, for reading. Knows no writing and no newer generation."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index import analysis, details
from broadsheet.index.contract import Filter, Scored, Sense, Spelt, Token, Vectors, Words
from broadsheet.index.details import DetailsReader
from broadsheet.index.files import load
from broadsheet.index.manifest import DetailPart, Details, EncoderParts, Manifest, PaperPart, VectorPart
from broadsheet.index.memo import Memo
from broadsheet.index.papers import Lines, Papers
from broadsheet.index.sample import Sample
from broadsheet.index.vectors import Part, VectorsReader, opened
from broadsheet.index.words import WordsReader

_T = TypeVar("_T")
_V = TypeVar("_V")

_MASKS_KEPT: Final = 32
_EVERYTHING: Final = Filter()
_NO_WORDS: Final = Words()


class LocalSnapshot:
    """See ``contract.Snapshot``. Safe to share between threads."""

    def __init__(
        self,
        manifest: Manifest,
        papers: Papers,
        words: WordsOfPapers,
        vectors: Mapping[str, VectorsOfPapers],
        details: Mapping[str, DetailsOfPapers],
    ) -> None:
        self.manifest: Final = manifest
        self.generation: Final = manifest.generation()
        self._papers = papers
        self._words = words
        self._vectors = vectors
        self._details = details

    def words(self, words: Words, *, k: int, filter: Filter = _EVERYTHING) -> tuple[Scored, ...]:
        """The k best by BM25, best first, ties by id; the newest where there is nothing to rank by."""
        if not (words.terms or words.phrases or words.scored):
            return self._newest(self._words.allowed(words, filter), k)
        ordinals, scores = self._words.reader.best(words, filter, k=k)
        return self._scored(ordinals, scores, k)

    def by_stems(
        self, weights: Mapping[str, float], *, k: int, filter: Filter = _EVERYTHING, titles: bool = False
    ) -> tuple[Scored, ...]:
        """The k papers whose title and abstract hold these stems best by BM25, best first, ties by id."""
        if not weights:
            return ()
        ordinals, scores = self._words.reader.holding(weights, filter, titles=titles, k=k)
        return self._scored(ordinals, scores, k)

    def vectors(
        self,
        query: Vectors,
        *,
        encoder: str,
        k: int,
        filter: Filter = _EVERYTHING,
        words: Words = _NO_WORDS,
    ) -> tuple[Scored, ...]:
        """The k nearest by cosine, best first, ties by id; none of an encoder without vectors."""
        if encoder not in self._vectors or not query.any():
            return ()
        reader = self._vectors[encoder].reader
        ordinals, scores = reader.nearest(
            np.asarray(query, dtype=np.float32), k=k, allowed=self._words.allowed(words, filter)
        )
        return self._scored(ordinals, scores, k)

    def vectors_of(self, ids: Sequence[PaperId], *, encoder: str) -> tuple[tuple[PaperId, ...], Vectors]:
        """The vectors of those ids that have one: ids in the order asked, and float32 (n, dim)."""
        if encoder not in self._vectors:
            return (), np.zeros((0, 0), dtype=np.float32)
        have, vectors = self._vectors[encoder].reader.of(self._papers.ordinals(ids))
        return tuple(id for id, h in zip(ids, have, strict=True) if h), vectors

    def details_of(self, ids: Sequence[PaperId], *, name: str) -> tuple[NDArray[np.uint8] | None, ...]:
        """The details of this name of each paper, None where it has none. Do not write to them."""
        if name not in self._details:
            return (None,) * len(ids)
        return self._details[name].reader.of(self._papers.ordinals(ids))

    def sample(self, *, encoder: str) -> Sample:
        """A sample of an encoder's vectors; of none, shape (0, 0), where there are none."""
        if encoder not in self._vectors:
            return Sample.of(np.zeros((0, 0), dtype=np.float32))
        return self._vectors[encoder].reader.sample

    def count(self, words: Words, *, filter: Filter = _EVERYTHING) -> int:
        """How many papers match by words (any free term, every phrase, no excluded word)."""
        return self._words.reader.count(words, filter)

    def analyse(self, text: str, *, only: Collection[str] | None = None) -> tuple[Token, ...]:
        """The words of a text as the index sees them, in order; with ``only``, those that have such a stem."""
        return analysis.tokens(text, only=only)

    def frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """In how many papers' titles and abstracts each stem occurs."""
        return self._words.reader.frequencies(stems)

    def senses(self, short: str, *, as_written: bool = False) -> tuple[Sense, ...]:
        """What an acronym stands for in this archive, the most common sense first."""
        return self._words.reader.senses(short, as_written=as_written)

    def senses_beside(self, short: str, stem: str) -> Mapping[str, int]:
        """In how many papers that hold a stem each sense term of an acronym occurs."""
        return self._words.reader.senses_beside(short, stem)

    def shorts(self, long: str) -> tuple[str, ...]:
        """The acronyms, in lower case, that papers give a long form, the most common first."""
        return self._words.reader.shorts(long)

    def writing(self, capitals: str) -> int:
        """How many papers hold a word written just so, in the singular; it must have two capitals."""
        return self._words.reader.writing(capitals)

    def written_otherwise(self, stem: str, shorts: Sequence[str], *, beside: str | None = None) -> int:
        """How many papers (that hold the stem ``beside``) hold a stem, but nothing written as ``shorts``."""
        return self._words.reader.written_otherwise(stem, shorts, beside=beside)

    def suggestion(self, word: str, *, of: Spelt = "word") -> str | None:
        """What the archive has that a rare or unknown word was probably meant to be; None: no such."""
        return self._words.reader.suggestion(word, of=of)

    def _newest(self, allowed: NDArray[np.bool_] | None, k: int) -> tuple[Scored, ...]:
        """The k newest, ties by id: the same order in every generation, so that pages agree."""
        papers = self._papers
        places = np.flatnonzero(papers.here if allowed is None else papers.here & allowed)
        if len(places) > k > 0:
            days = papers.days[places]
            places = places[days >= np.partition(days, len(days) - k)[len(days) - k]]
        found = [(-int(papers.days[place]), papers.id(int(place))) for place in places]
        return tuple(Scored(id, 0.0) for _, id in sorted(found)[:k])

    def _scored(self, ordinals: NDArray[np.int64], scores: NDArray[Any], k: int) -> tuple[Scored, ...]:
        ids = self._papers.ids(ordinals)
        found = sorted(zip((-scores).tolist(), ids, strict=True))
        return tuple([Scored(id, -negative) for negative, id in found[:k]])


class WordsOfPapers:
    """The words, and for the last few filters which papers pass them."""

    def __init__(self, reader: WordsReader, papers: Papers) -> None:
        self.reader: Final = reader
        self.papers: Final = papers
        self._masks: Memo[tuple[Words, Filter], NDArray[np.bool_] | None] = Memo(_MASKS_KEPT)

    def allowed(self, words: Words, filter: Filter) -> NDArray[np.bool_] | None:
        """Which ordinals have every phrase, no excluded word, and pass the filter; None: all."""
        conditions = Words(phrases=words.phrases, excluded=words.excluded)
        if not conditions and not filter:
            return None
        return self._masks.made(
            (conditions, filter),
            lambda: self.reader.allowed(conditions, filter, ordinals=self.papers.size),
        )


class VectorsOfPapers:
    """The vectors of one encoder, put together when first asked for."""

    def __init__(
        self, stated: EncoderParts, parts: Mapping[VectorPart, Part], directions: Vectors, papers: Papers
    ) -> None:
        self.stated: Final = stated
        self.parts: Final = parts
        self.papers: Final = papers
        self._directions = directions

    @cached_property
    def reader(self) -> VectorsReader:
        """All parts as one."""
        return VectorsReader([self.parts[part] for part in self.stated.parts], self.papers, self._directions)


class DetailsOfPapers:
    """The details of one name, put together when first asked for."""

    def __init__(self, stated: Details, parts: Mapping[DetailPart, details.Part], papers: Papers) -> None:
        self.stated: Final = stated
        self.parts: Final = parts
        self.papers: Final = papers

    @cached_property
    def reader(self) -> DetailsReader:
        """All parts as one."""
        return DetailsReader([self.parts[part] for part in self.stated.parts], self.papers)


class Opener:
    """Opens generations; what did not change since the last one is taken over, caches and all.

    For one thread at a time; the snapshots are for all.
    """

    def __init__(self, directory: Path, *, doubted: threading.Event) -> None:
        self._directory = directory
        self._doubted = doubted  # set where a reader meets damage
        self._last: Manifest | None = None
        self._tables: dict[PaperPart, Lines] = {}
        self._papers: Papers | None = None
        self._words: WordsOfPapers | None = None
        self._vectors: dict[str, VectorsOfPapers] = {}
        self._details: dict[str, DetailsOfPapers] = {}

    def open(self, manifest: Manifest) -> LocalSnapshot:
        """The generation of a manifest. Raises StaleIndexError where a file is missing or torn."""
        for file in manifest.files():
            file.check(self._directory)
        last = self._last
        self._last = None  # until all is well
        tables = _taken_over(manifest.papers, self._tables, lambda part: load(self._directory, part.table))
        papers = self._papers
        if papers is None or last is None or last.papers != manifest.papers:
            papers = Papers([tables[part] for part in manifest.papers])
        words = self._words
        if words is None or last is None or last.words != manifest.words:
            words = WordsOfPapers(
                WordsReader(self._directory / manifest.words_directory(), self._doubted), papers
            )
        elif words.papers is not papers:
            words = WordsOfPapers(words.reader, papers)
        vectors = {name: self._encoder(name, stated, papers) for name, stated in manifest.encoders.items()}
        detailed = {name: self._detailed(name, stated, papers) for name, stated in manifest.details.items()}
        self._tables, self._papers, self._words = tables, papers, words
        self._vectors, self._details = vectors, detailed
        self._last = manifest
        return LocalSnapshot(manifest, papers, words, vectors, detailed)

    def _encoder(self, name: str, stated: EncoderParts, papers: Papers) -> VectorsOfPapers:
        last = self._vectors.get(name)
        if last and last.stated == stated and last.papers is papers:
            return last
        parts = _taken_over(
            stated.parts,
            last.parts if last else {},
            lambda part: opened(self._directory, part, dim=stated.dim),
        )
        return VectorsOfPapers(stated, parts, np.asarray(load(self._directory, stated.rotation)), papers)

    def _detailed(self, name: str, stated: Details, papers: Papers) -> DetailsOfPapers:
        last = self._details.get(name)
        if last and last.stated == stated and last.papers is papers:
            return last
        parts = _taken_over(
            stated.parts, last.parts if last else {}, lambda part: details.opened(self._directory, part)
        )
        return DetailsOfPapers(stated, parts, papers)


def _taken_over(parts: Iterable[_T], last: Mapping[_T, _V], opened: Callable[[_T], _V]) -> dict[_T, _V]:
    return {part: last[part] if part in last else opened(part) for part in parts}

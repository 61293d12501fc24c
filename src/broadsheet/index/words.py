"""The words of one generation, for reading. Knows ordinals, the lines of the paper table, but no ids."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from tantivy import Index, Occur, Query, Searcher, SearchResult

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.index import analysis, fields, senses
from broadsheet.index.conditions import in_field
from broadsheet.index.contract import Filter, Sense, Spelt, Words
from broadsheet.index.engine import panicked
from broadsheet.index.files import WAY_OUT
from broadsheet.index.memo import Memo
from broadsheet.index.queries import TITLE_WEIGHT, Queries
from broadsheet.index.readings import written_otherwise
from broadsheet.index.spelling import mend, mend_name

_P = ParamSpec("_P")
_R = TypeVar("_R")

_FORMS_READ: Final = 200  # of one acronym, the most common ones
_SENSES_KEPT: Final = 4096
_COUNTS_KEPT: Final = 256
_SUGGESTIONS_KEPT: Final = 4096
_SPELLINGS_TRIED: Final = 20_000


def _mapped(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """The call with the engine's exceptions mapped to ours."""

    @functools.wraps(call)
    def mapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return call(*args, **kwargs)
        except (ValueError, TypeError, OSError) as error:
            _doubt(args)
            raise StaleIndexError(
                f"the words of the search index cannot be read: {error}; {WAY_OUT}"
            ) from error
        except BaseException as error:
            if not panicked(error):
                raise
            _doubt(args)
            raise StaleIndexError(f"the words of the search index are damaged: {error}; {WAY_OUT}") from error

    return mapped


class WordsReader:
    """Searches the words of one generation. Safe to share between threads."""

    @_mapped
    def __init__(self, directory: Path, doubted: threading.Event) -> None:
        self.doubted: Final = doubted  # set by whatever call meets damage
        self._schema = fields.schema()
        if not os.access(directory, os.W_OK | os.X_OK):
            raise SearchError(
                f"{directory} cannot be written to, which the search engine needs even to read: it is mounted "
                "read-only, or belongs to somebody else"
            )
        index = fields.register(Index.open(str(directory)))
        index.config_reader("manual")
        self._searcher: Searcher = index.searcher()
        # Nothing here leads back to this object, so that a generation nobody reads lets go of its files at once.
        self._queries = Queries(self._schema, frequency=partial(_frequency, self._searcher))
        self._senses: Memo[str, tuple[Sense, ...]] = Memo(_SENSES_KEPT)
        self._counts: Memo[tuple[Words, Filter], int] = Memo(_COUNTS_KEPT)
        self._suggestions: Memo[tuple[str, Spelt], str | None] = Memo(_SUGGESTIONS_KEPT)

    @_mapped
    def best(self, words: Words, filter: Filter, *, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The k best papers and their scores."""
        query = self._queries.ranked(words, filter)
        # Every paper that matches is looked at anyway, so their number costs nothing.
        result = self._searcher.search(query, limit=k, count=True)
        self._counts.keep((words, filter), _number(result))
        return self._with_scores(result.hits)

    @_mapped
    def holding(
        self, weights: Mapping[str, float], filter: Filter, *, titles: bool, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The k papers that hold weighted stems best, and their scores."""
        query = self._queries.weighted(weights, TITLE_WEIGHT if titles else 0.0)
        query = self._queries.among(query, filter)
        return self._with_scores(self._searcher.search(query, limit=k, count=False).hits)

    @_mapped
    def count(self, words: Words, filter: Filter) -> int:
        """How many papers match by words and pass the filter; at once where they were just looked for."""
        return self._counts.made((words, filter), lambda: self._count(self._queries.matching(words, filter)))

    @_mapped
    def allowed(self, words: Words, filter: Filter, *, ordinals: int) -> NDArray[np.bool_] | None:
        """Which of ``ordinals`` papers may appear, those that left perhaps too; None where all may."""
        query = self._queries.allowed(words, filter)
        if query is None:
            return None
        wanted = self._count(query)
        # Reading numbers one by one is what takes time, so of the papers inside and outside the fewer are read.
        few = wanted <= ordinals // 2
        mask = np.full(ordinals, not few)
        if not few:
            query = Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, query)])
            wanted = self._count(query)
        if wanted:
            hits = self._searcher.search(query, limit=wanted, count=False, order_by_field="ordinal").hits
            mask[[ordinal for ordinal, _ in hits]] = few
        return mask

    @_mapped
    def frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """In how many papers' titles and abstracts each stem occurs."""
        return {stem: self._searcher.doc_freq("text", stem) for stem in stems}

    @_mapped
    def senses(self, short: str, *, as_written: bool) -> tuple[Sense, ...]:
        """What an acronym stands for in this archive, the most common sense first."""
        start = senses.beginning(short, as_written=as_written)
        return self._senses.made(start, lambda: senses.taken_together(self._beginning("sense", start)))

    @_mapped
    def senses_beside(self, short: str, stem: str) -> Mapping[str, int]:
        """In how many papers that hold a stem each sense term of an acronym occurs."""
        holding = in_field(self._schema, "text", [stem])
        return dict(self._beginning("sense", senses.beginning(short), among=holding))

    @_mapped
    def shorts(self, long: str) -> tuple[str, ...]:
        """The acronyms that papers give a long form, the most common first."""
        key = senses.long_key(long)
        if not key or not self._searcher.doc_freq("long", key):
            return ()
        start = senses.beginning(key)
        return tuple(term.removeprefix(start) for term, _ in self._beginning("long", start))

    @_mapped
    def writing(self, capitals: str) -> int:
        """How many papers hold a word written just so."""
        return self._searcher.doc_freq("capitals", capitals)

    @_mapped
    def written_otherwise(self, stem: str, shorts: Sequence[str], *, beside: str | None) -> int:
        """How many papers hold a stem, but nothing written as ``shorts``."""
        return self._count(written_otherwise(self._schema, stem, shorts, beside=beside))

    def _beginning(self, field: str, start: str, *, among: Query | None = None) -> list[tuple[str, int]]:
        """The terms with a beginning and their numbers of papers, the most common first."""
        if not self._searcher.terms_with_prefix(field, start, limit=1):
            return []  # most words are no acronym, and this is quick
        # Without a filter papers that left would count until their segment is merged.
        found: list[tuple[str, int]] = self._searcher.terms_with_prefix(
            field, start, filter_query=among or Query.all_query(), limit=_FORMS_READ
        )
        return found

    @_mapped
    def suggestion(self, word: str, *, of: Spelt) -> str | None:
        """What ``word`` was probably meant to be; None where it is known well enough."""
        return self._suggestions.made((word, of), lambda: self._suggestion(word, of))

    def _suggestion(self, word: str, of: Spelt) -> str | None:
        if of == "author":
            return self._name(word, field="author")
        spelt = analysis.spelt(word)
        if len(spelt) != 1:
            return None
        if of == "venue":
            return self._name(spelt[0], field="venue")
        return mend(
            spelt[0],
            frequency=lambda w: self._searcher.doc_freq("spelling", w),
            beginning=lambda start: self._searcher.terms_with_prefix(
                "spelling", start, limit=_SPELLINGS_TRIED
            ),
            together=lambda one, other: self._count(
                in_field(self._schema, "text", analysis.stems(f"{one} {other}"))
            ),
        )

    def _name(self, name: str, *, field: str) -> str | None:
        def beginning(start: str) -> Sequence[tuple[str, int]] | None:
            found: list[tuple[str, int]] = self._searcher.terms_with_prefix(
                field, start, limit=_SPELLINGS_TRIED
            )
            return found if len(found) < _SPELLINGS_TRIED else None

        return mend_name(name, frequency=lambda n: self._searcher.doc_freq(field, n), beginning=beginning)

    def _with_scores(self, hits: Sequence[tuple[Any, Any]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The ordinals and scores of what the engine found."""
        ordinals = self._searcher.fast_field_values("ordinal", [address for _, address in hits])
        return np.array(ordinals, dtype=np.int64), np.array([score for score, _ in hits], dtype=np.float64)

    def _count(self, query: Query) -> int:
        # In the order of a number rather than of scores: then none is worked out.
        return _number(self._searcher.search(query, limit=1, count=True, order_by_field="ordinal"))


def _frequency(searcher: Searcher, stem: str) -> int:
    return searcher.doc_freq("text", stem)


def _number(result: SearchResult) -> int:
    """How many papers the engine found."""
    found: int = result.count  # type: ignore[attr-defined]  # missing in the stub
    return found


def _doubt(args: tuple[object, ...]) -> None:
    if args and isinstance(args[0], WordsReader):
        args[0].doubted.set()

"""The words of one generation, for reading. Knows ordinals, the lines of the paper table, but no ids."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray
from tantivy import Index, Query, Searcher

from broadsheet.errors import StaleIndexError
from broadsheet.index import analysis, fields
from broadsheet.index.contract import Filter, Words
from broadsheet.index.engine import panicked
from broadsheet.index.files import WAY_OUT
from broadsheet.index.queries import Queries
from broadsheet.index.spelling import mend

_P = ParamSpec("_P")
_R = TypeVar("_R")

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
        schema = fields.schema()
        index = fields.register(Index.open(str(directory)))
        index.config_reader("manual")
        self._searcher: Searcher = index.searcher()
        self._queries = Queries(schema)

    @_mapped
    def best(self, words: Words, filter: Filter, *, k: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The k best papers and their scores."""
        query = self._queries.ranked(words, filter)
        hits = self._searcher.search(query, limit=k, count=False).hits
        ordinals = self._searcher.fast_field_values("ordinal", [address for _, address in hits])
        scores = [score for score, _ in hits]
        return np.array(ordinals, dtype=np.int64), np.array(scores, dtype=np.float64)

    @_mapped
    def count(self, words: Words, filter: Filter) -> int:
        """How many papers match by words and pass the filter."""
        return self._count(self._queries.ranked(words, filter))

    @_mapped
    def allowed(self, words: Words, filter: Filter, *, ordinals: int) -> NDArray[np.bool_] | None:
        """Which of ``ordinals`` papers may appear; None where all may."""
        query = self._queries.allowed(words, filter)
        if query is None:
            return None
        mask = np.zeros(ordinals, dtype=np.bool_)
        if wanted := self._count(query):
            hits = self._searcher.search(query, limit=wanted, count=False, order_by_field="ordinal").hits
            mask[[ordinal for ordinal, _ in hits]] = True
        return mask

    @_mapped
    def frequencies(self, stems: Iterable[str]) -> Mapping[str, int]:
        """In how many papers' titles and abstracts each stem occurs."""
        return {stem: self._searcher.doc_freq("text", stem) for stem in stems}

    @_mapped
    def suggestion(self, word: str) -> str | None:
        """The word that ``word`` was probably meant to be; None where it is known well enough."""
        spelt = analysis.spelt(word)
        if len(spelt) != 1:
            return None
        return mend(
            spelt[0],
            frequency=lambda w: self._searcher.doc_freq("spelling", w),
            beginning=lambda start: self._searcher.terms_with_prefix(
                "spelling", start, limit=_SPELLINGS_TRIED
            ),
        )

    def _count(self, query: Query) -> int:
        found: int = self._searcher.search(query, limit=1, count=True).count  # type: ignore[attr-defined]  # missing in the stub
        return found


def _doubt(args: tuple[object, ...]) -> None:
    if args and isinstance(args[0], WordsReader):
        args[0].doubted.set()

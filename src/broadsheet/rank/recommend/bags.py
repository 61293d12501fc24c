"""Texts as bags of words and pairs of words. Knows text; no weights, no readers.

A term is a number: a hash of a word, or of two words that stand next to each other. So bags made at any time
on any machine fit together, a day's new word included, and no vocabulary has to be kept. Pairs
are what tells ``graph attention`` from papers that have both words somewhere; a text that is itself a bag, its
words sorted or as a list, has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.analysis import spelt
from broadsheet.index.stopwords import STOP_WORDS

_MASK: Final = np.uint32((1 << 20) - 1)
_NO_TERMS: Final = np.zeros(0, dtype=np.uint32)
_NO_COUNTS: Final = np.zeros(0, dtype=np.float32)

# Where more than this share of the words follow themselves, and more than a few do, words do not stand in the
# order they were written in.
_SORTED: Final = 0.05
_A_FEW: Final = 2

# Nor do they where so many have no small words, to speak of, and no sentence's mark among them; a shorter text may be a
# title like that, with its capitals. Of the words of a sentence every fifth is small, in arXiv's abstracts at least every ninth.
_MANY: Final = 10
_NOT_MANY: Final = 5
_SMALL: Final = 0.05
_MARK: Final = re.compile(r"[.,;:!?。、，](?:\s|$)")


@dataclass(frozen=True, slots=True)
class Bags:
    """The terms of n texts in compressed rows: those of text i stand at ``starts[i]:starts[i + 1]``.

    ``terms`` are uint32 and ascend within a text, ``counts`` are float32 (how often each occurs).
    """

    starts: NDArray[np.int64]
    terms: NDArray[np.uint32]
    counts: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The bags of texts, in their order."""
        counted = [np.unique(_numbers(text), return_counts=True) for text in texts]
        starts = np.zeros(len(counted) + 1, dtype=np.int64)
        np.cumsum([len(terms) for terms, _ in counted], out=starts[1:])
        return cls(
            starts,
            np.concatenate([_NO_TERMS, *(terms for terms, _ in counted)]),
            np.concatenate([_NO_COUNTS, *(counts for _, counts in counted)], dtype=np.float32),
        )

    @classmethod
    def stacked(cls, parts: Sequence[Self]) -> Self:
        """The bags of several, one after the other; at least one part."""
        return cls(
            end_to_end([part.starts for part in parts]),
            np.concatenate([part.terms for part in parts]),
            np.concatenate([part.counts for part in parts]),
        )

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Self:
        """The bags of these rows, in this order."""
        places, starts = spread(self.starts, np.asarray(rows, dtype=np.int64))
        return type(self)(starts, self.terms[places], self.counts[places])


def end_to_end(starts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Where the rows of several begin when they stand one after the other."""
    shifts = np.cumsum([0, *(each[-1] for each in starts)])
    return np.concatenate([starts[0][:1], *(each[1:] + s for each, s in zip(starts, shifts, strict=False))])


def spread(starts: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the entries of some compressed rows stand, and where each of those rows starts among them."""
    lengths = starts[rows + 1] - starts[rows]
    ends = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum(lengths, out=ends[1:])
    return np.arange(ends[-1]) + np.repeat(starts[rows] - ends[:-1], lengths), ends


def owners(starts: NDArray[np.int64]) -> NDArray[np.intp]:
    """Whose row each entry of compressed rows is in."""
    return np.repeat(np.arange(len(starts) - 1), np.diff(starts))


def located(
    known: NDArray[np.uint32], terms: NDArray[np.uint32]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which of some terms are among the known ones (ascending): their rows, and their places there."""
    if not len(known):
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    # Terms are hashes, so their last bits tell most strangers at the cost of a look-up.
    seen = np.zeros(_MASK + 1, dtype=bool)
    seen[known & _MASK] = True
    rows = np.flatnonzero(seen[terms & _MASK])
    places = np.searchsorted(known, terms[rows])
    places[places == len(known)] = 0
    right = known[places] == terms[rows]
    return rows[right], places[right]


def spellings(texts: Iterable[str]) -> dict[int, str]:
    """The words, or pairs of words, that the terms of these texts stand for."""
    found: dict[int, str] = {}
    for text in texts:
        words, pairs = _told(text)
        found |= {_number(term): term for term in (*words, *(f"{one} {two}" for one, two in pairs))}
    return found


def _numbers(text: str) -> NDArray[np.uint32]:
    """The terms of a text as they come."""
    words, pairs = _told(text)
    number = {word: _number(word) for word in words}
    # The hash of a pair goes on from that of its first word.
    found = [number[word] for word in words]
    found += [crc32(f" {two}".encode("utf-8", "surrogatepass"), number[one]) for one, two in pairs]
    return np.array(found, dtype=np.uint32)


def _told(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The words of a text that tell something, and those of them that stand next to each other."""
    words = spelt(text)
    telling = [word for word in words if word not in STOP_WORDS]
    if _in_no_order(text, words, small=len(words) - len(telling)):
        return telling, []
    return telling, [pair for pair in pairwise(words) if STOP_WORDS.isdisjoint(pair)]


def _in_no_order(text: str, words: Sequence[str], *, small: int) -> bool:
    """Whether words are a list or a sorted bag rather than sentences or a title."""
    if sum(one == two for one, two in pairwise(words)) > max(_A_FEW, _SORTED * len(words)):
        return True
    long = len(words) >= _MANY or (len(words) >= _NOT_MANY and text == text.lower())
    return long and small < _SMALL * len(words) and _MARK.search(text) is None


def _number(term: str) -> int:
    # A million terms meet by chance a hundred times among four thousand million numbers: no harm.
    return crc32(term.encode("utf-8", "surrogatepass"))

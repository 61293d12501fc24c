"""The terms that several texts have in common, and how each text uses them: what could name a topic. Weighs nothing.

A term is one to three words that no verb, small word or punctuation interrupts. Its key is its stems,
hyphens taken as spaces, so that "vision-language models" and "Vision Language Model" are one term.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from broadsheet.text.lexicon import Readings, code

LONGEST: Final = 3  # words of a name; phrases of one more are read too, and tell where names are cut off

Numbers = NDArray[np.int64]
Codes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
S = TypeVar("S", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Term:
    """How some texts use a phrase; arrays are as long as there are texts that have it."""

    rows: Numbers  # which texts, ascending
    counts: Numbers  # how often each has it as a phrase that can be a name
    titled: Flags  # whether its title has it so
    free: Flags  # whether a phrase ends with it there: it is no mere part of longer ones
    words: int  # how many it is, a hyphened one being one, as the last of these texts writes it


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases where they stand among the words of all texts, by code and then by place."""

    codes: Codes
    at: Numbers
    size: Numbers


class Terms:
    """The terms by key that ``least`` of some texts have, and of the ``wanted`` ones those that any has."""

    def __init__(self, read: Readings, *, least: int, wanted: Iterable[str] = ()) -> None:
        self._read = read
        self._capital = np.array([word.text != word.low for word in read.words])
        self._upper = np.array([word.text[:1].isupper() for word in read.words])
        sought = np.array(sorted(map(code, set(wanted))), dtype=np.uint64)
        found = _repeated(_phrases(read), least, sought)
        # An entry is a phrase in one text, wherever and however often that has it.
        rows = read.row[found.at]
        entry = _changes(found.codes) | _changes(rows)
        opening = np.flatnonzero(entry)
        fits = _fits(read, found)
        titled = fits & read.in_title[found.at]
        self._rows = rows[opening]
        self._counts = _reduced(np.add, fits.astype(np.int64), opening)
        self._titled = _reduced(np.logical_or, titled, opening)
        self._free = _reduced(np.logical_or, fits & (read.word[found.at + found.size] == 0), opening)
        # A sentence's spelling counts more than the title's, and a sentence comes after it.
        place = np.arange(len(rows))
        first = _reduced(np.minimum, np.where(fits, place, len(rows) - 1), opening)
        last = _reduced(np.maximum, np.where(fits, place, 0), opening)
        spelt = np.where(self._titled, last, first)
        self._at, self._size = found.at[spelt], found.size[spelt]
        least_size = _reduced(np.minimum, np.where(fits, found.size, LONGEST + 1), opening)
        words = np.where(self._titled, least_size, found.size[first])
        group = np.flatnonzero(_changes(found.codes[opening]))
        ends = np.append(group[1:], len(opening))
        kept = (ends - group >= least) | np.isin(found.codes[opening][group], sought)
        # Of the last text that has it as a name; of none, what no name has.
        named = np.where(self._counts > 0, np.arange(len(words)), -1)
        words = np.append(words, LONGEST + 1)[_reduced(np.maximum, named, group)]
        at, size = found.at[opening], found.size[opening]
        self._spans = {
            self._key(int(at[start]), int(size[start])): slice(start, end)
            for start, end in zip(group[kept].tolist(), ends[kept].tolist(), strict=True)
        }
        self.by_key: Mapping[str, Term] = {
            key: Term(
                self._rows[span],
                self._counts[span],
                self._titled[span],
                self._free[span],
                count,
            )
            for (key, span), count in zip(self._spans.items(), words[kept].tolist(), strict=True)
        }

    def spellings(self, key: str) -> Counter[str]:
        """How many texts spell a term how, each within its sentences."""
        span = self._spans[key]
        named = np.flatnonzero(self._counts[span]) + span.start
        capital = self._capitals(named)
        words, word, small = self._read.words, self._read.word, self._read.small
        found: Counter[str] = Counter()
        for entry, kept in zip(named.tolist(), capital.tolist(), strict=True):
            at = range(self._at[entry], self._at[entry] + self._size[entry])
            found[
                " ".join(words[word[i]].low if small[i] and not kept else words[word[i]].text for i in at)
            ] += 1
        return found

    def small(self, keys: Collection[str]) -> Mapping[str, float]:
        """Of each word of some terms, in lower case, the share of spellings that write it so."""
        spans = [self._spans[key] for key in keys]
        entries = np.concatenate([np.arange(span.start, span.stop) for span in spans] or [np.arange(0)])
        entries = entries[self._counts[entries] > 0]
        capitals = self._capitals(entries)
        lows: dict[str, int] = {}
        low_of = np.array([lows.setdefault(word.low, len(lows)) for word in self._read.words])
        written, lower = np.zeros(len(lows), dtype=np.int64), np.zeros(len(lows), dtype=np.int64)
        for nth in range(LONGEST):
            there = self._size[entries] > nth
            at = self._at[entries[there]] + nth
            word = self._read.word[at]
            so = ~self._capital[word] | (self._read.small[at] & ~capitals[there])
            written += np.bincount(low_of[word], minlength=len(lows))
            lower += np.bincount(low_of[word[so]], minlength=len(lows))
        return {
            low: small / every
            for low, small, every in zip(lows, lower.tolist(), written.tolist(), strict=True)
            if every
        }

    def _capitals(self, entries: Numbers) -> Flags:
        """Whether a phrase of several words is a name that its abstract writes with capitals throughout."""
        words, word, abstracts = self._read.words, self._read.word, self._read.abstracts
        every = self._size[entries] > 1
        for nth in range(LONGEST):
            there = self._size[entries] > nth
            every[there] &= self._upper[word[self._at[entries[there]] + nth]]
        for place in np.flatnonzero(every).tolist():
            entry = entries[place]
            at = self._at[entry]
            phrase = " ".join(words[number].text for number in word[at : at + self._size[entry]])
            every[place] = phrase in abstracts[self._rows[entry]]
        return every

    def _key(self, at: int, size: int) -> str:
        return " ".join(self._read.words[number].stems for number in self._read.word[at : at + size])


def _phrases(read: Readings) -> _Phrases:
    """Every phrase of up to one word more than a name has."""
    own = np.array([word.code for word in read.words], dtype=np.uint64)[read.word]
    shift = np.array([word.shift for word in read.words], dtype=np.uint64)[read.word]
    going = read.word != 0
    codes, whole = own, going
    found = []
    for size in range(1, LONGEST + 2):
        if size > 1:
            codes = codes[:-1] * shift[size - 1 :] + own[size - 1 :]
            whole = whole[:-1] & going[size - 1 :]
        at = np.flatnonzero(whole)
        found.append(_Phrases(codes[at], at, np.full(len(at), size)))
    return _Phrases(
        np.concatenate([each.codes for each in found]),
        np.concatenate([each.at for each in found]),
        np.concatenate([each.size for each in found]),
    )


def _repeated(phrases: _Phrases, least: int, sought: Codes) -> _Phrases:
    """Those that occur ``least`` times and those that are sought, in order."""
    order = np.argsort(phrases.codes)
    codes = phrases.codes[order]
    first = np.flatnonzero(_changes(codes))
    times = np.diff(np.append(first, len(codes)))
    often = (times >= least) | np.isin(codes[first], sought)
    group = np.repeat(np.arange(len(first)), np.where(often, times, 0))
    order = order[np.repeat(often, times)]
    order = order[np.lexsort((phrases.at[order], group))]
    return _Phrases(phrases.codes[order], phrases.at[order], phrases.size[order])


def _fits(read: Readings, phrases: _Phrases) -> Flags:
    """Which phrases can be names."""
    begins = np.array([word.begins for word in read.words])[read.word]
    ends = np.array([word.ends for word in read.words])[read.word]
    alone = np.array([word.alone for word in read.words])[read.word]
    several = begins[phrases.at] & ends[phrases.at + phrases.size - 1] & (phrases.size <= LONGEST)
    return np.where(phrases.size == 1, alone[phrases.at], several)


def _changes(values: NDArray[np.generic]) -> Flags:
    """Where a value is not the one before it."""
    changes = np.ones(len(values), dtype=np.bool_)
    changes[1:] = values[1:] != values[:-1]
    return changes


def _reduced(how: np.ufunc, values: NDArray[S], opening: Numbers) -> NDArray[S]:
    """Each run of values, which begin where ``opening`` says, brought to one."""
    if not len(opening):
        return values
    reduced: NDArray[S] = how.reduceat(values, opening)
    return reduced

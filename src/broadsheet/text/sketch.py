"""Sketch a text, so that near-duplicates can be found without comparing all with all. Pure.

MinHash (Broder, "On the resemblance and containment of documents", 1997) over shingles of three
words: two sketches agree in a band with probability J³, where J is the resemblance (Jaccard) of
the shingle sets. So of 16 bands at least one agrees for 94 % of the pairs with J = 0.55, and for
one pair in 60,000 of those with J = 0.01, which is what two abstracts of one field have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BANDS = 16
ROWS = 3
SHINGLE = 3  # words
TITLE_WORDS = 4  # shorter titles, such as "Editorial", are many papers'

_Words = NDArray[np.uint64]

# As arrays, not scalars: for vectors this short, converting the constant takes longer than the sum.
_30, _27, _31 = np.array(30, dtype=np.uint64), np.array(27, dtype=np.uint64), np.array(31, dtype=np.uint64)
_FIRST = np.array(0xBF58476D1CE4E5B9, dtype=np.uint64)
_SECOND = np.array(0x94D049BB133111EB, dtype=np.uint64)
_MASK = (1 << 64) - 1
_BASE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2^64
_NOT_WORD = re.compile(r"\W+")
_KEPT_POWERS = 8192


def sketch(title: str, abstract: str) -> tuple[int, ...]:
    """The bands of a text, as integers of 32 bits; () for a text without words.

    One more band stands for the title alone, where it is long enough to tell papers apart: it
    finds the same work where the abstract is missing or was written anew.

    The same on every machine and in every process. Case, punctuation and white space do not count.
    """
    head = _letters(title)
    words, starts = _word_hashes(head + b" " + _letters(abstract))
    if not len(words):
        return ()
    table = _shingle_hashes(words)[:, None] * _FACTORS
    table += _OFFSETS
    least = np.minimum.reduce(table, axis=0).reshape(BANDS, ROWS)
    titles = int(starts.searchsorted(len(head)))
    named = titles >= TITLE_WORDS
    bands = np.empty(BANDS + named, dtype=np.uint64)
    np.add(_joined(least.T), _BAND_SEEDS[:BANDS], out=bands[:BANDS])
    if named:
        places = _PLACES if titles <= len(_PLACES) else np.arange(titles, dtype=np.uint64)
        bands[BANDS] = np.add.reduce(_mix(words[:titles] + places[:titles])) ^ _BAND_SEEDS[BANDS]
    numbers: list[int] = (_mix(bands).view(np.int64) >> 32).tolist()
    return tuple(numbers)


def resemblance(one: str, other: str) -> float:
    """The share of shingles that two texts have in common, of those that either has: 0 to 1."""
    first, second = (np.unique(_shingle_hashes(_word_hashes(_letters(text))[0])) for text in (one, other))
    common = len(np.intersect1d(first, second, assume_unique=True))
    either = len(first) + len(second) - common
    return common / either if either else 0.0


def _shingle_hashes(words: _Words) -> _Words:
    """A 64-bit hash for every run of three words (of all words, where there are fewer)."""
    length = min(SHINGLE, len(words))
    if not length:
        return words
    runs = len(words) - length + 1
    return _mix(_joined([words[i : i + runs] for i in range(length)]))


def _letters(text: str) -> bytes:
    """A text as bytes among which words can be told: ASCII letters in lower case, others as UTF-8."""
    if not text.isascii():
        text = _NOT_WORD.sub(" ", text)
    return text.casefold().encode("utf-8", "replace")


def _word_hashes(text: bytes) -> tuple[_Words, NDArray[np.intp]]:
    """A 64-bit hash for every word in order, a polynomial in the word's bytes; and where it starts."""
    letters = np.frombuffer(text, dtype=np.uint8)
    inside = np.zeros(len(letters) + 2, dtype=np.bool_)
    inside[1:-1] = _IS_WORD[letters]
    # Starts and ends take turns.
    edges = (inside[1:] != inside[:-1]).nonzero()[0]
    starts, ends = edges[::2], edges[1::2]
    powers, inverses = _powers(len(letters) + 1)
    sums = np.zeros(len(letters) + 1, dtype=np.uint64)
    np.multiply(letters, powers[: len(letters)], out=sums[1:]).cumsum(out=sums[1:])
    # Divided by the power at the word's start, the sum no longer depends on where the word stands.
    hashes = sums[ends]
    hashes -= sums[starts]
    hashes *= inverses[starts]
    return hashes, starts


def _joined(parts: Sequence[_Words] | _Words) -> _Words:
    """One hash for each tuple of hashes, order counting."""
    joined = parts[0].copy()
    for part in parts[1:]:
        _mix(joined)
        joined += part
    return joined


def _mix(values: _Words) -> _Words:
    """Every bit spread over all, in place: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    spare = np.right_shift(values, _30)
    np.bitwise_xor(values, spare, out=values)
    np.multiply(values, _FIRST, out=values)
    np.right_shift(values, _27, out=spare)
    np.bitwise_xor(values, spare, out=values)
    np.multiply(values, _SECOND, out=values)
    np.right_shift(values, _31, out=spare)
    np.bitwise_xor(values, spare, out=values)
    return values


def _powers(count: int) -> tuple[_Words, _Words]:
    if count <= _KEPT_POWERS:
        return _POWERS
    return _powers_to(count)


def _powers_to(count: int) -> tuple[_Words, _Words]:
    both = []
    for base in (_BASE, pow(_BASE, -1, 1 << 64)):
        steps = np.full(count, base, dtype=np.uint64)
        steps[0] = 1
        both.append(np.cumprod(steps))
    return both[0], both[1]


def _constants(seed: int, count: int) -> _Words:
    """Well-spread numbers: SplitMix64's sequence."""
    steps = [(seed + i * _BASE) & _MASK for i in range(1, count + 1)]
    return _mix(np.array(steps, dtype=np.uint64))


_IS_WORD = np.zeros(256, dtype=np.bool_)
_IS_WORD[[*b"abcdefghijklmnopqrstuvwxyz0123456789_", *range(128, 256)]] = True
_POWERS = _powers_to(_KEPT_POWERS)
_FACTORS = _constants(1, BANDS * ROWS) | np.uint64(1)
_OFFSETS = _constants(2, BANDS * ROWS)
_BAND_SEEDS = _constants(3, BANDS + 1)
_PLACES = np.arange(256, dtype=np.uint64)

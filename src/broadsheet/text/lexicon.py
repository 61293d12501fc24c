"""Texts as numbers of their words, each word with what it can be in a name. Knows no phrase, weighs nothing.

Most of what is said of a text's phrases is said of its words, and a word is met again and again: it is
judged once, by its spelling, and from then on is a number. Texts that were read are kept as their numbers, a
kilobyte each, and everything begins anew when there is too much of it.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.text import keyphrases
from broadsheet.text.keyphrases import Spelling

_SHORTEST: Final = 3  # letters of a name of one word
_PARTS: Final = re.compile(r"[-–]+")
# Words too empty to begin a key phrase that do begin topics: "time series", "data augmentation".
_BEGIN: Final = frozenset(
    "code data feature field information knowledge level model point process question quality representation reward score "
    "state structure system task test time tool topic type user value".split()
)
# What is done to a topic is not part of its name: "mitigating hallucinations".
_DOING: Final = frozenset(
    "aligning analyzing assessing benchmarking characterizing constraining controlling detecting enhancing estimating "
    "evaluating improving measuring mitigating modeling modelling optimizing predicting preventing probing quantifying "
    "reducing simulating solving steering testing understanding".split()
)
_NO_NOUN: Final = (
    "'s",
    "’s",
    "-based",
    "-driven",
    "-aware",
    "-efficient",
    "-free",
    "-shot",
    "-level",
    "-scale",
    "-term",
    "-time",
    "-modal",
    "-distribution",
)
_ADJECTIVES: Final = (
    "al", "ic", "ous", "ive", "ary", "ar", "ent", "ant", "ed", "able", "ible", "less", "ian",
)  # fmt: skip
_NOUNS: Final = frozenset(
    "agent antenna cancer radar sonar laser lidar star signal retrieval portal animal crystal music logic traffic "
    "graphic arithmetic plant component gradient patient student talent content environment event moment element "
    "nutrient cement library galaxy vocabulary dictionary boundary cable table variable speed seed need bed feed video "
    "media grammar calendar scalar solar lunar topic fabric mechanic politic ethic robotic semantic statistic "
    "mathematic dynamic physic".split()
)

_BREAK: Final = 0  # the number of whatever no phrase goes on over; with its last bit set, the end of a title
_SMALL: Final = 1  # the last bit of a word that the text's sentences write small
_BASE: Final = 0x9E3779B97F4A7C15  # odd; the code of a phrase is a polynomial in it, modulo 2**64
_WRAP: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it is written, and what it can be in a name."""

    text: str
    stems: str  # of its parts, hyphens taken as spaces
    code: int  # of its stems
    shift: int  # what the code of the words before it is multiplied by
    low: str  # the same in lower case
    begins: bool
    ends: bool
    alone: bool


@dataclass(frozen=True, slots=True)
class Readings:
    """Texts one after another, word by word; ``word`` is 0 where a phrase ends."""

    words: tuple[Word, ...]  # those that occur; the first stands for none
    word: NDArray[np.int64]  # (t,): which of ``words`` is written there
    small: NDArray[np.bool_]  # (t,): whether the text's sentences write small what is not so there
    row: NDArray[np.int64]  # (t,): of which text
    in_title: NDArray[np.bool_]  # (t,)
    abstracts: tuple[str, ...]  # of each text


class Lexicon:
    """The words and texts met lately. Safe to share between threads.

    ``words``, ``texts``: how many it holds before it begins anew; some 25 MB as it is.
    """

    def __init__(self, *, words: int = 50_000, texts: int = 4_000) -> None:
        self._most = words, texts
        self._held = _Held()

    def read(self, texts: Iterable[tuple[str, str]]) -> Readings:
        """Texts, given as title and abstract, in plain Unicode."""
        held = self._held
        texts = list(texts)
        coded = [held.read(title, abstract) for title, abstract in texts]
        lengths = np.array([len(code) for code in coded], dtype=np.int64) // held.item
        numbers = np.frombuffer(b"".join(coded), dtype=np.int32).astype(np.int64)
        row = np.repeat(np.arange(len(texts)), lengths)
        ends = np.flatnonzero(numbers == _BREAK + _SMALL)
        small = (numbers & _SMALL).astype(np.bool_)
        numbers >>= 1
        met = np.zeros(int(numbers.max(initial=0)) + 1, dtype=np.int64)
        met[numbers] = 1
        met[_BREAK] = 1
        some = np.flatnonzero(met)
        met[some] = np.arange(len(some))
        if len(held.words) > self._most[0] or len(held.texts) > self._most[1]:
            self._held = _Held()
        return Readings(
            words=tuple(held.words[number] for number in some.tolist()),
            word=met[numbers],
            small=small,
            row=row,
            in_title=np.arange(len(numbers)) < ends[row],
            abstracts=tuple(abstract for _, abstract in texts),
        )


class _Held:
    """Words by number, and texts as numbers of words."""

    item: Final = np.dtype(np.int32).itemsize

    def __init__(self) -> None:
        self.words = [Word("", "", 0, 1, "", begins=False, ends=False, alone=False)]
        self.texts: dict[bytes, bytes] = {}
        self._doubled = _Doubled(self.words)

    def read(self, title: str, abstract: str) -> bytes:
        """A text as the doubled numbers of its words, one more where its sentences write them small."""
        name = hashlib.blake2b(f"{title}\0{abstract}".encode(errors="surrogatepass"), digest_size=16).digest()
        if (known := self.texts.get(name)) is None:
            known = self.texts[name] = self._read(title, abstract)
        return known

    def _read(self, title: str, abstract: str) -> bytes:
        double = self._doubled.__getitem__
        doubled = [*map(double, keyphrases.tokens(title)), _BREAK + _SMALL]
        doubled += [*map(double, keyphrases.tokens(abstract)), _BREAK]
        spell = Spelling(abstract)
        small = {}
        for one in self._doubled.capital.intersection(doubled):
            text = self.words[one // 2].text
            if spell.word(text) != text:
                small[one] = one + _SMALL
        read = np.array([small.get(one, one) for one in doubled] if small else doubled, dtype=np.int32)
        # Of breaks in a row one is enough.
        needed = (read != _BREAK) | (np.append(_BREAK + _SMALL, read[:-1]) != _BREAK)
        return bytes(read[needed].data)


class _Doubled(dict[str, int]):
    """Twice the number of each word; words that are asked for the first time join the others."""

    def __init__(self, words: list[Word]) -> None:
        super().__init__()
        self.capital: set[int] = set()  # those of words that are not in lower case
        self._words = words
        self._joining = threading.Lock()

    def __missing__(self, token: str) -> int:
        if keyphrases.interrupts(token):
            return self.setdefault(token, 2 * _BREAK)
        with self._joining:
            if token not in self:
                number = 2 * len(self._words)
                self._words.append(word := _judged(token))
                if word.low != token:
                    self.capital.add(number)
                self[token] = number
            return self[token]


def key(phrase: str) -> str:
    """The key of a phrase: its stems, hyphens taken as spaces.

    >>> key("Vision-Language Models") == key("vision language model")
    True
    """
    return " ".join(stem for word in phrase.split() for stem in _stems(word))


def code(key: str) -> int:
    """The number that stands for a key, of 64 bits."""
    found = 0
    for stem in key.split():
        found = (found * _BASE + _code(stem)) & _WRAP
    return found


def _stems(word: str) -> list[str]:
    return [keyphrases.stem(part) for part in _PARTS.split(word) if part]


@lru_cache(maxsize=50_000)
def _code(stem: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(stem.encode(errors="surrogatepass"), digest_size=8).digest(), "little"
    )


def _judged(word: str) -> Word:
    low = word.lower()
    named = keyphrases.looks_named(word)
    empty = low in keyphrases.EMPTY or low == "ones"
    begins = low not in _DOING and (not empty or low in _BEGIN)
    noun = not low.endswith(_NO_NOUN) and (named or not low.endswith(keyphrases.NOT_LAST))
    stem = keyphrases.stem(low)
    adjective = stem == low and stem.endswith(_ADJECTIVES) and stem not in _NOUNS
    telling = sum(map(str.isalpha, low)) >= _SHORTEST and (
        named or (len(low) > _SHORTEST and not empty and stem not in keyphrases.EMPTY and not adjective)
    )
    stems = " ".join(_stems(word))
    # Strings that say the same are one.
    low = word if low == word else low
    stems = low if stems == low else stems
    return Word(
        word,
        stems,
        code(stems),
        pow(_BASE, len(stems.split()), 1 << 64),
        low,
        begins=begins,
        ends=noun and (not empty or low in keyphrases.HEADS),
        alone=begins and noun and telling,
    )

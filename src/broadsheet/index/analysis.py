"""How text becomes words of the index: folded, lower-cased, stemmed. Knows no papers and no files.

Letters and digits make words, everything else parts them. Forms of a letter are the same letter
(Unicode's NFKC), so that ``O(n)`` finds ``𝒪(n)`` and ``SP2OT`` finds ``SP²OT``. Diacritics are
folded, so that ``Schrodinger`` finds ``Schrödinger``; English stemming lets ``factorisations`` meet
``factorisation``. Long runs (encoded data, mostly) are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Final

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from broadsheet.index.contract import Token

# Longer "words" are addresses and encoded data.
_LONGEST: Final = 60

# Soft hyphens and joiners are seen by nobody and stand in the midst of words.
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200c\u200d\u2060\ufeff"))


def stemming() -> TextAnalyzer:
    """The analyser of everything that is searched by words."""
    return _folding().filter(Filter.stemmer("English")).build()


def spelling() -> TextAnalyzer:
    """The same without stemming: words as they are spelt, for mending slips of the typist."""
    return _folding().build()


def _folding() -> TextAnalyzerBuilder:
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(_LONGEST))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
    )


_STEMMING: Final = stemming()
_SPELLING: Final = spelling()

# Words as the engine cuts them, but for the letters and marks where it and Python may be of two minds.
_WORD: Final = re.compile(r"[^\W_]+")
_DISPUTED: Final = re.compile("[\u0300-\u036f\u0483-\u0489\u0530-\u1dff\u2460-\u24ff\u2c00-\U0010ffff]")

# What may read otherwise when it is folded, with the letter before, which a mark may join.
_FOLDABLE: Final = re.compile(r"[\x00-\x7f]?[^\x00-\x7f]+")


def tokens(text: str, *, only: Collection[str] | None = None) -> tuple[Token, ...]:
    """The words of a text with their stems and places, in order; with ``only``, those that have such a stem.

    >>> [t.stem for t in tokens("Schrödinger factorisations")]
    ['schroding', 'factoris']
    """
    plain = fold(text)
    if not plain.isascii() and _DISPUTED.search(plain):
        cut = _cut_by_engine(plain)
    else:
        cut = _cut(plain, _WORD if only is None else _beginning("".join(sorted({s[:1] for s in only}))))
    found = [each for each in cut if each[0] and (only is None or each[0] in only)]
    if found and plain != text:
        starts, stops = _origins(text, plain)
        found = [(stem, starts[start], stops[max(start, end - 1)]) for stem, start, end in found]
    return tuple(Token(stem, start, end) for stem, start, end in found)


def stems(text: str) -> list[str]:
    """The stems of a text, in order."""
    return _STEMMING.analyze(fold(text))


def spelt(text: str) -> list[str]:
    """The words of a text folded and in lower case, but not stemmed."""
    return _SPELLING.analyze(fold(text))


def fold(text: str) -> str:
    """The text in plain forms of its letters: what the analysers must be given.

    >>> fold("𝒪(n) for SP²OT")
    'O(n) for SP2OT'
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_UNSEEN))


def _cut(plain: str, word: re.Pattern[str]) -> list[tuple[str, int, int]]:
    """The stems of words with their places in a folded text; "" for what is too long to be a word.

    As the engine does it, which hands words over one by one and takes three times as long for that.
    """
    return [(_stem(found[0]), found.start(), found.end()) for found in word.finditer(plain)]


@lru_cache(maxsize=256)
def _beginning(letters: str) -> re.Pattern[str]:
    """Words whose stems may begin with one of these letters: no stem begins otherwise than its word."""
    either = re.escape(letters + letters.upper())
    return re.compile(rf"(?<![^\W_])(?:[{either}]|[^\W_\x00-\x7f])[^\W_]*")


@lru_cache(maxsize=32_768)
def _stem(word: str) -> str:
    return "".join(_STEMMING.analyze(word))


def _cut_by_engine(plain: str) -> list[tuple[str, int, int]]:
    found = _STEMMING.pre_tokenize(plain).tokens
    return [(t.text, t.char_offset_from, t.char_offset_to or t.char_offset_from) for t in found]


def _origins(text: str, plain: str) -> tuple[Sequence[int], Sequence[int]]:
    """For each place of the folded text, where what it came from begins and ends in the text."""
    starts: list[int] = []
    stops: list[int] = []
    pieces: list[str] = []
    place = 0
    for run in _FOLDABLE.finditer(text):
        starts += range(place, run.start())
        stops += range(place + 1, run.start() + 1)
        pieces.append(text[place : run.start()])
        place = run.start()
        for piece in _pieces(run[0]):
            folded = fold(piece)
            starts += [place] * len(folded)
            place += len(piece)
            stops += [place] * len(folded)
            pieces.append(folded)
    starts += range(place, len(text))
    stops += range(place + 1, len(text) + 1)
    pieces.append(text[place:])
    if "".join(pieces) != plain:  # a script whose letters join in a way not foreseen
        return [0] * len(plain), [len(text)] * len(plain)
    return starts, stops


def _pieces(text: str) -> list[str]:
    """The text in the smallest pieces that fold on their own."""
    pieces: list[str] = []
    for c in text:
        if pieces and not c.isascii() and _joins(pieces[-1], c):
            pieces[-1] += c
        else:
            pieces.append(c)
    return pieces


@lru_cache(maxsize=4096)  # the same few dashes, quotes and letters come again and again
def _joins(piece: str, c: str) -> bool:
    folded = fold(c)
    return not folded or bool(unicodedata.combining(folded[0])) or fold(piece + c) != fold(piece) + folded

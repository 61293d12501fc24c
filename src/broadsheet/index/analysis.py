"""How text becomes words of the index: folded, lower-cased, stemmed. Knows no papers and no files.

Letters and digits make words, everything else parts them. Forms of a letter are the same letter
(Unicode's NFKC), so that ``O(n)`` finds ``𝒪(n)`` and ``SP2OT`` finds ``SP²OT``. Diacritics are
folded, so that ``Schrodinger`` finds ``Schrödinger``; English stemming lets ``factorisations`` meet
``factorisation``. Long runs (encoded data, mostly) are left out.
"""

from __future__ import annotations

import unicodedata
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


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a text with their stems and places, in order.

    >>> [t.stem for t in tokens("Schrödinger factorisations")]
    ['schroding', 'factoris']
    """
    plain = fold(text)
    found = _STEMMING.pre_tokenize(plain).tokens
    ends = [(t.char_offset_from, t.char_offset_to or t.char_offset_from) for t in found]
    if plain != text:
        starts, stops = _origins(text, plain)
        ends = [(starts[start], stops[end - 1] if end > start else starts[start]) for start, end in ends]
    return tuple(Token(t.text, start, end) for t, (start, end) in zip(found, ends, strict=True))


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


def _origins(text: str, plain: str) -> tuple[list[int], list[int]]:
    """For each place of the folded text, where what it came from begins and ends in the text."""
    starts: list[int] = []
    stops: list[int] = []
    pieces: list[str] = []
    place = 0
    for piece in _pieces(text):
        folded = fold(piece)
        starts += [place] * len(folded)
        place += len(piece)
        stops += [place] * len(folded)
        pieces.append(folded)
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

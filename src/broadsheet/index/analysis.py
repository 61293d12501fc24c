"""How text becomes words of the index: folded, lower-cased, stemmed. Knows no papers and no files.

Letters and digits make words, everything else parts them. Diacritics are folded, so that
``Schrodinger`` finds ``Schrödinger``; English stemming lets ``factorisations`` meet ``factorisation``.
Long runs (encoded data, mostly) are left out.
"""

from __future__ import annotations

from typing import Final

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from broadsheet.index.contract import Token

# Longer "words" are addresses and encoded data.
_LONGEST: Final = 60


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
    found = _STEMMING.pre_tokenize(text).tokens
    return tuple(Token(t.text, t.char_offset_from, t.char_offset_to or t.char_offset_from) for t in found)


def stems(text: str) -> list[str]:
    """The stems of a text, in order."""
    return _STEMMING.analyze(text)


def spelt(text: str) -> list[str]:
    """The words of a text folded and in lower case, but not stemmed."""
    return _SPELLING.analyze(text)

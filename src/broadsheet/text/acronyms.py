"""Acronyms and what a text says they stand for, after Schwartz & Hearst (2003). Precision first.

Beyond the paper's algorithm: initials are tried before inner letters, capitals must fall on the beginnings
of words, plurals are made singular, and the reversed order ``EM (expectation maximization)`` is read too.
"""

from __future__ import annotations

import re

from broadsheet.model import Acronym

_BRACKETS = re.compile(r"\(([^()]{2,90})\)")
_SHORT = re.compile(r"[A-Za-z0-9][A-Za-z0-9+&/^*′'. -]{0,13}[A-Za-z0-9+*]|[A-Z]")
_LEAD = re.compile(r"(?:or|also|termed|called|named|dubbed|abbreviated(?: as| to)?|denoted(?: as| by)?|hereafter|henceforth"
                   r"|hereinafter|i\.e\.,?|aka|a\.k\.a\.,?|the|shortened to|short) ", re.IGNORECASE)  # fmt: skip
_ROMAN = re.compile(r"[ivxIVX]+|[a-z]|\d+[a-z]?|[A-Z]?\d+")
_WORD = re.compile(r"[^\W_]+(?:['’][a-z]+)?")
_SMALL = frozenset("a an and as at by for from in into of on or over the to via with without".split())
# Nouns that often follow the words that an acronym was made of.
_GENERIC = frozenset(
    "algorithm algorithms approach architecture benchmark dataset framework method methods model models module network "
    "networks protocol strategy system systems task tasks technique".split()
)
_BEFORE = 14  # words looked at before a bracket
_CUT = re.compile(r"[.;:!?,)]\s|\s[-–—]+\s")


def find(plain: str) -> tuple[Acronym, ...]:
    """The acronyms that a text explains, in order of appearance, each once.

    >>> find("Large language models (LLMs) and EM (expectation maximization) help.")
    (Acronym(short='LLM', long='Large language model'), Acronym(short='EM', long='expectation maximization'))
    """
    found: dict[str, Acronym] = {}
    if "(" not in plain:
        return ()
    for bracket in _BRACKETS.finditer(plain):
        acronym = _read(plain, bracket)
        if acronym is not None:
            found.setdefault(acronym.short, acronym)
    return tuple(found.values())


def _read(plain: str, bracket: re.Match[str]) -> Acronym | None:
    inside = bracket[1]
    for stop in ";,=:":
        inside = inside.partition(stop)[0]
    inside = inside.strip(" \"'“”‘’`*")
    at = bracket.start()
    if lead := _LEAD.match(inside):
        inside = inside[lead.end() :].strip("\"'“”‘’`")
    if _is_short(inside):
        short = _singular_short(inside)
        long = _long_before(plain[max(0, at - 140) : at].rstrip(), short)
        return None if long is None else Acronym(short, _singular(long) if short != inside else long)
    before = plain[plain.rfind(" ", 0, max(0, at - 1)) + 1 : at].strip(" \"'“”‘’`*,")
    if " " in inside or "-" in inside:
        return _reversed(before, inside)
    return None


def _is_short(text: str) -> bool:
    if not _SHORT.fullmatch(text) or _ROMAN.fullmatch(text) or text.count(" ") > 1:
        return False
    capitals = sum(map(str.isupper, text))
    return len(text) > 1 and (capitals > 1 or (capitals == 1 and len(text) < 6 and not text.isalpha()) or (
        capitals == 1 and len(text) < 5 and not text[0].isupper()))  # fmt: skip


def _singular_short(short: str) -> str:
    return (
        short[:-1]
        if len(short) > 2 and short[-1] == "s" and (short[-2].isupper() or short[-2].isdigit())
        else short
    )


def _singular(long: str) -> str:
    """The last word's singular.

    >>> _singular("Markov decision processes"), _singular("tendencies"), _singular("analyses")
    ('Markov decision process', 'tendency', 'analysis')
    """
    if long.endswith("ies") and len(long) > 4:
        return long[:-3] + "y"
    if long.endswith("lyses"):
        return long[:-2] + "is"
    if long.endswith(("sses", "shes", "ches", "xes", "zes")):
        return long[:-2]
    if long.endswith("s") and not long.endswith(("ss", "us", "is")):
        return long[:-1]
    return long


def _long_before(before: str, short: str) -> str | None:
    """The words at the end of ``before`` that ``short`` stands for; None where they do not fit."""
    begin = max((cut.end() for cut in _CUT.finditer(before, 0, len(before) - 1)), default=0)
    words = list(_WORD.finditer(before, begin))[-_BEFORE:]
    if not words:
        return None
    letters = [c for c in short if c.isalnum()]
    first = _first_word(words, letters)
    if first is None and len(words) > 1 and words[-1][0].lower() in _GENERIC:
        first = _first_word(words[:-1], letters)
    if first is None and len(words[-1][0]) > 9 and len(letters) < 5 and _within(words[-1][0], letters):
        first = len(words) - 1
    if first is None:
        return None
    # The whole of a compound, as in "non-negative matrix factorization (NMF)".
    while (
        first
        and before[words[first].start() - 1] == "-"
        and words[first - 1][0][0].lower() == letters[0].lower()
    ):
        first -= 1
    long = before[words[first].start() :].strip(" \"'“”‘’`*-{}")
    return long if len(long) > len(short) + 1 and short.lower() not in long.lower().split() else None


def _first_word(words: list[re.Match[str]], letters: list[str]) -> int | None:
    first = _by_initials(words, letters)
    return _by_letters(words, letters) if first is None else first


def _within(word: str, letters: list[str]) -> bool:
    """Whether one long word holds the letters in order, the first at its beginning, as in EEG."""
    rest = iter(word.lower())
    return word[0].lower() == letters[0].lower() and all(letter.lower() in rest for letter in letters)


def _inner(word: re.Match[str]) -> bool:
    """Whether a word is small, or not the first part of a compound: "focal" in "multi-focal"."""
    return word[0].lower() in _SMALL or word.string[word.start() - 1 : word.start()] == "-"


def _by_initials(words: list[re.Match[str]], letters: list[str]) -> int | None:
    """The first word when the letters are the words' initials, small words left out or taken."""
    n = len(words) - 1
    for place in range(len(letters) - 1, -1, -1):
        letter = letters[place].lower()
        while n >= 0 and words[n][0][0].lower() != letter:
            if not _inner(words[n]):
                return None
            n -= 1
        if n < 0:
            return None
        n -= 1
    first = n + 1
    return None if words[first][0].lower() in _SMALL - {"in", "on", "over"} else first


def _by_letters(words: list[re.Match[str]], letters: list[str]) -> int | None:
    """The first word when every letter is found from right to left, capitals and digits at beginnings.

    One capital may stand inside a word, and all small letters; every word but small ones must give a letter.
    """
    n, inner = len(words) - 1, None
    text = ""
    slips = 0
    hit = False
    for place in range(len(letters) - 1, -1, -1):
        letter, low = letters[place], letters[place].lower()
        capital = not letter.islower()
        while True:
            if inner is None:
                if n < 0:
                    return None
                text, inner, hit = words[n][0], len(words[n][0]), False
            spot = _spot(text, low, inner, first=place == 0, capital=capital)
            if spot is not None:
                slips += capital and spot > 0 and not text[spot].isupper()
                inner, hit = spot, True
                break
            if not hit and not _inner(words[n]):
                return None
            n, inner = n - 1, None
    if slips > (len(letters) > 2) or inner != 0 or len(words) - n > len(letters) + 2:
        return None
    return n


def _spot(text: str, letter: str, end: int, *, first: bool, capital: bool) -> int | None:
    """Where a letter stands in a word, left of ``end``: at the beginning if it can, else inside."""
    low = text.lower()
    if len(low) != len(text) or end <= 0:
        return None
    if low[0] == letter and (first or capital):
        return 0
    if first:
        return None
    spot = low.rfind(letter, 0, end)
    return spot if spot >= 0 else None


def _reversed(short: str, inside: str) -> Acronym | None:
    """``EM (expectation maximization)``: strict, the initials of all words but small ones."""
    if not _is_short(short) or " " in short:
        return None
    single = _singular_short(short)
    words = list(_WORD.finditer(inside))
    letters = [c for c in single if c.isalnum()]
    if not words or len(words) < 2:
        return None
    first = _by_initials(words, letters)
    if first != 0:
        return None
    return Acronym(single, _singular(inside) if single != short else inside)

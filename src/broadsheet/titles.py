"""The keys by which a title is found: as a whole, by the name before its colon, by the series it is a part of. Pure.

Whoever speaks of a paper without its id says its title, its name ("FreeScale") or its number in a series. The keys of
what is said and of the papers that are held meet in the store, whichever of the two comes first.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

SHORTEST: Final = 4  # words; shorter titles, such as "Editorial", are many papers'
NAME_WORDS: Final = 8  # before a colon; more are no name

_MARKS: Final = ("=", ":", "~")  # of the three kinds of keys; no id begins so

_WORD: Final = re.compile(r"\w+")
_BEFORE_COLON: Final = re.compile(
    r"\s*(?:(?:introducing|presenting)\s+)?(?P<name>[^:]{2,80}?)\s*:\s", re.IGNORECASE
)
_PARTS: Final = (
    # "…: Part II …", "… paper 3: …", "… (Part 1)"
    re.compile(
        r"(?P<stem>.{5,}?)[\s.,:;(\[–—-]+(?:[Pp]art|PART|[Pp]aper)\s*(?P<number>[IVX]{1,5}|\d{1,2})(?![\w.]\w)(?=\W|$)"
    ),
    # "… II. …", "… XIV: …", "… -- III -- …", "… (II)"
    re.compile(
        r"(?P<stem>.{5,}?)[\s.,:;(\[–—-]+(?P<number>[IVX]{1,5})(?:[.:,)\]]+(?=\s|$)|\s+[–—-]+\s|[–—-]{2,}|$)"
    ),
)
_ROMAN: Final = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES: Final = {"I": 1, "V": 5, "X": 10}


def is_key(target: str) -> bool:
    """Whether what is spoken of is a key of a title, not an id."""
    return target[:1] in _MARKS


def keys(title: str) -> tuple[str, ...]:
    """Every key of a plain title."""
    part = series(title)
    found = (whole(title), name(title), part[0] if part else None)
    return tuple(key for key in found if key)


def whole(title: str) -> str | None:
    """The key of a title as a whole; None where it is too short to be one paper's. Only its words count.

    >>> whole("Attention Is All You Need") == whole("“Attention is all you need”.")
    True
    """
    words = _words(title)
    return f"={_digest(words)}" if len(words) >= SHORTEST else None


def name(title: str) -> str | None:
    """The key of the name that stands before a title's colon; None where there is none.

    >>> name("MandelZoom: black hole accretion"), name("On the mandelzoom")
    (':mandelzoom', None)
    """
    named = name_in(title)
    return name_key(named) if named else None


def name_in(title: str) -> str | None:
    """The name before a title's colon, as it is written."""
    match = _BEFORE_COLON.match(title)
    return match["name"] if match and len(_words(match["name"])) <= NAME_WORDS else None


def name_key(name: str) -> str:
    """The key of a name that is spoken of."""
    return f":{' '.join(name.casefold().split())}"


def series(title: str) -> tuple[str, int] | None:
    """The key of the series that a title says it is a part of, and which part; None where it says nothing.

    >>> series("The Rosetta Stone Project. II. The correlation")[1], series("Population III star formation")
    (2, None)
    """
    for pattern in _PARTS:
        if (match := pattern.match(title)) and (number := _number(match["number"])):
            return f"~{_digest(_words(match['stem']))}", number
    return None


def series_stem(title: str) -> str | None:
    """What stands before the number of a part."""
    return next((match["stem"] for pattern in _PARTS if (match := pattern.match(title))), None)


def _number(text: str) -> int | None:
    if text.isdecimal():
        return int(text)
    if not _ROMAN.fullmatch(text):
        return None
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _digest(words: list[str]) -> str:
    return blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()

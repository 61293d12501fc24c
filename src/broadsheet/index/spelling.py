"""Mend a mistyped word by the words there are. Knows a vocabulary's frequencies, not where it comes from.

One slip (a letter wrong, missing, doubled or swapped with its neighbour: Damerau 1964) is tried
everywhere in the word; two only after the second letter of words of eight letters or more. A space
that is missing is put back where the two words often stand together. Names are mended more warily:
only those that nobody has, and only where one other is clearly nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from string import ascii_lowercase
from typing import Final

_SHORTEST: Final = 4  # below, too many words are one slip apart
_SHORTEST_FOR_TWO: Final = 8
_RARE: Final = 2  # abstracts have typing slips too, so a rare word may be one
_MORE_COMMON: Final = 50  # how much more common the other must be, where the word exists
_SHORTEST_PART: Final = 3  # of two words typed as one
_TOGETHER: Final = 5  # papers in which they stand next to each other, at least
_CLEARLY: Final = 5  # times as common as the next best: the nearest name
_LETTERS_OF_NAMES: Final = ascii_lowercase + "-"


def mend(
    word: str,
    *,
    frequency: Callable[[str], int],
    beginning: Callable[[str], Iterable[tuple[str, int]]],
    together: Callable[[str, str], int] = lambda _one, _other: 0,
) -> str | None:
    """What was probably meant, in lower case: a word, or two; None where ``word`` is right or nothing is near.

    ``frequency`` gives a word's number of papers, ``beginning`` the words (and their numbers) with a
    given start, ``together`` the number of papers in which two words are neighbours. The most common
    of the nearest wins, ties by alphabet.

    >>> known = {"tensor": 120, "sensor": 90}
    >>> mend("tensro", frequency=lambda w: known.get(w, 0), beginning=lambda start: [])
    'tensor'
    """
    if len(word) < _SHORTEST or not word.isalpha() or (own := frequency(word)) > _RARE:
        return None
    enough = max(1, own * _MORE_COMMON)
    near = {w: n for w in slips(word) if (n := frequency(w)) >= enough}
    for place in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        one, other = word[:place], word[place:]
        often = max(_TOGETHER, enough)
        if min(frequency(one), frequency(other)) >= often and (n := together(one, other)) >= often:
            near[f"{one} {other}"] = n
    if not near and len(word) >= _SHORTEST_FOR_TWO:
        near = {
            w: n
            for w, n in beginning(word[:2])
            if n >= enough and abs(len(w) - len(word)) <= 2 and _alike(word, w) and _two_slips(word, w)
        }
    return min(near, key=lambda w: (-near[w], w)) if near else None


def mend_name(
    name: str,
    *,
    frequency: Callable[[str], int],
    beginning: Callable[[str], Sequence[tuple[str, int]] | None],
) -> str | None:
    """The name that was certainly meant; None where somebody has this one, or more than one is near.

    ``beginning`` gives None where too many names have a start. Names are in lower case, their parts
    joined by hyphens.

    >>> known = {"hinton": 30, "hilton": 4, "uznanski": 2, "uznanska": 1}
    >>> mend_name("uznanki", frequency=lambda n: known.get(n, 0), beginning=lambda start: [])
    'uznanski'
    >>> mend_name("hihton", frequency=lambda n: known.get(n, 0), beginning=lambda start: [])
    'hinton'
    >>> mend_name("uznansk", frequency=lambda n: known.get(n, 0), beginning=lambda start: [])
    """
    if len(name) < _SHORTEST or any(c.isdigit() for c in name) or frequency(name):
        return None
    near = {n: count for n in slips(name, letters=_LETTERS_OF_NAMES) if (count := frequency(n))}
    if not near and len(name) >= _SHORTEST_FOR_TWO:
        near = {
            n: count
            for n, count in beginning(name[:3]) or ()
            if abs(len(n) - len(name)) <= 2 and _alike(name, n) and _two_slips(name, n)
        }
    best, *others = sorted(near.items(), key=lambda item: (-item[1], item[0])) or [("", 0)]
    return best[0] if best[0] and (not others or best[1] >= _CLEARLY * others[0][1]) else None


def slips(word: str, *, letters: str = ascii_lowercase) -> Iterator[str]:
    """Every word one slip away from this one, in lower-case ASCII letters or others that are given."""
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in letters:
            if tail and letter != tail[0]:
                yield head + letter + tail[1:]
            yield head + letter + tail


def _alike(one: str, other: str) -> bool:
    """Whether two words share all letters but two of each: so those do that are two slips apart."""
    return len(set(one).difference(other)) <= 2 and len(set(other).difference(one)) <= 2


def _two_slips(one: str, other: str) -> bool:
    """Whether two words are at most two slips apart (optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > 2:
            return False
    return row[-1] <= 2

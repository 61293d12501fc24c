"""Mend a mistyped word by the words there are. Knows a vocabulary's frequencies, not where it comes from.

One slip (a letter wrong, missing, doubled or swapped with its neighbour: Damerau 1964) is tried
everywhere in the word; two only after the second letter of words of eight letters or more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from string import ascii_lowercase
from typing import Final

_SHORTEST: Final = 4  # below, too many words are one slip apart
_SHORTEST_FOR_TWO: Final = 8
_RARE: Final = 2  # abstracts have typing slips too, so a rare word may be one
_MORE_COMMON: Final = 50  # how much more common the other must be, where the word exists


def mend(
    word: str,
    *,
    frequency: Callable[[str], int],
    beginning: Callable[[str], Iterable[tuple[str, int]]],
) -> str | None:
    """The word that was probably meant, in lower case; None where ``word`` is right or nothing is near.

    ``frequency`` gives a word's number of papers, ``beginning`` the words (and their numbers) with a
    given start. The most common of the nearest wins, ties by alphabet.

    >>> known = {"tensor": 120, "sensor": 90}
    >>> mend("tensro", frequency=lambda w: known.get(w, 0), beginning=lambda start: [])
    'tensor'
    """
    if len(word) < _SHORTEST or not word.isalpha() or (own := frequency(word)) > _RARE:
        return None
    enough = max(1, own * _MORE_COMMON)
    near = {w: n for w in slips(word) if (n := frequency(w)) >= enough}
    if not near and len(word) >= _SHORTEST_FOR_TWO:
        near = {
            w: n
            for w, n in beginning(word[:2])
            if n >= enough and abs(len(w) - len(word)) <= 2 and _two_slips(word, w)
        }
    return min(near, key=lambda w: (-near[w], w)) if near else None


def slips(word: str) -> Iterator[str]:
    """Every word one slip away from this one, in lower-case ASCII letters."""
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1 and tail[0] != tail[1]:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in ascii_lowercase:
            if tail and letter != tail[0]:
                yield head + letter + tail[1:]
            yield head + letter + tail


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

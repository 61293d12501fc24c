"""Mend what was mistyped in conditions: authors, venues, words that must occur. Knows no files and no clock.

Only what no paper has is mended, only where the archive has one thing that is clearly meant, and a
note says so. What must not occur stays as it was typed: a guess there would hide papers. Words that
are merely ranked are mended when they are ranked; here, two that the archive writes as one are joined.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Final

from broadsheet.index.contract import AllOf, AnyOf, Condition, Filter, Holds, Snapshot, Spelt, Words
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.rank import asking
from broadsheet.rank.query import ParsedQuery

_WORD: Final = re.compile(r"[^\W\d_]+")

# Two words are searched as one too where so many papers have the one, so many times more than the two.
_COMMON: Final = 20
_MORE_COMMON: Final = 3
_SHORTEST_JOINED: Final = 6


def mend(query: ParsedQuery, snapshot: Snapshot) -> ParsedQuery:
    """The query with its conditions as they were probably meant, and notes of every change."""
    query = asking.closed(query, snapshot)
    mending = _Mending(snapshot)
    words = query.words
    filter = mending.filter(query.filter)
    phrases = tuple(mending.held(Holds(phrase)).words for phrase in words.phrases)
    meant = mending.meant
    scored = tuple(meant.get(text, text) for text in words.scored)
    free = query.free_text
    for typed, better in meant.items():
        free = free.replace(typed, better)
    joined = tuple(mending.joined(words.terms))
    return replace(
        query,
        words=replace(words, terms=(*words.terms, *joined), phrases=phrases, scored=scored),
        filter=filter,
        free_text=free,
        notes=tuple(dict.fromkeys((*query.notes, *mending.notes))),
    )


class _Mending:
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.meant: dict[str, str] = {}  # words of the text as typed: as they were meant
        self.notes: list[str] = []

    def filter(self, filter: Filter) -> Filter:
        """A filter with its authors and its conditions mended."""
        if not (filter.authors or filter.where):
            return filter
        authors = tuple(self._author(author) for author in filter.authors)
        return replace(filter, authors=authors, where=self._condition(filter.where) if filter.where else None)

    def held(self, asked: Holds) -> Holds:
        """Words that must occur, mended word by word where no paper has them."""
        if self._has(asked):
            return asked
        of: Spelt = "venue" if asked.place == "venue" else "word"
        better = _WORD.sub(lambda word: self._snapshot.suggestion(word[0], of=of) or word[0], asked.words)
        mended = replace(asked, words=better)
        if mended == asked or not self._has(mended):
            return asked
        place = "" if asked.place == "text" else f"{asked.place}:"
        self.notes.append(f"No paper has “{place}{asked.words}”; searched for “{place}{better}”.")
        if of == "word":
            self.meant[asked.words] = better
        return mended

    def joined(self, terms: tuple[str, ...]) -> Iterator[str]:
        """Neighbouring words that the archive mostly writes as one, as one."""
        pairs = [
            (one, other)
            for one, other in dict.fromkeys(pairwise(terms))
            if len(one + other) >= _SHORTEST_JOINED
            and min(len(one), len(other)) > 1
            and (one + other).isalpha()
            and STOP_WORDS.isdisjoint((one.lower(), other.lower()))
        ]
        stems = {
            pair: found[0].stem for pair in pairs if len(found := self._snapshot.analyse("".join(pair))) == 1
        }
        counts = self._snapshot.frequencies(stems.values())
        for (one, other), stem in stems.items():
            often = counts[stem]
            if often >= _COMMON and often >= _MORE_COMMON * self._count(Holds(f"{one} {other}")):
                self.notes.append(
                    f"“{one} {other}” is mostly written “{one}{other}” here; that was searched as well."
                )
                yield one + other

    def _condition(self, condition: Condition) -> Condition:
        match condition:
            case Filter():
                return self.filter(condition)
            case Holds():
                return self.held(condition)
            case AllOf() | AnyOf():
                return replace(condition, parts=tuple(self._condition(part) for part in condition.parts))
        return condition  # an id is right or wrong; for what must not hold, see above

    def _author(self, key: str) -> str:
        better = self._snapshot.suggestion(key, of="author")
        if better is None:
            return key
        self.notes.append(
            f"No author here is called “{key.replace('-', ' ')}”; searched for “{better.replace('-', ' ')}”."
        )
        return better

    def _has(self, condition: Holds) -> bool:
        return bool(self._count(condition))

    def _count(self, condition: Holds) -> int:
        return self._snapshot.count(Words(), filter=Filter(where=condition))

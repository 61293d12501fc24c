"""What must hold of a paper as expressions of Milvus. Knows no ranking.

A word is looked for in ``words`` as a server indexes it (``text_match``), or, in the embedded
engine, by its letters between two spaces; both mean the same. Words next to each other are looked
for by their letters in either, of papers that have them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, assert_never

from broadsheet.index import analysis
from broadsheet.index.conditions import parts_of
from broadsheet.index.contract import (
    AllOf,
    AnyOf,
    Condition,
    Filter,
    Holds,
    Named,
    Reading,
    Without,
    Words,
)
from broadsheet.index.fields import day_number
from broadsheet.index.milvus.collections import KEYS
from broadsheet.index.milvus.engine import all_of, any_held, one_of, one_or_more, quoted, without
from broadsheet.index.queries import telling

NOBODY: Final = one_or_more([])


class Conditions:
    """Makes expressions; ``indexed``, by the indexes of words that a server has."""

    def __init__(self, *, indexed: bool) -> None:
        self._indexed = indexed

    def matching(self, words: Words, filter: Filter) -> str:
        """Papers that match by words and pass the filter; empty: all."""
        return all_of([self._any_term(words), self.allowed(words, filter)])

    def allowed(self, words: Words, filter: Filter) -> str:
        """Papers that may appear: those with every phrase, no excluded word, past the filter; empty: all."""
        parts: list[Condition] = [Holds(phrase) for phrase in words.phrases]
        parts += [Without(Holds(text)) for text in words.excluded]
        return all_of([self._condition(part) for part in (*parts, *parts_of(filter))])

    def named(self, terms: Sequence[str]) -> str:
        """Papers of the ids that terms may be; empty where none can be one."""
        ids = [term.lower() for term in terms if any(c.isdigit() for c in term)]
        return any_held("name", ids) if ids else ""

    def in_text(self, stem: str) -> str:
        """Papers that hold a stem in title or abstract."""
        spelt = f"words like '% {stem} % {KEYS} %'"
        return all_of([f"text_match(words, {quoted(stem)})", spelt]) if self._indexed else spelt

    def _any_term(self, words: Words) -> str:
        """Papers with any of the terms, an acronym in its sense, a typed id; empty where none are asked."""
        if not words.terms:
            return ""
        kept = telling(words.terms)
        readings = {reading.stem: reading for reading in words.readings}
        plain = [stem for _, stems in kept for stem in stems if stem not in readings]
        ways = [self._any_word(list(dict.fromkeys(plain)))] if plain else []
        # Where only signs were typed nothing can match, which is not the same as not asking.
        if kept:
            ways += [self._in_sense(reading) for reading in readings.values()]
        if named := self.named([term for term, _ in kept]):
            ways.append(named)
        return one_or_more(ways)

    def _in_sense(self, reading: Reading) -> str:
        letters = self._any_word(reading.stems)
        ways = [all_of([letters, any_held("sense", terms)]) for _, terms in reading.credits if terms]
        if reading.unexplained:
            parts = [letters, any_held("capitals", reading.shorts)]
            if reading.others:
                parts.append(without(any_held("sense", reading.others)))
            ways.append(all_of(parts))
        longs = dict.fromkeys(tuple(analysis.stems(long)) for long in reading.longs)
        ways += [self._next_to_each_other("words", long) for long in longs if long]
        return one_or_more(ways)

    def _any_word(self, stems: Sequence[str]) -> str:
        if self._indexed:
            return f"text_match(words, {quoted(' '.join(stems))})"
        return one_or_more([_spelt("words", [stem]) for stem in stems])

    def _next_to_each_other(self, field: str, stems: Sequence[str]) -> str:
        if not (self._indexed and field == "words"):
            return _spelt(field, stems)
        held = [self._any_word([stem]) for stem in dict.fromkeys(stems)]
        return all_of([*held, *([_spelt(field, stems)] if len(stems) > 1 else [])])

    def _condition(self, condition: Condition) -> str:
        match condition:
            case Holds(words, place):
                stems = analysis.spelt(words) if place == "venue" else analysis.stems(words)
                field = "words" if place == "text" else place
                return self._next_to_each_other(field, stems) if stems else NOBODY
            case Named(id):
                return any_held("name", [id.lower()])
            case AllOf(parts):
                return all_of([self._condition(part) for part in parts])
            case AnyOf(parts):
                ways = [self._condition(part) for part in parts]
                return one_or_more(ways) if all(ways) else ""
            case Without(part):
                return without(self._condition(part))
            case Filter():
                return self._fields(condition)
            case _:
                assert_never(condition)

    def _fields(self, filter: Filter) -> str:
        asked = list(parts_of(filter))
        if asked != [filter]:
            return all_of([self._condition(part) for part in asked])
        if filter.categories:
            return any_held("category", [category.lower() for category in filter.categories])
        if filter.authors:
            return any_held("author", filter.authors)
        if filter.types:
            return one_of("type", [kind.value for kind in filter.types])
        if filter.has_code is not None:
            return f"code == {'true' if filter.has_code else 'false'}"
        since = day_number(filter.since) if filter.since else 1
        return all_of([f"day >= {since}", f"day <= {day_number(filter.until)}" if filter.until else ""])


def _spelt(field: str, stems: Sequence[str]) -> str:
    """That words stand in a field next to each other; stems are letters and digits, so no signs of patterns."""
    return f"{field} like '% {' '.join(stems)} %'"

"""What must hold of a paper as queries of the search engine, without scores. Knows no ranking and no files.

``Filter``, ``Words`` and the tree of conditions within a filter become one query, so the words and
the vectors obey the very same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, assert_never

from tantivy import FieldType, Occur, Query, Schema

from broadsheet.index import analysis
from broadsheet.index.contract import AllOf, AnyOf, Condition, Filter, Holds, Named, Place, Without, Words
from broadsheet.index.fields import day_number

# Where a place's words stand in a document. Titles are part of "text".
_FIELDS: Final[dict[Place, tuple[str, ...]]] = {
    "text": ("text", "keys", "authors"),
    "title": ("title",),
    "venue": ("venue",),
}


class Conditions:
    """Makes the engine's queries of conditions, for one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def clauses(self, words: Words, filter: Filter) -> list[tuple[Occur, Query]]:
        """What phrases, excluded words and the filter ask for, nothing of it scored."""
        parts: list[Condition] = [Holds(phrase) for phrase in words.phrases]
        parts += [Without(Holds(text)) for text in words.excluded]
        return self._clauses([*parts, *parts_of(filter)])

    def _clauses(self, parts: Iterable[Condition]) -> list[tuple[Occur, Query]]:
        return [
            (Occur.MustNot, self._query(part.part))
            if isinstance(part, Without)
            else (Occur.Must, Query.const_score_query(self._query(part), 0.0))
            for part in parts
        ]

    def _query(self, condition: Condition) -> Query:
        match condition:
            case Holds():
                return self._holds(condition)
            case Named():
                return Query.term_query(self._schema, "name", condition.id.lower())
            case AllOf():
                return self._all(condition.parts)
            case AnyOf() if condition.parts and all(isinstance(part, Named) for part in condition.parts):
                # A library of thousands is one set of terms, not as many queries.
                named = [part.id.lower() for part in condition.parts if isinstance(part, Named)]
                return self._one_of("name", named)
            case AnyOf():
                return _any([self._query(part) for part in condition.parts])
            case Without():
                return self._all((condition,))
            case Filter():
                return self._fields(condition)
            case _:
                assert_never(condition)

    def _all(self, parts: Iterable[Condition]) -> Query:
        return Query.boolean_query([(Occur.Must, Query.all_query()), *self._clauses(parts)])

    def _fields(self, filter: Filter) -> Query:
        asked = list(parts_of(filter))
        if asked != [filter]:
            return self._all(asked)
        if filter.categories:
            return self._one_of("category", [category.lower() for category in filter.categories])
        if filter.authors:
            return self._one_of("author", filter.authors)
        if filter.types:
            return self._one_of("type", [kind.value for kind in filter.types])
        if filter.has_code is not None:
            return Query.term_query(self._schema, "code", filter.has_code)
        return Query.range_query(
            self._schema,
            "day",
            FieldType.Unsigned,
            lower_bound=day_number(filter.since) if filter.since else 1,
            upper_bound=day_number(filter.until) if filter.until else None,
        )

    def _one_of(self, field: str, values: Sequence[str]) -> Query:
        return Query.term_set_query(self._schema, field, list(values))

    def _holds(self, asked: Holds) -> Query:
        found = analysis.spelt(asked.words) if asked.place == "venue" else analysis.stems(asked.words)
        return _any([in_field(self._schema, field, found) for field in _FIELDS[asked.place]] if found else [])


def in_field(schema: Schema, field: str, stems: Sequence[str]) -> Query:
    """One word, or several next to each other, in a field."""
    if len(stems) == 1:
        return Query.term_query(schema, field, stems[0], index_option="freq")
    return Query.phrase_query(schema, field, list(stems))


def _any(queries: Sequence[Query]) -> Query:
    if not queries:
        return Query.empty_query()
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Should, q) for q in queries])


def parts_of(filter: Filter) -> Iterator[Condition]:
    """What a filter asks for, field by field: each part asks by one field alone, or is a condition."""
    if filter.categories:
        yield Filter(categories=filter.categories)
    if filter.authors:
        yield Filter(authors=filter.authors)
    if filter.types:
        yield Filter(types=filter.types)
    if filter.has_code is not None:
        yield Filter(has_code=filter.has_code)
    if filter.since or filter.until:
        yield Filter(since=filter.since, until=filter.until)
    if filter.where is not None:
        yield filter.where

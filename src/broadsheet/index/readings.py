"""Acronyms in the sense that is meant, as queries of the search engine. Knows no papers and no files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from tantivy import Occur, Query, Schema

from broadsheet.index import analysis
from broadsheet.index.conditions import in_field
from broadsheet.index.contract import Reading

# What the lesser counts for where a paper has both an acronym and its long form.
BOTH_WEIGHT: Final = 0.3


def in_sense(schema: Schema, reading: Reading, *, anywhere: Callable[[Sequence[str]], Query]) -> Query:
    """Papers with an acronym, each credited for the sense it has it in, or with its long form.

    ``anywhere`` makes the query for stems next to each other in any field. A long form counts as the
    mean of its words, for it stands in the place of one.
    """
    letters = Query.disjunction_max_query([anywhere([stem]) for stem in reading.stems])
    ways = [
        _credited(credit, [(Occur.Must, letters), (Occur.Must, _one_of(schema, "sense", terms))])
        for credit, terms in reading.credits
    ]
    if reading.unexplained:
        parts = [(Occur.Must, letters), (Occur.Must, _one_of(schema, "capitals", reading.shorts))]
        if reading.others:
            parts.append((Occur.MustNot, _one_of(schema, "sense", reading.others)))
        ways.append(_credited(reading.unexplained, parts))
    longs = dict.fromkeys(tuple(analysis.stems(long)) for long in reading.longs)
    ways += [Query.boost_query(anywhere(long), 1 / len(long)) for long in longs if long]
    return Query.disjunction_max_query(ways, tie_breaker=BOTH_WEIGHT)


def written_otherwise(schema: Schema, stem: str, shorts: Sequence[str], *, beside: str | None) -> Query:
    """Papers with a stem (and the stem ``beside``) in title or abstract, but no word written as ``shorts``."""
    held = [in_field(schema, "text", [each]) for each in (stem, beside) if each is not None]
    return Query.boolean_query(
        [*((Occur.Must, query) for query in held), (Occur.MustNot, _one_of(schema, "capitals", shorts))]
    )


def _credited(credit: float, parts: Sequence[tuple[Occur, Query]]) -> Query:
    return Query.boost_query(Query.boolean_query(parts), credit)


def _one_of(schema: Schema, field: str, values: Sequence[str]) -> Query:
    return Query.const_score_query(Query.term_set_query(schema, field, list(values)), 0.0)

"""Words to rank by as queries of the search engine. Knows no papers and no files.

Title and abstract are scored as one text, and a word in the title counts a little again; where a
word stands also among key phrases or authors, the best of the places counts (a *disjunction
maximum*). The words' scores add up; one typed often counts less than as often, so that a pasted
paragraph is not ruled by its commonest word. Neighbouring words of the query count a little more where
they are neighbours in the text.

Of a long text the places simply add up, and key phrases are left out: the best of several places takes
the engine ten times as long as their sum.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from tantivy import Occur, Query, Schema

from broadsheet.index import analysis
from broadsheet.index.conditions import Conditions, in_field
from broadsheet.index.contract import Filter, Reading, Words
from broadsheet.index.readings import in_sense
from broadsheet.index.stopwords import STOP_WORDS

# Chosen on SciFact's training claims, looked at on its test claims, npl_vaswani and cacm: larger
# weights of titles and pairs lose there.
TITLE_WEIGHT: Final = 0.2
_PAIR_WEIGHT: Final = 0.1
# Of a pasted text many words are only the manner of saying, but hardly a pair of neighbours that papers have
# as well. Chosen on the first of every two of acm_cr's paragraphs, right on the others and on cacm.
_LONG: Final = 20  # words
_PAIR_WEIGHT_OF_LONG: Final = 0.2
# Papers in which neighbours are looked for, over all pairs of a query: so long ones stay quick at a million.
_PAIRED: Final = 100_000
REPEATS: Final = 0.75  # a word typed twice counts 2 ** 0.75 times
_NAME_WEIGHT: Final = 1000.0  # whoever types an id wants that paper first

_ABBREVIATED: Final = re.compile(r"\W*(?:[^\W\d_]\.)+[^\W\d_]?\W*")

# Where words stand besides title and abstract.
_BESIDE: Final = ("keys", "authors")


class Queries:
    """Makes the engine's queries for one schema."""

    def __init__(self, schema: Schema, *, frequency: Callable[[str], int] | None = None) -> None:
        """``frequency`` gives a stem's number of papers; without it every pair of neighbours is looked for."""
        self._schema = schema
        self._frequency = frequency
        self._conditions = Conditions(schema)

    def ranked(self, words: Words, filter: Filter) -> Query:
        """Papers that match by words and pass the filter, with their scores."""
        scored = self._terms(words.terms, words.readings)
        more = [(Occur.Should, self._phrase(text)) for text in words.scored]
        return self._joined(scored, words, filter, more)

    def matching(self, words: Words, filter: Filter) -> Query:
        """The same papers, to be counted: what only scores is left out."""
        return self._joined(self._any_term(words.terms, words.readings), words, filter)

    def allowed(self, words: Words, filter: Filter) -> Query | None:
        """Papers that may appear: those with every phrase, no excluded word, past the filter. None: all."""
        clauses = self._conditions.clauses(words, filter)
        if not clauses:
            return None
        return Query.boolean_query([(Occur.Must, Query.all_query()), *clauses])

    def weighted(self, weights: Mapping[str, float], titles: float = 0.0, *, authors: bool = False) -> Query:
        """Papers with weighted stems in title and abstract; again in ``titles`` for so much, and in ``authors``.

        Nothing but single terms, which the engine scores much faster than anything else.
        """
        fields = [("text", 1.0), ("title", titles), *([("authors", 1.0)] if authors else [])]
        return Query.boolean_query(
            [
                (Occur.Should, Query.boost_query(self._term(stem, field), weight * share))
                for field, share in fields
                if share
                for stem, weight in weights.items()
            ]
        )

    def among(self, query: Query, filter: Filter) -> Query:
        """What a query finds, as far as it passes the filter."""
        clauses = self._conditions.clauses(Words(), filter)
        return Query.boolean_query([(Occur.Must, query), *clauses]) if clauses else query

    def names(self, ids: Iterable[str]) -> Query:
        """The papers of exactly these ids."""
        return Query.term_set_query(self._schema, "id", list(ids))

    def _joined(
        self,
        terms: Query | None,
        words: Words,
        filter: Filter,
        more: Sequence[tuple[Occur, Query]] = (),
    ) -> Query:
        clauses = [(Occur.Must, terms)] if terms else []
        clauses += [(Occur.Must, self._phrase(text)) for text in words.phrases]
        if not clauses:
            clauses.append((Occur.Must, Query.const_score_query(Query.all_query(), 0.0)))
        clauses += more
        clauses += self._conditions.clauses(replace(words, phrases=()), filter)
        return Query.boolean_query(clauses)

    def _terms(self, terms: Sequence[str], readings: Sequence[Reading]) -> Query | None:
        kept = telling(terms)
        stems = [stem for _, found in kept for stem in found]
        if not stems:
            # Signs only: nothing can match, which is not the same as not asking.
            return Query.empty_query() if terms else None
        read = self._read(readings)
        weights = {stem: count**REPEATS for stem, count in Counter(stems).items()}
        clauses = [(Occur.Should, _boosted(query, weights.pop(stem, 1.0))) for stem, query in read.items()]
        if is_long(terms):
            clauses.append((Occur.Should, self.weighted(weights, TITLE_WEIGHT, authors=True)))
        else:
            clauses += [
                (Occur.Should, _boosted(self._anywhere([stem]), weight)) for stem, weight in weights.items()
            ]
        clauses += [
            (Occur.Should, Query.boost_query(self._in_text(pair), pair_weight(terms)))
            for pair in neighbours(stems, frequency=self._frequency)
        ]
        clauses += [(Occur.Should, self._in_text(stems)) for term, stems in kept if is_formula(term, stems)]
        clauses += [(Occur.Should, Query.boost_query(name, _NAME_WEIGHT)) for name in self._names(kept)]
        return Query.boolean_query(clauses)

    def _any_term(self, terms: Sequence[str], readings: Sequence[Reading]) -> Query | None:
        """What ``_terms`` matches. Flat, so that the engine can count without looking for scores."""
        kept = telling(terms)
        stems = [stem for _, found in kept for stem in found]
        if not stems:
            return Query.empty_query() if terms else None
        read = self._read(readings)
        queries = [
            self._in_field([stem], field)
            for stem in dict.fromkeys(stems)
            if stem not in read
            for field in (("text", "authors") if is_long(terms) else ("text", *_BESIDE))
        ]
        queries += [*read.values(), *self._names(kept)]
        return Query.boolean_query([(Occur.Should, query) for query in queries])

    def _read(self, readings: Sequence[Reading]) -> dict[str, Query]:
        return {r.stem: in_sense(self._schema, r, anywhere=self._anywhere) for r in readings}

    def _names(self, kept: Sequence[tuple[str, Sequence[str]]]) -> list[Query]:
        """Papers of the ids that the terms may be."""
        return [
            Query.term_query(self._schema, "name", term.lower())
            for term, _ in kept
            if any(c.isdigit() for c in term)
        ]

    def _phrase(self, text: str) -> Query:
        stems = analysis.stems(text)
        return self._anywhere(stems) if stems else Query.empty_query()

    def _anywhere(self, stems: Sequence[str]) -> Query:
        """One word, or several next to each other, in whatever field."""
        return Query.disjunction_max_query(
            [self._in_text(stems), *(self._in_field(stems, field) for field in _BESIDE)]
        )

    def _in_text(self, stems: Sequence[str]) -> Query:
        title = Query.boost_query(self._in_field(stems, "title"), TITLE_WEIGHT)
        return Query.boolean_query([(Occur.Should, self._in_field(stems, "text")), (Occur.Should, title)])

    def _in_field(self, stems: Sequence[str], field: str) -> Query:
        return in_field(self._schema, field, stems)

    def _term(self, stem: str, field: str) -> Query:
        return Query.term_query(self._schema, field, stem, index_option="freq")


def neighbours(stems: Sequence[str], *, frequency: Callable[[str], int] | None) -> list[tuple[str, str]]:
    """Neighbouring words, in order; of too many common ones the rarest, which tell most."""
    pairs = list(dict.fromkeys(pairwise(stems)))
    if frequency is None:
        return pairs
    costs = {pair: min(map(frequency, pair)) for pair in pairs}
    ascending = sorted(pairs, key=lambda pair: (costs[pair], pair))
    spent = accumulate(costs[pair] for pair in ascending)
    kept = {pair for pair, cost in zip(ascending, spent, strict=True) if cost <= _PAIRED}
    return [pair for pair in pairs if pair in kept]


def telling(terms: Sequence[str]) -> list[tuple[str, list[str]]]:
    """The terms that are no stop words, or all where there are no others, with the stems of each."""
    spelt = [(term, analysis.stems(term)) for term in terms]
    kept = [(term, stems) for term, stems in spelt if stems and term.lower() not in STOP_WORDS]
    return kept or [(term, stems) for term, stems in spelt if stems]


def is_formula(term: str, stems: Sequence[str]) -> bool:
    """Whether one typed word is letters and numbers held together by signs: ``O(n√m)``, ``p<0.05``; not ``e.g.``."""
    parted = len(stems) > 1 and all(len(stem) == 1 or stem.isdecimal() for stem in stems)
    return parted and not _ABBREVIATED.fullmatch(term)


def is_long(terms: Sequence[str]) -> bool:
    """Whether somebody pasted a text rather than typed a few words."""
    return len(terms) > _LONG


def pair_weight(terms: Sequence[str]) -> float:
    """What a pair of neighbours weighs in a query of these terms."""
    return _PAIR_WEIGHT_OF_LONG if is_long(terms) else _PAIR_WEIGHT


def _boosted(query: Query, weight: float) -> Query:
    return query if weight == 1 else Query.boost_query(query, weight)

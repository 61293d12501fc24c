"""Words' scores of a few candidates, as the local index scores all papers. Knows no engine.

Milvus ranks by BM25 over everything of a paper at once; it knows no best of several places, no
neighbours, no acronym in its sense. So it is asked for more candidates than are wanted, and these
are scored here by the formula of ``index.queries``, from their stems and the archive's frequencies.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broadsheet.index import analysis
from broadsheet.index.contract import Reading, Words
from broadsheet.index.milvus.collections import K1, PARTS, B, Part, length_of, neighbours_in, parts_of
from broadsheet.index.milvus.engine import Row
from broadsheet.index.queries import (
    REPEATS,
    TITLE_WEIGHT,
    is_formula,
    is_long,
    neighbours,
    pair_weight,
    telling,
)
from broadsheet.index.readings import BOTH_WEIGHT

# Above any score of words: whoever types an id wants that paper first.
_NAMED: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What BM25 must know of the whole archive."""

    papers: int
    lengths: Mapping[str, int]  # of each part, the words in all papers
    frequency: Mapping[tuple[Part, str], int]  # in how many papers' part a stem occurs

    def rarity(self, part: Part, stems: Iterable[str]) -> float:
        """The weight of stems next to each other: the sum of theirs."""
        return sum(
            math.log(1 + (max(0, self.papers - n) + 0.5) / (n + 0.5))
            for n in (self.frequency.get((part, stem), 0) for stem in stems)
        )

    def average(self, part: Part) -> float:
        """How many words a paper's part has."""
        return max(1e-9, self.lengths.get(part, 0) / max(1, self.papers))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row's stems, ready to be scored."""

    stems: Mapping[Part, Sequence[str]]
    counts: Mapping[Part, Counter[str]]
    lengths: Mapping[Part, int]
    sense: frozenset[str]
    capitals: frozenset[str]
    names: frozenset[str]


def candidate_of(row: Row) -> Candidate:
    """A row with ``words``, ``sense``, ``capitals`` and ``name`` as a candidate."""
    stems = parts_of(row["words"])
    return Candidate(
        stems,
        {part: Counter(of) for part, of in stems.items()},
        {part: length_of(of) for part, of in stems.items()},
        frozenset(row["sense"]),
        frozenset(row["capitals"]),
        frozenset(row["name"]),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A query by words, analysed once."""

    typed: tuple[str, ...]  # stems of the terms, in order
    counts: Mapping[str, int]  # the same and read acronyms, and how often each was typed
    readings: Mapping[str, Reading]
    formulas: tuple[tuple[str, ...], ...]
    phrases: tuple[tuple[str, ...], ...]  # that must stand or only score: they count alike
    longs: Mapping[str, tuple[tuple[str, ...], ...]]  # of each reading
    names: frozenset[str]
    pairs_weigh: float
    long: bool  # a pasted text

    @classmethod
    def of(cls, words: Words) -> Asked:
        """The query of ``words``."""
        kept = telling(words.terms)
        stems = [stem for _, found in kept for stem in found]
        readings = {reading.stem: reading for reading in words.readings}
        longs = {
            stem: tuple(filter(None, dict.fromkeys(tuple(analysis.stems(long)) for long in reading.longs)))
            for stem, reading in readings.items()
        }
        return cls(
            tuple(stems),
            {**dict.fromkeys(readings, 1), **Counter(stems)},
            readings,
            tuple(tuple(found) for term, found in kept if is_formula(term, found)),
            tuple(tuple(analysis.stems(text)) for text in (*words.phrases, *words.scored)),
            longs,
            frozenset(term.lower() for term, _ in kept if any(c.isdigit() for c in term)),
            pair_weight(words.terms),
            is_long(words.terms),
        )

    def stems(self) -> tuple[str, ...]:
        """Every stem that can bring a score, each once."""
        found = [*self.counts]
        for reading in self.readings.values():
            found += reading.stems
        for group in (self.phrases, *self.longs.values()):
            found += [stem for stems in group for stem in stems]
        return tuple(dict.fromkeys(found))


def scorer(asked: Asked, statistics: Statistics) -> Callable[[Candidate], float]:
    """The score of a candidate for a query."""
    pairs = neighbours(asked.typed, frequency=lambda stem: statistics.frequency.get(("text", stem), 0))
    weigh = _Weighing(statistics)
    single = weigh.added_up if asked.long else weigh.anywhere

    def score(candidate: Candidate) -> float:
        total = 0.0
        for stem, count in asked.counts.items():
            reading = asked.readings.get(stem)
            if reading is not None:
                total += weigh.in_sense(candidate, reading, asked.longs[stem])
            else:
                total += single(candidate, (stem,)) * count**REPEATS
        total += sum(asked.pairs_weigh * weigh.in_text(candidate, pair) for pair in pairs)
        total += sum(weigh.in_text(candidate, formula) for formula in asked.formulas)
        total += sum(weigh.anywhere(candidate, phrase) for phrase in asked.phrases if phrase)
        return total + (_NAMED if asked.names & candidate.names else 0.0)

    return score


def stems_scorer(
    weights: Mapping[str, float], statistics: Statistics, *, titles: bool
) -> Callable[[Candidate], float]:
    """The score of a candidate's title and abstract for weighted stems; ``titles`` count a little again."""
    weigh = _Weighing(statistics)

    def score(candidate: Candidate) -> float:
        return sum(
            weight * (weigh.in_text(candidate, (stem,)) if titles else weigh.part(candidate, "text", (stem,)))
            for stem, weight in weights.items()
        )

    return score


class _Weighing:
    """BM25 of stems in the parts of a candidate."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._rarities: dict[tuple[Part, tuple[str, ...]], float] = {}
        self._averages = {part: statistics.average(part) for part in PARTS}

    def part(self, candidate: Candidate, part: Part, stems: tuple[str, ...]) -> float:
        often = candidate.counts[part][stems[0]]
        if often and len(stems) > 1:
            often = neighbours_in(candidate.stems[part], stems)
        if not often:
            return 0.0
        if (rarity := self._rarities.get((part, stems))) is None:
            rarity = self._rarities[part, stems] = self._statistics.rarity(part, stems)
        length = candidate.lengths[part] / self._averages[part]
        return rarity * often * (K1 + 1) / (often + K1 * (1 - B + B * length))

    def in_text(self, candidate: Candidate, stems: tuple[str, ...]) -> float:
        return self.part(candidate, "text", stems) + TITLE_WEIGHT * self.part(candidate, "title", stems)

    def anywhere(self, candidate: Candidate, stems: tuple[str, ...]) -> float:
        return max(
            self.in_text(candidate, stems),
            self.part(candidate, "keys", stems),
            self.part(candidate, "authors", stems),
        )

    def added_up(self, candidate: Candidate, stems: tuple[str, ...]) -> float:
        return self.in_text(candidate, stems) + self.part(candidate, "authors", stems)

    def in_sense(self, candidate: Candidate, reading: Reading, longs: Sequence[tuple[str, ...]]) -> float:
        """See ``index.readings.in_sense``."""
        letters = max((self.anywhere(candidate, (stem,)) for stem in reading.stems), default=0.0)
        ways = [credit * letters for credit, terms in reading.credits if candidate.sense & set(terms)]
        written = candidate.capitals & set(reading.shorts)
        if written and not candidate.sense & set(reading.others):
            ways.append(reading.unexplained * letters)
        ways += [self.anywhere(candidate, long) / len(long) for long in longs]
        best = max(ways, default=0.0)
        return best + BOTH_WEIGHT * (sum(ways) - best)

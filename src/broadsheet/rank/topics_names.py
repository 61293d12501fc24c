"""Name topics with the terms of their papers, as the papers write them. Pure.

A term names a topic well when many of its papers use it, few others do, titles use it, and the papers
that use it lie where the topic lies (semantic relatedness, as in SemRe-Rank: Zhang et al. 2018). No two
topics get the same name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.model import Acronym
from broadsheet.rank.topics import Labels
from broadsheet.text import keyphrases
from broadsheet.text import terms as words_of
from broadsheet.text.terms import Term

# A term must be in this share of a topic's papers, a single word in twice the share; and in a quarter of a
# small topic's, where that is less than four.
_FEWEST: Final = 2
_LEAST: Final = 0.15
_QUARTER: Final = 4
# What a name of one, two, three words is worth: single words are mostly too wide, and those that have fewer
# bits of surprise are no names at all.
_SIZES: Final = (0.0, 0.2, 1.0, 1.2)
_RARE: Final = 5.2
_OWN: Final = 0.2  # power of the share of a term's users that are in the topic
# What a topic is about stands in titles; what is only used or wanted ("reference images") does not.
_TITLED: Final = 1.5  # power of the share of a term's users that have it in their titles
_UNTITLED: Final = 0.05  # added to that share
# A longer term that makes up this much of a shorter one's papers shows the shorter one to be cut off; so does it
# that less than this share of papers ever end a phrase with it ("variational quantum", "image-text").
_CUT_OFF: Final = 0.6
_FREE: Final = 0.45
_IN_PASSING: Final = 0.5  # how much a name in the abstract alone says of what it says in the title
_SHORTLIST: Final = 6
_PLURAL: Final = 0.2  # a topic is named in the plural where this share of papers uses it
_LOWER: Final = 0.15  # written so in this share of papers, a word is no name
# Names that half of a day could have: they say nothing.
_WIDE: Final = frozenset(
    {
        "ai",
        "ai model",
        "ai system",
        "artificial intelligence",
        "attention mechanism",
        "bound",
        "convolutional neural network",
        "deep learning",
        "deep learning model",
        "deep neural network",
        "feature extraction",
        "fine tuning",
        "foundation model",
        "generative model",
        "language model",
        "large language model",
        "learning model",
        "llm",
        "machine learning",
        "natural language",
        "natural language processing",
        "neural network",
        "numerical example",
        "optimization problem",
        "reasoning model",
    }
)
_HOLD: Final = 1.3  # how many times better another name must be to replace one that stands


@dataclass(frozen=True, slots=True)
class Name:
    """A name and what speaks for it."""

    key: str
    text: str
    score: float


class Vocabulary:
    """The terms of n papers, and where in the space of their vectors each stands."""

    def __init__(
        self,
        papers: Sequence[Mapping[str, Term]],
        vectors: Vectors,
        *,
        acronyms: Iterable[Acronym] = (),
    ) -> None:
        """``vectors``: centred, unit, (n, dim). ``acronyms``: all that these papers explain."""
        self._papers = len(papers)
        self._vectors = vectors
        self._lower: Counter[str] = Counter()
        self._written: Counter[str] = Counter()
        spellings: Counter[tuple[str, str]] = Counter()
        self._titled: Counter[str] = Counter()
        self._title_rows: dict[str, list[int]] = defaultdict(list)
        self._free: Counter[str] = Counter()
        self._nameable: Counter[str] = Counter()
        self._sizes: dict[str, int] = {}
        holders: dict[str, list[int]] = defaultdict(list)
        long_of = _long_forms(acronyms)
        for row, found in enumerate(papers):
            for key, term in found.items():
                holders[key].append(row)
                if term.in_title:
                    self._title_rows[key].append(row)
                if term.nameable:
                    spellings[key, term.spelling] += 1
                    self._titled[key] += term.in_title
                    self._free[key] += term.free
                    self._nameable[key] += 1
                    self._sizes[key] = term.words
                    for word in term.spelling.split():
                        low = word.lower()
                        self._written[low] += 1
                        self._lower[low] += word == low
                if (long := long_of.get(key)) and long not in found:
                    holders[long].append(row)
                    if term.in_title:
                        self._title_rows[long].append(row)
                    self._titled[long] += term.in_title
        self._rows_of = holders
        self._holders = {
            key: np.array(rows, dtype=np.int64) for key, rows in holders.items() if len(rows) >= _FEWEST
        }
        self._spellings: dict[str, dict[str, int]] = defaultdict(dict)
        for (key, spelling), count in spellings.items():
            if key in self._holders:
                self._spellings[key][spelling] = count
        self._keys = self._candidates(long_of)
        self._terms = np.repeat(np.arange(len(self._keys)), [len(self._holders[key]) for key in self._keys])
        self._rows = (
            np.concatenate([self._holders[key] for key in self._keys])
            if self._keys
            else np.zeros(0, dtype=np.int64)
        )
        self._places: dict[str, tuple[Vectors, float]] = {}

    def shortlists(
        self, labels: Labels, centres: Vectors, *, held: Sequence[str | None] | None = None
    ) -> tuple[tuple[Name, ...], ...]:
        """For each topic, with its unit vector (k, dim), its best names: best first, ties by key.

        ``held``: the key of the name that each has so far, which counts more than others.
        """
        k = len(centres)
        topics = labels[self._rows]
        any_ = topics >= 0
        cells = np.bincount(topics[any_] * len(self._keys) + self._terms[any_], minlength=k * len(self._keys))
        inside = cells.reshape(k, len(self._keys))
        sizes = np.bincount(labels[labels >= 0], minlength=k)
        return tuple(
            self._best(inside[topic], int(sizes[topic]), centre, held[topic] if held else None)
            for topic, centre in enumerate(centres)
        )

    def _best(self, inside: Labels, size: int, centre: Vectors, held: str | None) -> tuple[Name, ...]:
        scores: list[tuple[float, str]] = []
        least = max(_FEWEST, _LEAST * size, min(_QUARTER, 0.25 * size))
        for term in np.flatnonzero(inside >= least):
            key = self._keys[term]
            common, count = int(inside[term]), len(self._holders[key])
            words = self._sizes[key]
            if words == 1 and (common < 2 * _LEAST * size or _rarity(key) < _RARE):
                continue
            lift = math.log(common * self._papers / (size * count))
            if lift <= 0:
                continue
            place, dense = self._place(key)
            score = (
                (common / size)
                * lift
                * (common / count) ** _OWN
                * (_UNTITLED + self._titled[key] / count) ** _TITLED
                * math.sqrt(max(dense, 0.01))
                * max(float(place @ centre), 0.0)
                * _SIZES[words]
                * (_HOLD if key == held else 1.0)
            )
            scores.append((score, key))
        best = sorted(scores, key=lambda pair: (-pair[0], pair[1]))[:_SHORTLIST]
        return tuple(Name(key, self.spelt(key), score) for score, key in best if score > 0)

    def holders(self, key: str) -> NDArray[np.bool_]:
        """Which papers use a term, (n,): in its own form or as an acronym that these papers explain."""
        held = np.zeros(self._papers, dtype=np.bool_)
        held[self._rows_of.get(key, [])] = True
        return held

    def use(self, key: str, members: NDArray[np.bool_]) -> float:
        """The share of some papers, (n,), that use a term."""
        return float(self.holders(key)[members].mean())

    def calls(self, key: str) -> Vectors:
        """How loudly each paper uses a term, (n,): 1 in its title, less in its abstract alone, 0 not at all."""
        loud = np.zeros(self._papers, dtype=np.float32)
        loud[self._rows_of.get(key, [])] = _IN_PASSING
        loud[self._title_rows.get(key, [])] = 1.0
        return loud

    def spelt(self, key: str) -> str:
        """A term as most papers write it: in the plural where that is common, and small where papers write it so."""
        forms: Counter[str] = Counter()
        for spelling, count in self._spellings[key].items():
            forms[" ".join(map(self._cased, spelling.split()))] += count
        plurals = {form: count for form, count in forms.items() if _plural(form)}
        if sum(plurals.values()) >= _PLURAL * forms.total():
            forms = Counter(plurals)
        return min(forms, key=lambda form: (-forms[form], form))

    def _cased(self, word: str) -> str:
        low = word.lower()
        if not any(letter.isupper() for letter in word):
            return word
        if "-" in word:
            return "-".join(map(self._cased, word.split("-")))
        return low if self._lower[low] > _LOWER * self._written[low] else word

    def _candidates(self, long_of: Mapping[str, str]) -> list[str]:
        """Terms that can be names: whole ones, and no acronym where its long form is among them."""
        cut: set[str] = set()
        for key, rows in self._holders.items():
            stems = key.split()
            for part in (" ".join(stems[1:]), " ".join(stems[:-1])):
                if part in self._holders and len(rows) >= _CUT_OFF * len(self._holders[part]):
                    cut.add(part)
        long = {short for short, key in long_of.items() if key in self._spellings and key in self._holders}
        no_name = cut | long | _WIDE
        return sorted(
            key
            for key in self._holders
            if key in self._spellings
            and key not in no_name
            and self._free[key] >= _FREE * self._nameable[key]
        )

    def _place(self, key: str) -> tuple[Vectors, float]:
        """Where a term's papers lie, and how close to each other: the mean cosine of two of them."""
        if key not in self._places:
            rows = self._holders[key]
            total = self._vectors[rows].sum(axis=0)
            square = float(total @ total)
            count = len(rows)
            self._places[key] = (
                total / max(math.sqrt(square), 1e-9),
                (square - count) / (count * (count - 1)),
            )
        return self._places[key]


def _rarity(key: str) -> float:
    """How many bits of surprise a word is worth; of one with hyphens, the mean of its parts."""
    bits = [keyphrases.rarity(stem) for stem in key.split()]
    return sum(bits) / len(bits)


def _plural(form: str) -> bool:
    last = form.lower().rpartition(" ")[2]
    return keyphrases.stem(last) != last


def _long_forms(acronyms: Iterable[Acronym]) -> dict[str, str]:
    """For the key of each acronym that papers agree on: the key of what it stands for."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for acronym in acronyms:
        counts[words_of.key(acronym.short)][words_of.key(acronym.long)] += 1
    agreed = {}
    for short, longs in counts.items():
        long = min(longs, key=lambda key: (-longs[key], key))
        if longs[long] >= 2 and longs[long] >= 0.6 * longs.total():
            agreed[short] = long
    return agreed


def name_topics(
    vocabulary: Vocabulary,
    labels: Labels,
    centres: Vectors,
    *,
    held: Sequence[str | None] | None = None,
    taken: Iterable[str] = (),
) -> tuple[Name | None, ...]:
    """A name for each topic, no two alike; None where no term will do.

    ``held``: keys of the names that the topics have so far. ``taken``: keys that others have.

    The topic for which a name speaks loudest gets it, and the others their next best.
    """
    lists = vocabulary.shortlists(labels, centres, held=held)
    order = sorted(
        (-name.score, topic, place) for topic, names in enumerate(lists) for place, name in enumerate(names)
    )
    used = set(taken)
    given: list[Name | None] = [None] * len(lists)
    for _, topic, place in order:
        name = lists[topic][place]
        if given[topic] is None and not any(_alike(name.key, other) for other in used):
            given[topic] = name
            used.add(name.key)
    return tuple(given)


def _alike(one: str, other: str) -> bool:
    """Whether two names say the same: the same words in another order."""
    return sorted(one.split()) == sorted(other.split())

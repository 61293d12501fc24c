"""Say how likely papers nobody has voted on yet come onto a list of noted papers, and why. Pure.

A linear model of what was known of a paper on its day: its words, categories and form (``expected_traits``),
and what became of its authors' earlier papers (``expected_authors``). It is learnt by ``expected_fit`` from
past days. There are two of it: one that does not look at who the authors are, and one that does, in which
what is known of them can multiply the odds by no more than ``AUTHORS_AT_MOST``; both answers are always given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.model import Record
from broadsheet.rank import expected_traits as groups
from broadsheet.rank.expected_authors import TRAITS, Standing
from broadsheet.rank.expected_linear import Line, Rows, sigmoid

Floats = NDArray[np.float64]

AUTHORS_AT_MOST: Final = 4.0

# How much of a row each group of traits makes up; found on days of 2025 (docs/design/expected.md).
SCALES: Final[Mapping[str, float]] = {
    groups.TITLE: 0.7,
    groups.ABSTRACT: 1.0,
    groups.COMMENT: 0.5,
    groups.CATEGORY: 0.6,
    groups.PRIMARY: 0.6,
    groups.FORM: 0.6,
    groups.PLACE: 0.3,
}
AUTHOR_SCALE: Final = 0.3

# The groups of a reason that are not groups of traits: words wherever they stand, and who wrote it.
WORDS: Final = "words"
AUTHORS: Final = "authors"
_FAINT: Final = 0.03  # log-odds: a factor of less than 1.03 is no reason
_STRAY: Final = 4.0  # standard deviations from which on a number is no longer believed


@dataclass(frozen=True, slots=True)
class Reason:
    """What set a paper apart from the others of its day: of which group, what, and the factor in its odds."""

    group: str  # WORDS, AUTHORS (whose text is empty), or one of expected_traits
    text: str
    factor: float

    @property
    def said(self) -> str:
        """The reason for people: ``“agents”``, ``in cs.CL``, ``code on GitHub``."""
        match self.group:
            case "words":
                return f"“{self.text}”"
            case "authors":
                return "what became of the authors' earlier papers"
            case groups.COMMENT:
                return f"“{self.text}” in the comment"
            case groups.CATEGORY:
                return f"in {self.text}"
            case groups.PRIMARY:
                return f"first in {self.text}"
            case groups.PLACE:
                return "when in the day's round it was submitted"
            case _:
                return self.text


@dataclass(frozen=True, slots=True)
class Forecast:
    """How likely a paper comes onto the list, 0…1, and what moved that most."""

    probability: float  # authors looked at, as far as there is anything to know of them
    without_authors: float
    reasons: tuple[Reason, ...] = ()

    @property
    def said(self) -> str:
        """The probability for people.

        >>> [Forecast(p, p).said for p in (0.97, 0.62, 0.21, 0.004)]
        ['about 9 in 10', 'about 6 in 10', 'about 1 in 5', 'fewer than 1 in 100']
        """
        if self.probability >= 0.4:
            return f"about {min(9, round(10 * self.probability))} in 10"
        if self.probability >= 0.01:
            return f"about 1 in {round(1 / self.probability)}"
        return "fewer than 1 in 100"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a line's score becomes log-odds that keep their word: ``slope * score + shift``."""

    slope: float
    shift: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The traits a model knows; ``vocabulary`` makes one."""

    names: tuple[str, ...]  # group, space, text: "t language model"
    rarity: NDArray[np.float32]  # the weight of a word of a text; not used for other traits
    columns: Mapping[str, Mapping[str, int]]  # group → text → which of the names
    codes: NDArray[np.int8]  # each name's group, by its place in SCALES


def vocabulary(names: Sequence[str], rarity: NDArray[np.float32]) -> Vocabulary:
    """A vocabulary of names in the order given. Raises KeyError for a group that ``SCALES`` lacks."""
    columns: dict[str, dict[str, int]] = {group: {} for group in SCALES}
    for column, name in enumerate(names):
        columns[name[0]][name[2:]] = column
    order = {group: code for code, group in enumerate(SCALES)}
    return Vocabulary(
        tuple(names), rarity, columns, np.array([order[name[0]] for name in names], dtype=np.int8)
    )


@dataclass(frozen=True, slots=True)
class Interest:
    """What was learnt from past days. ``facts`` says from what and when, for readers; see ``expected_file``."""

    vocabulary: Vocabulary
    plain: Line  # does not look at authors
    full: Line  # the vocabulary's columns, then those of TRAITS
    plain_calibration: Calibration
    full_calibration: Calibration
    centre: NDArray[np.float32]  # of the authors' traits where it was learnt
    spread: NDArray[np.float32]
    facts: Mapping[str, str]

    def forecast(
        self, day: Sequence[Record], *, standing: Standing | None = None, reasons: int = 3
    ) -> tuple[Forecast, ...]:
        """A forecast for each paper of one day, in their order.

        Each has at most ``reasons`` words as reasons, and as many others.

        ``standing``: what is known of authors before that day; without it, or where it has seen no listing,
        authors count for nothing and both probabilities are the same.
        """
        rows = day_rows(self.vocabulary, day)
        plain = sigmoid(_calibrated(self.plain_calibration, self.scores(rows)))
        full, line, slope, extra = plain, self.plain, self.plain_calibration.slope, np.zeros(len(day))
        if standing is not None and standing.listings:
            authors = author_rows(day, standing)
            full = sigmoid(_calibrated(self.full_calibration, self.scores(rows, authors)))
            line, slope, extra = self.full, self.full_calibration.slope, self.authors_part(authors)
        told = self._reasons(rows, line.weights, slope, extra, count=reasons) if reasons else [()] * len(day)
        return tuple(map(Forecast, full.tolist(), plain.tolist(), told))

    def scores(self, rows: Rows, authors: NDArray[np.float32] | None = None) -> Floats:
        """Log-odds, not calibrated, of rows made by ``day_rows`` and ``author_rows``."""
        if authors is None:
            return rows.times(self.plain.weights) + self.plain.constant
        words = self.full.weights[: len(self.vocabulary.names)]
        return rows.times(words) + self.full.constant + self.authors_part(authors)

    def authors_part(self, authors: NDArray[np.float32]) -> Floats:
        """How much what is known of the authors adds to the log-odds, held within bounds."""
        weights = self.full.weights[len(self.vocabulary.names) :]
        part = standard(authors, self.centre, self.spread) @ weights
        bound = math.log(AUTHORS_AT_MOST) / self.full_calibration.slope
        held: Floats = np.clip(part, -bound, bound)
        return held

    def _reasons(
        self, rows: Rows, weights: Floats, slope: float, extra: Floats, *, count: int
    ) -> list[tuple[Reason, ...]]:
        """For each row what set it apart from its day: the largest first, ties by text.

        A trait counts by how much it raises the log-odds above the mean of the day, so that what most of
        the day's papers have is no reason; a word counts once, in title and abstract together. Words, of which
        each moves little, have as many places as all else.
        """
        moved = rows.values * weights[rows.columns] * slope
        usual = np.bincount(rows.columns, weights=moved, minlength=rows.width) / max(rows.count, 1)
        above = moved - usual[rows.columns]
        told_of = np.abs(above) >= _FAINT  # most cells are not, and each costs time below
        columns, above = rows.columns[told_of].tolist(), above[told_of].tolist()
        ends = np.searchsorted(rows.rows[told_of], np.arange(rows.count + 1)).tolist()
        told = []
        for row in range(rows.count):
            start, end = ends[row], ends[row + 1]
            sums: dict[tuple[str, str], float] = {}
            for column, by in zip(columns[start:end], above[start:end], strict=True):
                key = _told(self.vocabulary.names[column])
                sums[key] = sums.get(key, 0.0) + by
            sums[AUTHORS, ""] = float(extra[row]) * slope
            best = sorted(sums.items(), key=lambda each: (-each[1], each[0]))
            words = [each for each in best if each[0][0] == WORDS][:count]
            others = [each for each in best if each[0][0] != WORDS][:count]
            kept = sorted(words + others, key=lambda each: (-each[1], each[0]))
            told.append(tuple(Reason(*key, math.exp(by)) for key, by in kept if by > 0))
        return told


def _told(name: str) -> tuple[str, str]:
    """Under which group and text a trait is told: steps of one number together, words wherever they stand."""
    group, text = name[0], name[2:]
    if group in {groups.TITLE, groups.ABSTRACT}:
        return WORDS, text
    if group == groups.PLACE:
        return group, ""
    if group == groups.FORM and text.endswith(" or more"):
        return group, f"the number of {text.split(' ', 1)[1].removesuffix(' or more')}"
    return group, text


def day_rows(vocabulary: Vocabulary, day: Sequence[Record]) -> Rows:
    """The rows of one day's papers: each text group at its length, each other trait as it is."""
    rows: list[int] = []
    columns: list[int] = []
    counts: list[int] = []
    places = groups.places([record.id for record in day])
    for row, (record, place) in enumerate(zip(day, places, strict=True)):
        for group, found in groups.traits(record, place=place).items():
            known = vocabulary.columns[group]
            kept = [(known[text], count) for text, count in found.items() if text in known]
            rows += [row] * len(kept)
            columns += [column for column, _ in kept]
            counts += [count for _, count in kept]
    return weighed(
        vocabulary,
        np.array(rows, dtype=np.int32),
        np.array(columns, dtype=np.int32),
        np.array(counts, dtype=np.float32),
        count=len(day),
    )


def weighed(
    vocabulary: Vocabulary,
    rows: NDArray[np.int32],
    columns: NDArray[np.int32],
    counts: NDArray[np.float32],
    *,
    count: int,
) -> Rows:
    """Counts of traits as a matrix: (1 + log count) times rarity, each text group of unit length, then scaled."""
    scales = np.array(list(SCALES.values()), dtype=np.float32)
    texts = np.array([group in groups.TEXT_GROUPS for group in SCALES])
    codes = vocabulary.codes[columns]
    is_text = texts[codes]
    values = np.where(is_text, (1 + np.log(np.maximum(counts, 1))) * vocabulary.rarity[columns], 1.0)
    places = rows.astype(np.int64) * len(scales) + codes
    lengths = np.sqrt(np.bincount(places, weights=values**2, minlength=count * len(scales)))
    values = np.where(is_text, values / np.maximum(lengths[places], 1e-9), values) * scales[codes]
    return Rows(rows, columns, values.astype(np.float32), count, len(vocabulary.names))


def author_rows(day: Sequence[Record], standing: Standing) -> NDArray[np.float32]:
    """What ``standing`` knows of each paper's authors, shape (len(day), 7)."""
    if not day:
        return np.zeros((0, len(TRAITS)), dtype=np.float32)
    return np.stack([standing.traits([author.key for author in record.authors]) for record in day])


def standard(
    authors: NDArray[np.float32], centre: NDArray[np.float32], spread: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Authors' traits about their usual values, strays held back."""
    found: NDArray[np.float32] = np.clip((authors - centre) / spread, -_STRAY, _STRAY)
    return found * np.float32(AUTHOR_SCALE)


def eligible(record: Record) -> bool:
    """Whether a forecast is made for a paper at all: its first category is in cs, eess or is stat.ML.

    The lists that there are to learn from hardly ever look elsewhere.
    """
    first = record.categories[0] if record.categories else ""
    return first == "stat.ML" or first.partition(".")[0] in {"cs", "eess"}


def _calibrated(calibration: Calibration, scores: Floats) -> Floats:
    return calibration.slope * scores + calibration.shift

"""Learn from past days which papers came onto the list: makes an ``expected.Interest``. Pure, numpy alone.

Listed papers weigh more the more votes they got, so that what ranks highest is what was liked most, and not
merely listed; a slope and a shift learnt on the last fifth of the days, by a line that had not seen them,
turn scores back into probabilities (Platt 1999).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.model import Record
from broadsheet.rank import expected_traits as groups
from broadsheet.rank.expected import (
    SCALES,
    Calibration,
    Interest,
    Vocabulary,
    author_rows,
    standard,
    vocabulary,
    weighed,
)
from broadsheet.rank.expected_authors import Past, Standing
from broadsheet.rank.expected_linear import Floats, Line, Rows, fit_logistic

RIDGE: Final = 2.0
# A trait in fewer papers is not learnt, and of each group only the commonest are.
OFTEN: Final = 10
MOST: Final = 25_000
# Fewer listed papers than this teach nothing that would hold on the next day.
ENOUGH: Final = 100
_KEPT_OUT: Final = 0.2  # of the days, for calibration


@dataclass(frozen=True, slots=True)
class Example:
    """A paper of a past day and what became of it: its last count of votes, None where it was never listed."""

    record: Record
    day: date
    votes: int | None


@dataclass(frozen=True, slots=True)
class Material:
    """Examples in the order of their days, as a matrix: what ``learn`` learns from."""

    vocabulary: Vocabulary
    rows: Rows
    authors: NDArray[np.float32]
    listed: NDArray[np.bool_]
    votes: Floats  # 0 where not listed
    days: NDArray[np.int64]  # ordinals, rising

    def chosen(self, keep: NDArray[np.bool_]) -> Material:
        """Only the examples where ``keep`` holds."""
        return Material(
            self.vocabulary,
            self.rows.chosen(keep),
            self.authors[keep],
            self.listed[keep],
            self.votes[keep],
            self.days[keep],
        )


def learn(
    examples: Iterable[Example],
    past: Iterable[Past],
    *,
    facts: Mapping[str, str],
    progress: Callable[[str], None] = lambda _: None,
) -> Interest:
    """What the examples teach. ``past``: every paper whose authors are to be remembered, listed or not.

    ``progress`` is told what is being done. Raises InputError where fewer than 100 of the examples were
    listed, or all came on one day.
    """
    progress("reading papers")
    material = gathered(examples, past)
    if material.listed.sum() < ENOUGH:
        raise InputError(
            f"{material.listed.sum()} listed papers are too few to learn from; at least {ENOUGH} are needed"
        )
    days = np.unique(material.days)
    if len(days) < 2:
        raise InputError("all papers were announced on one day; at least two days are needed")
    first_kept_out = days[min(len(days) - 1, int(len(days) * (1 - _KEPT_OUT)))]
    earlier = material.chosen(material.days < first_kept_out)
    later = material.chosen(material.days >= first_kept_out)
    centre, spread = earlier.authors.mean(axis=0), np.maximum(earlier.authors.std(axis=0), 1e-6)
    progress("learning from the earlier days")
    draft = _drawn(earlier, centre, spread, facts)
    plain = _kept_word(draft.scores(later.rows), later.listed)
    full = _kept_word(draft.scores(later.rows, later.authors), later.listed)
    progress("learning from all days")
    final = _drawn(material, centre, spread, facts, start=draft)
    return Interest(final.vocabulary, final.plain, final.full, plain, full, centre, spread, dict(facts))


def gathered(examples: Iterable[Example], past: Iterable[Past]) -> Material:
    """The examples as a matrix over the traits that occur often enough among them."""
    ordered = sorted(examples, key=lambda each: (each.day, each.record.id))
    standing = Standing(past)
    numbers: dict[str, dict[str, int]] = {group: {} for group in SCALES}
    names: list[str] = []
    lengths, columns, counts = array("i"), array("i"), array("f")
    authors = [author_rows([], standing)]
    for day, of_day in groupby(ordered, key=lambda each: each.day):
        records = [example.record for example in of_day]
        standing.upto(day)
        authors.append(author_rows(records, standing))
        places = groups.places([record.id for record in records])
        for record, place in zip(records, places, strict=True):
            before = len(columns)
            for group, found in groups.traits(record, place=place).items():
                known = numbers[group]
                for text, count in found.items():
                    number = known.get(text)
                    if number is None:
                        number = known[text] = len(names)
                        names.append(f"{group} {text}")
                    columns.append(number)
                    counts.append(count)
            lengths.append(len(columns) - before)
    kept, cells, new_columns, rarity = _common(names, np.array(columns, dtype=np.int64), len(ordered))
    words = vocabulary(kept, rarity)
    rows = np.repeat(np.arange(len(ordered), dtype=np.int32), np.array(lengths, dtype=np.int64))
    return Material(
        words,
        weighed(
            words, rows[cells], new_columns, np.array(counts, dtype=np.float32)[cells], count=len(ordered)
        ),
        np.concatenate(authors),
        np.array([each.votes is not None for each in ordered], dtype=np.bool_),
        np.array([each.votes or 0 for each in ordered], dtype=np.float64),
        np.array([each.day.toordinal() for each in ordered], dtype=np.int64),
    )


def _common(
    names: Sequence[str], columns: NDArray[np.int64], papers: int
) -> tuple[list[str], NDArray[np.bool_], NDArray[np.int32], NDArray[np.float32]]:
    """The names that stay, which cells are theirs, those cells' new columns, and the names' rarity."""
    often = np.bincount(columns, minlength=len(names))
    stay = often >= OFTEN
    for group in SCALES:
        of_group = np.array([name[0] == group for name in names], dtype=np.bool_) & stay
        numbers = np.flatnonzero(of_group)
        stay[numbers[np.argsort(-often[numbers], kind="stable")[MOST:]]] = False
    cells = stay[columns]
    new = np.cumsum(stay) - 1
    rarity = np.log((1 + papers) / (1 + often[stay])) + 1
    kept = [names[number] for number in np.flatnonzero(stay).tolist()]
    return kept, cells, new[columns[cells]].astype(np.int32), rarity.astype(np.float32)


def importance(listed: NDArray[np.bool_], votes: Floats) -> Floats:
    """What each example counts in the loss: 1, and a listed one 0.5 + log2(2 + votes) / 6."""
    return np.where(listed, 0.5 + np.log2(2 + np.maximum(votes, 0)) / 6, 1.0)


def _drawn(
    material: Material,
    centre: NDArray[np.float32],
    spread: NDArray[np.float32],
    facts: Mapping[str, str],
    *,
    start: Interest | None = None,
) -> Interest:
    """Both lines through the material, not calibrated yet."""
    weights = importance(material.listed, material.votes)
    plain = fit_logistic(
        material.rows,
        material.listed,
        importance=weights,
        ridge=RIDGE,
        start=None if start is None else start.plain,
    )
    full = fit_logistic(
        material.rows.beside(standard(material.authors, centre, spread)),
        material.listed,
        importance=weights,
        ridge=RIDGE,
        start=Line(np.append(plain.weights, np.zeros(material.authors.shape[1])), plain.constant)
        if start is None
        else start.full,
    )
    none = Calibration(1.0, 0.0)
    return Interest(material.vocabulary, plain, full, none, none, centre, spread, dict(facts))


def _kept_word(scores: Floats, listed: NDArray[np.bool_]) -> Calibration:
    """The slope and shift that make scores of papers not learnt from keep their word."""
    count = len(scores)
    cells = np.arange(count, dtype=np.int32)
    column = Rows(cells, np.zeros(count, dtype=np.int32), scores.astype(np.float32), count, 1)
    line = fit_logistic(column, listed, importance=np.ones(count), ridge=1e-6, start=Line(np.ones(1), 0.0))
    # Scores that tell nothing are flattened; turned round they would tell what nobody learnt.
    return Calibration(max(float(line.weights[0]), 0.05), line.constant)

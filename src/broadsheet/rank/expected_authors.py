"""What was known of a paper's authors on its day: how many papers of theirs came onto the list before. Pure.

Names are folded as ``model.author_key`` does, so two people of one name count as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

# What ``Standing.traits`` gives, in this order.
TRAITS: Final = (
    "listed papers of all authors",
    "share listed, best three authors",
    "share listed, all authors",
    "authors with a listed paper",
    "share listed, first author",
    "share listed, last author",
    "papers of an author",
)
# As many papers as an author has in our eyes beyond those we saw, none of them listed: one listing is no rule.
_UNSEEN: Final = 3.0


@dataclass(frozen=True, slots=True)
class Past:
    """A paper's authors and days: when it was announced, and when it came onto the list if it did."""

    authors: tuple[str, ...]  # keys
    announced: date | None
    listed: date | None = None


class Standing:
    """Counts papers and listings by author, from day to day.

    ``upto`` moves forward only, and counts what happened *before* its day: nothing of the day itself,
    of which a morning's forecast cannot know.
    """

    def __init__(self, past: Iterable[Past]) -> None:
        known = list(past)
        self._announced = sorted((p.announced, p.authors) for p in known if p.announced is not None)
        self._listed = sorted((p.listed, p.authors) for p in known if p.listed is not None)
        self._papers: Counter[str] = Counter()
        self._listings: Counter[str] = Counter()
        self._next = [0, 0]

    def upto(self, day: date) -> None:
        """Count in everything before a day."""
        for which, (events, counts) in enumerate(
            ((self._announced, self._papers), (self._listed, self._listings))
        ):
            while self._next[which] < len(events) and events[self._next[which]][0] < day:
                counts.update(events[self._next[which]][1])
                self._next[which] += 1

    @property
    def listings(self) -> int:
        """How many listings are counted in; with none, authors tell nothing."""
        return self._next[1]

    def traits(self, authors: Sequence[str]) -> NDArray[np.float32]:
        """The numbers that ``TRAITS`` names, shape (7,); zeros for a paper without authors."""
        if not authors:
            return np.zeros(len(TRAITS), dtype=np.float32)
        listed = np.array([self._listings[key] for key in authors], dtype=np.float64)
        papers = np.maximum([self._papers[key] for key in authors], listed)
        shares = listed / (papers + _UNSEEN)
        best = np.sort(shares)[::-1][:3]
        return np.array(
            [
                np.log1p(listed.sum()),
                best.mean(),
                shares.mean(),
                (listed > 0).mean(),
                shares[0],
                shares[-1],
                np.log1p(papers.mean()),
            ],
            dtype=np.float32,
        )

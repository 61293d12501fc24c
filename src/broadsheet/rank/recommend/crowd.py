"""How much a paper is like papers of the archive at large: what is near to many is near to any reader's by chance.

Measured is the mean likeness, by words, to the few papers of a sample that are nearest. It is a matter of the paper
alone, so it is worked out once for all readers, when a paper gets its point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from broadsheet.rank.recommend.inverted import Inverted

if TYPE_CHECKING:
    from broadsheet.rank.recommend.space import Points

_NEAREST: Final = 20
_ENOUGH: Final = 300  # papers of a sample: of fewer, the nearest are not near
_AT_ONCE: Final = 50  # papers


@dataclass(frozen=True, slots=True)
class Crowd:
    """A sample of the archive by term; ``row_of`` says which of its papers is which."""

    papers: Inverted
    row_of: Mapping[str, int]
    mean: float = 0.0
    deviation: float = 1.0

    @classmethod
    def of(cls, sample: Points, measured: Points) -> tuple[Self, NDArray[np.float32]]:
        """The crowd of a sample, with the mean and deviation of the ``measured``, and how like it these are.

        Of a small sample, an empty crowd.
        """
        if len(sample) < _ENOUGH:
            sample = sample.take([])
        raw = cls(Inverted.of(sample), {id: row for row, id in enumerate(sample.ids)})
        if not raw.row_of:
            return raw, raw.likeness(measured)
        near = raw._nearness(measured)
        made = replace(raw, mean=float(near.mean()), deviation=float(near.std()) or 1.0)
        return made, _in_deviations(near, measured, of=made)

    def likeness(self, points: Points) -> NDArray[np.float32]:
        """How like the crowd each point is, in standard deviations from the mean; 0 where that is not known."""
        if not self.row_of:
            return np.zeros(len(points), dtype=np.float32)
        return _in_deviations(self._nearness(points), points, of=self)

    def _nearness(self, points: Points) -> NDArray[np.float32]:
        """The mean likeness of each point to those nearest, itself not among them."""
        found = np.zeros(len(points), dtype=np.float32)
        for first in range(0, len(points), _AT_ONCE):
            part = points.take(range(first, min(first + _AT_ONCE, len(points))))
            alike = self.papers.shared(part)
            for n, id in enumerate(part.ids):
                if (row := self.row_of.get(id)) is not None:
                    alike[n, row] = 0
            found[first : first + len(part)] = np.partition(alike, -_NEAREST, axis=1)[:, -_NEAREST:].mean(
                axis=1
            )
        return found


def _in_deviations(nearness: NDArray[np.float32], points: Points, *, of: Crowd) -> NDArray[np.float32]:
    found = (nearness - np.float32(of.mean)) / np.float32(of.deviation)
    found[np.diff(points.starts) == 0] = 0
    return found

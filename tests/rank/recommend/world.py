"""What the tests of recommending share: papers of three kinds, told apart by their words and by their vectors."""

from __future__ import annotations

from dataclasses import dataclass

from broadsheet.rank.recommend import Points, Space

KINDS = ("planets orbiting a distant star", "parsing sentences of many languages", "sorting lists in place")


@dataclass(frozen=True, slots=True)
class World:
    """Papers ``p0`` … ``p89``; paper n is of kind n % 3."""

    space: Space
    points: Points

    def of(self, *numbers: int) -> Points:
        return self.points.take(list(numbers))

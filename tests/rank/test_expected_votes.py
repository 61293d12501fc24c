"""Later votes from early ones: the middle is the middle, the band holds, and votes do not fall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.model import VoteReading
from broadsheet.rank import expected_file
from broadsheet.rank.expected_votes import Pair, first_to_last, learn_growth, misses, pairs

START = datetime(2025, 6, 1, tzinfo=UTC)


def reading(days: float, count: int) -> VoteReading:
    return VoteReading(START + timedelta(days=days), count)


def grown(number: int, *, seed: int) -> list[Pair]:
    """Papers whose votes grow by a log-normal factor, its median 1.5 and its tenths 1.5 · e^±0.385."""
    dice = np.random.default_rng(seed)
    found = []
    for place in range(number):
        early = reading(place / 10, int(dice.integers(20, 200)))
        later = (1 + early.count) * 1.5 * np.exp(0.3 * dice.standard_normal()) - 1
        found.append(Pair(early, 0.0, reading(place / 10 + 3, max(early.count, round(later)))))
    return found


def test_pairs_are_half_a_day_apart_and_know_their_age() -> None:
    found = pairs([reading(2, 9), reading(0, 4), reading(0.1, 5)])
    assert [(p.early.count, p.later.count, round(p.age, 3), round(p.ahead, 3)) for p in found] == [
        (4, 9, 0.0, 2.0),
        (5, 9, 0.1, 1.9),
    ]
    assert first_to_last(found) == found[:1]
    assert pairs([]) == []
    assert first_to_last(pairs([reading(0, 4)])) == []


def test_the_middle_is_the_median_and_the_band_holds_four_in_five() -> None:
    growth = learn_growth(grown(1500, seed=1), facts={})
    told = growth.outlook(reading(0, 99), ahead=3)
    assert told.votes == pytest.approx(150, rel=0.06)
    # Of a log-normal with sigma 0.3, 83 % (what is aimed at) lie within e^±0.41.
    assert told.low == pytest.approx(100, rel=0.12)
    assert told.high == pytest.approx(226, rel=0.12)
    assert misses(growth, grown(1500, seed=2)).held == pytest.approx(0.83, abs=0.04)


def test_votes_are_never_said_to_fall() -> None:
    growth = expected_file.shipped_growth()
    for count in (0, 1, 7, 60, 900):
        for ahead in (0.5, 1, 7, 30):
            told = growth.outlook(reading(0, count), ahead=ahead, age=1)
            assert count <= told.low <= told.votes <= told.high


def test_too_few_pairs_teach_nothing() -> None:
    with pytest.raises(InputError, match="at least 200"):
        learn_growth(grown(10, seed=1), facts={})

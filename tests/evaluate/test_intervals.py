from __future__ import annotations

import numpy as np
import pytest

from broadsheet.evaluate.intervals import bootstrap, compare


def test_interval_of_equal_values_is_a_point() -> None:
    interval = bootstrap([0.25] * 8, seed=1)
    assert (interval.low, interval.mean, interval.high) == (0.25, 0.25, 0.25)


def test_interval_is_near_the_normal_one_for_many_values() -> None:
    values = np.random.default_rng(3).normal(0.5, 0.1, 400)
    interval = bootstrap(values.tolist(), seed=1)
    half = 1.96 * values.std() / 20
    assert interval.low == pytest.approx(values.mean() - half, abs=0.002)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.002)


def test_p_value_is_that_of_the_exact_randomisation_test() -> None:
    # Four differences of one sign: of the 16 sign patterns 2 are as extreme, so p = 1/8.
    difference = compare([1.0, 2.0, 3.0, 4.0], [0.5, 1.0, 2.0, 3.0], seed=5)
    assert difference.p == pytest.approx(1 / 8, abs=0.015)
    assert difference.by.mean == pytest.approx(0.875)


def test_search_compared_with_itself_shows_nothing() -> None:
    difference = compare([0.1, 0.9, 0.4], [0.1, 0.9, 0.4], seed=5)
    assert (difference.by.mean, difference.p) == (0.0, 1.0)


def test_false_alarms_are_as_rare_as_promised() -> None:
    random = np.random.default_rng(11)
    pairs = random.normal(0.5, 0.2, (200, 2, 40))
    alarms = sum(
        compare(a.tolist(), b.tolist(), seed=n, samples=500).p < 0.05 for n, (a, b) in enumerate(pairs)
    )
    assert alarms <= 20  # 10 expected; more than 20 has a chance of one in a thousand


def test_no_values_are_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        bootstrap([], seed=1)

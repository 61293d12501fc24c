"""How sure a mean over queries is, and a difference of two. Knows numbers only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and the bounds between which 95 % of its resamples lie."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better the first is than the second, query by query; ``p`` is two-sided."""

    by: Interval
    p: float


def bootstrap(values: Sequence[float], *, seed: int, samples: int = 10_000) -> Interval:
    """The mean and its 95 % percentile bootstrap interval (Efron 1979)."""
    data = np.asarray(values, dtype=np.float64)
    if not data.size:
        raise ValueError("no values to resample")
    means = _resampled(data, samples=samples, random=np.random.default_rng(seed))
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(data.mean()), float(low), float(high))


def compare(
    first: Sequence[float], second: Sequence[float], *, seed: int, samples: int = 10_000
) -> Difference:
    """The paired difference of two searches over the same queries.

    The interval is a bootstrap over queries; ``p`` is that of Fisher's randomisation test: how often
    as large a difference comes about when each query's two values are swapped at random
    (Smucker, Allan and Carterette 2007, https://doi.org/10.1145/1321440.1321528).
    """
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    random = np.random.default_rng(seed)
    extreme = 0
    for count in _chunks(samples, differences.size):
        signs = random.integers(0, 2, size=(count, differences.size)) * 2 - 1
        means = (signs * differences).mean(axis=1)
        # A hair's width below, so that rounding does not part equal sums.
        extreme += int(np.count_nonzero(np.abs(means) >= abs(differences.mean()) - 1e-12))
    # Counting the arrangement that happened keeps p above zero.
    return Difference(
        bootstrap(differences.tolist(), seed=seed, samples=samples), (extreme + 1) / (samples + 1)
    )


def _resampled(
    data: NDArray[np.float64], *, samples: int, random: np.random.Generator
) -> NDArray[np.float64]:
    return np.concatenate(
        [
            data[random.integers(0, data.size, size=(count, data.size))].mean(axis=1)
            for count in _chunks(samples, data.size)
        ]
    )


def _chunks(samples: int, size: int) -> list[int]:
    """``samples`` in parts of about a million numbers."""
    step = max(1, 1_000_000 // max(size, 1))
    return [min(step, samples - start) for start in range(0, samples, step)]

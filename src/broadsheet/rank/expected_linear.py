"""Fit linear models to sparse rows with numpy alone: weighted logistic loss, ridge, L-BFGS. Pure.

So that whoever gathers votes can fit a model of their own without installing anything.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_MEMORY: Final = 8  # pairs of steps that L-BFGS remembers
_ARMIJO: Final = 1e-4
_HALVINGS: Final = 20


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix of ``count`` rows and ``width`` columns, as its cells in any order."""

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    values: NDArray[np.float32]
    count: int
    width: int

    def times(self, weights: Floats) -> Floats:
        """The matrix times a column of weights: one sum a row."""
        cells = self.values * weights[self.columns]
        sums: Floats = np.bincount(self.rows, weights=cells, minlength=self.count).astype(np.float64)
        return sums

    def times_left(self, factors: Floats) -> Floats:
        """A row of factors times the matrix: one sum a column."""
        cells = self.values * factors[self.rows]
        sums: Floats = np.bincount(self.columns, weights=cells, minlength=self.width).astype(np.float64)
        return sums

    def chosen(self, keep: NDArray[np.bool_]) -> Rows:
        """Only the rows where ``keep`` holds, in their order."""
        numbers = np.cumsum(keep, dtype=np.int32) - 1
        cells = keep[self.rows]
        return Rows(
            numbers[self.rows[cells]].astype(np.int32),
            self.columns[cells],
            self.values[cells],
            int(keep.sum()),
            self.width,
        )

    def beside(self, dense: NDArray[np.float32]) -> Rows:
        """These columns and, to their right, those of a dense matrix with as many rows."""
        count, more = dense.shape
        return Rows(
            np.concatenate([self.rows, np.repeat(np.arange(count, dtype=np.int32), more)]),
            np.concatenate(
                [self.columns, np.tile(np.arange(self.width, self.width + more, dtype=np.int32), count)]
            ),
            np.concatenate([self.values, dense.ravel().astype(np.float32)]),
            self.count,
            self.width + more,
        )


@dataclass(frozen=True, slots=True)
class Line:
    """A linear model: log-odds are ``rows @ weights + constant``."""

    weights: Floats
    constant: float


def fit_logistic(
    rows: Rows,
    hits: NDArray[np.bool_],
    *,
    importance: Floats,
    ridge: float,
    start: Line | None = None,
    steps: int = 150,
) -> Line:
    """The line with the least weighted logistic loss plus ``ridge``/2 times the weights' squared length.

    The constant is not held down. ``start``: where to begin, when something near is known.
    """
    target = hits.astype(np.float64)

    def loss(point: Floats) -> tuple[float, Floats]:
        weights = point[:-1]
        odds = rows.times(weights) + point[-1]
        errors = importance * (sigmoid(odds) - target)
        value = float(importance @ (np.logaddexp(0.0, odds) - target * odds))
        slope = np.append(rows.times_left(errors) + ridge * weights, errors.sum())
        return value + 0.5 * ridge * float(weights @ weights), slope

    begin = np.zeros(rows.width + 1) if start is None else np.append(start.weights, start.constant)
    point = minimise(loss, begin, steps=steps)
    return Line(point[:-1], float(point[-1]))


def minimise(
    loss: Callable[[Floats], tuple[float, Floats]], start: Floats, *, steps: int, tolerance: float = 1e-7
) -> Floats:
    """A point where a smooth convex loss hardly falls any more, by L-BFGS (Liu and Nocedal 1989).

    ``loss`` gives value and gradient. Ends after ``steps`` steps, or when one lowers the loss by less
    than ``tolerance`` of it.
    """
    point, (value, slope) = start, loss(start)
    past: deque[tuple[Floats, Floats]] = deque(maxlen=_MEMORY)
    for _ in range(steps):
        direction = -_turned(slope, past)
        fall = float(direction @ slope)
        if fall >= 0:  # rounding has spoilt what is remembered
            past.clear()
            direction, fall = -slope, -float(slope @ slope)
        length = 1.0 if past else min(1.0, 1.0 / max(float(np.abs(slope).sum()), 1e-12))
        for _ in range(_HALVINGS):
            there = point + length * direction
            new_value, new_slope = loss(there)
            if new_value <= value + _ARMIJO * length * fall:
                break
            length /= 2
        else:
            return point
        moved, turned = there - point, new_slope - slope
        if float(moved @ turned) > 1e-12:
            past.append((moved, turned))
        fell, point, value, slope = value - new_value, there, new_value, new_slope
        if fell <= tolerance * max(abs(value), 1.0):
            break
    return point


def _turned(slope: Floats, past: deque[tuple[Floats, Floats]]) -> Floats:
    """The gradient times the inverse curvature that the remembered steps tell of."""
    q = slope.copy()
    shares = []
    for moved, turned in reversed(past):
        share = float(moved @ q) / float(moved @ turned)
        shares.append(share)
        q -= share * turned
    if past:
        moved, turned = past[-1]
        q *= float(moved @ turned) / float(turned @ turned)
    for (moved, turned), share in zip(past, reversed(shares), strict=True):
        q += (share - float(turned @ q) / float(moved @ turned)) * moved
    return q


def sigmoid(odds: Floats) -> Floats:
    """Log-odds as probabilities, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * odds))

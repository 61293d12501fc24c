"""Lay papers out on a plane so that near ones stay near. Pure, and the same for the same papers.

The two main directions give the start; then every paper is drawn to its nearest neighbours and pushed
away from papers taken at random, with the forces of UMAP (McInnes et al. 2018). Coordinates are moved
all at once, a few dozen times, which numpy does in a fraction of a second for 2,000 papers.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors

Plane = NDArray[np.float32]

_BLOCK: Final = 12  # directions that are looked for to find the first two
_ITERATIONS: Final = 12
_NEIGHBOURS: Final = 10
_ROUNDS: Final = 80
_AWAY: Final = 4  # papers pushed away from, for each and in each round
# UMAP's curve 1 / (1 + a·d^2b) for a least distance of 0.5.
_A: Final = 0.583
_B: Final = 1.334
_STEP: Final = 4.0  # the longest move
_RATE: Final = 0.1
_PUSH: Final = 2.5  # what a paper pushed away from stands for
_EVEN: Final = 0.6  # how far places are moved to where they would be evenly dense, in each direction
# The least distance of two marks: of what a square lattice of them would have, and never more than a mark's size.
_APART: Final = 0.35
_MARK: Final = 0.011
_PARTINGS: Final = 25
_COMPARED: Final = 10
_SEED: Final = 20260302


def lay_out(vectors: Vectors, *, labels: NDArray[np.int64] | None = None, together: float = 0.25) -> Plane:
    """Places (n, 2) of n papers, given as centred unit vectors (n, dim); both directions fill 0…1.

    ``labels``: the topic of each, negative for none; papers of one topic are drawn together by
    ``together`` (0: not at all), so that topics are seen as such.
    """
    n = len(vectors)
    if n < 3:
        return np.array([[0.5, 0.5], [0.75, 0.5]], dtype=np.float32)[:n]
    drawn = vectors if labels is None else _gathered(vectors, labels, together)
    places = _main_directions(drawn)
    sources, targets, weights = _edges(drawn, min(_NEIGHBOURS, n - 1))
    chance = np.random.default_rng(_SEED)
    for turn in range(_ROUNDS):
        step = 1.0 - turn / _ROUNDS
        places += step * _moves(places, sources, targets, weights, chance)
    return _spread(places)


def _gathered(vectors: Vectors, labels: NDArray[np.int64], together: float) -> Vectors:
    moved = vectors.copy()
    for topic in np.unique(labels[labels >= 0]):
        rows = labels == topic
        mean = vectors[rows].mean(axis=0)
        moved[rows] += together * mean / max(float(np.linalg.norm(mean)), 1e-9)
    unit: Vectors = moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-9)
    return unit


def _main_directions(vectors: Vectors) -> Plane:
    """The first two principal components, scaled to a spread of 10, each with its heavier side positive."""
    places = _in_main_directions(vectors - vectors.mean(axis=0))
    places *= np.where((places**3).sum(axis=0) < 0, -1, 1)
    places *= 10 / np.maximum(np.abs(places).max(axis=0), 1e-9)
    # Papers at the very same place would never part.
    places += 1e-3 * np.random.default_rng(_SEED).standard_normal(places.shape)
    start: Plane = places.astype(np.float32)
    return start


def _in_main_directions(moved: Vectors) -> NDArray[np.float64]:
    """Coordinates (n, 2) along the first two principal components of centred vectors, by subspace iteration.

    All components, of which ``numpy.linalg.eigh`` would find these two, take ten times as long. See Halko,
    Martinsson and Tropp (2011), "Finding structure with randomness".
    """
    rows = moved.astype(np.float64)
    width = min(_BLOCK, *rows.shape)
    block = np.random.default_rng(_SEED).standard_normal((rows.shape[1], width))
    for _ in range(_ITERATIONS):
        block, _ = np.linalg.qr(rows.T @ (rows @ block))
    seen = rows @ block
    _, directions = np.linalg.eigh(seen.T @ seen)
    along: NDArray[np.float64] = seen @ directions[:, :-3:-1]
    return along


def _edges(vectors: Vectors, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Vectors]:
    """Who is drawn to whom, and how much: each paper to its k nearest, the nearest most."""
    near = vectors @ vectors.T
    np.fill_diagonal(near, -np.inf)
    nearest = np.argpartition(-near, k - 1, axis=1)[:, :k]
    close = np.take_along_axis(near, nearest, axis=1)
    spread = np.maximum(close.max(axis=1, keepdims=True) - close.mean(axis=1, keepdims=True), 1e-6)
    weights = np.exp((close - close.max(axis=1, keepdims=True)) / spread)
    sources = np.repeat(np.arange(len(vectors)), k)
    return sources, nearest.ravel(), weights.ravel().astype(np.float32)


def _moves(
    places: Plane,
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    weights: Vectors,
    chance: np.random.Generator,
) -> Plane:
    n = len(places)
    apart = places[targets] - places[sources]
    square = np.maximum((apart**2).sum(axis=1), 1e-6)
    pull = weights * 2 * _A * _B * square ** (_B - 1) / (1 + _A * square**_B)
    drawn = np.clip(pull[:, None] * apart, -_STEP, _STEP)
    moves = np.empty_like(places)
    for axis in (0, 1):
        moves[:, axis] = np.bincount(sources, drawn[:, axis], n) - np.bincount(targets, drawn[:, axis], n)
    for _ in range(_AWAY):
        others = chance.permutation(n)
        apart = places - places[others]
        square = (apart**2).sum(axis=1)
        push = 2 * _B / ((0.001 + square) * (1 + _A * square**_B))
        moves += np.clip(push[:, None] * apart, -_STEP, _STEP) * _PUSH
    clipped: Plane = np.clip(_RATE * moves, -_STEP, _STEP)
    return clipped


def _spread(places: Plane) -> Plane:
    """Turned so that the plane is widest across, and drawn apart where papers are many, within 0…1."""
    n = len(places)
    places = places - places.mean(axis=0)
    _, directions = np.linalg.eigh(places.T @ places)
    places = places @ directions[:, ::-1]
    for axis in (0, 1):
        along = places[:, axis]
        even = np.argsort(np.argsort(along, kind="stable"), kind="stable") / (n - 1)
        places[:, axis] = (1 - _EVEN) * _filled(along) + _EVEN * even
    apart = min(_APART / n**0.5, _MARK)
    for _ in range(_PARTINGS):
        places += _parted(places, apart)
    return np.column_stack([_filled(places[:, 0]), _filled(places[:, 1])]).astype(np.float32)


def _filled(along: Plane) -> Plane:
    low = along.min()
    return (along - low) / max(float(along.max() - low), 1e-9)  # type: ignore[no-any-return]


def _parted(places: Plane, apart: float) -> Plane:
    """Half of what is missing between each two papers that are nearer than ``apart``.

    Only papers that follow closely upon each other from left to right or from top to bottom are compared.
    """
    moves = np.zeros_like(places)
    for axis in (0, 1):
        order = np.argsort(places[:, axis], kind="stable")
        for step in range(1, min(_COMPARED, len(order) - 1) + 1):
            one, other = order[:-step], order[step:]
            between = places[other] - places[one]
            distance = np.maximum(np.hypot(between[:, 0], between[:, 1]), 1e-6)
            push = (np.maximum(apart - distance, 0) / distance / 4)[:, None] * between
            moves[one] -= push
            moves[other] += push
    return moves

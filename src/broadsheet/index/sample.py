"""A sample of an encoder's vectors: what all of them have in common, and how crowded a place among them is.

Knows ids and vectors, no files. How crowded a paper's place is takes a few thousand products of vectors and is asked again
with every paper near it, so that it is kept as long as the sample is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isqrt
from typing import Final

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors

_SURROUNDINGS: Final = 10  # nearest of the sample that make up a paper's surroundings
_SAME: Final = 1 - 1e-3  # a paper of the sample finds itself there; that is no surrounding
_KEPT: Final = 20_000  # papers whose surroundings are kept, some four megabytes
_EXACT: Final = 1 << 24  # whole numbers up to here are added up without error as float32
_STEPS: Final = 127


def centred(vectors: Vectors, mean: Vectors) -> Vectors:
    """Unit vectors without what they have in common: less ``mean``, at unit length again; shape (n, dim)."""
    moved = vectors - mean
    moved /= np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), np.float32(1e-9))
    return moved


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A few thousand of an encoder's vectors, evenly from the whole and always the same; all where there are fewer.

    ``mean`` is theirs, shape (dim,). Safe to share between threads.
    """

    mean: Vectors
    _centred: Vectors  # in whole numbers
    _lengths: Vectors
    _surroundings: dict[PaperId, float] = field(default_factory=dict)

    @classmethod
    def of(cls, vectors: Vectors) -> Sample:
        """What is kept of vectors of shape (n, dim)."""
        mean = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], dtype=np.float32)
        return cls(mean, *_in_whole_numbers(centred(vectors, mean)))

    def surroundings(self, ids: Sequence[PaperId], rows: Vectors) -> Vectors:
        """How close each paper is on average to those of the sample nearest to it, itself not among them; shape (n,).

        ``rows`` are the papers' vectors, ``centred`` by the sample's mean. Of an empty sample nobody must ask.
        """
        known = [self._surroundings.get(id) for id in ids]
        lacking = [row for row, value in enumerate(known) if value is None]
        if lacking:
            found = self._surrounding(rows[lacking]).tolist()
            for row, value in zip(lacking, found, strict=True):
                known[row] = value
            if len(self._surroundings) > _KEPT:
                self._surroundings.clear()
            self._surroundings.update(zip((ids[row] for row in lacking), found, strict=True))
        return np.array(known, dtype=np.float32)

    def _surrounding(self, rows: Vectors) -> Vectors:
        # Sums of whole numbers are exact: what is kept does not depend on what else was asked with it.
        codes, lengths = _in_whole_numbers(rows)
        around = codes @ self._centred.T
        around /= lengths[:, None]
        around /= self._lengths
        around[around > _SAME] = -1.0
        others = max(0, around.shape[1] - _SURROUNDINGS)
        around.partition(others, axis=1)
        mean: Vectors = np.sort(around[:, others:], axis=1).mean(axis=1)
        return mean


def _in_whole_numbers(rows: Vectors) -> tuple[Vectors, Vectors]:
    """Which way each row points in whole numbers so small that products of two rows are exact, and how long these are."""
    steps = min(_STEPS, isqrt(_EXACT // max(1, rows.shape[1])))
    peaks = np.maximum(np.abs(rows).max(axis=1, keepdims=True, initial=0.0), np.float32(1e-12))
    codes: Vectors = np.rint(rows * (np.float32(steps) / peaks))
    return codes, np.maximum(np.sqrt(np.einsum("nd,nd->n", codes, codes)), np.float32(1e-9))

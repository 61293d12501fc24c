"""Vectors of one encoder, for reading: a first pass over bits, then exact scores. Knows no words and no ids.

The first pass compares, for every paper, the signs of twice as many random directions as the
vectors are long (random hyperplanes: Charikar 2002, "Similarity estimation techniques from rounding
algorithms") by counting differing bits; the nearest few thousand are scored from memory-mapped codes
of 8 bits a dimension. Over 96,000 papers this finds .998 of the true ten nearest in 2 ms of one core
and 6 MB of memory. Where few papers may appear, only they are scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import StaleIndexError
from broadsheet.index.contract import Vectors
from broadsheet.index.files import WAY_OUT, load
from broadsheet.index.manifest import VectorPart
from broadsheet.index.papers import Standing
from broadsheet.index.parts import present
from broadsheet.index.sample import Sample

Rows = NDArray[np.int8] | NDArray[np.float16]
Bits = NDArray[np.uint64]  # (words, rows): one row's bits stand in a column, which is what scans fast

# How many papers the first pass passes on, at least; how many of them per paper asked for; and one in how
# many of all. At a million papers 2000 hold .980 of the true ten nearest, one in 200 .995.
_PASSED: Final = 2000
_PASSED_EACH: Final = 8
_PASSED_OF: Final = 200
# Up to so many papers are scored exactly without a first pass.
_FEW: Final = 4096
# Rows compared at a time: their intermediate results stay in the cache.
_BLOCK: Final = 1 << 15
_SAMPLE: Final = 2048
_KINDS: Final = ("|i1", "<f2")
_FAR: Final = np.iinfo(np.uint16).max


def rotation(dim: int, *, seed: int = 0) -> Vectors:
    """Random directions for vectors of ``dim``, shape (dim, bits), bits a multiple of 64 near 2 · dim.

    They come in orthogonal bases, which estimates angles better than independent ones
    (Ji et al. 2012, "Super-bit locality-sensitive hashing").
    """
    random = np.random.RandomState(seed)  # its stream is frozen, the newer generator's is not
    bits = -(-2 * dim // 64) * 64
    bases = [np.linalg.qr(random.standard_normal((dim, dim)))[0] for _ in range(-(-bits // dim))]
    return np.ascontiguousarray(np.concatenate(bases, axis=1)[:, :bits].astype(np.float32))


def to_bits(vectors: Vectors, directions: Vectors) -> Bits:
    """On which side of each direction each vector lies, shape (bits / 64, len(vectors))."""
    sides = np.packbits(vectors @ directions > 0, axis=1)
    return np.ascontiguousarray(sides.view(np.uint64).T)


@dataclass(frozen=True, slots=True)
class Part:
    """Some vectors: whose they are, the rows of shape (rows, dim), and their bits.

    Rows are codes of 8 bits; float16 where an earlier make wrote them. Either way a row says where its
    vector points, and vectors are of unit length.
    """

    keys: NDArray[Any]
    vectors: Rows
    bits: Bits


def to_codes(vectors: Rows | Vectors) -> NDArray[np.int8]:
    """Each vector in whole numbers from -127 to 127; which way it points is all that is kept.

    Cosines change by .006 at most, .0005 on average; nDCG@10 of SciFact and npl_vaswani by less than .002.
    """
    codes = np.empty(vectors.shape, dtype=np.int8)
    for start in range(0, len(vectors), _BLOCK):
        rows = vectors[start : start + _BLOCK].astype(np.float32)
        peaks = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
        rows *= np.float32(127) / np.maximum(peaks, np.float32(1e-12))
        codes[start : start + _BLOCK] = np.rint(rows, out=rows)
    return codes


def opened(directory: Path, stated: VectorPart, *, dim: int) -> Part:
    """A part as it lies in an index directory. Raises StaleIndexError where it is damaged."""
    part = Part(
        load(directory, stated.keys),
        load(directory, stated.vectors, verify=False),
        load(directory, stated.bits, verify=False),
    )
    got = (part.vectors.dtype.str, part.vectors.shape, part.bits.dtype.str, part.bits.shape[1:])
    if got not in [(kind, (stated.rows, dim), "<u8", (stated.rows,)) for kind in _KINDS]:
        raise StaleIndexError(f"the search index is damaged: {stated.vectors.name} does not fit; {WAY_OUT}")
    return part


def merged(parts: Sequence[Part], papers: Standing) -> Part:
    """Several parts as one, without the rows that are of no use any more."""
    kept = present([part.keys for part in parts], papers)
    return Part(
        np.concatenate([part.keys for part in parts])[kept],
        np.concatenate([_coded(part.vectors) for part in parts])[kept],
        np.ascontiguousarray(np.concatenate([part.bits for part in parts], axis=1)[:, kept]),
    )


def _coded(rows: Rows) -> NDArray[np.int8]:
    return rows if rows.dtype == np.int8 else to_codes(rows)  # type: ignore[return-value]


def _lengths(rows: Vectors) -> Vectors:
    """How long each row is; where all is zero, as good as one."""
    lengths: Vectors = np.sqrt(np.einsum("nd,nd->n", rows, rows))
    lengths[lengths == 0] = 1
    return lengths


class VectorsReader:
    """The vectors of one encoder in one generation. Safe to share between threads."""

    def __init__(self, parts: Sequence[Part], papers: Standing, directions: Vectors) -> None:
        self._parts = parts
        self._starts = np.cumsum([0, *(len(part.keys) for part in parts)])
        self._directions = directions
        self._present = present([part.keys for part in parts], papers)
        joined = np.concatenate([part.keys["ordinal"] for part in parts]) if parts else np.zeros(0)
        self._ordinals = joined.astype(np.int64)
        self._row_of = np.full(papers.size, -1, dtype=np.int64)
        places = np.flatnonzero(self._present)
        self._row_of[self._ordinals[places]] = places

    def __len__(self) -> int:
        return int(self._present.sum())

    def nearest(
        self, query: Vectors, *, k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], Vectors]:
        """Ordinals and cosines of at least the k nearest papers among those allowed, in no order."""
        rows = self._present if allowed is None else self._present & allowed[self._ordinals]
        passed = max(_PASSED, _PASSED_EACH * k, len(rows) // _PASSED_OF)
        if np.count_nonzero(rows) > max(_FEW, passed):
            places = self._first_pass(query, rows, passed)
        else:
            places = np.flatnonzero(rows)
        # Not by BLAS: for so little its threads cost more than they bring, tenfold on a busy machine.
        near = self._gather(places)
        scores = np.einsum("nd,d->n", near, query) / _lengths(near)
        if len(places) > k:
            # Ties with the k-th are passed on too: the caller breaks them.
            kth = np.partition(scores, len(scores) - k)[len(scores) - k]
            chosen = scores >= kth
            places, scores = places[chosen], scores[chosen]
        return self._ordinals[places], scores

    def of(self, ordinals: NDArray[np.int64]) -> tuple[NDArray[np.bool_], Vectors]:
        """Which of these ordinals have a vector, and the vectors of those."""
        known = (ordinals >= 0) & (ordinals < len(self._row_of))
        rows = np.full(len(ordinals), -1, dtype=np.int64)
        rows[known] = self._row_of[ordinals[known]]
        have = rows >= 0
        return have, self._units(rows[have])

    @cached_property
    def sample(self) -> Sample:
        """A few thousand of the vectors, evenly from the whole."""
        rows = np.flatnonzero(self._present)
        return Sample.of(self._units(rows[:: -(-len(rows) // _SAMPLE) or 1]))

    @cached_property
    def _bits(self) -> Bits:
        return np.concatenate([part.bits for part in self._parts], axis=1)

    def _first_pass(self, query: Vectors, rows: NDArray[np.bool_], passed: int) -> NDArray[np.int64]:
        """The rows whose bits differ least from the query's."""
        bits = self._bits
        asked = np.packbits(np.einsum("d,db->b", query, self._directions) > 0).view(np.uint64)
        differing = np.empty(bits.shape[1], dtype=np.uint16)
        for start in range(0, bits.shape[1], _BLOCK):
            block = bits[:, start : start + _BLOCK]
            total = differing[start : start + _BLOCK]
            total[:] = np.bitwise_count(block[0] ^ asked[0])
            for word, wanted in zip(block[1:], asked[1:], strict=True):
                total += np.bitwise_count(word ^ wanted)
        differing[~rows] = _FAR
        # Numbers of 16 bits are parted many times faster by themselves than with their places.
        bound = np.partition(differing, passed)[passed]
        nearer = np.flatnonzero(differing < bound)
        level = np.flatnonzero(differing == bound)[: 2 * passed - len(nearer)]
        return np.sort(np.concatenate((nearer, level)))

    def _units(self, rows: NDArray[np.int64]) -> Vectors:
        """The unit vectors of rows in order."""
        gathered = self._gather(rows)
        gathered /= _lengths(gathered)[:, None]
        return gathered

    def _gather(self, rows: NDArray[np.int64]) -> Vectors:
        """What is kept of rows in order, as float32."""
        gathered = np.empty((len(rows), self._directions.shape[0]), dtype=np.float32)
        homes = np.searchsorted(self._starts, rows, side="right") - 1
        for home in np.unique(homes):
            chosen = homes == home
            gathered[chosen] = self._parts[home].vectors[rows[chosen] - self._starts[home]]
        return gathered

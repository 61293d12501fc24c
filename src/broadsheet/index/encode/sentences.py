"""Vectors of a paper's sentences, small enough to keep for every paper. Knows papers and encoders, no files.

A claim, a method, a result is mostly one sentence of an abstract, which the vector of the whole blurs. So
the title and each sentence are encoded on their own and kept with two bits a dimension: which quarter
of the usual range a value lies in. That loses nothing in ranking (docs/design/ranking.md).

A paper's sentences are rows of 1 + dim / 4 bytes (rounded up): what the sentence is (``ASPECTS``), then four
dimensions a byte, the first in the lowest bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Encoder, Vectors
from broadsheet.model import Aspect, Paper

# What a sentence is, by its number in the first byte of a row; None: the title.
ASPECTS: Final[tuple[Aspect | None, ...]] = (None, Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT, Aspect.OTHER)

_NUMBERS: Final = {aspect: number for number, aspect in enumerate(ASPECTS)}

# Width of a quarter, in standard deviations of a dimension of random unit vectors: 1 / sqrt(dim).
_STEP: Final = 1.1

# For each byte, the four values it holds, in steps.
_VALUES: Final = ((np.arange(256)[:, None] >> np.array([0, 2, 4, 6])) & 3).astype(np.float32) - 1.5


def name_of(encoder: Encoder) -> str:
    """The name of its sentences among a paper's details."""
    return f"{encoder.name}/sentences"


def texts_of(paper: Paper) -> list[str]:
    """What is encoded of a paper: its title, then each sentence of its abstract."""
    return [paper.title, *(paper.abstract[s.start : s.end] for s in paper.derived.sentences)]


def encode(encoder: Encoder, papers: Sequence[Paper]) -> list[bytes]:
    """The sentences of each paper. Raises what the encoder raises."""
    return pack(papers, encoder.encode([text for paper in papers for text in texts_of(paper)]))


def pack(papers: Sequence[Paper], vectors: Vectors) -> list[bytes]:
    """The sentences of each paper; the vectors are those of all papers' ``texts_of``, one after the other."""
    kinds = [(None, *(sentence.aspect for sentence in paper.derived.sentences)) for paper in papers]
    count, dim = vectors.shape
    rows = np.empty((count, _width(dim)), dtype=np.uint8)
    rows[:, 0] = [_NUMBERS[kind] for each in kinds for kind in each]
    quarters = np.zeros((count, 4 * (_width(dim) - 1)), dtype=np.uint8)
    quarters[:, :dim] = np.clip(np.floor(vectors * (dim**0.5 / _STEP)), -2, 1) + 2
    first, second, third, fourth = (quarters[:, n::4] for n in range(4))
    rows[:, 1:] = first | second << 2 | third << 4 | fourth << 6
    ends = accumulate(len(each) for each in kinds)
    return [rows[end - len(each) : end].tobytes() for each, end in zip(kinds, ends, strict=True)]


def decode(
    details: Sequence[NDArray[np.uint8]], *, dim: int
) -> tuple[Vectors, NDArray[np.int64], NDArray[np.uint8]]:
    """Unit vectors (m, dim) of all papers' sentences, where each paper begins (n + 1), and what each is."""
    rows, starts = _rows(details, dim)
    vectors = _values(rows, dim)
    vectors *= (1 / np.sqrt(np.einsum("nd,nd->n", vectors, vectors)))[:, None]
    return vectors, starts, rows[:, 0]


def similarities(details: Sequence[NDArray[np.uint8]], query: Vectors) -> tuple[Vectors, NDArray[np.int64]]:
    """The cosine of each sentence (m,) with a unit vector (dim,), and where each paper begins (n + 1)."""
    rows, starts = _rows(details, len(query))
    vectors = _values(rows, len(query))
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    cosines: Vectors = np.einsum("nd,d->n", vectors, query) / lengths
    return cosines, starts


def _rows(details: Sequence[NDArray[np.uint8]], dim: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    width = _width(dim)
    joined = np.concatenate(details) if details else np.zeros(0, dtype=np.uint8)
    starts = np.zeros(len(details) + 1, dtype=np.int64)
    np.cumsum([len(each) // width for each in details], out=starts[1:])
    return joined.reshape(-1, width), starts


def _values(rows: NDArray[np.uint8], dim: int) -> Vectors:
    # Never of length 0: no value is.
    values: Vectors = _VALUES.take(rows[:, 1:], axis=0).reshape(len(rows), 4 * (_width(dim) - 1))
    return values[:, :dim]


def _width(dim: int) -> int:
    return 1 + -(-dim // 4)

"""Vectors of a paper's sentences, small enough to keep for every paper. Knows papers and encoders, no files.

A claim, a method, a result is mostly one sentence of an abstract, which the vector of the whole blurs. So
the title and each sentence are encoded on their own and kept with one bit a dimension: its sign. What is
compared with them is kept as it is, so that this loses nothing in ranking (docs/design/ranking.md).

A paper's sentences are rows of 1 + dim / 8 bytes (rounded up): what the sentence is (``ASPECTS``), then eight
dimensions a byte, the first in the lowest bit.
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

# For each byte, the eight signs it holds.
_SIGNS: Final = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(np.float32) * 2 - 1


def name_of(encoder: Encoder) -> str:
    """The name of its sentences among a paper's details."""
    return f"{encoder.name}/sentence signs"


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
    rows[:, 1:] = np.packbits(vectors >= 0, axis=1, bitorder="little")
    ends = accumulate(len(each) for each in kinds)
    return [rows[end - len(each) : end].tobytes() for each, end in zip(kinds, ends, strict=True)]


def decode(
    details: Sequence[NDArray[np.uint8]], *, dim: int
) -> tuple[Vectors, NDArray[np.int64], NDArray[np.uint8]]:
    """Unit vectors (m, dim) of all papers' sentences, where each paper begins (n + 1), and what each is."""
    rows, starts = _rows(details, dim)
    vectors = _signs(rows, dim)
    vectors *= dim**-0.5
    return vectors, starts, rows[:, 0]


def similarities(details: Sequence[NDArray[np.uint8]], query: Vectors) -> tuple[Vectors, NDArray[np.int64]]:
    """The cosine of each sentence (m,) with a unit vector (dim,), and where each paper begins (n + 1)."""
    rows, starts = _rows(details, len(query))
    cosines: Vectors = np.einsum("nd,d->n", _signs(rows, len(query)), query) * np.float32(len(query) ** -0.5)
    return cosines, starts


def _rows(details: Sequence[NDArray[np.uint8]], dim: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    width = _width(dim)
    joined = np.concatenate(details) if details else np.zeros(0, dtype=np.uint8)
    starts = np.zeros(len(details) + 1, dtype=np.int64)
    np.cumsum([len(each) // width for each in details], out=starts[1:])
    return joined.reshape(-1, width), starts


def _signs(rows: NDArray[np.uint8], dim: int) -> Vectors:
    signs: Vectors = _SIGNS.take(rows[:, 1:], axis=0).reshape(len(rows), 8 * (_width(dim) - 1))
    return signs[:, :dim]


def _width(dim: int) -> int:
    return 1 + -(-dim // 8)

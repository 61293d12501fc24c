"""Vectors of a paper's sentences, small enough to keep for every paper. Knows papers and encoders, no files.

A claim, a method, a result is mostly one sentence of an abstract, which the vector of the whole blurs. So
the title and each sentence are encoded on their own and kept with two bits a dimension: which quarter
of the usual range a value lies in. Of an encoder that knows its axes (``contract.AxesEncoder``) only those are
kept, the fine ones with two bits and the coarse ones with their sign. That loses next to nothing in ranking
(docs/design/ranking.md).

A paper's sentences are rows of bytes: what the sentence is (``ASPECTS``), then four dimensions a byte, then
eight signs a byte, the first in the lowest bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Axes, AxesEncoder, Encoder, Vectors
from broadsheet.model import Aspect, Paper

# What a sentence is, by its number in the first byte of a row; None: the title.
ASPECTS: Final[tuple[Aspect | None, ...]] = (None, Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT, Aspect.OTHER)

_NUMBERS: Final = {aspect: number for number, aspect in enumerate(ASPECTS)}

# Width of a quarter, and what a sign stands for, in standard deviations of a dimension: the best for normally
# distributed values (Max 1960).
_STEP: Final = 1.1
_SIGN: Final = (2 / np.pi) ** 0.5

# For each byte, the four values or the eight signs it holds.
_QUARTERS: Final = ((np.arange(256)[:, None] >> np.array([0, 2, 4, 6])) & 3).astype(np.float32) - 1.5
_SIGNS: Final = ((np.arange(256)[:, None] >> np.arange(8)) & 1).astype(np.float32) * 2 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """How an encoder's sentences are kept: so many dimensions with two bits and so many with one.

    ``widths`` are the standard deviations of a value of the former and of the latter.
    """

    fine: int
    coarse: int
    widths: tuple[float, float]
    axes: Axes | None = None

    @property
    def dim(self) -> int:
        """How long the decoded vectors are."""
        return self.fine + self.coarse

    @property
    def row(self) -> int:
        """How many bytes a sentence takes."""
        return 1 + self._fine_bytes + -(-self.coarse // 8)

    def turned(self, vectors: Vectors) -> Vectors:
        """Vectors of the encoder as they lie along its axes: what decoded ones are to be compared with."""
        return vectors if self.axes is None else vectors @ self.axes.directions

    def packed(self, vectors: Vectors) -> NDArray[np.uint8]:
        """Each vector in ``row`` bytes, the first of them 0."""
        along = self.turned(vectors)
        rows = np.zeros((len(along), self.row), dtype=np.uint8)
        quarters = np.zeros((len(along), 4 * self._fine_bytes), dtype=np.uint8)
        quarters[:, : self.fine] = (
            np.clip(np.floor(along[:, : self.fine] / (_STEP * self.widths[0])), -2, 1) + 2
        )
        first, second, third, fourth = (quarters[:, n::4] for n in range(4))
        rows[:, 1 : 1 + self._fine_bytes] = first | second << 2 | third << 4 | fourth << 6
        rows[:, 1 + self._fine_bytes :] = np.packbits(along[:, self.fine :] >= 0, axis=1, bitorder="little")
        return rows

    def values(self, rows: NDArray[np.uint8]) -> Vectors:
        """What is left of each vector, shape (n, dim), not of unit length; never of length 0."""
        values = np.empty((len(rows), self.dim), dtype=np.float32)
        split = 1 + self._fine_bytes
        quarters = _QUARTERS.take(rows[:, 1:split], axis=0).reshape(len(rows), 4 * self._fine_bytes)
        np.multiply(quarters[:, : self.fine], _STEP * self.widths[0], out=values[:, : self.fine])
        if self.coarse:
            signs = _SIGNS.take(rows[:, split:], axis=0).reshape(len(rows), 8 * (self.row - split))
            np.multiply(signs[:, : self.coarse], _SIGN * self.widths[1], out=values[:, self.fine :])
        return values

    @property
    def _fine_bytes(self) -> int:
        return -(-self.fine // 4)


def plain(dim: int) -> Code:
    """Two bits for each of so many dimensions."""
    return Code(fine=dim, coarse=0, widths=(dim**-0.5, 0.0))


def code_of(encoder: Encoder) -> Code:
    """How its sentences are kept."""
    if not isinstance(encoder, AxesEncoder):
        return plain(encoder.dim)
    axes = encoder.axes()
    return Code(axes.fine, axes.directions.shape[1] - axes.fine, axes.widths, axes)


def name_of(encoder: Encoder) -> str:
    """The name of its sentences among a paper's details."""
    name = f"{encoder.name}/sentences"
    return f"{name} {encoder.axes().name}" if isinstance(encoder, AxesEncoder) else name


def texts_of(paper: Paper) -> list[str]:
    """What is encoded of a paper: its title, then each sentence of its abstract."""
    return [paper.title, *(paper.abstract[s.start : s.end] for s in paper.derived.sentences)]


def encode(encoder: Encoder, papers: Sequence[Paper]) -> list[bytes]:
    """The sentences of each paper. Raises what the encoder raises."""
    vectors = encoder.encode([text for paper in papers for text in texts_of(paper)])
    return pack(papers, vectors, code=code_of(encoder))


def pack(papers: Sequence[Paper], vectors: Vectors, *, code: Code) -> list[bytes]:
    """The sentences of each paper; the vectors are those of all papers' ``texts_of``, one after the other."""
    kinds = [(None, *(sentence.aspect for sentence in paper.derived.sentences)) for paper in papers]
    rows = code.packed(vectors)
    rows[:, 0] = [_NUMBERS[kind] for each in kinds for kind in each]
    ends = accumulate(len(each) for each in kinds)
    return [rows[end - len(each) : end].tobytes() for each, end in zip(kinds, ends, strict=True)]


def decode(
    details: Sequence[NDArray[np.uint8]], *, code: Code
) -> tuple[Vectors, NDArray[np.int64], NDArray[np.uint8]]:
    """Unit vectors (m, code.dim) of all papers' sentences, where each paper begins (n + 1), and what each is.

    They lie along the axes, so compare them with each other or with what is ``turned``.
    """
    rows, starts = _rows(details, code)
    vectors = code.values(rows)
    vectors *= (1 / np.sqrt(np.einsum("nd,nd->n", vectors, vectors)))[:, None]
    return vectors, starts, rows[:, 0]


def similarities(
    details: Sequence[NDArray[np.uint8]], query: Vectors, *, code: Code
) -> tuple[Vectors, NDArray[np.int64]]:
    """The cosine of each sentence (m,) with an encoder's unit vector, and where each paper begins (n + 1)."""
    rows, starts = _rows(details, code)
    vectors = code.values(rows)
    lengths = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    cosines: Vectors = np.einsum("nd,d->n", vectors, code.turned(query)) / lengths
    return cosines, starts


def _rows(details: Sequence[NDArray[np.uint8]], code: Code) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    width = code.row
    joined = np.concatenate(details) if details else np.zeros(0, dtype=np.uint8)
    starts = np.zeros(len(details) + 1, dtype=np.int64)
    np.cumsum([len(each) // width for each in details], out=starts[1:])
    return joined.reshape(-1, width), starts

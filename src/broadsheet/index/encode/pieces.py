"""The numbers of a paper's word pieces, small enough to keep for every paper. Knows neither papers nor files.

Ascending numbers are kept as the gaps between them, a byte each; 255 says that the gap goes on in the
next byte. Three quarters of what the numbers themselves would take.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Pieces = NDArray[np.uint16]  # the numbers of a text's word pieces, each once, ascending

_ON: Final = 255


def pack(pieces: Sequence[Pieces]) -> list[bytes]:
    """The pieces of each paper as bytes."""
    packed = []
    for numbers in pieces:
        more, rest = np.divmod(np.diff(numbers.astype(np.int64), prepend=0), _ON)
        found = np.full(len(numbers) + int(more.sum()), _ON, dtype=np.uint8)
        found[np.cumsum(more + 1) - 1] = rest
        packed.append(found.tobytes())
    return packed


def unpack(packed: Sequence[NDArray[np.uint8]]) -> list[Pieces]:
    """The pieces of each paper. Damaged bytes give wrong numbers, but never raise."""
    if not packed:
        return []
    joined = np.concatenate(packed)
    ends = np.cumsum([len(each) for each in packed])
    # What was added up before a paper begins is taken off again.
    sums = np.concatenate([[0], np.cumsum(joined, dtype=np.int64)])
    lasts = np.concatenate([[0], np.cumsum(joined != _ON)])
    places = np.flatnonzero(joined != _ON)
    counts = np.diff(lasts[ends], prepend=0)
    before = np.repeat(sums[np.concatenate([[0], ends[:-1]])], counts)
    return np.split((sums[places + 1] - before).astype(np.uint16), np.cumsum(counts)[:-1])

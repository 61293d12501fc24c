"""What all parts of an index have in common: whose rows they hold, and when small ones are merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.papers import Standing

# A part is merged with those after it while it is less than so many times larger: the number of
# parts grows with the logarithm of their rows, and so does how often a row is written again.
_GROWTH: Final = 4


def first_to_merge(rows: Sequence[int]) -> int:
    """From which part on parts of so many rows are to be made one; the last one's place: none.

    >>> first_to_merge([1000, 30, 10, 5])
    1
    """
    place = len(rows) - 1
    total = rows[-1]
    while place > 0 and rows[place - 1] < _GROWTH * total:
        place -= 1
        total += rows[place]
    return place


def keys(ordinals: Sequence[int], digests: Sequence[int]) -> NDArray[Any]:
    """Whose rows a part holds, and made of which text."""
    table = np.empty(len(ordinals), dtype=[("ordinal", "<u4"), ("digest", "<u8")])
    table["ordinal"] = ordinals
    table["digest"] = digests
    return table


def present(tables: Sequence[NDArray[Any]], papers: Standing) -> NDArray[np.bool_]:
    """Which rows of all parts, one after the other, were made of a paper's present text."""
    table = np.concatenate(tables) if tables else keys([], [])
    ordinals = table["ordinal"].astype(np.int64)
    known = ordinals < papers.size
    rows = np.zeros(len(table), dtype=np.bool_)
    rows[known] = papers.here[ordinals[known]] & (papers.digests[ordinals[known]] == table["digest"][known])
    # Should one have been made twice, the later row counts.
    row_of = np.full(papers.size, -1, dtype=np.int64)
    places = np.flatnonzero(rows)
    row_of[ordinals[places]] = places
    rows[places] = row_of[ordinals[places]] == places
    return rows

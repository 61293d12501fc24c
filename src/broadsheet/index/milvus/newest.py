"""The newest papers, of an engine that gives no order by a number. Knows neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.index.milvus.engine import Row
from broadsheet.index.papers import from_key

_LAST_DAY: Final = 1 << 22  # no paper is so young


def newest(
    count: Callable[[str], int], rows: Callable[[str], Sequence[Row]], *, k: int
) -> tuple[PaperId, ...]:
    """The k newest papers, ties by id.

    The day from which on there are as many is looked for by halving. ``count`` and ``rows`` are given a
    further condition; rows have ``key`` and ``day``.
    """
    if k <= 0:
        return ()
    low, high = 0, _LAST_DAY
    if count("") > k:
        while high - low > 1:
            middle = (low + high) // 2
            if count(f"day >= {middle}") >= k:
                low = middle
            else:
                high = middle
    found = sorted((-int(row["day"]), from_key(row["key"].encode())) for row in rows(f"day >= {low}"))
    return tuple(id for _, id in found[:k])

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from broadsheet.index.encode.pieces import pack, unpack

numbers = st.lists(st.sets(st.integers(0, 30521)).map(sorted), max_size=6)


def as_arrays(packed: list[bytes]) -> list[NDArray[np.uint8]]:
    return [np.frombuffer(each, dtype=np.uint8) for each in packed]


def test_gaps_take_a_byte_each_and_long_ones_go_on() -> None:
    # 7; then 7 + 254; then 261 + 255, which is one whole byte and nothing; then 516 + 600 = 255 + 255 + 90.
    (packed,) = pack([np.array([7, 261, 516, 1116], dtype=np.uint16)])
    assert list(packed) == [7, 254, 255, 0, 255, 255, 90]


@given(numbers)
def test_pieces_come_back_as_they_were(papers: list[list[int]]) -> None:
    packed = pack([np.array(each, dtype=np.uint16) for each in papers])
    assert [each.tolist() for each in unpack(as_arrays(packed))] == papers


@given(st.lists(st.binary(max_size=40), max_size=4))
def test_damaged_bytes_are_no_more_than_wrong_numbers(packed: list[bytes]) -> None:
    assert len(unpack(as_arrays(packed))) == len(packed)

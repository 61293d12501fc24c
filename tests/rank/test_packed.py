from __future__ import annotations

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.rank import packed

NUMBERS = np.arange(300, dtype=np.float32)
DATA = packed.pack("form-1", {"made": "2026-11-28"}, names=["Zürich", "Ω"], numbers=NUMBERS)


def read(data: bytes) -> tuple[dict[str, str], list[str], list[float]]:
    with packed.unpacked(data, form="form-1", name="x", what="a file of numbers") as file:
        return dict(file.facts), file.lines("names"), file["numbers"].tolist()


WHOLE = ({"made": "2026-11-28"}, ["Zürich", "Ω"], NUMBERS.tolist())


def test_what_was_packed_is_read_and_packs_to_the_same_bytes() -> None:
    assert read(DATA) == WHOLE
    assert packed.pack("form-1", {"made": "2026-11-28"}, names=["Zürich", "Ω"], numbers=NUMBERS) == DATA


def test_another_form_is_refused_by_name() -> None:
    with pytest.raises(
        InputError, match="x: a file of numbers of the form 'form-0'; this version reads 'form-1'"
    ):
        read(packed.pack("form-0", {}, names=[], numbers=NUMBERS))


def test_a_byte_that_changed_is_refused_or_changes_nothing() -> None:
    refused = 0
    for place in range(len(DATA)):
        damaged = DATA[:place] + bytes([DATA[place] ^ 0xFF]) + DATA[place + 1 :]
        try:
            found = read(damaged)
        except InputError:
            refused += 1
        else:
            assert found == WHOLE
    assert refused > len(DATA) // 2


def test_a_file_that_is_cut_short_is_refused() -> None:
    for length in range(0, len(DATA), 7):
        with pytest.raises(InputError, match="x: not a file of numbers"):
            read(DATA[:length])

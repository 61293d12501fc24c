from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from broadsheet.evaluate import collections
from broadsheet.evaluate.cache import encoded
from broadsheet.evaluate.dense import dense_searcher
from broadsheet.index.contract import Vectors


class _Compass:
    """Encodes by the first letter; counts what it was asked."""

    name = "compass"
    dim = 2

    def __init__(self) -> None:
        self.asked = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += len(texts)
        table = {"A": (1.0, 0.0), "r": (1.0, 0.0), "y": (0.6, 0.8), "b": (0.6, 0.8)}
        return np.array([table[text[0]] for text in texts], dtype=np.float32)


def test_nearest_come_first_and_ties_by_id(fruit: Path) -> None:
    search = dense_searcher(collections.load(fruit), _Compass())
    assert [id for id, _ in search("red", 3)] == ["apple", "pear", "plum"]
    assert [score for _, score in search("red", 3)] == pytest.approx([1.0, 0.6, 0.6])


def test_tie_at_the_cut_is_broken_by_id(fruit: Path) -> None:
    search = dense_searcher(collections.load(fruit), _Compass())
    assert [id for id, _ in search("yellow", 1)] == ["pear"]


def test_progress_ends_at_all() -> None:
    told: list[tuple[int, int]] = []
    encoded(["A"] * 600, _Compass(), progress=lambda done, total: told.append((done, total)))
    assert told == [(512, 600), (600, 600)]

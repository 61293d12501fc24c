"""How crowded a paper's place is among a sample's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.index import sample as module
from broadsheet.index.contract import Vectors
from broadsheet.index.sample import Sample, centred

RANDOM = np.random.RandomState(3)
IDS = [PaperId(f"2603.{n:05}") for n in range(400)]


def unit(rows: int, dim: int) -> Vectors:
    made: Vectors = RANDOM.standard_normal((rows, dim)).astype(np.float32) + 1
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


VECTORS = unit(400, 64)
SAMPLE = Sample.of(VECTORS[::2])
ROWS = centred(VECTORS, SAMPLE.mean)


def test_surroundings_are_the_mean_closeness_to_the_ten_nearest_without_the_paper_itself() -> None:
    around = ROWS @ ROWS[::2].T
    around[np.arange(0, 400, 2), np.arange(200)] = -1
    expected = np.sort(around, axis=1)[:, -10:].mean(axis=1)
    assert SAMPLE.surroundings(IDS, ROWS) == pytest.approx(expected, abs=0.003)


@given(st.lists(st.integers(0, 399), unique=True, min_size=1, max_size=60))
def test_what_is_found_does_not_depend_on_what_is_asked_with_it(chosen: list[int]) -> None:
    alone = Sample.of(VECTORS[::2]).surroundings([IDS[n] for n in chosen], ROWS[chosen])
    assert alone.tolist() == SAMPLE.surroundings(IDS, ROWS)[chosen].tolist()


def test_a_paper_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = Sample.of(VECTORS[::2])
    first = sample.surroundings(IDS[:20], ROWS[:20])
    again = sample.surroundings(IDS[10:30], np.vstack([np.zeros_like(ROWS[10:20]), ROWS[20:30]]))
    assert again[:10].tolist() == first[10:].tolist()
    monkeypatch.setattr(module, "_KEPT", 25)
    sample.surroundings(IDS[30:31], ROWS[30:31])
    assert len(sample._surroundings) == 1


def test_of_fewer_papers_than_make_surroundings_all_count() -> None:
    few = Sample.of(VECTORS[:3])
    rows = centred(VECTORS[:4], few.mean)
    assert few.surroundings(IDS[3:4], rows[3:]) == pytest.approx((rows[3] @ rows[:3].T).mean(), abs=0.003)


def test_long_vectors_are_added_up_without_error() -> None:
    long = unit(64, 4096)
    sample = Sample.of(long)
    rows = centred(long, sample.mean)
    together = sample.surroundings(IDS[:64], rows)
    assert together[7] == Sample.of(long).surroundings(IDS[7:8], rows[7:8])[0]

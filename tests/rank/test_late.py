"""Late interaction against its definition, piece by piece."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.rank.late import max_sim

VOCABULARY, DIM = 40, 8

pieces = st.lists(st.integers(0, VOCABULARY - 1), max_size=12, unique=True).map(
    lambda ids: np.array(sorted(ids), dtype=np.uint16)
)


@pytest.fixture(scope="module")
def table() -> np.ndarray:
    return np.random.default_rng(3).standard_normal((VOCABULARY, DIM)).astype(np.float32)


def units(table: np.ndarray) -> np.ndarray:
    unit: np.ndarray = table / np.linalg.norm(table, axis=1, keepdims=True)
    return unit


def by_definition(query: np.ndarray, paper: np.ndarray, table: np.ndarray) -> float:
    if not len(query) or not len(paper):
        return 0.0
    unit = units(table)
    weights = [float(np.linalg.norm(table[q])) for q in query]
    best = [max(float(unit[q] @ unit[p]) for p in paper) for q in query]
    return sum(w * b for w, b in zip(weights, best, strict=True)) / sum(weights)


@settings(deadline=None)
@given(query=pieces, papers=st.lists(pieces, max_size=6))
def test_every_paper_scores_as_the_definition_says(
    query: np.ndarray, papers: list[np.ndarray], table: np.ndarray
) -> None:
    scores = max_sim(query, papers, table=table, units=units(table))
    wanted = [by_definition(query, paper, table) for paper in papers]
    assert scores.shape == (len(papers),)
    np.testing.assert_allclose(scores, wanted, atol=1e-5)


def test_a_paper_with_all_pieces_of_the_query_scores_one(table: np.ndarray) -> None:
    query = np.array([1, 5, 9], dtype=np.uint16)
    paper = np.array([0, 1, 5, 7, 9], dtype=np.uint16)
    (score,) = max_sim(query, [paper], table=table, units=units(table))
    assert score == pytest.approx(1.0, abs=1e-6)


def test_a_long_query_is_asked_by_its_heaviest_pieces() -> None:
    generator = np.random.default_rng(5)
    table = generator.standard_normal((200, DIM)).astype(np.float32)
    table[:100] *= 10
    heavy, light = np.arange(100, dtype=np.uint16), np.arange(100, 200, dtype=np.uint16)
    scores = max_sim(np.arange(200, dtype=np.uint16), [heavy, light], table=table, units=units(table))
    assert scores[0] == pytest.approx(1.0, abs=1e-6)
    assert scores[1] < scores[0]

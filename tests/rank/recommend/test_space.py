"""Papers as points: tf·idf, and vectors without the archive's lean."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from broadsheet.rank.recommend import Bags, Space, spellings


def test_terms_weigh_as_by_hand() -> None:
    texts = ["alpha", "alpha", "beta", "gamma", "delta", "beta"]
    space = Space.fitted([str(n) for n in range(6)], Bags.of(texts), np.zeros((6, 2), np.float32))
    (point,) = [space.place(["x"], Bags.of(["alpha alpha omega"]), np.zeros((1, 2), np.float32))]
    # "alpha" stands in two of six papers and twice in the text; the rest is as rare as what one paper has.
    weights = {"alpha": (1 + log(2)) * (log(7 / 3) + 1)}
    weights |= dict.fromkeys(("omega", "alpha alpha", "alpha omega"), log(7 / 2) + 1)
    length = sum(w * w for w in weights.values()) ** 0.5
    written = spellings(["alpha alpha omega"])
    found = {written[t]: w for t, w in zip(point.terms.tolist(), point.weights.tolist(), strict=True)}
    assert found == pytest.approx({term: w / length for term, w in weights.items()}, rel=1e-5)


def test_what_a_quarter_of_papers_say_does_not_count() -> None:
    texts = [f"model word{n}" for n in range(30)]
    bags = Bags.of(texts)
    space = Space.fitted([str(n) for n in range(30)], bags, np.zeros((30, 2), np.float32))
    written = spellings(texts)
    point = space.place(["x"], Bags.of(["model word3"]), np.zeros((1, 2), np.float32))
    assert {written[t] for t in point.terms.tolist()} == {"word3", "model word3"}


def test_vectors_are_centred_and_of_length_one() -> None:
    vectors = np.random.default_rng(0).normal(loc=3, size=(500, 4)).astype(np.float32)
    bags = Bags.of([""] * 500)
    ids = [str(n) for n in range(500)]
    points = Space.fitted(ids, bags, vectors).place(ids, bags, vectors)
    assert np.linalg.norm(points.vectors, axis=1) == pytest.approx(np.ones(500), abs=1e-5)
    assert np.abs(points.vectors.mean(axis=0)).max() < 0.1


def test_paper_without_a_vector_has_none_in_the_space() -> None:
    vectors = np.eye(4, dtype=np.float32)
    vectors[2] = 0
    bags = Bags.of(["a word"] * 4)
    points = Space.fitted(list("abcd"), bags, vectors).place(list("abcd"), bags, vectors)
    assert not points.vectors[2].any()
    assert points.vectors[[0, 1, 3]].any(axis=1).all()


def test_space_of_nothing_places_papers_by_their_words() -> None:
    space = Space.fitted([], Bags.of([]), np.zeros((0, 3), np.float32))
    points = space.place(["x"], Bags.of(["two words"]), np.zeros((1, 3), np.float32))
    assert np.linalg.norm(points.weights) == pytest.approx(1)

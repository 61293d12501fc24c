"""The map's layout."""

import numpy as np
import pytest

from broadsheet.rank.projection import lay_out


def heaps() -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(5)
    labels = np.repeat(np.arange(4), 30)
    rows = np.eye(12)[labels] + 0.15 * chance.standard_normal((120, 12))
    rows -= rows.mean(axis=0)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), labels.astype(np.int64)


def test_near_papers_stay_near() -> None:
    rows, labels = heaps()
    places = lay_out(rows)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    nearest = labels[apart.argsort(axis=1)[:, :5]]
    assert (nearest == labels[:, None]).mean() > 0.9


def test_both_directions_are_filled() -> None:
    places = lay_out(heaps()[0])
    assert places.min(axis=0) == pytest.approx([0, 0])
    assert places.max(axis=0) == pytest.approx([1, 1])


def test_the_same_papers_lie_in_the_same_places() -> None:
    rows, labels = heaps()
    assert lay_out(rows, labels=labels).tolist() == lay_out(rows.copy(), labels=labels).tolist()


def test_marks_do_not_lie_on_each_other() -> None:
    rows, labels = heaps()
    rows[1] = rows[0]
    places = lay_out(rows, labels=labels)
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    assert apart.min() > 0.004


@pytest.mark.parametrize("n", [0, 1, 2, 3, 5])
def test_few_papers_have_places_too(n: int) -> None:
    places = lay_out(heaps()[0][:n])
    assert places.shape == (n, 2)
    assert np.isfinite(places).all()
    assert ((places >= 0) & (places <= 1)).all()


def test_equal_papers_are_no_trouble() -> None:
    places = lay_out(np.tile(np.eye(4, dtype=np.float32)[0], (6, 1)))
    assert np.isfinite(places).all()

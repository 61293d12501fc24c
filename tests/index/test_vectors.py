from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from broadsheet.index import papers as table
from broadsheet.index import vectors
from broadsheet.index.contract import Encoder, Vectors
from broadsheet.index.parts import first_to_merge, keys

Hashing = Callable[..., Encoder]


@pytest.fixture(scope="module")
def many() -> Vectors:
    """Clustered unit vectors, as texts' are, in two parts."""
    random = np.random.default_rng(7)
    centres = random.standard_normal((80, 64))
    rows = centres[random.integers(80, size=9000)] + 0.6 * random.standard_normal((9000, 64))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def reader_of(rows: Vectors, *, here: Callable[[int], bool] = lambda _: True) -> vectors.VectorsReader:
    directions = vectors.rotation(rows.shape[1])
    entries = [(n, n + 1, 1, here(n), f"o{n}".encode()) for n in range(len(rows))]
    parts = [
        vectors.Part(
            keys(list(range(start, end)), list(range(start + 1, end + 1))),
            vectors.to_codes(rows[start:end]),
            vectors.to_bits(rows[start:end], directions),
        )
        for start, end in ((0, 7000), (7000, len(rows)))
    ]
    return vectors.VectorsReader(parts, table.Papers([table.lines(entries)]), directions)


def recall(reader: vectors.VectorsReader, rows: Vectors, allowed: Any = None) -> float:
    shares = []
    kept = np.rint(127 * rows / np.abs(rows).max(axis=1, keepdims=True))
    kept /= np.linalg.norm(kept, axis=1, keepdims=True)
    for query in rows[::90]:
        scores = kept @ query
        if allowed is not None:
            scores[~allowed] = -2
        best = set(np.argsort(-scores, kind="stable")[:10].tolist())
        places, _ = reader.nearest(query, k=10, allowed=allowed)
        shares.append(len(best & set(places.tolist())) / 10)
    return float(np.mean(shares))


def test_first_pass_over_bits_loses_almost_nothing(many: Vectors) -> None:
    assert recall(reader_of(many), many) >= 0.99


def test_first_pass_passes_over_what_is_not_allowed(many: Vectors) -> None:
    allowed = np.arange(len(many)) % 3 > 0
    assert recall(reader_of(many), many, allowed) >= 0.99


def test_cosines_are_off_by_no_more_than_a_few_thousandths(many: Vectors) -> None:
    places, scores = reader_of(many).nearest(many[0], k=len(many), allowed=None)
    assert scores == pytest.approx(many[places] @ many[0], abs=6e-3)


def test_half_precision_rows_of_an_earlier_make_are_read_and_merged(many: Vectors) -> None:
    directions = vectors.rotation(64)
    entries = [(n, n + 1, 1, True, f"o{n}".encode()) for n in range(20)]
    papers = table.Papers([table.lines(entries)])
    former, present = (
        vectors.Part(
            keys(list(range(start, start + 10)), list(range(start + 1, start + 11))),
            rows,
            vectors.to_bits(many[start : start + 10], directions),
        )
        for start, rows in ((0, many[:10].astype(np.float16)), (10, vectors.to_codes(many[10:20])))
    )
    whole = vectors.merged([former, present], papers)
    assert whole.vectors.dtype == np.int8
    for parts in ([former, present], [whole]):
        have, rows = vectors.VectorsReader(parts, papers, directions).of(np.arange(20))
        assert have.all()
        assert rows == pytest.approx(many[:20], abs=5e-3)


def test_the_zero_vector_stays_zero() -> None:
    assert not vectors.to_codes(np.zeros((1, 64), dtype=np.float32)).any()


def test_few_allowed_papers_are_searched_exactly(many: Vectors) -> None:
    allowed = np.arange(len(many)) % 10 == 0
    assert recall(reader_of(many), many, allowed) == 1


def test_papers_that_left_and_former_texts_are_not_found(many: Vectors) -> None:
    reader = reader_of(many, here=lambda n: n % 2 == 0)
    assert len(reader) == 4500
    places, _ = reader.nearest(many[1], k=50, allowed=None)
    assert all(place % 2 == 0 for place in places)


def test_directions_are_orthonormal_in_each_basis() -> None:
    directions = vectors.rotation(32)
    assert directions.shape == (32, 64)
    assert directions[:, :32].T @ directions[:, :32] == pytest.approx(np.eye(32), abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([10], 0),
        ([10, 10], 0),
        ([1000, 10], 1),
        ([1000, 30, 10], 1),
        ([100, 30, 10], 0),  # 30 and 10 make 40, and 100 is less than four times that
    ],
)
def test_small_parts_are_merged(rows: list[int], place: int) -> None:
    assert first_to_merge(rows) == place

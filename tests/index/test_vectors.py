from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from broadsheet.ids import PaperId
from broadsheet.index import papers as table
from broadsheet.index import vectors
from broadsheet.index.contract import Encoder, Filter, Vectors, Words
from broadsheet.index.local import LocalIndex
from broadsheet.index.parts import first_to_merge, keys
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper

Hashing = Callable[..., Encoder]


def found(snapshot: LocalSnapshot, query: Vectors, **asked: Any) -> list[str]:
    return [str(s.id) for s in snapshot.vectors(query, encoder="hashing", k=9, **asked)]


def test_nearest_come_first_with_their_cosine(
    snapshot: LocalSnapshot, papers: Sequence[Paper], hashing: Hashing
) -> None:
    text = f"{papers[2].title}\n{papers[2].abstract}"
    first, *rest = snapshot.vectors(hashing().encode([text])[0], encoder="hashing", k=9)
    assert str(first.id) == "hep-th/9901001"
    assert first.score == pytest.approx(1, abs=5e-3)  # kept in 8 bits a dimension
    assert len(rest) == 3


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"filter": Filter(categories=("cs",))}, {"2603.00001", "2603.00002"}),
        ({"filter": Filter(until=date(2026, 3, 2))}, {"2603.00001", "hep-th/9901001"}),
        ({"words": Words(phrases=("message passing",))}, {"2603.00002"}),
        ({"words": Words(excluded=("tensor",))}, {"hep-th/9901001", "10.1145/3292500"}),
        (
            {"words": Words(terms=("branes",))},
            {"2603.00001", "2603.00002", "hep-th/9901001", "10.1145/3292500"},
        ),
        ({"words": Words(phrases=("branes",)), "filter": Filter(categories=("cs",))}, set()),
    ],
)
def test_filters_phrases_and_exclusions_bind_the_vectors_too(
    snapshot: LocalSnapshot, hashing: Hashing, asked: dict[str, Any], ids: set[str]
) -> None:
    assert set(found(snapshot, hashing().encode(["tensor"])[0], **asked)) == ids


def test_nothing_is_near_to_nothing(snapshot: LocalSnapshot, hashing: Hashing) -> None:
    assert found(snapshot, hashing().encode([""])[0]) == []
    assert snapshot.vectors(hashing().encode(["x"])[0], encoder="unknown", k=3) == ()


def test_vectors_of_ids_come_in_the_order_asked(
    snapshot: LocalSnapshot, papers: Sequence[Paper], hashing: Hashing
) -> None:
    asked = [papers[3].id, PaperId("2603.09999"), papers[0].id]
    known, rows = snapshot.vectors_of(asked, encoder="hashing")
    assert known == (papers[3].id, papers[0].id)
    texts = [f"{p.title}\n{p.abstract}" for p in (papers[3], papers[0])]
    assert rows == pytest.approx(hashing().encode(texts), abs=2e-3)


def test_equal_vectors_are_in_order_of_ids(
    index: LocalIndex, publish: Callable[..., Any], paper: Callable[..., Paper], hashing: Hashing
) -> None:
    publish([paper(f"2603.0000{n}", "The same") for n in (3, 1, 2)])
    hits = index.snapshot().vectors(hashing().encode(["The same"])[0], encoder="hashing", k=2)
    assert [str(s.id) for s in hits] == ["2603.00001", "2603.00002"]


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

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.encode.static import quantise, read_table


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder()


@pytest.fixture(scope="module")
def papers() -> list[dict[str, Any]]:
    lines = (resources.files("broadsheet") / "data" / "sample.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines[:60]]


def test_vectors_are_unit_and_blank_texts_zero(encoder: StaticEncoder) -> None:
    vectors = encoder.encode(["graph neural networks", "", " \n", "word " * 5000])
    assert vectors.shape == (4, 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0, 1], atol=1e-5)


def test_no_texts_give_no_vectors(encoder: StaticEncoder) -> None:
    assert encoder.encode([]).shape == (0, 256)


def test_a_text_has_the_same_vector_in_any_company(encoder: StaticEncoder) -> None:
    texts = ["dark matter halos", "", "x " * 3000, "protein folding", "speech recognition " * 80]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    assert np.allclose(encoder.encode(texts), alone, atol=1e-5)


def test_title_finds_its_own_abstract(encoder: StaticEncoder, papers: list[dict[str, Any]]) -> None:
    titles = encoder.encode([paper["title"] for paper in papers])
    abstracts = encoder.encode([paper["abstract"] for paper in papers])
    nearest = (titles @ abstracts.T).argmax(axis=1)
    assert (nearest == np.arange(len(papers))).mean() >= 0.9


def test_meaning_counts_where_no_word_is_shared(encoder: StaticEncoder) -> None:
    query, near, far = encoder.encode(
        ["automobile crash", "car accidents on highways", "photosynthesis in marine algae"]
    )
    assert query @ near > query @ far + 0.1


def test_pieces_are_each_once_ascending_and_those_that_are_added_up(encoder: StaticEncoder) -> None:
    texts = ["gaussian splatting of gaussian noise", "", "word " * 5000]
    tokenizer, table = encoder.load()
    first, empty, long = encoder.pieces(texts)
    read = {tokenizer.id_to_token(int(number)) for number in first}
    assert read == {"ga", "##uss", "##ian", "sp", "##lat", "##ting", "of", "noise"}
    assert len(first) == 8
    assert np.all(np.diff(first.astype(int)) > 0)
    assert (first.dtype.str, len(empty), len(long)) == ("<u2", 0, 1)
    assert len(table) <= np.iinfo(np.uint16).max + 1  # every piece has a number
    (vector,) = encoder.encode(["noise of splatting"])
    total = table[encoder.pieces(["noise of splatting"])[0]].sum(axis=0)
    assert np.allclose(vector, total / np.linalg.norm(total), atol=1e-5)


def test_vectors_and_pieces_of_one_reading_are_the_same(
    encoder: StaticEncoder, papers: list[dict[str, Any]]
) -> None:
    texts = [paper["abstract"] for paper in papers]
    vectors, pieces = encoder.encode_with_pieces(texts)
    assert np.array_equal(vectors, encoder.encode(texts))
    assert all(np.array_equal(a, b) for a, b in zip(pieces, encoder.pieces(texts), strict=True))


def test_unit_pieces_are_made_once_and_point_where_the_pieces_do(encoder: StaticEncoder) -> None:
    units, table = encoder.units(), encoder.table()
    assert encoder.units() is units
    lengths = np.linalg.norm(table, axis=1)
    assert np.allclose(units * lengths[:, None], table, atol=1e-4)
    assert np.allclose(np.linalg.norm(units[lengths > 0], axis=1), 1, atol=1e-5)


def test_threads_may_share_it(encoder: StaticEncoder) -> None:
    texts = ["dark matter halos", "protein folding"] * 20
    expected = encoder.encode(texts)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(encoder.encode, [texts] * 8):
            assert np.array_equal(vectors, expected)


def test_packaged_vectors_are_small(encoder: StaticEncoder) -> None:
    data = resources.files("broadsheet.index.encode") / "data" / f"{encoder.name}.npz"
    assert len(data.read_bytes()) <= 10_000_000


def test_damaged_vectors_are_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(InputError, match="reinstall"):
        read_table(tmp_path / "torn.npz", sha256="0" * 64)
    with pytest.raises(InputError, match="reinstall"):
        read_table(tmp_path / "missing.npz", sha256="0" * 64)


@given(arrays(np.float32, (3, 5), elements=st.floats(-4, 4, width=32)))
def test_quantising_errs_by_half_a_step_at_most(table: NDArray[np.float32]) -> None:
    codes, scales = quantise(table)
    assert np.all(np.abs(codes * scales[:, None] - table) <= scales[:, None] * 0.501 + 1e-9)

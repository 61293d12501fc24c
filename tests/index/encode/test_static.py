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

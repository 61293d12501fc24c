from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from broadsheet.index.contract import Axes, Encoder, Vectors
from broadsheet.index.encode import MiniLM, sentences
from broadsheet.model import Aspect, Paper, Sentence

Make = Callable[..., Paper]

ABSTRACT = "Nobody knows why. We count. It works. Code is online."
ASPECTS = (Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT, Aspect.OTHER)


@pytest.fixture(scope="module")
def cut(paper: Make) -> Callable[..., Paper]:
    """A paper whose abstract is cut into the first few of its sentences."""

    def make(count: int = 4) -> Paper:
        plain = paper("2603.00001", "On counting", ABSTRACT)
        spans = [(0, 17), (18, 27), (28, 37), (38, 53)]
        found = tuple(Sentence(*span, aspect) for span, aspect in zip(spans, ASPECTS, strict=True))
        return replace(plain, derived=replace(plain.derived, sentences=found[:count]))

    return make


def random_units(count: int, dim: int, *, seed: int = 0) -> Vectors:
    rows = np.random.default_rng(seed).standard_normal((count, dim))
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def as_arrays(packed: list[bytes]) -> list[NDArray[np.uint8]]:
    return [np.frombuffer(each, dtype=np.uint8) for each in packed]


def test_texts_are_the_title_and_each_sentence(cut: Callable[..., Paper]) -> None:
    assert sentences.texts_of(cut(3)) == ["On counting", "Nobody knows why.", "We count.", "It works."]


def test_a_byte_holds_four_dimensions_the_first_lowest(cut: Callable[..., Paper]) -> None:
    # With four dimensions a step is 1.1 / 2 = 0.55: -0.8 lies in quarter 0, -0.1 in 1, 0.1 in 2, 0.6 in 3.
    (packed,) = sentences.pack(
        [cut(0)], np.array([[-0.8, -0.1, 0.1, 0.6]], dtype=np.float32), code=sentences.plain(4)
    )
    assert packed == bytes([0, 0b11_10_01_00])
    vectors, starts, aspects = sentences.decode(as_arrays([packed]), code=sentences.plain(4))
    assert vectors[0] == pytest.approx(np.array([-3, -1, 1, 3]) / 20**0.5)
    assert (starts.tolist(), aspects.tolist()) == ([0, 1], [0])


def test_each_sentence_says_what_it_is(cut: Callable[..., Paper], hashing: Callable[..., Encoder]) -> None:
    packed = sentences.encode(hashing(dim=384), [cut(4), cut(0), cut(2)])
    assert [len(each) for each in packed] == [5 * 97, 97, 3 * 97]
    vectors, starts, aspects = sentences.decode(as_arrays(packed), code=sentences.plain(384))
    assert starts.tolist() == [0, 5, 6, 9]
    said = [sentences.ASPECTS[number] for number in aspects]
    assert said == [None, *ASPECTS, None, None, *ASPECTS[:2]]
    assert np.array_equal(vectors[5], vectors[0])
    assert np.array_equal(vectors[6:9], vectors[0:3])


def test_cosines_hardly_change(cut: Callable[..., Paper]) -> None:
    queries = random_units(200, 384, seed=1)
    # From unrelated to nearly the same.
    mixed = random_units(200, 384, seed=2) + np.linspace(0, 3, 200, dtype=np.float32)[:, None] * queries
    near = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    packed = sentences.pack([cut(0)] * 200, near.astype(np.float32), code=sentences.plain(384))
    decoded, _, _ = sentences.decode(as_arrays(packed), code=sentences.plain(384))
    # The best four levels for a normal distribution leave .1175 of its variance as noise (Max 1960).
    assert (decoded * near).sum(axis=1).mean() == pytest.approx((1 - 0.1175) ** 0.5, abs=0.01)
    exact, kept = (near * queries).sum(axis=1), (decoded * queries).sum(axis=1)
    assert np.abs(kept - exact * (1 - 0.1175) ** 0.5).mean() < 0.02
    assert np.corrcoef(exact, kept)[0, 1] > 0.995


@given(
    lengths=st.lists(st.integers(0, 4), max_size=6), dim=st.integers(1, 70), seed=st.integers(0, 2**32 - 1)
)
def test_similarities_are_those_of_the_decoded_vectors(
    cut: Callable[..., Paper], lengths: list[int], dim: int, seed: int
) -> None:
    papers, code = [cut(length) for length in lengths], sentences.plain(dim)
    vectors = random_units(sum(lengths) + len(lengths), dim, seed=seed)
    packed = as_arrays(sentences.pack(papers, vectors, code=code))
    query = random_units(1, dim, seed=seed + 1)[0]
    decoded, starts, _ = sentences.decode(packed, code=code)
    assert decoded.shape == vectors.shape
    assert np.diff(starts).tolist() == [length + 1 for length in lengths]
    assert np.linalg.norm(decoded, axis=1) == pytest.approx(1, abs=1e-5)
    assert np.all((decoded > 0) == (vectors >= 0))
    cosines, same = sentences.similarities(packed, query, code=code)
    assert cosines == pytest.approx(decoded @ query, abs=1e-5)
    assert same.tolist() == starts.tolist()


def test_an_encoder_that_knows_its_axes_is_kept_along_them(cut: Callable[..., Paper]) -> None:
    # The third dimension goes first, with two bits: 1.2 widths are quarter 3, and decode to 1.5 of 1.1 widths. Of
    # the fifth and the second only the sign is left, which stands for the mean of half a normal distribution.
    directions = np.zeros((5, 3), dtype=np.float32)
    directions[[2, 4, 1], [0, 1, 2]] = 1
    axes = Axes("some", directions, 1, (0.5, 0.2))
    code = sentences.Code(fine=1, coarse=2, widths=axes.widths, axes=axes)
    vector = np.array([[0.5, 0.3, 0.6, 0.5, -0.1]], dtype=np.float32)
    (packed,) = sentences.pack([cut(0)], vector, code=code)
    assert packed == bytes([0, 3, 0b10])
    decoded, _, _ = sentences.decode(as_arrays([packed]), code=code)
    kept = np.array([1.5 * 1.1 * 0.5, -0.2 * (2 / np.pi) ** 0.5, 0.2 * (2 / np.pi) ** 0.5])
    assert decoded[0] == pytest.approx(kept / np.linalg.norm(kept), abs=1e-6)
    query = np.array([0, 0, 0.6, 0, -0.8], dtype=np.float32)
    cosines, _ = sentences.similarities(as_arrays([packed]), query, code=code)
    assert cosines[0] == pytest.approx(np.dot([0.6, -0.8, 0], kept) / np.linalg.norm(kept), abs=1e-6)


def test_of_no_paper_there_are_no_similarities() -> None:
    for code in (sentences.plain(4), sentences.Code(fine=1, coarse=2, widths=(0.5, 0.5))):
        cosines, starts = sentences.similarities([], np.ones(code.dim, dtype=np.float32), code=code)
        assert (len(cosines), starts.tolist()) == (0, [0])


def test_sentences_of_minilm_take_57_bytes_and_keep_their_cosines(cut: Callable[..., Paper]) -> None:
    minilm = MiniLM()
    said = [
        "We count.",
        "Nobody knows why.",
        "It works well on graphs.",
        "Deep networks need much data.",
        "The sun is a star.",
    ]
    vectors = minilm.encode(said)
    code = sentences.code_of(minilm)
    axes = minilm.axes()
    assert sentences.name_of(minilm) == "minilm-l6-v2/256/sentences axes-v1"
    np.testing.assert_allclose(axes.directions.T @ axes.directions, np.eye(256), atol=2e-3)
    packed = sentences.pack([cut(4)], vectors, code=code)
    assert [len(each) for each in packed] == [5 * 57]
    query = minilm.encode(["Neural networks are hungry for data"])[0]
    cosines, _ = sentences.similarities(as_arrays(packed), query, code=code)
    assert cosines.argmax() == 3
    assert np.corrcoef(cosines, vectors @ query)[0, 1] > 0.95

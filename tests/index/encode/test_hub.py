from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.index.encode import HubEncoder


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """fastembed's surface as we use it: a class made with a name, whose ``embed`` yields vectors."""

    class TextEmbedding:
        def __init__(self, model_name: str, *, threads: int) -> None:
            if model_name == "no/such":
                raise ValueError("Model no/such is not supported in TextEmbedding")

        def embed(self, documents: list[str]) -> Iterator[NDArray[np.float64]]:
            yield from (np.array([3.0, 4.0 * len(text)]) for text in documents)

    monkeypatch.setitem(sys.modules, "fastembed", SimpleNamespace(TextEmbedding=TextEmbedding))


def test_vectors_are_made_unit_and_blank_texts_zero(hub: None) -> None:
    encoder = HubEncoder("any/model")
    assert encoder.dim == 2
    assert encoder.name == "hub:any/model"
    assert np.allclose(encoder.encode(["x", " "]), np.array([[0.6, 0.8], [0.0, 0.0]]))


def test_unknown_model_is_an_input_error(hub: None) -> None:
    with pytest.raises(InputError, match="not supported"):
        HubEncoder("no/such")


def test_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)
    with pytest.raises(InputError, match=r"pip install 'broadsheet\[hub\]'"):
        HubEncoder("any/model")

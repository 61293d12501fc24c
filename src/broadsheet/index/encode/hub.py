"""Any sentence-embedding model by name, where a model hub can be reached. Knows fastembed, not papers."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from broadsheet.errors import InputError
from broadsheet.index.contract import Vectors


class HubEncoder:
    """Unit vectors by a model that fastembed lists. Safe to share between threads.

    The model is fetched into fastembed's cache when the encoder is made, for only then is its
    dimension known. Raises InputError where the extra ``hub`` is not installed, where there is no such model, or
    where the hub cannot be reached and the model is not cached.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        try:
            fastembed = importlib.import_module("fastembed")  # an optional extra
        except ImportError as error:
            raise InputError(
                f"the encoder {name!r} needs the extra 'hub': pip install 'broadsheet[hub]'; "
                "or set encoder to 'minilm', which is packaged"
            ) from error
        try:
            self._model: Any = fastembed.TextEmbedding(name, threads=threads)
            probe = self._vectors(["dimension"])
        # The hub's client raises errors of half a dozen libraries, with no common root.
        except Exception as error:
            raise InputError(f"cannot load the encoder {name!r} from the hub: {error}") from error
        self.name = f"hub:{name}"
        self.dim = int(probe.shape[1])
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), dim); a blank text gives the zero vector."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        if rows:
            with self._lock:
                vectors[rows] = self._vectors([texts[row] for row in rows])
        return vectors

    def _vectors(self, texts: list[str]) -> Vectors:
        found = np.stack(list(self._model.embed(texts))).astype(np.float32)
        unit: Vectors = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return unit

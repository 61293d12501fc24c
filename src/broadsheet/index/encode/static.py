"""The fast encoder: one learned vector per word piece, added up. Knows text, not papers.

The vectors are our own, distilled from all-MiniLM-L6-v2 by ``scripts/distil_static.py`` over
arXiv's titles and abstracts; ``docs/design/encoders.md`` says how, and how well it does. Adding up
loses word order, which costs quality and buys a thousand abstracts a second on one core.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.index.contract import Vectors
from broadsheet.index.encode.assets import TOKENIZER, locate

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Of data/static-v1.npz. Other vectors need another name, or indexes would mix the two.
_SHA256: Final = "38472eba05a8ccc586b5d23094faced53dc820df0c7804d6090699556b014663"


class StaticEncoder:
    """Unit vectors of 256 dimensions as sums of word-piece vectors. Safe to share between threads."""

    name: Final = "static-v1"
    dim: Final = 256

    def __init__(self, *, max_tokens: int = 512) -> None:
        self._max_tokens = max_tokens
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, Vectors] | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), 256); a blank text gives the zero vector.

        The first call loads the word-piece vectors. Raises InputError where that fails.
        """
        return self._sums(self._read(texts))

    def pieces(self, texts: Sequence[str]) -> list[NDArray[np.uint16]]:
        """The numbers of each text's word pieces, each once, ascending. Raises InputError as ``encode``."""
        return [_distinct(ids) for ids in self._read(texts)]

    def encode_with_pieces(self, texts: Sequence[str]) -> tuple[Vectors, list[NDArray[np.uint16]]]:
        """Vectors and pieces, reading the texts once. Raises InputError as ``encode``."""
        read = self._read(texts)
        return self._sums(read), [_distinct(ids) for ids in read]

    @property
    def pieces_name(self) -> str:
        """The name of its pieces among a paper's details."""
        return f"{self.name}/piece gaps"

    def table(self) -> Vectors:
        """The pieces' vectors, shape (30522, 256). Do not write to it. Raises InputError as ``encode``."""
        return self.load()[1]

    def units(self) -> Vectors:
        """The same at unit length. Raises InputError as ``encode``."""
        return self._units

    @cached_property
    def _units(self) -> Vectors:
        table = self.table()
        units: Vectors = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
        return units

    def _read(self, texts: Sequence[str]) -> list[list[int]]:
        tokenizer, _ = self.load()
        encoded = tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return [encoding.ids for encoding in encoded]

    def _sums(self, read: Sequence[Sequence[int]]) -> Vectors:
        table = self.table()
        vectors = np.zeros((len(read), self.dim), dtype=np.float32)
        for row, ids in enumerate(read):
            # One gather and one sum a text: its pieces stay in the cache, which a whole batch's do not.
            np.add.reduce(table.take(ids, axis=0), axis=0, out=vectors[row])
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors

    def load(self) -> tuple[Tokenizer, Vectors]:
        """The tokenizer and the word-piece vectors, read and checked the first time. Raises InputError."""
        with self._lock:
            if self._loaded is None:
                from tokenizers import Tokenizer  # noqa: PLC0415 - only who encodes pays for the import

                tokenizer = Tokenizer.from_file(str(locate(TOKENIZER)))
                tokenizer.no_padding()
                tokenizer.enable_truncation(self._max_tokens)
                folder = resources.files("broadsheet.index.encode") / "data"
                self._loaded = tokenizer, read_table(folder / f"{self.name}.npz", sha256=_SHA256)
            return self._loaded


def _distinct(ids: Sequence[int]) -> NDArray[np.uint16]:
    return np.unique(np.array(ids, dtype="<u2"))


def read_table(path: Traversable, *, sha256: str) -> Vectors:
    """The word-piece vectors of a file made by ``scripts/distil_static.py``, float32.

    Raises InputError where the file is missing or has another hash.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; reinstall Broadsheet") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise InputError(f"{path} has SHA-256 {found[:12]}…, expected {sha256[:12]}…; reinstall Broadsheet")
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        table: Vectors = arrays["codes"].astype(np.float32)
        table *= arrays["scales"][:, None]
    return table


def quantise(table: Vectors) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Codes and one scale per row, so that ``codes * scales[:, None]`` is nearly ``table``."""
    scales = np.abs(table).max(axis=1) / 127
    codes = np.rint(table / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    return codes, scales.astype(np.float32)

"""all-MiniLM-L6-v2 on onnxruntime: the better of the packaged encoders. Knows text, not papers.

The weights come with an installed package (``assets``), so no model hub is needed. Pooling
follows sentence-transformers: the mean over all tokens of the last layer, then unit length.
"""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib import resources
from typing import TYPE_CHECKING, Final

import numpy as np

from broadsheet.errors import InputError
from broadsheet.index.contract import Axes, Vectors
from broadsheet.index.encode.assets import MODEL, TOKENIZER, WEIGHTS, locate

if TYPE_CHECKING:  # both are slow to import, so that is left to the first encode
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]  # ships no types
    from tokenizers import Tokenizer

# A batch holds at most this many texts and this many tokens, padding included: onnxruntime keeps the
# memory of its largest batch, and larger ones are no faster on a few cores.
_TEXTS: Final = 32
_TOKENS: Final = 1024

# Other axes need another name, or indexes would mix the two.
_AXES: Final = "axes-v1"
_AXES_SHA256: Final = "1076d56e04b1ddfcca98f27b575f6dc3f0458f7fcb4a0f3646952afcf30d6dfa"


class MiniLM:
    """Unit vectors of 384 dimensions by all-MiniLM-L6-v2. Safe to share between threads.

    ``max_tokens`` cuts longer texts ([CLS] and [SEP] count); the model was trained with 128 and is
    published with 256. ``threads`` is how many cores one call may keep busy: 1 suits serving, where
    calls run side by side, 2 and more suit bulk work.
    """

    dim: Final = 384

    def __init__(self, *, max_tokens: int = 256, threads: int = 1) -> None:
        self.name = f"minilm-l6-v2/{max_tokens}"
        self._max_tokens = max_tokens
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: tuple[Tokenizer, InferenceSession] | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of shape (len(texts), 384); a blank text gives the zero vector.

        The first call loads and checks the model. Raises InputError where that fails.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        rows = [row for row, text in enumerate(texts) if text.strip()]
        if not rows:
            return vectors
        tokenizer, session = self.load()
        encoded = tokenizer.encode_batch_fast([texts[row].strip() for row in rows])
        tokens = [encoding.ids for encoding in encoded]
        for batch in _batches([len(ids) for ids in tokens]):
            ids, mask = _padded([tokens[n] for n in batch])
            inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
            (hidden,) = session.run(["last_hidden_state"], inputs)
            vectors[[rows[n] for n in batch]] = _pooled(np.asarray(hidden), mask)
        return vectors

    def axes(self) -> Axes:
        """Where its vectors of sentences mostly lie (``scripts/sentence_axes.py``). Raises InputError."""
        return self._axes

    @cached_property
    def _axes(self) -> Axes:
        file = resources.files("broadsheet.index.encode").joinpath(f"data/minilm-{_AXES}.npz")
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != _AXES_SHA256:
            raise InputError(f"{file} is not the file that Broadsheet came with; install it again")
        with np.load(io.BytesIO(content)) as held:
            fine, coarse = held["widths"].tolist()
            return Axes(_AXES, held["directions"].astype(np.float32), int(held["fine"]), (fine, coarse))

    def load(self) -> tuple[Tokenizer, InferenceSession]:
        """The tokenizer and the model, read and checked the first time. Raises InputError where that fails."""
        with self._lock:
            if self._loaded is None:
                import onnxruntime  # noqa: PLC0415 - takes half a second, so only who encodes pays it
                from tokenizers import Tokenizer  # noqa: PLC0415 - likewise

                tokenizer = Tokenizer.from_file(str(locate(TOKENIZER)))
                tokenizer.no_padding()  # the file asks for 128 tokens always
                tokenizer.enable_truncation(self._max_tokens)
                locate(WEIGHTS)
                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = self._threads
                options.inter_op_num_threads = 1
                # It would keep a plan of memory for each shape of batch, and texts come in every shape.
                options.enable_mem_pattern = False
                # Waiting threads sleep: a server has better uses for its cores.
                options.add_session_config_entry("session.intra_op.allow_spinning", "0")
                session = onnxruntime.InferenceSession(
                    str(locate(MODEL)), options, providers=["CPUExecutionProvider"]
                )
                self._loaded = tokenizer, session
            return self._loaded


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions grouped by like length, longest first, so that little of a batch is padding."""
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lambda n: (-lengths[n], n)):
        if batch and (len(batch) == _TEXTS or (len(batch) + 1) * lengths[batch[0]] > _TOKENS):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Token ids and attention mask, int64, of shape (texts, longest)."""
    ids = np.zeros((len(tokens), max(map(len, tokens))), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, text in enumerate(tokens):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    return ids, mask


def _pooled(hidden: np.ndarray, mask: np.ndarray) -> Vectors:
    """The mean of each text's own tokens, at unit length."""
    weights = mask.astype(np.float32) / mask.sum(axis=1, keepdims=True)
    means = np.einsum("tld,tl->td", hidden, weights.astype(np.float32))
    unit: Vectors = means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    return unit

"""Writes the vectors of one encoder, part after part. Knows no words and no ids."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from broadsheet.errors import SearchError
from broadsheet.index import vectors
from broadsheet.index.contract import Vectors
from broadsheet.index.files import load, save
from broadsheet.index.ledger import Ledger
from broadsheet.index.manifest import EncoderParts, VectorPart
from broadsheet.index.parts import first_to_merge, keys
from broadsheet.index.vectors import Part


class VectorsWriter:
    """Takes vectors and publishes them as parts. For one thread."""

    def __init__(self, directory: Path, encoder: str, *, dim: int, published: EncoderParts | None) -> None:
        self._directory = directory
        self._encoder = encoder
        self._dim = dim
        self._rotation = published.rotation if published else None
        self._directions = (
            np.asarray(load(directory, published.rotation)) if published else vectors.rotation(dim)
        )
        self._parts: list[tuple[VectorPart, Part]] = [
            (part, vectors.opened(directory, part, dim=dim))
            for part in (published.parts if published else ())
        ]
        self._waiting: list[tuple[Sequence[int], Sequence[int], Vectors]] = []

    def mark(self, ledger: Ledger) -> None:
        """Tell the ledger whose vectors are published."""
        for _, part in self._parts:
            ledger.mark(self._encoder, part.keys["ordinal"], part.keys["digest"])

    def add(self, ordinals: Sequence[int], digests: Sequence[int], rows: Vectors) -> None:
        """Take vectors of shape (n, dim). Raises SearchError where they are of another length."""
        if rows.shape != (len(ordinals), self._dim):
            raise SearchError(
                f"encoder {self._encoder!r} gave vectors of shape {rows.shape}, "
                f"expected {(len(ordinals), self._dim)}"
            )
        if len(ordinals):
            self._waiting.append((ordinals, digests, rows))

    def publish(self, number: int, ledger: Ledger) -> EncoderParts:
        """The parts of the present state, what came in written durably under this number."""
        stem = f"vectors-{hashlib.sha256(self._encoder.encode()).hexdigest()[:8]}-{number:08d}"
        if self._rotation is None:
            self._rotation = save(self._directory, f"{stem}-rotation.npy", self._directions)
        if self._waiting:
            self._write(stem, ledger)
        return EncoderParts(
            dim=self._dim,
            count=ledger.having(self._encoder),
            rotation=self._rotation,
            parts=tuple(part for part, _ in self._parts),
        )

    def _write(self, stem: str, ledger: Ledger) -> None:
        """Make what waits a part, merged with the small ones before it."""
        rows = np.concatenate([rows for *_, rows in self._waiting])
        fresh = Part(
            keys(
                [o for ordinals, _, _ in self._waiting for o in ordinals],
                [d for _, digests, _ in self._waiting for d in digests],
            ),
            vectors.to_codes(rows),
            vectors.to_bits(rows, self._directions),
        )
        place = first_to_merge([*(part.rows for part, _ in self._parts), len(rows)])
        merging = [*(part for _, part in self._parts[place:]), fresh]
        whole = fresh if len(merging) == 1 else vectors.merged(merging, ledger)
        part = VectorPart(
            rows=len(whole.keys),
            keys=save(self._directory, f"{stem}-keys.npy", whole.keys),
            vectors=save(self._directory, f"{stem}-rows.npy", whole.vectors),
            bits=save(self._directory, f"{stem}-bits.npy", whole.bits),
        )
        self._parts[place:] = [(part, vectors.opened(self._directory, part, dim=self._dim))]
        self._waiting.clear()

"""The paper table: which paper has which ordinal, and which text it has now. Knows no words and no vectors.

An *ordinal* is a small number that words and vectors use for a paper; it is given once and kept
until a rebuild. A *digest* names a text, so that a vector knows the text it was made from.
The table is a sequence of parts; later lines of an ordinal replace earlier ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId, Scheme

Lines = NDArray[Any]  # structured, of _columns(width)

# An id's scheme is its first letter here, so that ids come back as they were.
_LETTERS: Final = {Scheme.ARXIV: "a", Scheme.DOI: "d", Scheme.OWN: "o"}
_SCHEMES: Final = {letter: scheme for scheme, letter in _LETTERS.items()}


def digest(text: str) -> int:
    """A text as a number of 64 bits, never 0."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") or 1


def to_key(id: PaperId) -> bytes:
    """An id as the table holds it."""
    return f"{_LETTERS[id.scheme]}{id.value}".encode()


def from_key(key: bytes) -> PaperId:
    """The id that the table holds."""
    text = key.decode()
    return PaperId(text[1:], _SCHEMES[text[0]])


def lines(entries: Sequence[tuple[int, int, int, bool, bytes]]) -> Lines:
    """A part of the table from (ordinal, digest, day, here, key)."""
    width = max((len(key) for *_, key in entries), default=1)
    return np.array(entries, dtype=_columns(width))


def merged(parts: Sequence[Lines]) -> Lines:
    """Several parts as one, in order of ordinals, each ordinal's last line kept."""
    width = max(part.dtype["key"].itemsize for part in parts)
    joined = np.concatenate([np.asarray(part).astype(_columns(width)) for part in parts])
    last = _last_of_each(joined["ordinal"])
    kept: Lines = joined[last][np.argsort(joined["ordinal"][last], kind="stable")]
    return kept


class Standing(Protocol):
    """Which papers are in, and with which text, by ordinal."""

    @property
    def size(self) -> int:
        """Ordinals are below this."""
        ...

    @property
    def here(self) -> NDArray[np.bool_]:
        """Whether each paper is in."""
        ...

    @property
    def digests(self) -> NDArray[np.uint64]:
        """Each paper's present text."""
        ...


class Papers:
    """The table of one generation, put together for reading."""

    def __init__(self, parts: Sequence[Lines]) -> None:
        table = merged(parts) if parts else lines([])
        size = int(table["ordinal"][-1]) + 1 if len(table) else 0
        self.size: Final = size  # ordinals are below this
        self.here = np.zeros(size, dtype=np.bool_)
        self.digests = np.zeros(size, dtype=np.uint64)
        self.days = np.zeros(size, dtype=np.int32)
        self.keys = np.zeros(size, dtype=table.dtype["key"])
        places = table["ordinal"]
        for column, name in (
            (self.here, "here"),
            (self.digests, "digest"),
            (self.days, "day"),
            (self.keys, "key"),
        ):
            column[places] = table[name]

    def __len__(self) -> int:
        return int(self.here.sum())

    def id(self, ordinal: int) -> PaperId:
        """The paper with an ordinal."""
        return from_key(bytes(self.keys[ordinal]))

    def ids(self, ordinals: NDArray[np.int64]) -> list[PaperId]:
        """The papers with these ordinals."""
        return [from_key(key) for key in self.keys[ordinals].tolist()]

    def ordinals(self, ids: Iterable[PaperId]) -> NDArray[np.int64]:
        """The ordinals of those ids that are here; -1 for the others."""
        keys = [to_key(id) for id in ids]
        found = np.full(len(keys), -1, dtype=np.int64)
        if not keys or not self.size:
            return found
        wanted = np.array(keys)
        order = self._order
        places = np.minimum(np.searchsorted(self.keys, wanted, sorter=order), self.size - 1)
        candidates = order[places]
        hit = (self.keys[candidates] == wanted) & self.here[candidates]
        found[hit] = candidates[hit]
        return found

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.keys, kind="stable")


def _columns(width: int) -> np.dtype[Any]:
    return np.dtype(
        [("ordinal", "<u4"), ("digest", "<u8"), ("day", "<i4"), ("here", "?"), ("key", f"S{width}")]
    )


def _last_of_each(values: NDArray[Any]) -> NDArray[np.int64]:
    """The place of each value's last occurrence, in order of places."""
    backwards = values[::-1]
    _, first = np.unique(backwards, return_index=True)
    places: NDArray[np.int64] = np.sort(len(values) - 1 - first)
    return places

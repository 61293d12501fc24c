"""Details: some bytes for each paper, made of its text and opaque to the index. Knows no words and no ids.

What a second look at a few candidates needs (their word pieces, their sentences' vectors) lies here, as
vectors do: in parts, each a table of whose they are and of which text, where each begins, and the bytes
one after the other, memory-mapped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import StaleIndexError
from broadsheet.index.files import WAY_OUT, load, save
from broadsheet.index.ledger import Ledger
from broadsheet.index.manifest import DetailPart, Details
from broadsheet.index.papers import Standing
from broadsheet.index.parts import first_to_merge, keys, present

Bytes = NDArray[np.uint8]

_NOTHING: Final = np.zeros(0, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Part:
    """Some details: whose they are, where each begins (one more than there are), and all of them."""

    keys: NDArray[Any]
    starts: NDArray[np.int64]
    bytes: Bytes


def opened(directory: Path, stated: DetailPart) -> Part:
    """A part as it lies in an index directory. Raises StaleIndexError where it is damaged."""
    part = Part(
        load(directory, stated.keys),
        load(directory, stated.starts),
        load(directory, stated.bytes, verify=False),
    )
    fits = (
        part.keys.shape == (stated.rows,)
        and part.starts.shape == (stated.rows + 1,)
        and part.bytes.dtype == np.uint8
        and part.bytes.shape == (int(part.starts[-1]),)
    )
    if not fits:
        raise StaleIndexError(f"the search index is damaged: {stated.bytes.name} does not fit; {WAY_OUT}")
    return part


def merged(parts: Sequence[Part], papers: Standing) -> Part:
    """Several parts as one, without what is of no use any more."""
    kept = present([part.keys for part in parts], papers)
    lengths = [np.diff(part.starts) for part in parts]
    of_each = np.split(kept, np.cumsum([len(part.keys) for part in parts])[:-1])
    useful = [
        part.bytes if rows.all() else part.bytes[np.repeat(rows, counts)]
        for part, rows, counts in zip(parts, of_each, lengths, strict=True)
    ]
    return Part(
        np.concatenate([part.keys for part in parts])[kept],
        _starts(np.concatenate(lengths)[kept]),
        np.concatenate([_NOTHING, *useful]),
    )


def made(ordinals: Sequence[int], digests: Sequence[int], details: Sequence[bytes]) -> Part:
    """A part of what was just put in."""
    return Part(
        keys(ordinals, digests),
        _starts(np.fromiter(map(len, details), dtype=np.int64, count=len(details))),
        np.frombuffer(b"".join(details), dtype=np.uint8),
    )


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


class DetailsReader:
    """All details of one name in one generation. Safe to share between threads."""

    def __init__(self, parts: Sequence[Part], papers: Standing) -> None:
        # Plain views of what is mapped: a memmap is slow to slice.
        self._starts = [np.asarray(part.starts) for part in parts]
        self._bytes = [np.asarray(part.bytes) for part in parts]
        self._firsts = np.cumsum([0, *(len(part.keys) for part in parts)])
        places = np.flatnonzero(present([part.keys for part in parts], papers))
        ordinals = [part.keys["ordinal"] for part in parts]
        joined = np.concatenate(ordinals).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
        self._row_of = np.full(papers.size, -1, dtype=np.int64)
        self._row_of[joined[places]] = places

    def of(self, ordinals: NDArray[np.int64]) -> tuple[Bytes | None, ...]:
        """The details of these ordinals, None where there are none. Do not write to them."""
        known = (ordinals >= 0) & (ordinals < len(self._row_of))
        rows = np.full(len(ordinals), -1, dtype=np.int64)
        rows[known] = self._row_of[ordinals[known]]
        homes = np.searchsorted(self._firsts, rows, side="right") - 1
        found: list[Bytes | None] = [None] * len(ordinals)
        for home, (starts, whole) in enumerate(zip(self._starts, self._bytes, strict=True)):
            chosen = np.flatnonzero(homes == home)
            places = rows[chosen] - self._firsts[home]
            spans = zip(chosen.tolist(), starts[places].tolist(), starts[places + 1].tolist(), strict=True)
            for n, start, end in spans:
                found[n] = whole[start:end]
        return tuple(found)


class DetailsWriter:
    """Takes details of one name and publishes them as parts. For one thread."""

    def __init__(self, directory: Path, name: str, *, published: Details | None) -> None:
        self._directory = directory
        self._name = name
        self._parts = [(part, opened(directory, part)) for part in (published.parts if published else ())]
        self._waiting: list[tuple[Sequence[int], Sequence[int], Sequence[bytes]]] = []

    def mark(self, ledger: Ledger) -> None:
        """Tell the ledger whose details are published."""
        for _, part in self._parts:
            ledger.mark(self._name, part.keys["ordinal"], part.keys["digest"])

    def add(self, ordinals: Sequence[int], digests: Sequence[int], details: Sequence[bytes]) -> None:
        """Take the details of some papers' texts."""
        if len(ordinals):
            self._waiting.append((ordinals, digests, details))

    def publish(self, number: int, ledger: Ledger) -> Details:
        """The parts of the present state, what came in written durably under this number."""
        if self._waiting:
            self._write(f"details-{hashlib.sha256(self._name.encode()).hexdigest()[:8]}-{number:08d}", ledger)
        return Details(count=ledger.having(self._name), parts=tuple(part for part, _ in self._parts))

    def _write(self, stem: str, ledger: Ledger) -> None:
        """Make what waits a part, merged with the small ones before it."""
        fresh = made(
            [o for ordinals, _, _ in self._waiting for o in ordinals],
            [d for _, digests, _ in self._waiting for d in digests],
            [each for *_, details in self._waiting for each in details],
        )
        place = first_to_merge([*(part.rows for part, _ in self._parts), len(fresh.keys)])
        whole = merged([*(part for _, part in self._parts[place:]), fresh], ledger)
        part = DetailPart(
            rows=len(whole.keys),
            keys=save(self._directory, f"{stem}-keys.npy", whole.keys),
            starts=save(self._directory, f"{stem}-starts.npy", whole.starts),
            bytes=save(self._directory, f"{stem}-bytes.npy", whole.bytes),
        )
        self._parts[place:] = [(part, opened(self._directory, part))]
        self._waiting.clear()

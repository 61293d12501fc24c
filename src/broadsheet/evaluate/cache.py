"""An encoder's vectors by the text they are of, kept between runs. Knows no collection and no index.

Encoding a collection takes minutes to hours, so what was made is kept, outside any checkout. Every
text is known by its hash: a changed or grown collection encodes only what is new, and two
collections share what they have in common.

Each encoder has a folder with a ``label.json`` that says what it holds, and any number of *shards*:
``.npy`` files of rows (hash, vector), which are never changed. A shard is written aside, synced and
renamed, so a killed run leaves whole shards only. Any file may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.index.contract import Encoder, Vectors

_log = logging.getLogger(__name__)

_KEY: Final = 16  # bytes of SHA-256 that tell texts apart
_FLUSH: Final = 512  # texts in memory before a shard is written

Progress = Callable[[int, int], None]  # told (vectors made, all that were lacking)


class VectorCache:
    """The vectors of one encoder in a folder; ``name`` and ``dim`` are the encoder's.

    Rows are float16. Any number of processes may read and add at once.
    Raises InputError where the folder cannot be used or is another encoder's.
    """

    def __init__(self, folder: Path, *, name: str, dim: int) -> None:
        slug = re.sub(r"[^\w.-]+", "-", name).strip("-")[:40]
        mark = hashlib.sha256(name.encode()).hexdigest()[:8]
        self.folder = folder / f"{slug}-{mark}"
        self._name = name
        self._dim = dim
        self._row = np.dtype([("key", f"V{_KEY}"), ("vector", "<f2", (dim,))])
        self._homes: dict[bytes, tuple[str, int]] = {}  # key: shard and row
        self._shards: dict[str, NDArray[Any]] = {}
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._check_label()
            self._look()
        except OSError as error:
            raise InputError(f"cannot use the folder of vectors {self.folder}: {error}") from error

    def __len__(self) -> int:
        return len(self._homes)

    def lacking(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Those texts that have no vector here, each once, in their order."""
        return tuple(dict.fromkeys(text for text in texts if _key(text) not in self._homes))

    def add(self, texts: Sequence[str], vectors: Vectors) -> int:
        """Keep the vectors of these texts, shape (len(texts), dim); how many were new. Durable on return.

        So vectors that were made elsewhere come in as well. Raises InputError where shapes do not fit.
        """
        if vectors.shape != (len(texts), self._dim):
            raise InputError(
                f"expected {len(texts)} vectors of {self._dim} numbers for {self._name}, got shape {vectors.shape}"
            )
        fresh = {key: n for n, text in enumerate(texts) if (key := _key(text)) not in self._homes}
        if fresh:
            rows = np.empty(len(fresh), dtype=self._row)
            rows["key"] = np.frombuffer(b"".join(fresh), dtype=f"V{_KEY}")
            rows["vector"] = vectors[list(fresh.values())]
            self._take(self._write(rows))
        return len(fresh)

    def get(self, texts: Sequence[str]) -> Vectors:
        """The texts' vectors, float32 of shape (len(texts), dim). Raises KeyError for a text without one."""
        found: Vectors = np.empty((len(texts), self._dim), dtype=np.float32)
        places: dict[str, tuple[list[int], list[int]]] = {}
        for n, text in enumerate(texts):
            shard, row = self._homes[_key(text)]
            ours, theirs = places.setdefault(shard, ([], []))
            ours.append(n)
            theirs.append(row)
        for shard, (ours, theirs) in places.items():
            found[ours] = self._shards[shard]["vector"][theirs]
        return found

    def fill(self, texts: Sequence[str], encoder: Encoder, *, progress: Progress | None = None) -> None:
        """Encode and keep what is lacking; an interrupted run keeps what it has made so far."""
        lacking = self.lacking(texts)
        before = set(self._shards)
        for start in range(0, len(lacking), _FLUSH):
            part = lacking[start : start + _FLUSH]
            self.add(part, encoder.encode(part))
            if progress:
                progress(start + len(part), len(lacking))
        self._join(sorted(set(self._shards) - before))

    def _join(self, shards: Sequence[str]) -> None:
        """Make one shard of several of our own; readers that lose one of them find the whole."""
        if len(shards) < 2:
            return
        whole = self._write(np.concatenate([self._shards[name] for name in shards]))
        self._take(whole)
        for name in shards:
            del self._shards[name]
            (self.folder / name).unlink(missing_ok=True)

    def _write(self, rows: NDArray[Any]) -> str:
        name = f"{uuid.uuid4().hex}.npy"
        aside = self.folder / f"{name}.part"
        with aside.open("wb") as file:
            np.save(file, rows, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self.folder / name)
        return name

    def _look(self) -> None:
        # A shard that vanishes between listing and opening was joined to a larger one: list again.
        while any(
            not self._take(path.name)
            for path in sorted(self.folder.glob("*.npy"))
            if path.name not in self._shards
        ):
            pass

    def _take(self, name: str) -> bool:
        """Whether the shard was still there; a damaged one is left aside."""
        try:
            rows: NDArray[Any] = np.load(self.folder / name, mmap_mode="r", allow_pickle=False)
            if rows.dtype != self._row or rows.ndim != 1:
                raise ValueError(f"rows of {rows.dtype}")  # noqa: TRY301  one way out for every damage
        except FileNotFoundError:
            return False
        except (ValueError, EOFError) as error:
            _log.warning("left out %s: not a shard of vectors (%s)", self.folder / name, error)
            rows = np.empty(0, dtype=self._row)
        self._shards[name] = rows
        for row, key in enumerate(rows["key"].tolist()):
            self._homes[key] = (name, row)
        return True

    def _check_label(self) -> None:
        label = self.folder / "label.json"
        ours = {
            "encoder": self._name,
            "dim": self._dim,
            "rows": "float16 unit vectors",
            "key": f"first {_KEY} bytes of the SHA-256 of the text in UTF-8",
        }
        if not label.exists():
            aside = label.with_name(f"label.{uuid.uuid4().hex}.part")
            aside.write_text(json.dumps(ours, indent=1) + "\n", encoding="utf-8")
            aside.replace(label)
            return
        try:
            stated = json.loads(label.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{label} is damaged ({error}); delete it or the folder") from error
        if stated != ours:
            raise InputError(f"{label} speaks of other vectors than {self._name}'s; delete the folder")


def encoded(
    texts: Sequence[str], encoder: Encoder, *, cache: Path | None = None, progress: Progress | None = None
) -> Vectors:
    """The texts' vectors, float32 of shape (len(texts), dim), read from or kept in ``cache``.

    ``progress`` is told (vectors made, all that were lacking).
    """
    if cache is None:
        parts = []
        for start in range(0, len(texts), _FLUSH):
            parts.append(encoder.encode(texts[start : start + _FLUSH]))
            if progress:
                progress(min(start + _FLUSH, len(texts)), len(texts))
        return np.concatenate(parts) if parts else np.zeros((0, encoder.dim), dtype=np.float32)
    kept = VectorCache(cache, name=encoder.name, dim=encoder.dim)
    kept.fill(texts, encoder, progress=progress)
    return kept.get(texts)


def _key(text: str) -> bytes:
    # Damaged text may hold lone surrogates.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_KEY]

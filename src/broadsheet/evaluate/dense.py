"""Exact search over an encoder's vectors, and a cache of them. Knows no index.

This is the yardstick for vectors alone: no approximation, no words. Encoding a collection takes
minutes, so the vectors are kept between runs, outside any checkout.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from broadsheet.evaluate.collections import Collection, Document
from broadsheet.evaluate.metrics import ordered
from broadsheet.evaluate.retrieval import Searcher
from broadsheet.index.contract import Encoder, Vectors

_CHUNK = 512


def dense_searcher(
    collection: Collection,
    encoder: Encoder,
    *,
    cache: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Searcher:
    """A search by cosine over every document, ties by id; vectors are read from or kept in ``cache``."""
    ids = [document.id for document in collection.documents]
    texts = [text_of(document) for document in collection.documents]
    vectors = encoded(texts, encoder, cache=cache, note=collection.name, progress=progress)

    def search(query: str, k: int) -> Sequence[tuple[str, float]]:
        scores = vectors @ encoder.encode([query])[0]
        # Everything as good as the k-th, so that ties at the cut are broken by id as well.
        floor = np.partition(scores, -k)[-k] if k < len(ids) else -np.inf
        best = {ids[n]: float(scores[n]) for n in np.flatnonzero(scores >= floor)}
        return [(id, best[id]) for id in ordered(best.items())[:k]]

    return search


def text_of(document: Document) -> str:
    """What an encoder is given of a document: title, line break, text, as the index does."""
    return f"{document.title}\n{document.text}".strip()


def encoded(
    texts: Sequence[str],
    encoder: Encoder,
    *,
    cache: Path | None = None,
    note: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> Vectors:
    """The texts' vectors. ``progress`` is told (done, all); ``note`` goes into the cache's label.

    The cache holds one ``.npy`` for each encoder and list of texts, named by the hash of both, and a
    ``.json`` beside it that says what it is; either may be deleted at any time.
    """
    key = hashlib.sha256(json.dumps([encoder.name, list(texts)]).encode()).hexdigest()[:24]
    kept = cache / f"{key}.npy" if cache else None
    if kept and kept.exists():
        vectors: Vectors = np.load(kept, allow_pickle=False)
        return vectors
    parts = []
    for start in range(0, len(texts), _CHUNK):
        parts.append(encoder.encode(texts[start : start + _CHUNK]))
        if progress:
            progress(min(start + _CHUNK, len(texts)), len(texts))
    vectors = np.concatenate(parts) if parts else np.zeros((0, encoder.dim), dtype=np.float32)
    if kept:
        label = {"encoder": encoder.name, "texts": len(texts), "dim": encoder.dim, "of": note}
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.with_suffix(".json").write_text(json.dumps(label, indent=1) + "\n", encoding="utf-8")
        aside = kept.with_name(f"{key}.{os.getpid()}.part")
        with aside.open("wb") as file:
            np.save(file, vectors)
        aside.replace(kept)
    return vectors

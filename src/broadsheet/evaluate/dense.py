"""Exact search over an encoder's vectors. Knows no index.

This is the yardstick for vectors alone: no approximation, no words.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from broadsheet.evaluate.cache import Progress, encoded
from broadsheet.evaluate.collections import Collection, Document
from broadsheet.evaluate.metrics import ordered
from broadsheet.evaluate.retrieval import Searcher
from broadsheet.index.contract import Encoder


def dense_searcher(
    collection: Collection,
    encoder: Encoder,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Searcher:
    """A search by cosine over every document, ties by id; vectors are read from or kept in ``cache``."""
    ids = [document.id for document in collection.documents]
    texts = [text_of(document) for document in collection.documents]
    vectors = encoded(texts, encoder, cache=cache, progress=progress)

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

"""Find the axes that MiniLM's vectors of sentences lie along: ``index/encode/data/minilm-axes-v1.npz``.

    python scripts/sentence_axes.py --cache ~/.cache/broadsheet/evaluation --out axes.npz arxiv_daily/*.jsonl.gz

Principal axes, not centred, of titles and sentences of arXiv's abstracts. The first ``FINE`` are kept with two
bits, the next ``COARSE`` with one (``index/encode/sentences.py``); within each block they are turned at random, so
that every axis of a block spreads alike. A few minutes of one core; ``docs/design/ranking.md`` has the figures.
"""

from __future__ import annotations

import argparse
import hashlib
import random
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadsheet.evaluate.cache import encoded
from broadsheet.index.contract import Vectors
from broadsheet.index.encode import MiniLM, sentences
from broadsheet.model import Paper, Record
from broadsheet.source.jsonl import JsonLines
from broadsheet.text.derive import derive_all

FINE, COARSE = 192, 64
PAPERS = 2000  # of each file, the first
TEXTS = 12_000
SEED = 7
_WHENEVER = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="JSON lines of papers")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder of vectors")
    asked = parser.parse_args()
    texts = [text for file in asked.files for text in texts_of(file)]
    chosen = random.Random(SEED).sample(texts, k=min(TEXTS, len(texts)))
    vectors = encoded(chosen, MiniLM(), cache=asked.cache)
    directions, widths = axes(vectors)
    np.savez_compressed(asked.out, directions=directions, fine=np.int64(FINE), widths=widths)
    kept = float((widths**2 * [FINE, COARSE]).sum())
    print(f"{len(chosen):,} texts; {kept:.3f} of their vectors' squared length lies along the axes")
    print(f"SHA-256 {hashlib.sha256(asked.out.read_bytes()).hexdigest()}")


def texts_of(file: Path) -> list[str]:
    """Titles and sentences of the first papers of a file."""
    records = (item for item in JsonLines().read(file) if isinstance(item, Record))
    first = list({record.id: record for record in islice(records, PAPERS)}.values())
    papers = [
        Paper(record=record, derived=derived, added=_WHENEVER, seq=n)
        for n, (record, derived) in enumerate(zip(first, derive_all(first), strict=True))
    ]
    return [text for paper in papers for text in sentences.texts_of(paper)]


def axes(vectors: Vectors) -> tuple[NDArray[np.float16], NDArray[np.float64]]:
    """The directions, shape (dim, FINE + COARSE), and how far vectors spread along an axis of either block."""
    strengths, found = np.linalg.eigh(vectors.T.astype(np.float64) @ vectors / len(vectors))
    order = np.argsort(-strengths)[: FINE + COARSE]
    strengths, found = strengths[order], found[:, order]
    random = np.random.RandomState(SEED)  # its stream is frozen, the newer generator's is not
    blocks = (slice(0, FINE), slice(FINE, FINE + COARSE))
    turned = []
    for block in blocks:
        size = block.stop - block.start
        turned.append(found[:, block] @ np.linalg.qr(random.standard_normal((size, size)))[0])
    widths = np.array([strengths[block].mean() ** 0.5 for block in blocks])
    return np.concatenate(turned, axis=1).astype(np.float16), widths


if __name__ == "__main__":
    main()

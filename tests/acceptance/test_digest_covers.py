"""Ten papers out of five pages full: most areas are there, and little relevance is lost.

The pages name no areas, so they are 15 clusters of the papers' vectors, found here. The reader is one who
asked all five queries; a paper is as relevant as it is near to the nearest of the five pages.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadsheet.ids import PaperId
from broadsheet.index.encode import StaticEncoder
from broadsheet.rank.select import choose

AREAS = 15


def clusters(vectors: NDArray[np.float32], k: int) -> list[int]:
    """k-means by cosine: the best of ten starts."""
    random = np.random.default_rng(3)
    best: tuple[float, list[int]] = (-1.0, [])
    for _ in range(10):
        centres = vectors[random.choice(len(vectors), k, replace=False)]
        for _ in range(30):
            near = (vectors @ centres.T).argmax(axis=1)
            sums = np.stack([vectors[near == c].sum(axis=0) for c in range(k)])
            centres = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        cosines = vectors @ centres.T
        best = max(best, (float(cosines.max(axis=1).sum()), cosines.argmax(axis=1).tolist()))
    return best[1]


def test_ten_of_the_five_pages_cover_eight_areas_and_keep_nine_tenths_of_the_relevance(
    seed_file: Path,
) -> None:
    papers = [json.loads(line) for line in seed_file.read_text(encoding="utf-8").splitlines()]
    pages = json.loads((seed_file.parent / "pages.json").read_text(encoding="utf-8"))
    vectors = StaticEncoder().encode([f"{p['title']}. {p['abstract']}" for p in papers])
    row = {paper["id"]: number for number, paper in enumerate(papers)}
    means = np.stack([vectors[[row[id] for id in page]].mean(axis=0) for page in pages.values()])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    cosines = (vectors @ means.T).astype(np.float64)
    relevance = cosines.max(axis=1)
    areas = clusters(vectors, AREAS)
    chosen = choose(
        [PaperId.parse(paper["id"]) for paper in papers],
        relevance=relevance,
        vectors=vectors,
        groups=[str(area) for area in areas],
        interests=(cosines == cosines.max(axis=1, keepdims=True)).astype(np.float64),
        k=10,
        quota=1,
    )
    picked = [row[choice.id.value] for choice in chosen]
    assert len({areas[number] for number in picked}) >= 8
    assert relevance[picked].mean() >= 0.9 * np.sort(relevance)[-10:].mean()
    assert {choice.interest for choice in chosen} == {0, 1, 2, 3, 4}

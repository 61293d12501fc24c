"""Late interaction over word pieces: how well each piece of a query is met by some piece of a paper.

MaxSim of Khattab and Zaharia 2020 ("ColBERT"), with the fast encoder's piece vectors instead of
contextual ones: no model runs, and a paper is no more than the numbers of its pieces. It forgives what
words do not: other forms, halves of compounds, near synonyms. Knows no index and no papers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from broadsheet.index.contract import Vectors
from broadsheet.index.encode.pieces import Pieces

# Of a long query the pieces that weigh most: more of them cost time and change little.
_MOST: Final = 64


def max_sim(query: Pieces, papers: Sequence[Pieces], *, table: Vectors, units: Vectors) -> Vectors:
    """For each paper the weighted mean, over the query's pieces, of the cosine of the nearest of its pieces.

    ``table`` holds the piece vectors, shape (vocabulary, dim), and ``units`` the same at unit length. A
    piece weighs as much as its vector is long, which the encoder learned: telling pieces are long.
    Shape (len(papers),); 0 for a paper without pieces and for a query without.
    """
    scores = np.zeros(len(papers), dtype=np.float32)
    lengths = np.fromiter(map(len, papers), dtype=np.int64, count=len(papers))
    known = np.flatnonzero(lengths)
    if not len(query) or not len(known):
        return scores
    weights = np.linalg.norm(table[query], axis=1)
    if len(query) > _MOST:
        heaviest = np.sort(np.argpartition(-weights, _MOST)[:_MOST])
        query, weights = query[heaviest], weights[heaviest]
    joined = np.concatenate([paper for paper in papers if len(paper)])
    # A row for each piece of the papers: what is gathered and compared then lies side by side in memory.
    held = np.zeros(len(table), dtype=bool)
    held[joined] = True
    present = np.flatnonzero(held)
    row = np.empty(len(table), dtype=np.intp)
    row[present] = np.arange(len(present))
    cosines = units[present] @ units[query].T
    starts = np.cumsum(lengths[known]) - lengths[known]
    nearest = np.maximum.reduceat(cosines[row[joined]], starts, axis=0)
    scores[known] = nearest @ weights / max(float(weights.sum()), 1e-12)
    return scores

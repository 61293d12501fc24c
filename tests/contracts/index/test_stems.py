"""Contract of the index: whole texts as queries, of weighted stems."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from broadsheet.index.contract import Filter, Holds, Index, Words
from broadsheet.model import Paper

Make = Callable[..., Paper]


def test_papers_are_ranked_by_weighted_stems_of_title_and_abstract(index: Index, paper: Make) -> None:
    papers = [
        paper("2603.00001", "Tensors", "Dark matter."),
        paper("2603.00002", "Halos", "Of tensors."),
        paper("2603.00003", "Matter", "Dark halos."),
    ]
    with index.writer(store="store") as writer:
        writer.put(papers)
        writer.publish(seq=1)
    snapshot = index.snapshot()

    def ids(weights: dict[str, float], k: int = 9) -> list[str]:
        return [str(each.id) for each in snapshot.by_stems(weights, k=k)]

    assert ids({"tensor": 2.0, "matter": 1.0}) == ["2603.00001", "2603.00002", "2603.00003"]
    assert ids({"tensor": 1.0, "matter": 3.0}) == ["2603.00001", "2603.00003", "2603.00002"]
    assert ids({"matter": 1.0}, k=1) == ["2603.00001"]  # of equals the lower id
    assert ids({"unknown": 1.0}) == ids({}) == []
    # Twice the weight is twice the score.
    (once, *_), (twice, *_) = (snapshot.by_stems({"tensor": w}, k=1) for w in (1.0, 2.0))
    assert twice.score == pytest.approx(2 * once.score)
    # The title counts again where that is asked for; a filter binds.
    one, two = (each.score for each in snapshot.by_stems({"tensor": 1.0}, k=2, titles=True))
    assert one > two == pytest.approx(once.score)
    narrowed = snapshot.by_stems({"tensor": 1.0}, k=9, filter=Filter(where=Holds("halos")))
    assert [str(each.id) for each in narrowed] == ["2603.00002"]
    # A single stem scores as BM25 does in a search, which adds a little for the title.
    (found, *_) = snapshot.words(Words(terms=("of", "tensors")), k=3)
    assert found.score >= once.score

"""Papers compared by the sentences of one aspect, with the index's vectors of sentences and without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Snapshot, Vectors
from broadsheet.index.encode import sentences
from broadsheet.index.local import LocalIndex
from broadsheet.model import Aspect, Paper, Sentence
from broadsheet.rank.aspects import closeness, nearest_pair, vectors_of

Make = Callable[..., Paper]


class _Axes:
    """Each letter is a direction of its own, so that cosines can be worked out by hand."""

    name = "axes"
    dim = 8

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        vectors = np.zeros((len(texts), 8), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row, "abcdefgh".index(text[0])] = 1
        return vectors


def _spoken(bare: Paper, *said: tuple[str, Aspect]) -> Paper:
    """The paper with an abstract of these one-letter sentences."""
    spans = tuple(Sentence(2 * n, 2 * n + 1, aspect) for n, (_, aspect) in enumerate(said))
    text = " ".join(letter for letter, _ in said)
    return replace(bare, derived=replace(bare.derived, abstract=text, sentences=spans))


@pytest.fixture
def papers(paper: Make) -> list[Paper]:
    return [
        _spoken(paper("2603.00001", "a"), ("b", Aspect.PROBLEM), ("c", Aspect.METHOD)),
        _spoken(paper("2603.00002", "d"), ("b", Aspect.PROBLEM), ("e", Aspect.METHOD)),
        _spoken(paper("2603.00003", "d"), ("e", Aspect.PROBLEM), ("c", Aspect.METHOD)),
        _spoken(paper("2603.00004", "c"), ("b", Aspect.PROBLEM)),
    ]


def _snapshot(folder: Path, papers: Sequence[Paper], *, details: int = 0) -> Snapshot:
    index = LocalIndex(folder)
    encoder = _Axes()
    with index.writer(store="store") as writer:
        writer.put(papers)
        if details:
            made = sentences.encode(encoder, papers[:details])
            writer.put_details(papers[:details], made, name=sentences.name_of(encoder))
        writer.publish(seq=1)
    return index.snapshot()


def _read(papers: Sequence[Paper]) -> Callable[[Sequence[PaperId]], Mapping[PaperId, Paper]]:
    held = {paper.id: paper for paper in papers}
    return lambda ids: {id: held[id] for id in ids}


def _near(snapshot: Snapshot, papers: Sequence[Paper], encoder: _Axes) -> dict[str, float]:
    ids = [paper.id for paper in papers[1:]]
    near, known = closeness(
        snapshot, papers[0], ids, by=Aspect.METHOD, encoders=[encoder], read=_read(papers)
    )
    return {str(ids[row]): float(near[row]) for row in known}


def test_sentences_of_the_aspect_count_whole_and_others_a_little(tmp_path: Path, papers: list[Paper]) -> None:
    near = _near(_snapshot(tmp_path, papers), papers, _Axes())
    # Without the index only titles and the aspect's own are read: the direction is (a, c) = (.3, 1).
    assert near["2603.00002"] == 0.0
    assert near["2603.00003"] == pytest.approx(1.0 / 1.3 / 1.09**0.5, rel=1e-5)
    assert "2603.00004" not in near  # says nothing of a method


def test_vectors_of_the_index_are_taken_where_it_has_them(tmp_path: Path, papers: list[Paper]) -> None:
    encoder = _Axes()
    near = _near(_snapshot(tmp_path, papers, details=4), papers, encoder)
    assert not encoder.asked
    assert near["2603.00002"] < near["2603.00003"]
    assert "2603.00004" not in near


def test_too_few_vectors_of_sentences_are_not_taken(tmp_path: Path, papers: list[Paper]) -> None:
    encoder = _Axes()
    near = _near(_snapshot(tmp_path, papers, details=2), papers, encoder)
    assert encoder.asked
    assert set(near) == {"2603.00002", "2603.00003"}


def test_pair_is_of_one_aspect_and_not_of_surroundings(papers: list[Paper]) -> None:
    one, other, third, _ = papers
    encoder = _Axes()
    vectors = [encoder.encode(sentences.texts_of(each)) for each in papers]
    pair = nearest_pair(one, other, vectors[0], vectors[1])
    assert pair is not None
    assert (pair.aspect, pair.cosine) == (Aspect.PROBLEM, 1.0)
    pair = nearest_pair(one, third, vectors[0], vectors[2], by=Aspect.METHOD)
    assert pair is not None
    assert (pair.one, pair.other) == (one.derived.sentences[1], third.derived.sentences[1])
    code = _spoken(one, ("b", Aspect.OTHER))
    assert nearest_pair(code, code, encoder.encode(["a", "b"]), encoder.encode(["a", "b"])) is None


def test_vectors_of_a_former_text_are_made_anew(tmp_path: Path, papers: list[Paper]) -> None:
    snapshot = _snapshot(tmp_path, papers, details=4)
    encoder = _Axes()
    assert [len(each) for each in vectors_of(snapshot, papers, encoders=[encoder])] == [3, 3, 3, 2]
    assert not encoder.asked
    changed = [*papers[:3], _spoken(papers[3], ("b", Aspect.PROBLEM), ("g", Aspect.RESULT))]
    assert [len(each) for each in vectors_of(snapshot, changed, encoders=[encoder])] == [3, 3, 3, 3]
    assert "g" in encoder.asked

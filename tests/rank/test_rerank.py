"""The second stage through a real index: what it reorders, what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Filter, Vectors
from broadsheet.index.encode import StaticEncoder, sentences
from broadsheet.index.encode.pieces import pack
from broadsheet.index.local import LocalIndex
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Aspect, Paper, Sentence
from broadsheet.rank import rerank
from broadsheet.rank.fuse import Fused

Make = Callable[..., Paper]


class Given:
    """An encoder by name only: its vectors are given."""

    name = "m"
    dim = 384

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError


M = Given()
CODE = sentences.code_of(M)


def candidates(*names: str) -> list[Fused]:
    return [Fused(PaperId(name), 0.5, 0.5) for name in names]


@pytest.fixture
def static() -> StaticEncoder:
    return StaticEncoder()


def published(tmp_path: Path, papers: list[Paper], **details: list[bytes]) -> LocalSnapshot:
    index = LocalIndex(tmp_path)
    with index.writer(store="s") as writer:
        writer.put(papers)
        for name, made in details.items():
            writer.put_details(papers[: len(made)], made, name=name)
        writer.publish(seq=1)
    return index.snapshot()


def test_pieces_prefer_the_paper_with_other_forms_of_the_words(
    tmp_path: Path, paper: Make, static: StaticEncoder
) -> None:
    papers = [
        paper("2603.00001", "Bananas and how they ripen"),
        paper("2603.00002", "Factorising tensors quickly"),
    ]
    made = pack(static.pieces([p.title for p in papers]))
    snapshot = published(tmp_path, papers, **{static.pieces_name: made})
    first = candidates("2603.00001", "2603.00002")
    pieces = rerank.by_pieces(snapshot, "tensor factorisation", first, encoder=static)
    assert pieces is not None
    np.testing.assert_allclose(pieces, [0, 1])
    again = rerank.again(first, pieces=pieces, near=None)
    assert [str(hit.id) for hit in again] == ["2603.00002", "2603.00001"]
    assert all(0 <= hit.score <= 1 for hit in again)
    assert all(0 <= hit.words_share <= 1 for hit in again)


def test_without_details_nothing_changes(tmp_path: Path, paper: Make, static: StaticEncoder) -> None:
    snapshot = published(tmp_path, [paper("2603.00001", "One"), paper("2603.00002", "Two")])
    first = candidates("2603.00001", "2603.00002")
    assert rerank.by_pieces(snapshot, "one", first, encoder=static) is None
    assert rerank.by_sentences(snapshot, np.ones(384, dtype=np.float32), first, encoder=M) is None
    assert rerank.again(first, pieces=None, near=None) == tuple(first)


def with_sentences(make: Make, id: str, abstract: str) -> Paper:
    plain = make(id, "Title", abstract)
    spans = [(i, i + 1) for i in range(len(abstract))]
    derived = plain.derived
    return Paper(
        record=plain.record,
        derived=type(derived)(
            **{
                **{f: getattr(derived, f) for f in derived.__dataclass_fields__},
                "sentences": tuple(Sentence(a, b, Aspect.METHOD) for a, b in spans),
            }
        ),
        added=plain.added,
        seq=plain.seq,
    )


def test_sentences_count_by_the_two_nearest(tmp_path: Path, paper: Make) -> None:
    rng = np.random.default_rng(7)
    query = rng.standard_normal(384).astype(np.float32)
    query /= np.linalg.norm(query)
    noise = rng.standard_normal((8, 384)).astype(np.float32)
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    papers = [with_sentences(paper, f"2603.0000{n}", "abc") for n in (1, 2, 3)]
    twice, once = np.stack([noise[0], query, query, noise[1]]), np.stack([*noise[2:5], query])
    made = sentences.pack(papers, np.concatenate([noise[4:8], twice, once]), code=CODE)
    snapshot = published(tmp_path, papers, **{"m/sentences": made})
    near = rerank.by_sentences(
        snapshot, query, candidates("2603.00001", "2603.00002", "2603.00003"), encoder=M
    )
    assert near is not None
    assert near[1] == pytest.approx(1)
    assert near[0] == pytest.approx(0)
    assert 0.3 < near[2] < 0.7


def test_few_known_sentences_are_no_ground_to_reorder(tmp_path: Path, paper: Make) -> None:
    papers = [with_sentences(paper, f"2603.0000{n}", "a") for n in (1, 2, 3)]
    vectors = np.eye(384, dtype=np.float32)[:2]
    snapshot = published(tmp_path, papers, **{"m/sentences": sentences.pack(papers[:1], vectors, code=CODE)})
    query = np.eye(384, dtype=np.float32)[0]
    first = candidates("2603.00001", "2603.00002", "2603.00003")
    assert rerank.by_sentences(snapshot, query, first, encoder=M) is None


def test_of_a_paragraph_the_paper_that_answers_one_sentence_comes_first(tmp_path: Path, paper: Make) -> None:
    papers = [
        paper("2603.00001", "Methods for evaluation of earlier work"),
        paper("2603.00002", "Gaze and skimming while people are reading news on a screen"),
        paper("2603.00003", "Other matters"),
    ]
    snapshot = published(tmp_path, papers)
    first = candidates("2603.00001", "2603.00002", "2603.00003")
    paragraph = (
        "We evaluate many methods on data that others have collected, as compared with what earlier work did. "
        "Gaze and skimming tell how people are reading news on a screen. "
        "None of this says anything about how evaluation should be done where there are neither data nor readers."
    )

    asked = rerank.by_asked_sentences(snapshot, paragraph, first, filter=Filter())

    assert asked is not None
    assert asked[1] == 1.0
    assert 0.0 < asked[0] < 1.0
    assert asked[2] == 0.0
    again = rerank.again(first, asked=asked)
    assert [str(hit.id) for hit in again] == ["2603.00002", "2603.00001", "2603.00003"]
    assert all(0 <= hit.score <= 1 and 0 <= hit.words_share <= 1 for hit in again)


def test_a_short_question_is_not_looked_for_by_sentences(tmp_path: Path, paper: Make) -> None:
    snapshot = published(tmp_path, [paper("2603.00001", "Gaze while reading")])
    question = "What does gaze tell? I want papers on reading."
    assert rerank.by_asked_sentences(snapshot, question, candidates("2603.00001"), filter=Filter()) is None

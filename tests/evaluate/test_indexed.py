from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import collections, indexed
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.retrieval import evaluate_retrieval
from broadsheet.ids import PaperId, Scheme
from broadsheet.index.contract import Scored, Snapshot, Vectors, Words
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.encode.pieces import unpack
from broadsheet.index.local import LocalIndex
from broadsheet.model import Derived, Record


class _Lengths:
    """An encoder whose direction is the length of the text."""

    name = "lengths"
    dim = 2

    def encode(self, texts: Sequence[str]) -> Vectors:
        angles = np.array([len(text) / 40 for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def _derive(record: Record) -> Derived:
    return Derived(title=record.title, abstract=record.abstract)


@pytest.fixture
def collection(fruit: Path) -> Collection:
    return collections.load(fruit)


@pytest.fixture
def snapshot(collection: Collection, tmp_path: Path) -> Snapshot:
    index = LocalIndex(tmp_path / "index")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return indexed.publish(collection, index, derive=_derive, encoders=(_Lengths(),), now=now)


def test_generation_holds_every_document_and_vector(snapshot: Snapshot) -> None:
    assert snapshot.generation.papers == 3
    assert snapshot.generation.encoders == {"lengths": 3}


def test_generation_holds_word_pieces_and_sentences_where_asked(
    collection: Collection, tmp_path: Path
) -> None:
    fast = StaticEncoder()
    snapshot = indexed.publish(
        collection,
        LocalIndex(tmp_path / "index"),
        derive=_derive,
        encoders=(fast,),
        sentences_of=(_Lengths(),),
        now=datetime(2026, 1, 1, tzinfo=UTC),
        cache=tmp_path / "cache",
    )
    assert snapshot.generation.encoders == {"static-v1": 3}
    assert snapshot.generation.details == {"static-v1/piece gaps": 3, "lengths/sentences": 3}
    ids = indexed.paper_ids(collection)
    texts = [f"{document.title}\n{document.text}" for document in collection.documents]
    found = snapshot.details_of(ids, name="static-v1/piece gaps")
    kept = unpack([each for each in found if each is not None])
    assert [each.tolist() for each in kept] == [each.tolist() for each in fast.pieces(texts)]


def test_product_ranking_is_judged_under_the_collections_own_ids(
    collection: Collection, snapshot: Snapshot
) -> None:
    search = indexed.searcher(
        collection, lambda text, k: snapshot.words(Words(terms=tuple(text.split())), k=k)
    )
    assert [id for id, _ in search("red", 10)] == ["apple"]
    report = evaluate_retrieval(collection, search, name="words", metrics=("mrr", "recall@10"))
    # q1 "red" finds apple, one of two right ones; q2 "pear yellow" finds only pear, itself.
    assert report.values == {"mrr": (1.0, 0.0), "recall@10": (0.5, 0.0)}


def test_paper_from_elsewhere_is_refused(collection: Collection) -> None:
    stranger = Scored(PaperId("page-206", Scheme.OWN), 1.0)
    with pytest.raises(InputError, match="page-206 is no document of small"):
        indexed.searcher(collection, lambda _, __: [stranger])("red", 10)

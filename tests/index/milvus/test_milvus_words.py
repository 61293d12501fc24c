"""Words on Milvus mean what they mean in the local index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.index.papers import different_papers

from broadsheet.index.contract import AllOf, AnyOf, Filter, Holds, Snapshot, Without, Words
from broadsheet.index.local import LocalIndex
from broadsheet.index.milvus.conditions import Conditions
from broadsheet.model import Paper, PaperType

Opener = Callable[..., Any]


@pytest.fixture
def papers(paper: Callable[..., Paper]) -> list[Paper]:
    further = [
        paper(f"2604.{n:05}", f"Tensor methods {n}", " ".join(["graph"] * n) + " learning to rank tensors")
        for n in range(1, 30)
    ]
    return [
        *different_papers(paper),
        *further,
        paper(
            "2605.00001",
            "Complexity O(n) of “quoted” graphs",
            "It's p<0.05 \\ so they say.",
            keyphrases=["tropical geometry"],
        ),
    ]


def both(opener: Opener, tmp_path: Path, papers: Sequence[Paper]) -> tuple[Snapshot, Any]:
    local, milvus = LocalIndex(tmp_path / "index"), opener()
    for index in (local, milvus):
        with index.writer(store="store") as writer:
            writer.put(papers)
            writer.publish(seq=1)
    return local.snapshot(), milvus.snapshot()


ASKED = [
    Words(terms=("tensor",)),
    Words(terms=("tensor", "graph", "learning")),
    Words(terms=("graph", "graph", "rank")),
    Words(terms=("learning", "to", "rank"), phrases=("graph learning",)),
    Words(terms=("castro", "tensor")),
    Words(terms=("O(n)",)),
    Words(terms=("tropical",), scored=("tensor methods",)),
    Words(terms=("tensor",), excluded=("graph", "least squares")),
    Words(phrases=("message passing",)),
]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED, ids=repr)
def test_words_find_and_score_as_the_local_index_does(
    opener: Opener, tmp_path: Path, papers: list[Paper], asked: Words
) -> None:
    local, milvus = both(opener, tmp_path, papers)
    expected, found = local.words(asked, k=50), milvus.words(asked, k=50)
    assert milvus.count(asked) == local.count(asked) == len(found)
    assert [s.score for s in found] == pytest.approx([s.score for s in expected], rel=0.01)
    assert {s.id: s.score for s in found} == pytest.approx({s.id: s.score for s in expected}, rel=0.01)


def test_indexes_of_words_and_their_letters_mean_the_same(
    opener: Opener, tmp_path: Path, papers: list[Paper]
) -> None:
    _, milvus = both(opener, tmp_path, papers)
    engine = milvus._engine
    filters = [
        Filter(),
        Filter(where=Holds("tensor methods", "title")),
        Filter(where=Without(AnyOf((Holds("graph learning"), Holds("tropical geometry"))))),
        Filter(categories=("cs",), types=(PaperType.METHOD,), where=AllOf((Holds("tensor"), Holds("graph")))),
        Filter(where=AnyOf(())),
        Filter(where=AllOf(())),
    ]
    for asked in (*ASKED, Words()):
        for filter in filters:
            counts = []
            for indexed in (False, True):
                where = Conditions(indexed=indexed).matching(asked, filter)
                counts.append(engine.count(milvus._papers, where))
            assert counts[0] == counts[1], (asked, filter)
    for stem in ("tensor", "castro", "tropic", "say"):
        scan, index = (Conditions(indexed=indexed).in_text(stem) for indexed in (False, True))
        assert engine.count(milvus._papers, scan) == engine.count(milvus._papers, index)
    assert (
        milvus._count(Conditions(indexed=True).in_text("castro")) == 0
    )  # an author's name, not a text's word


def test_a_day_of_many_papers_is_cut_where_asked(opener: Opener, tmp_path: Path, papers: list[Paper]) -> None:
    local, milvus = both(opener, tmp_path, papers)
    for k in (0, 1, 3, 5, 40):
        assert milvus.words(Words(), k=k) == local.words(Words(), k=k)


def test_a_mistyped_word_takes_few_looks_into_the_dictionary(
    opener: Opener, tmp_path: Path, papers: list[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, milvus = both(opener, tmp_path, papers)
    looks: list[str] = []
    rows = milvus._engine.rows

    def counted(name: str, *asked: Any, **options: Any) -> Any:
        looks.append(name)
        return rows(name, *asked, **options)

    monkeypatch.setattr(milvus._engine, "rows", counted)
    assert milvus.suggestion("tensro") == "tensor"
    assert milvus.suggestion("maldacnea", of="author") == "maldacena"
    assert milvus.suggestion("tensor") is None
    assert len(looks) <= 8  # not one for each of five hundred slips

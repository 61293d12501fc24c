"""Sets of readers: what is read, what is offered, and how rankings are judged."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.evaluate import recommend
from broadsheet.index.contract import Vectors

KINDS = ("planets orbiting distant stars", "parsing sentences", "sorting lists", "folding proteins")


def _encode(texts: Sequence[str]) -> Vectors:
    """Vectors that know the kind of a text and nothing else."""
    return np.array([[float(kind in text) for kind in KINDS] for text in texts], dtype=np.float32)


def _write(
    folder: Path, readers: Sequence[dict[str, Any]], *, packed: bool = False, days: bool = False
) -> Path:
    corpus = [
        {"_id": f"d{n}", "title": "", "text": f"{KINDS[n % 4]} case{n}"}
        | ({"announced": f"2026-01-{n % 28 + 1:02}"} if days else {})
        for n in range(80)
    ]
    for name, rows in (("corpus", corpus), ("readers", readers)):
        text = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path = folder / (f"{name}.jsonl" + (".gz" if packed else ""))
        path.write_bytes(gzip.compress(text) if packed else text)
    return folder


READER = {
    "reader": "ann",
    "library": ["d0", "d4"],
    "negatives": ["d1"],
    "candidates": [f"d{n}" for n in range(40, 80)],
    "relevant": {"d40": 2, "d44": 1},
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("days", [False, True])
def test_library_brings_its_kind_first(tmp_path: Path, *, packed: bool, days: bool) -> None:
    readers = recommend.load(_write(tmp_path, [READER], packed=packed, days=days))
    stage = recommend.Stage(readers, _encode)
    for scorer in (stage.profile(), stage.centroid(), stage.words()):
        found = stage.evaluate(scorer, name="x").report.found["ann"]
        assert {int(id[1:]) % 4 for id, _ in found[:10]} == {0}
        assert len(found) == 40


def test_without_candidates_all_others_are_offered(tmp_path: Path) -> None:
    reader = {"reader": 7, "library": ["d0"], "relevant": {"d4": 1}}
    stage = recommend.Stage(recommend.load(_write(tmp_path, [reader])), _encode)
    found = stage.evaluate(stage.profile(), name="x").report.found["7"]
    assert {id for id, _ in found} == {f"d{n}" for n in range(1, 80)}


def test_what_a_reader_has_or_turned_down_is_not_offered(tmp_path: Path) -> None:
    reader = READER | {"candidates": ["d0", "d1", "d40", "d41"]}
    stage = recommend.Stage(recommend.load(_write(tmp_path, [reader])), _encode)
    assert {id for id, _ in stage.evaluate(stage.words(), name="x").report.found["ann"]} == {"d40", "d41"}


def test_ids_that_the_corpus_lacks_are_passed_over(tmp_path: Path) -> None:
    reader = READER | {"library": ["d0", "gone"], "relevant": {"d40": 1, "lost": 1}}
    (loaded,) = recommend.load(_write(tmp_path, [reader])).readers
    assert loaded.library == ("d0",)
    assert loaded.grades == {"d40": 1}


def test_reader_without_library_is_ranked_by_id(tmp_path: Path) -> None:
    stage = recommend.Stage(
        recommend.load(_write(tmp_path, [READER | {"library": [], "negatives": []}])), _encode
    )
    found = [id for id, _ in stage.evaluate(stage.profile(), name="x").report.found["ann"]]
    assert found == sorted(found)


def test_weighted_tau_is_taken_where_grades_differ(tmp_path: Path) -> None:
    other = READER | {"reader": "bob", "relevant": {"d40": 1, "d44": 1}}
    stage = recommend.Stage(recommend.load(_write(tmp_path, [READER, other])), _encode)
    assert set(stage.evaluate(stage.profile(), name="x").tau) == {"ann"}


def test_cut_libraries_are_parts_of_the_whole_and_the_same_each_time(tmp_path: Path) -> None:
    reader = READER | {"library": [f"d{n}" for n in range(20)]}
    readers = recommend.load(_write(tmp_path, [reader]))
    three, ten = (recommend.cut(readers, size).readers[0].library for size in (3, 10))
    assert len(three) == 3
    assert set(three) < set(ten) < set(readers.readers[0].library)
    assert recommend.cut(readers, 3).readers[0].library == three


def test_readers_are_judged_as_queries(tmp_path: Path) -> None:
    readers = recommend.load(_write(tmp_path, [READER]))
    assert readers.judged().grades == {"ann": {"d40": 2, "d44": 1}}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"library": [], "relevant": {"d1": 1}}, "expected the id of a 'reader'"),
        ({"reader": "a", "library": "d1", "relevant": {"d1": 1}}, "expected a list of ids as 'library'"),
        ({"reader": "a", "library": [], "relevant": ["d1"]}, "expected 'relevant' to give ids their grades"),
        ({"reader": "a", "library": [], "relevant": {"none": 1}}, "no reader has a relevant document"),
    ],
)
def test_wrong_lines_are_said(tmp_path: Path, line: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        recommend.load(_write(tmp_path, [line]))


def test_second_reader_of_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="readers.jsonl:2: a second reader 'ann'"):
        recommend.load(_write(tmp_path, [READER, READER]))

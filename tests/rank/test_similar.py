from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper
from broadsheet.rank.similar import similar

Make = Callable[..., Paper]
Indexed = Callable[..., LocalSnapshot]
SHARED = Path(os.environ.get("BROADSHEET_SHARED") or Path(__file__).parents[3] / "shared")


def test_nearest_come_first_without_the_paper_itself(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    papers = [
        paper("2603.00001", "tensor factorisation by alternating least squares"),
        paper("2603.00002", "tensor factorisation by gradient descent"),
        paper("2603.00003", "dark matter halos"),
        paper("2603.00004", "galaxies and dark matter"),
    ]
    snapshot = indexed(papers, hashing())
    found = similar(snapshot, papers[0].id, encoders=["hashing"], k=3)
    assert str(found[0].id) == "2603.00002"
    assert papers[0].id not in {n.id for n in found}
    assert found[0].cosine == pytest.approx(4 / np.sqrt(6 * 5), abs=0.25)  # shared words, hashed to 64 signs


def test_paper_without_a_vector_has_no_neighbours(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    snapshot = indexed([paper("2603.00001", "One")], hashing())
    assert similar(snapshot, PaperId("2603.09999"), encoders=["hashing"]) == ()
    assert similar(snapshot, PaperId("2603.00001"), encoders=["better"]) == ()
    assert similar(snapshot, PaperId("2603.00001"), encoders=["hashing"]) == ()


def test_encoder_that_knows_half_of_the_archive_is_preferred(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    papers = [paper(f"2603.0000{n}", f"paper number {n}") for n in range(1, 7)]
    few = indexed(papers, hashing(), partly=[(hashing("better"), papers[:2])])
    assert len(similar(few, papers[0].id, encoders=["better", "hashing"], k=9)) == 5
    most = indexed(papers, hashing(), partly=[(hashing("better"), papers[:4])])
    assert len(similar(most, papers[0].id, encoders=["better", "hashing"], k=9)) == 3


def test_no_paper_of_the_seed_pages_is_in_more_than_a_tenth_of_the_lists(
    indexed: Indexed, paper: Make
) -> None:
    file = SHARED / "data" / "seed_pages" / "papers.jsonl"
    if not file.is_file():
        pytest.skip(f"the seed pages are not at {file}")
    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    papers = [paper(e["id"], e["title"], e["abstract"]) for e in entries]
    encoder = StaticEncoder()
    snapshot = indexed(papers, encoder)
    listed = Counter(n.id for p in papers for n in similar(snapshot, p.id, encoders=[encoder.name], k=10))
    assert len(papers) == 282
    assert max(listed.values()) <= 28
    # The same work under two ids finds itself.
    assert similar(snapshot, PaperId.parse("page-206"), encoders=[encoder.name], k=1)[0].id == PaperId.parse(
        "page-208"
    )

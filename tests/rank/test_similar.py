from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from broadsheet.index.contract import Encoder
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Aspect, Paper, Sentence
from broadsheet.rank.similar import similar, telling

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
    found = similar(snapshot, papers[0], encoders=[hashing()], k=3)
    assert str(found[0].id) == "2603.00002"
    assert papers[0].id not in {n.id for n in found}
    assert found[0].cosine == pytest.approx(4 / np.sqrt(6 * 5), abs=0.25)  # shared words, hashed to 64 signs


def test_paper_without_a_vector_is_compared_by_words(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    papers = [
        paper("2603.00001", "tensor trains"),
        paper("2603.00002", "tensors"),
        paper("2603.00003", "dark matter"),
    ]
    snapshot = indexed(papers, hashing())
    (first, *_) = similar(snapshot, paper("2603.09999", "A tensor"), encoders=[hashing()])
    assert (str(first.id), first.cosine) == ("2603.00002", None)
    (first, *_) = similar(snapshot, papers[0], encoders=[hashing("better")])
    assert (str(first.id), first.cosine) == ("2603.00002", None)


def test_nothing_is_like_a_lonely_paper(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    alone = paper("2603.00001", "One")
    assert similar(indexed([alone], hashing()), alone, encoders=[hashing()]) == ()


def test_encoder_that_knows_half_of_the_archive_is_preferred(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    papers = [paper(f"2603.0000{n}", title) for n, title in enumerate(["a b", "a b", "a", "b", "c", "d"], 1)]
    encoders = [hashing("better"), hashing()]
    few = indexed(papers, hashing(), partly=[(hashing("better"), papers[:2])])
    assert all(n.cosine is not None for n in similar(few, papers[0], encoders=encoders, k=9))
    most = indexed(papers, hashing(), partly=[(hashing("better"), papers[:4])])
    lacking = {n.id for n in similar(most, papers[0], encoders=encoders, k=9) if n.cosine is None}
    assert not lacking & {p.id for p in papers[:4]}


def test_vectors_and_words_both_count(indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]) -> None:
    papers = [
        paper("2603.00001", "tensor factorisation", "An eigenvalue of a graph."),
        paper("2603.00002", "tensor factorisation", "A spectrum of a network."),
        paper("2603.00003", "tensor factorisation", "An eigenvalue of a network."),
        *(paper(f"2603.001{n:02}", f"galaxy {n}", "Dark matter.") for n in range(20)),
    ]
    snapshot = indexed(papers, hashing())
    assert [str(n.id) for n in similar(snapshot, papers[0], encoders=[hashing()], k=2)] == [
        "2603.00003",
        "2603.00002",
    ]


def test_an_aspect_puts_papers_alike_in_it_first(
    indexed: Indexed, paper: Make, hashing: Callable[..., Encoder]
) -> None:
    def made(id: str, problem: str, method: str) -> Paper:
        text = f"{problem} {method}"
        spans = (
            Sentence(0, len(problem), Aspect.PROBLEM),
            Sentence(len(problem) + 1, len(text), Aspect.METHOD),
        )
        bare = paper(id, "A study", text)
        return replace(bare, derived=replace(bare.derived, sentences=spans))

    halos, parsing = "Dark halos bend light around galaxies.", "Sentences are parsed slowly."
    wavelets, sampling = "We expand signals in sparse wavelets.", "We sample by Markov chains."
    asked = made("2603.00001", halos, wavelets)
    papers = [asked, made("2603.00002", halos, sampling), made("2603.00003", parsing, wavelets)]
    papers += [paper(f"2603.001{n:02}", f"Number {n}", "Nothing of the kind.") for n in range(20)]
    snapshot = indexed(papers, hashing())
    held = {p.id: p for p in papers}

    def first(by: Aspect) -> str:
        found = similar(
            snapshot,
            asked,
            encoders=[hashing()],
            by=by,
            read=lambda ids: {id: held[id] for id in ids},
            k=2,
        )
        return str(found[0].id)

    assert first(Aspect.PROBLEM) == "2603.00002"
    assert first(Aspect.METHOD) == "2603.00003"


def test_telling_words_are_rare_and_weigh_by_the_root_of_their_count(indexed: Indexed, paper: Make) -> None:
    snapshot = indexed(
        [paper("2603.00001", "tensor tensor tensor tensor of the data"), paper("2603.00002", "data")]
    )
    assert telling(snapshot, "Tensor, tensors, tensor and tensor of the data") == {"tensor": 2.0, "data": 1.0}
    assert telling(snapshot, "tensor data", most=1) == {"tensor": 1.0}
    assert telling(snapshot, "of the unknown") == {}


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
    listed = Counter(n.id for p in papers for n in similar(snapshot, p, encoders=[encoder], k=10))
    assert len(papers) == 282
    assert max(listed.values()) <= 28
    # The same work under two ids finds itself.
    (one,) = (p for p in papers if str(p.id) == "page-206")
    assert str(similar(snapshot, one, encoders=[encoder], k=1)[0].id) == "page-208"

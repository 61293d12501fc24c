"""Similar papers as readers get them: folded, and with the sentences in which they are alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, text_of
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.library import shapes
from broadsheet.library.neighbours import similar
from broadsheet.library.views import Hit
from broadsheet.model import Aspect, Paper, Sentence
from broadsheet.store.contract import Store

Make = Callable[..., Paper]

HALOS = "Dark halos bend light around galaxies."
WAVELETS = "We expand signals in sparse wavelets."
SAMPLING = "We sample by Markov chains."


class _Held:
    """What a store is asked here."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = {paper.id: paper for paper in papers}

    def get_many(self, ids: Sequence[PaperId]) -> Mapping[PaperId, Paper]:
        return {id: self._papers[id] for id in ids if id in self._papers}


Asked = Callable[..., tuple[Hit, ...]]


@pytest.fixture
def asked(tmp_path: Path, hashing: Callable[..., Encoder]) -> Asked:
    """The papers similar to the first of some, which are indexed with the vectors of words hashed."""

    def ask(
        papers: Sequence[Paper],
        *,
        gone: int = 0,
        by: Aspect | None = None,
        limit: int = 9,
        encoder: Encoder | None = None,
    ) -> tuple[Hit, ...]:
        encoder = encoder or hashing()
        index = LocalIndex(tmp_path / "index")
        with index.writer(store="store") as writer:
            writer.put(papers)
            writer.put_vectors(papers, encoder.encode([text_of(p) for p in papers]), encoder=encoder.name)
            writer.publish(seq=1)
        return similar(
            papers[0],
            snapshot=index.snapshot(),
            store=cast("Store", _Held(papers[: len(papers) - gone])),
            fast=encoder,
            better=None,
            limit=limit,
            by=by,
        )

    return ask


def _spoken(bare: Paper, *sentences: tuple[str, Aspect]) -> Paper:
    """The paper with an abstract of these sentences."""
    text, spans = "", []
    for sentence, aspect in sentences:
        start = len(text) + bool(text)
        text = f"{text} {sentence}".strip()
        spans.append(Sentence(start, start + len(sentence), aspect))
    derived = replace(bare.derived, abstract=text, sentences=tuple(spans))
    return replace(bare, record=replace(bare.record, abstract=text), derived=derived)


@pytest.fixture
def papers(paper: Make) -> list[Paper]:
    return [
        _spoken(paper("2603.00001", "Lenses"), (HALOS, Aspect.PROBLEM), (WAVELETS, Aspect.METHOD)),
        _spoken(paper("2603.00002", "Maps"), (HALOS, Aspect.PROBLEM), (SAMPLING, Aspect.METHOD)),
        _spoken(paper("2603.00003", "Bases"), ("Noise hurts.", Aspect.PROBLEM), (WAVELETS, Aspect.METHOD)),
    ]


def test_reason_holds_the_pair_of_sentences_most_alike(asked: Asked, papers: list[Paper]) -> None:
    hits = {str(hit.paper.id): hit for hit in asked(papers)}
    first = hits["2603.00002"]
    assert first.likeness is not None
    assert (first.likeness.aspect, first.likeness.here) == (Aspect.PROBLEM, HALOS)
    assert first.paper.abstract[slice(*first.likeness.there)] == HALOS
    assert first.reason.text.startswith(f"very close in problem to “{HALOS}”; both speak of ")
    assert hits["2603.00003"].reason.text.startswith(f"very close in method to “{WAVELETS}”; ")


def test_words_that_every_field_uses_are_not_what_two_papers_share(asked: Asked, paper: Make) -> None:
    papers = [
        paper("2603.00001", "Lensing", "Above all, halos usually bend light as above."),
        paper("2603.00002", "Maps", "Halos are usually found above voids."),
    ]
    (hit,) = asked(papers, encoder=StaticEncoder())
    assert hit.matched == ("Halos",)


def test_aspect_asked_for_is_the_one_compared(asked: Asked, papers: list[Paper]) -> None:
    hits = asked(papers, by=Aspect.METHOD)
    assert [h.likeness and h.likeness.aspect for h in hits] == [Aspect.METHOD, Aspect.METHOD]
    (whole, *_) = asked(papers, by=Aspect.RESULT)
    assert whole.likeness is None
    assert whole.reason.text.startswith("as a whole: no sentence of its result to compare")


def test_json_has_both_sentences(asked: Asked, papers: list[Paper]) -> None:
    (shape,) = (shapes.similar_shape(h) for h in asked(papers) if str(h.paper.id) == "2603.00002")
    assert shape["alike"]["aspect"] == "problem"
    assert shape["alike"]["here"] == shape["alike"]["there"] == HALOS
    assert shape["also"] == []
    assert shape["why"]["kind"] == "similar"


def test_one_text_under_several_ids_is_one_entry(asked: Asked, paper: Make) -> None:
    body = "Partitioning around medoids clusters what is not Euclidean."
    papers = [
        paper("2603.00001", "Clustering documents", "Medoids and means of documents."),
        paper("2603.00002", "Faster clustering around medoids", body),
        paper("2603.00003", "Fast clustering around medoids", body),
        paper("2603.00004", "Faster clustering around medoids, part II", body),
    ]
    hits = asked(papers)
    listed = [{str(h.paper.id), *map(str, h.also)} for h in hits]
    assert {"2603.00002", "2603.00003"} in listed
    assert {"2603.00004"} in listed
    assert "; nearly the same text: 2603.0000" in " ".join(h.reason.text for h in hits)
    same = {str(h.paper.id): h.reason.text for h in asked(papers[1:])}
    assert same["2603.00003"].startswith("nearly the same text as this paper")
    assert not same["2603.00004"].startswith("nearly the same text")


def test_paper_that_left_since_is_passed_over(asked: Asked, papers: list[Paper]) -> None:
    assert [str(h.paper.id) for h in asked(papers, gone=1)] == ["2603.00002"]


def test_limit_is_kept(asked: Asked, paper: Make) -> None:
    papers = [paper(f"2603.001{n:02}", f"Galaxy {n}", "Dark matter.") for n in range(20)]
    found = asked(papers, limit=5)
    assert len(found) == 5
    assert np.all(np.diff([h.score for h in found]) <= 0)

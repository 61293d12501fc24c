"""Contract of the index: what acronyms stand for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from broadsheet.index.contract import Generation, Index, Reading, Snapshot, Words
from broadsheet.index.senses import long_key
from broadsheet.model import Paper
from broadsheet.text import acronyms

Make = Callable[..., Paper]
Publish = Callable[..., Generation]

EXPLAINED = "2603.00001"  # EM (expectation maximization), American
BRITISH = "2603.00002"
MEMORY = "2603.00003"  # episodic memory (EM)
UNEXPLAINED = "2603.00004"
ORDINARY = "2603.00005"  # em, a word in small letters
SPELT_OUT = "2603.00006"


def explaining(paper: Paper) -> Paper:
    """The paper with the acronyms that its abstract explains."""
    return replace(paper, derived=replace(paper.derived, acronyms=acronyms.find(paper.abstract)))


@pytest.fixture
def papers(paper: Make) -> list[Paper]:
    texts = {
        EXPLAINED: "We run EM (expectation maximization) here.",
        BRITISH: "The expectation–maximisation (EM) steps.",
        MEMORY: "Some episodic memory (EM) of robots.",
        UNEXPLAINED: "Fitting mixtures by EM alone.",
        ORDINARY: "The em dash is a sign.",
        SPELT_OUT: "Fitting by expectation maximization alone.",
    }
    return [explaining(paper(id, f"Paper {id[-1]}", text)) for id, text in texts.items()]


@pytest.fixture
def snapshot(index: Index, publish: Publish, papers: list[Paper]) -> Snapshot:
    publish(papers)
    return index.snapshot()


def test_spellings_of_a_long_form_are_one_sense(snapshot: Snapshot) -> None:
    senses = snapshot.senses("em")
    assert [(s.short, s.papers) for s in senses] == [("EM", 2), ("EM", 1)]
    assert long_key(senses[0].long) == long_key("expectation maximization")
    assert senses[1].long == "episodic memory"
    assert snapshot.senses("XY") == ()


def test_case_can_matter(index: Index, publish: Publish, paper: Make) -> None:
    publish(
        [
            explaining(paper("2603.00001", "One", "A maximum a posteriori (MAP) estimate.")),
            explaining(paper("2603.00002", "Two", "The mean average precision (mAP) rose.")),
        ]
    )
    snapshot = index.snapshot()
    assert {sense.short for sense in snapshot.senses("map")} == {"MAP", "mAP"}
    assert [sense.long for sense in snapshot.senses("MAP", as_written=True)] == ["maximum a posteriori"]


def test_senses_come_and_go_with_their_papers(
    index: Index, publish: Publish, papers: list[Paper], snapshot: Snapshot
) -> None:
    assert len(snapshot.senses("EM")) == 2
    later = replace(papers[2], derived=replace(papers[2].derived, acronyms=()))
    publish([later], gone=[EXPLAINED], seq=2)
    assert [sense.papers for sense in index.snapshot().senses("EM")] == [1]
    assert [sense.papers for sense in snapshot.senses("EM")] == [2, 1]  # as it was


def test_acronyms_are_found_by_their_long_forms(snapshot: Snapshot) -> None:
    assert snapshot.shorts("Expectation Maximisation") == ("em",)
    assert snapshot.shorts("episodic memories") == ("em",)
    assert snapshot.shorts("expectation") == ()


def test_words_in_capitals_are_told_from_ordinary_ones(snapshot: Snapshot) -> None:
    assert snapshot.writing("EM") == 4
    assert snapshot.written_otherwise("em", ["EM"]) == 1
    assert snapshot.written_otherwise("em", ["EM"], beside="dash") == 1
    assert snapshot.written_otherwise("em", ["EM"], beside="robot") == 0


def test_a_reading_credits_the_sense_that_is_meant(snapshot: Snapshot) -> None:
    maximization, memory = snapshot.senses("EM")
    reading = Reading(
        stem="em",
        stems=("em", "ems"),
        shorts=("EM",),
        longs=maximization.longs,
        credits=((1.0, maximization.terms),),
        others=(*maximization.terms, *memory.terms),
        unexplained=0.5,
    )
    scored = snapshot.words(Words(("EM",), readings=(reading,)), k=10)
    found = [str(s.id) for s in scored]
    assert set(found[:2]) == {EXPLAINED, BRITISH}
    assert set(found[2:]) == {UNEXPLAINED, SPELT_OUT}
    plain = {str(s.id) for s in snapshot.words(Words(("EM",)), k=10)}
    assert plain == {EXPLAINED, BRITISH, MEMORY, UNEXPLAINED, ORDINARY}

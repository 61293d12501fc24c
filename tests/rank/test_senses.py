"""How the acronyms of a query are read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper
from broadsheet.rank import senses
from broadsheet.rank.query import ParsedQuery, parse
from broadsheet.text import acronyms

Indexed = Callable[..., LocalSnapshot]
Make = Callable[..., Paper]

TEXTS = (
    "Private training by differential privacy (DP) of gradients.",
    "Noise for differential privacy (DP) of data.",
    "Auditing differential privacy (DP) claims about data.",
    "Parsing by dynamic programming (DP) over a chart.",
    "Bellman and dynamic programming (DP) for a knapsack.",
    "We ask retrieval-augmented generation (RAG) systems.",
    "A rag is a piece of cloth. The rag is old.",
    "Reading a map of a city.",
    "The map of a town is drawn.",
    "Walking with a map in the hand.",
    "A maximum a posteriori (MAP) estimate of the posterior.",
    "Films of GaN grow, and so do generative adversarial networks.",
    "A generative adversarial network (GAN) draws faces.",
    "Generative adversarial networks (GANs) draw cats.",
    "Growing a GaN film on sapphire.",
)


@pytest.fixture
def snapshot(indexed: Indexed, paper: Make) -> LocalSnapshot:
    def explaining(number: int, text: str) -> Paper:
        made = paper(f"2603.{number:05}", f"Paper {number}", text)
        return replace(made, derived=replace(made.derived, acronyms=acronyms.find(text)))

    return indexed([explaining(number, text) for number, text in enumerate(TEXTS, 1)])


def read(snapshot: LocalSnapshot, text: str) -> ParsedQuery:
    return senses.read(snapshot, parse(text, today=date(2026, 3, 31)))


def found(snapshot: LocalSnapshot, text: str) -> list[int]:
    return [int(s.id.value[-5:]) for s in snapshot.words(read(snapshot, text).words, k=20)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("DP", "differential privacy"),
        ("dp", "differential privacy"),
        ("DP gradients", "differential privacy gradients"),
        ("DP parsing", "dynamic programming parsing"),
        ("the DP-Bellman equation", "the dynamic programming-Bellman equation"),
        ("RAG systems", "retrieval-augmented generation systems"),
        # Nobody means anything else by it, and a sentence tells.
        ("why RAG systems answer questions", "why RAG systems answer questions"),
    ],
)
def test_the_words_beside_it_tell_how_an_acronym_is_meant(
    snapshot: LocalSnapshot, typed: str, meant: str
) -> None:
    assert read(snapshot, typed).free_text == meant


@pytest.mark.parametrize(
    ("typed", "long"),
    [
        ("RAG systems", "retrieval-augmented generation"),
        ("rag systems", "retrieval-augmented generation"),
        ("MAP estimate", "maximum a posteriori"),
        ("GANs", "generative adversarial network"),
        ("gan", "generative adversarial network"),
    ],
)
def test_what_it_stands_for_is_searched_as_well(snapshot: LocalSnapshot, typed: str, long: str) -> None:
    (reading,) = read(snapshot, typed).words.readings
    assert [spelling.lower() for spelling in reading.longs] == [long]


@pytest.mark.parametrize("typed", ["map of a city", "a rag of cloth", "map", "is it so", "knapsack", ""])
def test_an_ordinary_word_in_small_letters_stays_one(snapshot: LocalSnapshot, typed: str) -> None:
    asked = read(snapshot, typed)
    assert (asked.free_text, asked.words.readings, asked.notes) == (typed, (), ())


def test_other_senses_are_left_behind(snapshot: LocalSnapshot) -> None:
    assert set(found(snapshot, "DP")[:3]) == {1, 2, 3}
    assert set(found(snapshot, "DP parsing")[:2]) == {4, 5}
    assert set(found(snapshot, "DP Bellman")[:2]) == {4, 5}
    assert found(snapshot, "MAP") == [11]


def test_a_word_written_in_a_way_of_its_own_is_meant_so(snapshot: LocalSnapshot) -> None:
    assert set(found(snapshot, "GaN")) == {12, 15}
    assert 15 not in found(snapshot, "GAN")


def test_who_says_it_at_length_finds_it_in_short_too(snapshot: LocalSnapshot, indexed: Indexed) -> None:
    asked = read(snapshot, "generative adversarial networks")
    assert asked.free_text == "generative adversarial networks"
    assert [r.stems for r in asked.words.readings] == [("gan",)]
    assert asked.notes == ()


def test_quoted_letters_are_letters(snapshot: LocalSnapshot) -> None:
    assert read(snapshot, '"DP"').words.readings == ()


def test_all_in_capitals_says_nothing(snapshot: LocalSnapshot) -> None:
    assert read(snapshot, "READING A MAP OF A CITY").words.readings == ()


def test_a_note_says_how_it_was_read(snapshot: LocalSnapshot) -> None:
    (note,) = read(snapshot, "DP gradients").notes
    assert note.startswith("“DP” was read as “differential privacy”")
    assert "quotation marks" in note


def test_what_is_spelt_out_needs_no_note(snapshot: LocalSnapshot) -> None:
    asked = read(snapshot, "dynamic programming (DP)")
    assert asked.notes == ()
    assert set(senses_first(asked)) == {"dp|DP|dynamic programming"}


def test_a_query_is_read_once(snapshot: LocalSnapshot) -> None:
    once = read(snapshot, "DP gradients")
    assert senses.read(snapshot, once) is once


def senses_first(asked: ParsedQuery) -> tuple[str, ...]:
    return asked.words.readings[0].credits[0][1]

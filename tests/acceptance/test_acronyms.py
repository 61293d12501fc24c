"""A query by an acronym, over pages whose papers mean three things by its letters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from tests.acceptance.house import House

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.rank import search as ranking
from broadsheet.rank import senses
from broadsheet.rank.query import parse
from broadsheet.rank.search import Ranked

# Papers that use expectation–maximisation, and what else has these letters: episodic memory, MEMIT and
# EMMET, evolutionary multi-objective search, exponential moving averages.
USING = {"page-195", "page-196", "page-197"}
NOT_MEANT = {"page-205", "page-211", "page-220", "page-221"}


@pytest.fixture(scope="module")
def archive(seed_house: House) -> Iterator[wiring.Archive]:
    """The five pages, searched by words and the fast vectors."""
    with wiring.open_archive(Settings(data=seed_house.data, encoder="none")) as archive:
        wiring.catch_up(archive)
        yield archive


def ask(archive: wiring.Archive, text: str) -> Ranked:
    snapshot = archive.index.snapshot()
    query = senses.read(snapshot, parse(text, today=date(2026, 3, 31)))
    return ranking.search(snapshot, query, fast=archive.fast, k=20)


def ids(ranked: Ranked) -> list[str]:
    return [hit.id.value for hit in ranked.hits]


@pytest.mark.parametrize("typed", ["EM algorithm", "em algorithm", "EM algorithms"])
def test_those_who_use_the_method_come_first_and_its_letters_are_not_enough(
    archive: wiring.Archive, typed: str
) -> None:
    ranked = ask(archive, typed)
    assert set(ids(ranked)[:3]) == USING
    assert not NOT_MEANT & set(ids(ranked))
    assert any("expectation-maximization" in note.lower() for note in ranked.notes)


def test_other_words_turn_it_to_its_other_sense(archive: wiring.Archive) -> None:
    ranked = ask(archive, "EM episodic semantic memory")
    assert ids(ranked)[0] == "page-205"
    assert not any("xpectation" in note for note in ranked.notes)


def test_in_quotation_marks_it_is_letters(archive: wiring.Archive) -> None:
    assert "page-205" in ids(ask(archive, '"EM"'))

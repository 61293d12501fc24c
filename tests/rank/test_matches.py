"""What a paper holds of a query: acronyms in their sense, long forms, mended spellings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from broadsheet.index.analysis import tokens
from broadsheet.index.contract import Reading, Words
from broadsheet.model import Acronym
from broadsheet.rank.matches import Sought, find, sought

# A query for "EM" that was read as expectation maximization; papers also explain it as episodic memory.
EM = Reading(
    stem="em",
    stems=("em",),
    shorts=("EM",),
    longs=("expectation maximization",),
    credits=((1.0, ("em|EM|expectation maximization", "em|EM|Expectation-Maximisation")),),
    others=("em|EM|expectation maximization", "em|EM|Expectation-Maximisation", "em|EM|episodic memory"),
    unexplained=0.9,
)


def frequencies(stems: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(stems, 50)


def wanted(*terms: str, readings: Sequence[Reading] = (), meant: dict[str, str] | None = None) -> Sought:
    return sought(
        Words(terms=terms, readings=tuple(readings)),
        analyse=tokens,
        frequencies=frequencies,
        papers=1000,
        suggest=(meant or {}).get,
    )


def held(sought: Sought, text: str, *acronyms: Acronym) -> list[str]:
    found = find(sought, title="", abstract=text, analyse=tokens, acronyms=acronyms)
    return [text[match.start : match.end] for match in found.abstract]


@pytest.mark.parametrize(
    ("text", "acronyms", "matched"),
    [
        ("EM converges.", (), ["EM"]),
        ("Em dashes are not em.", (), []),
        ("EM (episodic memory) fades. EM!", (Acronym("EM", "episodic memory"),), []),
        ("By EM.", (Acronym("EM", "Expectation-Maximisation"),), ["EM"]),
        ("By expectation maximization.", (), ["expectation maximization"]),
        ("Expectation and maximization.", (), []),
    ],
)
def test_acronym_matches_in_the_sense_it_was_read_in(
    text: str, acronyms: tuple[Acronym, ...], matched: list[str]
) -> None:
    assert held(wanted("EM", readings=[EM]), text, *acronyms) == matched


def test_acronym_and_long_form_are_one_thing_looked_for() -> None:
    query = wanted("EM", "tensors", readings=[EM])
    assert query.stems == {"em", "tensor"}
    found = find(query, title="", abstract="By expectation maximization.", analyse=tokens)
    assert query.share(found.stems) == pytest.approx(0.5)


def test_acronym_stands_for_a_long_form_that_the_query_spells_out() -> None:
    spelt = replace(EM, longs=(), credits=(), unexplained=1.0)
    query = wanted("expectation", "maximization", readings=[spelt])
    assert query.share(find(query, title="EM", abstract="", analyse=tokens).stems) == 1
    episodic = (Acronym("EM", "episodic memory"),)
    assert not find(query, title="EM", abstract="", analyse=tokens, acronyms=episodic).stems


def test_small_words_of_a_long_form_need_not_be_looked_for() -> None:
    moe = Reading(
        stem="moe",
        stems=("moe",),
        shorts=("MoE",),
        longs=(),
        credits=(),
        others=("moe|MoE|mixture of experts",),
        unexplained=1.0,
    )
    query = wanted("mixture", "of", "experts", readings=[moe])
    assert held(query, "An MoE.") == ["MoE"]
    assert held(query, "An MoE.", Acronym("MoE", "Mixture-of-Experts")) == ["MoE"]
    assert held(query, "An MoE.", Acronym("MoE", "measure of effectiveness")) == []


def test_slip_and_what_was_meant_are_one_thing_looked_for() -> None:
    query = wanted("tensr", "rank", "tensor", meant={"tensr": "tensor"})
    assert query.stems == {"tensor", "rank"}
    assert held(query, "A tensor, or tensr.") == ["tensor", "tensr"]


def test_two_words_written_as_one_match_either_way() -> None:
    query = wanted("data", "set", "dataset")
    assert query.stems == {"data", "set"}
    assert query.share(find(query, title="A dataset", abstract="", analyse=tokens).stems) == 1


def test_nothing_looked_for_is_held_by_every_paper() -> None:
    query = wanted()
    assert query.share(find(query, title="Anything", abstract="", analyse=tokens).stems) == 1

"""The forms of https://info.arxiv.org/help/prep.html#author, and what authors make of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.source.arxiv.authors import authors


def told(line: str) -> list[tuple[str, str | None]]:
    return [(a.name, a.affiliation) for a in authors(line)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("E. L. Grossman, T. Zhou, E. Ben-Naim", ["E. L. Grossman", "T. Zhou", "E. Ben-Naim"]),
        ("Michael Dine, Yosef Nir and Yuri Shirman", ["Michael Dine", "Yosef Nir", "Yuri Shirman"]),
        ("Ann Lee, Bo Xu, and Cy Young", ["Ann Lee", "Bo Xu", "Cy Young"]),
        ("Bill Gates Jr, Fred Bloggs IV, John von Neumann", ["Bill Gates Jr", "Fred Bloggs IV", "John von Neumann"]),
        ("Martin Luther King, Jr., Ada Lovelace", ["Martin Luther King Jr.", "Ada Lovelace"]),
        ("Ann Lee, Ph.D., Bo Xu, MD", ["Ann Lee Ph.D.", "Bo Xu MD"]),
        ("ABCD Collaboration: Author One, Author Two", ["ABCD Collaboration", "Author One", "Author Two"]),
        ("Author One, Author Two, for the ABCD Collaboration", ["Author One", "Author Two", "ABCD Collaboration"]),
        ("Author One and Author Two, on behalf of the XY Group", ["Author One", "Author Two", "XY Group"]),
        ("The A Collaboration, the B Collaboration: R. One, T. Two et al. (1750 additional authors not shown)",
         ["A Collaboration", "B Collaboration", "R. One", "T. Two"]),
        ("Nils Andersson, Andy Sandberg", ["Nils Andersson", "Andy Sandberg"]),
        ("Erd\\H{o}s P\\'al, {\\O}ystein Ore, Ram\\'{\\i}rez~Luis", ["Erdős Pál", "Øystein Ore", "Ramírez Luis"]),
        ("{Alpha, Beta and Gamma}, Delta", ["Alpha, Beta and Gamma", "Delta"]),
        ("Fortunato, Foreman", ["Fortunato", "Foreman"]),
        ("", []),
        (" , ; and 12 ()", []),
    ],
)  # fmt: skip
def test_names(line: str, names: list[str]) -> None:
    assert [a.name for a in authors(line)] == names


def test_affiliations_stand_in_parentheses() -> None:
    assert told('Ada Lovelace (London), Bo Xu, Cy Young (ETH (Z\\"urich), and MIT)') == [
        ("Ada Lovelace", "London"),
        ("Bo Xu", None),
        ("Cy Young", "ETH (Zürich), and MIT"),
    ]


def test_footnote_numbers_are_spelled_out_by_the_last_parenthesis() -> None:
    line = (
        "Author One (1), Author Two (1 and 2), Author Three (2) ((1) Institution One, (2) Institution (Two))"
    )
    assert told(line) == [
        ("Author One", "Institution One"),
        ("Author Two", "Institution One; Institution (Two)"),
        ("Author Three", "Institution (Two)"),
    ]


def test_numbers_without_their_footnotes_are_no_affiliations() -> None:
    assert told("Author One (1), Author Two (2,3)") == [("Author One", None), ("Author Two", None)]


def test_a_parenthesis_that_never_closes_costs_no_author_before_it() -> None:
    assert told("Ada Lovelace, Bo Xu (Univ. of X") == [("Ada Lovelace", None), ("Bo Xu", "Univ. of X")]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab, ();:&{}\\'\"~$^%.1é\n") | st.characters(), max_size=80))
def test_any_line_gives_authors_with_names(line: str) -> None:
    for author in authors(line):
        assert any(c.isalpha() for c in author.name)
        assert author.name == author.name.strip()

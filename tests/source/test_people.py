"""Author names in every shape sources write them."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError
from broadsheet.model import Author
from broadsheet.source.people import authors, first_last, unicode_of


def names(value: Any) -> list[str]:
    return [author.name for author in authors(value)]


def test_what_was_left_of_a_sentence_in_a_list_is_no_name() -> None:
    assert names(["SII-GAIR", ":", "Amisha Dave", "and Huchuan Lu"]) == [
        "SII-GAIR",
        "Amisha Dave",
        "Huchuan Lu",
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Vaswani, Ashish", "Ashish Vaswani"),
        ("Ashish Vaswani", "Ashish Vaswani"),
        ("van der Waals, J. D.", "J. D. van der Waals"),
        ("King, Jr., Martin Luther", "Martin Luther King Jr."),  # BibTeX: von Last, Jr, First
        ("King, Martin Luther, Jr.", "Martin Luther King Jr."),  # RIS: Last, First, Suffix
        ("Martin Luther King, Jr.", "Martin Luther King, Jr."),
        ("{LIGO Scientific Collaboration, Virgo}", "LIGO Scientific Collaboration, Virgo"),
        (r"Erd{\H{o}}s, P{\'a}l", "Pál Erdős"),
        (r"Fran\c{c}ois Chollet", "François Chollet"),
        (r"Dvo\v{r}{\'a}k, Anton{\'\i}n", "Antonín Dvořák"),
        (r"{\L}ukasz Kaiser", "Łukasz Kaiser"),
        (r"Weierstra\ss, Karl", "Karl Weierstraß"),
        ('Schmidt~Huber,  J\\"urgen', "Jürgen Schmidt Huber"),
    ],
)
def test_names_become_first_last_in_unicode(written: str, read: Any) -> None:
    assert first_last(written) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A. Lee and B. Xu", ["A. Lee", "B. Xu"]),
        ("Lee, A. and Xu, B.", ["A. Lee", "B. Xu"]),
        ("{Barnes and Noble} and Knuth, Donald", ["Barnes and Noble", "Donald Knuth"]),
        ("Ann Lee, Bo Xu and Cy Young", ["Ann Lee", "Bo Xu", "Cy Young"]),
        ("Ann Lee, Bo Xu", ["Ann Lee", "Bo Xu"]),
        ("Lee, Ann", ["Ann Lee"]),
        ("Lee, A.; Xu, B.", ["A. Lee", "B. Xu"]),
        ("Lee, Ann and others", ["Ann Lee"]),
        ("", []),
    ],
)
def test_one_text_of_several_authors_is_parted(written: str, read: Any) -> None:
    assert names(written) == read


def test_objects_of_csl_zotero_and_jsonl_are_understood() -> None:
    assert names([{"given": "Ludwig", "non-dropping-particle": "van", "family": "Beethoven"}]) == [
        "Ludwig van Beethoven"
    ]
    assert names([{"firstName": "Mario", "lastName": "Bunge", "creatorType": "author"}]) == ["Mario Bunge"]
    assert names([{"literal": "The LIGO Scientific Collaboration"}]) == ["The LIGO Scientific Collaboration"]
    assert names([{"family": "King", "given": "Martin Luther", "suffix": "Jr."}]) == [
        "Martin Luther King Jr."
    ]
    assert authors([{"name": "Vaswani, Ashish", "affiliation": "Google"}]) == (
        Author("Ashish Vaswani", "Google"),
    )


def test_tex_that_cannot_be_read_stays_as_it_was_written() -> None:
    assert unicode_of("{" * 50_000 + "a") == "{" * 50_000 + "a"


def test_what_is_no_list_of_names_is_refused_with_what_was_got() -> None:
    with pytest.raises(InputError, match=r"got 3, wanted a list of names"):
        authors(3)
    with pytest.raises(InputError, match=r"got 5 in the list, wanted a name"):
        authors(["A B", 5])


@given(st.text(max_size=80))
def test_any_text_is_read_without_fail(text: str) -> None:
    for author in authors(text):
        assert author.name == " ".join(author.name.split())
    assert isinstance(unicode_of(text), str)


@given(
    st.recursive(
        st.none() | st.text(max_size=10) | st.integers(),
        lambda s: (
            st.lists(s) | st.dictionaries(st.sampled_from(["name", "given", "family", "affiliation", "x"]), s)
        ),
        max_leaves=8,
    )
)
def test_any_value_is_read_or_refused(value: Any) -> None:
    with contextlib.suppress(InputError):
        authors(value)

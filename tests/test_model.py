"""Names folded for lookup."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.model import author_key

LETTERS = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "’": "", "'": ""}
)


def letter_by_letter(name: str) -> str:
    """The key by Unicode's own rules, for any name."""
    plain = unicodedata.normalize("NFKD", name.translate(LETTERS))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "-".join(kept.casefold().split()) or "-"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Przemysław Uznański", "przemyslaw-uznanski"),
        ("Miles O'Brien", "miles-obrien"),
        ("Miles O’Brien", "miles-obrien"),
        ("J.-P. Serre", "j-p-serre"),
        ("Martin Luther King, Jr.", "martin-luther-king-jr"),
        ("...", "-"),
        ("", "-"),
    ],
)
def test_a_name_is_folded_to_words(name: str, key: str) -> None:
    assert author_key(name) == key


@given(st.text(st.characters(max_codepoint=127)) | st.text())
def test_the_short_way_of_ascii_names_gives_the_same_key(name: str) -> None:
    assert author_key(name) == letter_by_letter(name)


def test_every_ascii_letter_is_folded_alike() -> None:
    for place in range(128):
        name = f"a{chr(place)}b"
        assert author_key(name) == letter_by_letter(name)

"""Names of papers, as https://info.arxiv.org/help/arxiv_identifier.html describes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError
from broadsheet.ids import PaperId, Scheme, parse_versioned


@pytest.mark.parametrize(
    ("text", "value", "version"),
    [
        ("2402.01234v2", "2402.01234", 2),
        ("0704.0001", "0704.0001", None),
        ("1412.7878", "1412.7878", None),
        ("1501.00001v1", "1501.00001", 1),
        ("hep-th/9901001", "hep-th/9901001", None),
        ("math.GT/0309136v3", "math/0309136", 3),
        ("arXiv:2402.01234", "2402.01234", None),
        ("oai:arXiv.org:2508.13426v1", "2508.13426", 1),
        ("https://arxiv.org/abs/astro-ph/0601001v1", "astro-ph/0601001", 1),
        ("http://arxiv.org/pdf/2402.01234v2.pdf", "2402.01234", 2),
        ("https://huggingface.co/papers/2402.01234", "2402.01234", None),
        ("10.48550/arXiv.2402.01234", "2402.01234", None),
        ("https://doi.org/10.48550/arXiv.2402.01234", "2402.01234", None),
    ],
)
def test_every_spelling_of_an_arxiv_id_is_understood(text: str, value: str, version: int | None) -> None:
    assert parse_versioned(text) == (PaperId(value, Scheme.ARXIV), version)


def test_old_style_id_keeps_its_archive() -> None:
    assert str(PaperId.parse("cond-mat/9901001v1")) == "cond-mat/9901001"


def test_doi_is_folded_to_lower_case() -> None:
    assert PaperId.parse("https://doi.org/10.1145/3292500.ABC") == PaperId("10.1145/3292500.abc", Scheme.DOI)


def test_other_names_are_our_own() -> None:
    assert PaperId.parse("page-206") == PaperId("page-206", Scheme.OWN)


@pytest.mark.parametrize(
    "text", ["", "  ", "2402.0123", "1412.78789", "9999.99999", "a b", "../etc/passwd", "é", "10.1145/"]
)
def test_what_is_no_id_is_refused_with_examples(text: str) -> None:
    with pytest.raises(InputError, match="expected an arXiv id such as"):
        PaperId.parse(text)


@given(st.text())
def test_parsing_gives_an_id_or_an_input_error(text: str) -> None:
    try:
        parsed = PaperId.parse(text)
    except InputError:
        return
    assert PaperId.parse(str(parsed)) == parsed

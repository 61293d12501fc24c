"""Which id a record gets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Author
from broadsheet.source import identity


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("http://arxiv.org/abs/1706.03762", "1706.03762"),
        ("https://arxiv.org/pdf/1706.03762v5", "1706.03762"),
        ("arXiv:1706.03762 [cs]", "1706.03762"),  # Zotero's note
        ("arXiv preprint arXiv:2210.07316", "2210.07316"),  # Google Scholar's journal
        ("arXiv:quant-ph/9609002", "quant-ph/9609002"),
        ("oai:arXiv.org:2508.13426v1", "2508.13426"),
        ("10.48550/ARXIV.2212.02483", "2212.02483"),  # DataCite
    ],
)
def test_arxiv_ids_are_found_where_bibliographies_hide_them(text: str, id: Any) -> None:
    assert identity.arxiv_id(text) == PaperId(id)


@pytest.mark.parametrize("text", ["", None, "pages 1706.03762", "1706.03762", "arXiv", "arXiv:9999.99999"])
def test_numbers_that_only_look_like_arxiv_ids_are_left_alone(text: str) -> None:
    assert identity.arxiv_id(text) is None


def test_a_bare_number_counts_where_the_field_is_for_ids() -> None:
    assert identity.arxiv_id("1706.03762", bare=True) == PaperId("1706.03762")
    assert identity.arxiv_id("hep-th/9901001v2", bare=True) == PaperId("hep-th/9901001")


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("https://doi.org/10.1016/0307-904X(78)90008-2", "10.1016/0307-904x(78)90008-2"),
        ("doi:10.1000/xyz.", "10.1000/xyz"),
        ("(see 10.1000/xyz)", "10.1000/xyz"),
        ("https://www.biorxiv.org/content/10.1101/2024.12.31.630767v2.full.pdf", "10.1101/2024.12.31.630767"),
        ("https://dx.doi.org/10.1000/a?utm=x", "10.1000/a"),
    ],
)
def test_dois_are_found_in_links_and_sentences(text: str, id: Any) -> None:
    assert identity.doi(text) == PaperId(id, Scheme.DOI)


def test_arxiv_goes_before_doi_and_the_other_name_is_kept() -> None:
    arxiv, doi = PaperId("1706.03762"), PaperId("10.1000/xyz", Scheme.DOI)
    chosen = identity.identify([None, doi, arxiv, doi], title="T", authors=(), year=None)
    assert chosen == (arxiv, (doi,))


def test_own_ids_stay_the_same_and_tell_works_apart() -> None:
    knuth = (Author("Donald Knuth"),)
    one = identity.own_id("The Art of {Computer} Programming", authors=knuth, year=1968)
    assert one == identity.own_id("The art of computer  programming", authors=knuth, year=1968)
    assert one != identity.own_id("The Art of Computer Programming", authors=knuth, year=1973)
    assert str(one).startswith("knuth-1968-the-art-of-computer-")


@given(st.text(min_size=1), st.text(), st.none() | st.integers(0, 9999))
def test_own_ids_are_always_ids(title: str, author: str, year: int | None) -> None:
    id = identity.own_id(title, authors=(Author(author),), year=year)
    assert PaperId.parse(str(id)) == id


@given(st.text(max_size=60))
def test_any_text_is_searched_without_fail(text: str) -> None:
    doi, arxiv = identity.doi(text), identity.arxiv_id(text, bare=True)
    assert doi is None or doi.scheme is not Scheme.OWN
    assert arxiv is None or arxiv.scheme is Scheme.ARXIV

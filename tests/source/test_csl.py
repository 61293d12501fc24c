"""CSL-JSON by Zotero and Crossref."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.source.csl import Csl

# As Zotero's CSL JSON export writes an arXiv preprint.
ZOTERO = {
    "id": "http://zotero.org/users/1/items/ABCD1234",
    "type": "article",
    "abstract": "The dominant models.",
    "note": "arXiv:1706.03762 [cs]",
    "number": "arXiv:1706.03762",
    "publisher": "arXiv",
    "source": "arXiv.org",
    "title": "Attention Is All You Need",
    "URL": "http://arxiv.org/abs/1706.03762",
    "author": [{"family": "Vaswani", "given": "Ashish"}, {"family": "Kaiser", "given": "Łukasz"}],
    "accessed": {"date-parts": [["2024", 1, 2]]},
    "issued": {"date-parts": [["2017", 6, 12]]},
}


def read(tmp_path: Path, content: Any) -> list[Any]:
    path = tmp_path / "library.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return list(Csl().read(path))


def test_a_zotero_preprint_gets_its_arxiv_id(tmp_path: Path) -> None:
    (record,) = read(tmp_path, [ZOTERO])
    assert record.id == PaperId("1706.03762")
    assert record.title == "Attention Is All You Need"
    assert [a.name for a in record.authors] == ["Ashish Vaswani", "Łukasz Kaiser"]
    assert record.published == datetime(2017, 6, 12, tzinfo=UTC)
    assert (record.comment, record.venue, record.links) == (None, None, ())


def test_crossrefs_lists_markup_and_date_are_read(tmp_path: Path) -> None:
    item = {
        "type": "journal-article",
        "title": ["A <i>sparse</i> H<sub>2</sub>O"],
        "container-title": ["Nature"],
        "DOI": "10.1038/nature14539",
        "issued": {"date-parts": [[2015, 5]]},
        "author": [{"given": "Yann", "family": "LeCun", "sequence": "first", "affiliation": []}],
    }
    (record,) = read(tmp_path, item)
    assert record.id == PaperId("10.1038/nature14539", Scheme.DOI)
    assert (record.title, record.venue) == ("A sparse H2O", "Nature")
    assert record.published == datetime(2015, 5, 1, tzinfo=UTC)


def test_keywords_become_tags_and_other_notes_stay(tmp_path: Path) -> None:
    (record,) = read(tmp_path, {"items": [{"title": "T", "keyword": "to read, maths", "note": "Read twice"}]})
    assert record.tags == ("to read", "maths")
    assert record.comment == "Read twice"


def test_a_date_in_words_is_read(tmp_path: Path) -> None:
    (record,) = read(tmp_path, [{"title": "T", "issued": {"raw": "September 1, 1978"}}])
    assert record.published == datetime(1978, 9, 1, tzinfo=UTC)


def test_a_bad_item_is_reported_by_its_number(tmp_path: Path) -> None:
    good, untitled, number = read(tmp_path, [{"title": "T"}, {"type": "book"}, 7])
    assert good.title == "T"
    assert (untitled.where, untitled.reason) == ("library.json: item 2", "no title")
    assert untitled.raw == '{"type": "book"}'
    assert "wanted an object" in number.reason


@pytest.mark.parametrize("content", ["", "[", "3", '{"items": 3}', "[" * 100_000, "9" * 5000])
def test_what_is_no_csl_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InputError, match=r"library\.json"):
        read(tmp_path, content)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["date-parts", "family", "raw", "name"]), inner)
    ),
    max_leaves=6,
)
keys = st.sampled_from(
    "title author issued DOI URL note keyword container-title abstract number license".split()
)


@settings(deadline=None)  # writes a file each time
@given(st.lists(st.dictionaries(keys, values) | values, max_size=4))
def test_any_list_gives_records_or_reasons(tmp_path_factory: pytest.TempPathFactory, items: Any) -> None:
    for item in read(tmp_path_factory.mktemp("csl"), items):
        assert item.title if not isinstance(item, RecordError) else item.reason

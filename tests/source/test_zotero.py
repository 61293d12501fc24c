"""Zotero's whole library, through Better BibTeX's JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.source.zotero import Zotero

# The form of Better BibTeX's "BetterBibTeX JSON" export.
LIBRARY = {
    "config": {"id": "36a3b0b5-bad0-4a04-b79b-441c7cef77db", "label": "BetterBibTeX JSON"},
    "collections": {
        "AAAA": {"key": "AAAA", "name": "Reading", "parent": False, "collections": ["BBBB"], "items": [2]},
        "BBBB": {"key": "BBBB", "name": "Transformers", "parent": "AAAA", "collections": [], "items": [1]},
        "CCCC": {"key": "CCCC", "name": "Thesis", "parent": False, "collections": [], "items": [1]},
    },
    "items": [
        {
            "itemID": 1,
            "itemType": "preprint",
            "title": "Attention Is All You Need",
            "abstractNote": "The dominant models.",
            "date": "2017-06-12",
            "DOI": "10.48550/arXiv.1706.03762",
            "archiveID": "arXiv:1706.03762",
            "repository": "arXiv",
            "url": "http://arxiv.org/abs/1706.03762",
            "extra": "arXiv:1706.03762 [cs]",
            "creators": [
                {"creatorType": "author", "firstName": "Ashish", "lastName": "Vaswani"},
                {"creatorType": "editor", "firstName": "An", "lastName": "Editor"},
                {"creatorType": "author", "name": "Google Brain"},
            ],
            "tags": [{"tag": "to read"}, {"tag": "Computer Science - Machine Learning", "type": 1}],
            "notes": [{"note": "<p>Comment: 15 pages, 5&nbsp;figures</p>"}],
        },
        {
            "itemID": 2,
            "itemType": "book",
            "title": "Exact Philosophy",
            "extra": "DOI: 10.1000/xyz",
            "date": "1973",
        },
        {"itemID": 3, "itemType": "attachment", "title": "PDF"},
        {"itemID": 4, "itemType": "webpage"},
    ],
}


def read(tmp_path: Path, content: Any) -> list[Any]:
    path = tmp_path / "library.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return list(Zotero().read(path))


def test_papers_keep_their_tags_and_collections(tmp_path: Path) -> None:
    paper, book, untitled = read(tmp_path, LIBRARY)
    assert paper.id == PaperId("1706.03762")
    assert paper.collections == ("Reading/Transformers", "Thesis")
    assert paper.tags == ("to read", "Computer Science - Machine Learning")
    assert [a.name for a in paper.authors] == ["Ashish Vaswani", "Google Brain"]
    assert paper.published == datetime(2017, 6, 12, tzinfo=UTC)
    assert paper.comment == "15 pages, 5 figures"
    assert book.id == PaperId("10.1000/xyz", Scheme.DOI)
    assert book.collections == ("Reading",)
    assert isinstance(untitled, RecordError)
    assert (untitled.where, untitled.reason) == ("library.json: item 4", "no title")


def test_collections_that_hold_each_other_do_not_hang(tmp_path: Path) -> None:
    library = {
        "collections": {
            "A": {"name": "One", "parent": "B", "items": [1]},
            "B": {"name": "Two", "parent": "A", "items": []},
        },
        "items": [{"itemID": 1, "title": "T"}],
    }
    (record,) = read(tmp_path, library)
    assert record.collections == ("Two/One",)


@pytest.mark.parametrize("content", [[], {}, {"items": 5}, "x"])
def test_what_is_no_library_is_refused(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InputError, match="Better BibTeX JSON"):
        read(tmp_path, content)


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["name", "parent", "items", "tag", "note", "A", "lastName"]), inner)
    ),
    max_leaves=8,
)
keys = st.sampled_from("itemID itemType title creators date tags notes extra url DOI key".split())


@settings(deadline=None)  # writes a file each time
@given(
    st.dictionaries(st.sampled_from(["A", "B"]), values), st.lists(st.dictionaries(keys, values), max_size=3)
)
def test_any_library_gives_records_or_reasons(
    tmp_path_factory: pytest.TempPathFactory, collections: Any, items: Any
) -> None:
    for item in read(tmp_path_factory.mktemp("z"), {"collections": collections, "items": items}):
        assert item.title if not isinstance(item, RecordError) else item.reason

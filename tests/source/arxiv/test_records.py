from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broadsheet.errors import RecordError
from broadsheet.source.arxiv.records import identify, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 19 Jan 2016 04:10:52 GMT", datetime(2016, 1, 19, 4, 10, 52, tzinfo=UTC)),
        ("2025-08-20T00:00:00-04:00", datetime(2025, 8, 20, 4, tzinfo=UTC)),
        ("2006-01-02T14:57:58Z", datetime(2006, 1, 2, 14, 57, 58, tzinfo=UTC)),
        ("2025-08-20", datetime(2025, 8, 20, tzinfo=UTC)),
        ("0001-01-01", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_moments(text: str, expected: datetime | None) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    ("text", "id", "version"),
    [
        ("oai:arXiv.org:2508.13426v1", "2508.13426", 1),
        ("oai:arXiv.org:hep-th/9901001", "hep-th/9901001", None),
        ("http://arxiv.org/abs/astro-ph/0601001v2", "astro-ph/0601001", 2),
        ("0704.0001", "0704.0001", None),
    ],
)
def test_ids_old_new_and_versioned(text: str, id: str, version: int | None) -> None:
    found, number = identify(text, where="here")
    assert (str(found), number) == (id, version)


@pytest.mark.parametrize("text", ["", "oai:example.org:12", "10.1145/3292500", "page-206", "0704.00001"])
def test_what_is_no_arxiv_id_is_a_record_error(text: str) -> None:
    with pytest.raises(RecordError, match="^here: "):
        identify(text, where="here")

"""JSON lines: what is taken, and what is said of the rest."""

import contextlib
import gzip
import json
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import RecordError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Announcement, Aspect, Author, PaperType, Record, VoteReading
from broadsheet.source.jsonl import JsonLines


def parse(**fields: Any) -> Record:
    return JsonLines().parse(json.dumps({"id": "2402.01234", "title": "T"} | fields).encode(), where="f:1")


def reason(line: Any) -> str:
    with pytest.raises(RecordError) as caught:
        JsonLines().parse(line if isinstance(line, bytes) else json.dumps(line).encode(), where="f.jsonl:3")
    assert caught.value.where == "f.jsonl:3"
    return str(caught.value.reason)


def test_the_sample_edition_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "sample.jsonl"
    path.write_bytes(files("broadsheet").joinpath("data/sample.jsonl").read_bytes())
    records: list[Any] = list(JsonLines(sample=True).read(path))
    assert len(records) == 325
    assert all(r.sample for r in records)
    first = records[0]
    assert first.id == PaperId("2602.22839")
    assert first.authors[0] == Author("Hao Zheng")
    assert first.categories == ("cs.AI",)
    assert first.published == datetime(2026, 2, 26, tzinfo=UTC)
    assert first.announcements == (Announcement(date(2026, 2, 27)),)
    assert first.featured == date(2026, 3, 10)
    assert first.votes == (VoteReading(datetime(2026, 3, 10, 0, 3, 5, tzinfo=UTC), 2),)
    assert first.type is PaperType.METHOD
    assert set(first.aspects) == {Aspect.PROBLEM, Aspect.METHOD, Aspect.RESULT}
    assert first.gist.startswith("DeepPresenter is")
    assert "llm agents" in first.keyphrases
    assert first.links == ("https://github.com/icip-cas/PPTAgent",)


def test_a_collectors_form_is_read() -> None:
    line = {
        "_id": "2503.11677",
        "title": "T",
        "text": "Objective.",
        "authors": ["A B"],
        "categories": ["eess.IV", "cs.CV"],
        "comment": "9 pages",
        "announced": "2025-03-18",
        "src": "x",
    }
    record = JsonLines().parse(json.dumps(line).encode(), where="f:1")
    assert record.id == PaperId("2503.11677")
    assert record.abstract == "Objective."
    assert record.comment == "9 pages"
    assert record.announcements == (Announcement(date(2025, 3, 18)),)
    assert record.published is None  # nothing is invented
    assert not record.sample


def test_id_title_and_abstract_suffice() -> None:
    record = JsonLines().parse(b'{"id": "page-206", "title": "T", "abstract": "A"}', where="f:1")
    assert record.id == PaperId("page-206", Scheme.OWN)
    assert record.announcements == ()


def test_a_line_may_say_itself_that_it_is_a_sample() -> None:
    assert parse(sample=True).sample
    assert not parse().sample


def test_authors_come_as_names_objects_or_one_text() -> None:
    expected = (Author("Ashish Vaswani"), Author("Noam Shazeer"))
    assert parse(authors=["Ashish Vaswani", "Noam Shazeer"]).authors == expected
    assert parse(authors=["Vaswani, Ashish", {"name": "Noam Shazeer"}]).authors == expected
    assert parse(authors="Ashish Vaswani and Noam Shazeer").authors == expected
    assert parse(author="Vaswani, Ashish and Shazeer, Noam").authors == expected


def test_without_an_id_the_doi_or_address_names_the_record() -> None:
    by_doi = JsonLines().parse(b'{"title": "T", "doi": "10.1000/XYZ"}', where="f:1")
    assert by_doi.id == PaperId("10.1000/xyz", Scheme.DOI)
    by_url = JsonLines().parse(b'{"title": "T", "url": "https://arxiv.org/abs/2402.01234v2"}', where="f:1")
    assert by_url.id == PaperId("2402.01234")
    own = JsonLines().parse(b'{"title": "T", "authors": ["A B"], "published": "2020"}', where="f:1")
    assert str(own.id).startswith("b-2020-t-")


def test_categories_may_be_one_text() -> None:
    assert parse(categories="cs.CL cs.AI").categories == ("cs.CL", "cs.AI")
    assert parse(tags="to read; maths").tags == ("to read", "maths")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "not JSON: Expecting property name"),
        (b"\xff{", "not JSON"),
        (b"[" * 100_000, "not JSON: nested too deeply"),
        ([1], "got a list, wanted an object with at least a title"),
        ({"id": "2402.01234"}, "title: got nothing, wanted a text"),
        ({"id": "2402.01234", "title": " "}, "title: got ' ', wanted a text"),
        ({"id": "2402.1", "title": "T", "abstract": 3}, "abstract: got 3, wanted a text"),
        ({"id": "a b", "title": "T"}, "not a paper id: 'a b'"),
        ({"id": True, "title": "T"}, "id: got True, wanted a text"),
        (
            {"id": "1", "title": "T", "published": "soon"},
            "published: got 'soon', wanted a date such as '2026-03-01'",
        ),
        ({"id": "1", "title": "T", "announced": 5}, "announced: got 5, wanted a date"),
        ({"id": "1", "title": "T", "authors": 5}, "authors: got 5, wanted a list of names"),
        ({"id": "1", "title": "T", "upvotes": [["2026-03-10", "2"]]}, "wanted [time, count]"),
        ({"id": "1", "title": "T", "categories": [1]}, "categories: got [1], wanted a list of texts"),
        ({"id": "1", "title": "T", "aspects": {"method": 1}}, "aspects: got 1 for method, wanted a text"),
    ],
)
def test_a_bad_line_says_what_was_got_and_wanted(line: Any, said: str) -> None:
    assert said in reason(line)


def test_the_bad_line_itself_is_kept() -> None:
    with pytest.raises(RecordError) as caught:
        JsonLines().parse(b'{"title": 1}', where="f:1")
    assert caught.value.raw == '{"title": 1}'


def test_a_bad_line_does_not_stop_the_file(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "a", "title": "A"}\nnonsense\n{"id": "b", "title": "B"}\n'))
    items: list[Any] = list(JsonLines().read(path))
    first, bad, last = items
    assert (first.title, bad.where, last.title) == ("A", "p.jsonl.gz:2", "B")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=6,
)
keys = st.sampled_from(
    "id _id title abstract text authors categories published updated announced comment venue doi links "
    "featured upvotes tags collections gist aspects keywords type sample url licence".split()
)


@given(st.dictionaries(keys, values))
def test_any_object_is_taken_or_refused_with_a_reason(fields: Any) -> None:
    with contextlib.suppress(RecordError):
        JsonLines().parse(json.dumps({"title": "T"} | fields).encode(), where="f:1")


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused_with_a_reason(line: Any) -> None:
    with contextlib.suppress(RecordError):
        JsonLines().parse(line, where="f:1")


def test_it_knows_its_files(tmp_path: Path) -> None:
    knows = JsonLines().recognises
    assert knows(tmp_path / "a.jsonl.gz", b"")
    assert knows(tmp_path / "a", b'{"title": "T"}\n{"title": "U"}\n')
    assert not knows(tmp_path / "a.json", b'{\n "title": "T"\n}')
    assert not knows(
        tmp_path / "feed.json", b'{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}'
    )

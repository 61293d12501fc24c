"""bioRxiv and medRxiv, by answers in the form their API documents.

https://api.biorxiv.org/details/biorxiv/help: 100 postings a page; ``messages`` tells the status, the
cursor, the count on this page and the total of the interval.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import AnnounceKind, Announcement
from broadsheet.source.biorxiv import Rxiv
from broadsheet.source.fetch import Fetched

TODAY = date(2026, 3, 8)


def posting(number: int, **fields: Any) -> dict[str, Any]:
    return {
        "doi": f"10.1101/2026.03.01.{number:06}",
        "title": f"Title {number}",
        "authors": "Gomez Cuautle, D. D.; Rossi, A. R.; Consortium of Cells",
        "author_corresponding": "Alberto Javier Ramos",
        "author_corresponding_institution": "CONICET",
        "date": "2026-03-02",
        "version": "1",
        "type": "new results",
        "license": "cc_by_nc",
        "category": "cell biology",
        "jatsxml": "https://www.biorxiv.org/content/early/2026/03/02/x.source.xml",
        "abstract": "<p>We show <i>that</i>.</p>",
        "funder": "NA",
        "published": "NA",
        "server": "bioRxiv",
    } | fields


def page(postings: Any, *, cursor: int = 0, total: Any = None) -> dict[str, Any]:
    total = len(postings) if total is None else total
    message = {"status": "ok", "interval": "2026-03-01:2026-03-08", "cursor": cursor, "count": len(postings)}
    return {"messages": [message | {"count_new_papers": "1", "total": str(total)}], "collection": postings}


class Api:
    """The API over a list of postings, 100 a page, with pages that go wrong where told to."""

    def __init__(self, postings: Any, *, faults: Any = ()) -> None:
        self.postings = postings
        self.faults = list(faults)
        self.asked: list[str] = []

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url.removeprefix("https://api.biorxiv.org/details/"))
        if self.faults and (fault := self.faults.pop(0)) is not None:
            return Fetched(url, fault if isinstance(fault, bytes) else json.dumps(fault).encode())
        cursor = int(url.split("/")[-2])
        shown = self.postings[cursor : cursor + 100]
        return Fetched(url, json.dumps(page(shown, cursor=cursor, total=len(self.postings))).encode())


def source(api: Any, name: str = "biorxiv", **options: Any) -> Rxiv:
    return Rxiv(name, fetch=api, today=lambda: TODAY, **options)


def only(**fields: Any) -> Any:
    (batch,) = source(Api([posting(1, **fields)])).harvest(None)
    (item,) = batch.items
    return item


def test_a_posting_becomes_a_paper_of_its_day() -> None:
    record = only()
    assert record.id == PaperId("10.1101/2026.03.01.000001", Scheme.DOI)
    assert [a.name for a in record.authors] == ["D. D. Gomez Cuautle", "A. R. Rossi", "Consortium of Cells"]
    assert record.abstract == "We show that."
    assert record.categories == ("biorxiv.cell-biology",)
    assert record.published == datetime(2026, 3, 2, tzinfo=UTC)
    assert record.announcements == (Announcement(date(2026, 3, 2)),)
    assert (record.version, record.licence, record.also, record.withdrawn) == (1, "cc_by_nc", (), False)


def test_a_later_version_is_a_replacement() -> None:
    record = only(version="3")
    assert record.announcements == (Announcement(date(2026, 3, 2), AnnounceKind.REPLACE),)
    assert record.version == 3
    assert record.published is None  # this posting does not say when the first was


def test_the_journals_doi_is_another_name() -> None:
    record = only(published="10.1038/S41586-1")
    assert record.also == (PaperId("10.1038/s41586-1", Scheme.DOI),)
    assert record.doi == "10.1038/s41586-1"


def test_a_withdrawal_is_seen_by_type_or_title() -> None:
    assert only(type="withdrawn").withdrawn
    assert only(title="WITHDRAWN: Cells").withdrawn


def test_pages_are_followed_and_each_cursor_goes_on_with_nothing_lost() -> None:
    api = Api([posting(n) for n in range(250)])
    batches = list(source(api).harvest(None))
    assert api.asked == [f"biorxiv/2026-03-01/2026-03-08/{n}/json" for n in (0, 100, 200)]
    assert [len(b.items) for b in batches] == [100, 100, 50]
    assert [b.cursor for b in batches] == [
        "2026-03-01/2026-03-08/100",
        "2026-03-01/2026-03-08/200",
        "2026-03-08",
    ]
    assert {b.total for b in batches} == {250}
    first: list[Any] = [i for b in batches[1:] for i in b.items]
    resumed: list[Any] = list(source(Api(api.postings)).harvest(batches[0].cursor))
    assert [i.id for b in resumed for i in b.items] == [i.id for i in first]


def test_the_last_day_is_asked_for_again() -> None:
    api = Api([])
    (batch,) = source(api, "medrxiv").harvest("2026-03-05")
    assert api.asked == ["medrxiv/2026-03-05/2026-03-08/0/json"]
    assert (batch.items, batch.cursor) == ((), "2026-03-08")


def test_no_posts_is_an_empty_answer() -> None:
    api = Api([], faults=[{"messages": [{"status": "no posts found"}], "collection": []}])
    (batch,) = source(api).harvest(None)
    assert batch.items == ()


def test_an_empty_page_in_the_middle_is_asked_for_again() -> None:
    empty = page([], cursor=100, total=150)
    api = Api([posting(n) for n in range(150)], faults=[None, empty])
    assert sum(len(b.items) for b in source(api).harvest(None)) == 150
    api = Api([posting(n) for n in range(150)], faults=[None, empty, empty, empty])
    harvest = source(api).harvest(None)
    next(harvest)
    with pytest.raises(SourceError, match="an empty page, though 150 postings were promised"):
        next(harvest)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        {"collection": 3},
        {"messages": [{"status": "server error"}], "collection": []},
    ],
)
def test_an_answer_of_another_form_is_the_hosts_failure(answer: Any) -> None:
    with pytest.raises(SourceError, match=r"api\.biorxiv\.org"):
        list(source(Api([], faults=[answer])).harvest(None))


def test_a_bad_posting_is_reported_and_the_others_are_taken() -> None:
    (batch,) = source(Api([posting(1, doi="none"), posting(2), posting(3, date="soon"), 7])).harvest(None)
    items: tuple[Any, ...] = batch.items
    doi, good, day, number = items
    assert (doi.where, doi.reason) == ("biorxiv: none", "doi: got 'none', wanted a DOI")
    assert good.title == "Title 2"
    assert "wanted the day of posting" in day.reason
    assert isinstance(number, RecordError)


@pytest.mark.parametrize("cursor", ["", "soon", "2026-03-01/x/1", "2026-03-01/2026-03-02/1/2"])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InputError, match="not a cursor of this source"):
        list(source(Api([])).harvest(cursor))


def test_it_asks_a_real_host(host: Any) -> None:
    """Through the polite fetcher, with HTTP for a transport."""
    from broadsheet.source.fetch import Fetcher

    host.answers["/details/biorxiv/2026-03-01/2026-03-08/0/json"] = (
        200,
        {},
        json.dumps(page([posting(1)])).encode(),
    )
    with Fetcher(pause=0) as fetcher:
        local = Rxiv(
            fetch=lambda u: fetcher.get(u.replace("https://api.biorxiv.org", host.url)), today=lambda: TODAY
        )
        (batch,) = local.harvest(None)
    assert len(batch.items) == 1


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=10)
    | st.lists(st.text(max_size=3), max_size=2)
)
keys = st.sampled_from("doi title authors date version type license category abstract published".split())


@given(st.lists(st.dictionaries(keys, values).map(lambda d: posting(1) | d) | values, max_size=4))
def test_any_posting_is_taken_or_reported(postings: Any) -> None:
    for batch in source(Api(postings)).harvest(None):
        for item in batch.items:
            assert item.title if not isinstance(item, RecordError) else item.reason


@given(st.binary(max_size=100))
def test_garbage_is_the_hosts_failure(body: Any) -> None:
    with pytest.raises(SourceError):
        list(source(Api([], faults=[body])).harvest(None))

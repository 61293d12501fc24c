from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.model import AnnounceKind, Announcement, Record
from broadsheet.source.arxiv import Arxiv, OaiSource
from broadsheet.source.contract import Batch

if TYPE_CHECKING:
    from tests.replay.server import Answer, Replay, Request

SINCE = date(2025, 8, 18)


@pytest.fixture
def source(arxiv: Callable[..., Arxiv]) -> OaiSource:
    return arxiv(since=SINCE).harvests[0]


def ids(batches: list[Batch]) -> list[str]:
    return [str(item.id) for batch in batches for item in batch.items if isinstance(item, Record)]


def test_a_backfill_asks_by_datestamp_then_by_token_and_never_with_until(
    replay: Replay, source: OaiSource
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001", datestamp="2025-08-18"), token="first"),
        replay.page(replay.raw("2508.00002", datestamp="2025-08-19"), token="second"),
        replay.page(replay.raw("2508.00003", datestamp="2025-08-20"), token=""),
    )
    batches = list(source.harvest(None))
    assert ids(batches) == ["2508.00001", "2508.00002", "2508.00003"]
    assert [r.query for r in replay.requests] == [
        {"verb": "ListRecords", "metadataPrefix": "arXivRaw", "set": "cs", "from": "2025-08-18"},
        {"verb": "ListRecords", "resumptionToken": "first"},
        {"verb": "ListRecords", "resumptionToken": "second"},
    ]


def test_the_next_harvest_starts_at_the_day_of_the_last_response(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), token="t", answered="2025-08-20T23:59:58Z"),
        replay.page(replay.raw("2508.00002"), token="", answered="2025-08-21T00:00:04Z"),
        replay.error("noRecordsMatch", answered="2025-08-22T02:00:00Z"),
        replay.error("noRecordsMatch", answered="2025-08-22T03:00:00Z"),
    )
    cursor = list(source.harvest(None))[-1].cursor
    cursor = list(source.harvest(cursor))[-1].cursor
    list(source.harvest(cursor))
    assert [r.query.get("from") for r in replay.requests] == ["2025-08-18", None, "2025-08-21", "2025-08-22"]


def test_a_token_arrives_as_it_was_given_per_cent_signs_and_all(replay: Replay, source: OaiSource) -> None:
    token = "verb%3DListRecords%26set%3Dcs%26from%3D2025-08-18%26skip%3D3500 +&=é"
    replay.script(
        replay.page(replay.raw("2508.00001"), token=token), replay.page(replay.raw("2508.00002"), token="")
    )
    list(source.harvest(None))
    assert replay.requests[1].query["resumptionToken"] == token


def test_a_harvest_goes_on_from_a_saved_token(
    replay: Replay, source: OaiSource, arxiv: Callable[..., Arxiv]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), token="t"), replay.page(replay.raw("2508.00002"), token="")
    )
    saved = next(iter(source.harvest(None))).cursor
    another = arxiv(since=SINCE).harvests[0]
    assert ids(list(another.harvest(saved))) == ["2508.00002"]


def test_an_expired_token_restarts_at_the_last_datestamp_seen(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(
            replay.raw("2508.00001", datestamp="2025-08-18"),
            replay.raw("2508.00002", datestamp="2025-08-19"),
            token="yesterday's",
        ),
        replay.error(
            "badResumptionToken", "The value of the resumptionToken argument is invalid or expired."
        ),
        replay.page(
            replay.raw("2508.00002", datestamp="2025-08-19"),
            replay.raw("2508.00003", datestamp="2025-08-20"),
            token="",
        ),
    )
    assert ids(list(source.harvest(None))) == ["2508.00001", "2508.00002", "2508.00002", "2508.00003"]
    assert replay.requests[2].query["from"] == "2025-08-19"
    assert "resumptionToken" not in replay.requests[2].query


def test_where_datestamps_came_out_of_order_a_restart_begins_the_list_again(
    replay: Replay, source: OaiSource
) -> None:
    replay.script(
        replay.page(
            replay.raw("2508.00002", datestamp="2025-08-20"),
            replay.raw("2508.00001", datestamp="2025-08-19"),
            token="t",
        ),
        replay.error("badResumptionToken"),
        replay.page(replay.raw("2508.00001", datestamp="2025-08-19"), token=""),
    )
    list(source.harvest(None))
    assert replay.requests[2].query["from"] == "2025-08-18"


def test_disorder_on_a_later_page_makes_a_restart_begin_the_list_again(
    replay: Replay, source: OaiSource
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00002", datestamp="2025-08-20"), token="t"),
        replay.page(replay.raw("2508.00001", datestamp="2025-08-19"), token="u"),
        replay.error("badResumptionToken"),
        replay.page(replay.raw("2508.00003", datestamp="2025-08-21"), token=""),
    )
    list(source.harvest(None))
    assert replay.requests[3].query["from"] == "2025-08-18"


def test_a_host_that_refuses_its_own_tokens_is_given_up(
    replay: Replay, source: OaiSource, answer: Callable[..., Answer]
) -> None:
    def serve(request: Request) -> Answer:
        if "resumptionToken" in request.query:
            return answer(replay.error("badResumptionToken"))
        return answer(replay.page(replay.raw("2508.00001", datestamp="2025-08-20"), token="t"))

    replay.serve(serve)
    with pytest.raises(SourceError, match="keeps refusing its own resumption tokens"):
        list(source.harvest(None))
    assert len(replay.requests) < 12


def test_no_records_is_an_empty_result_with_a_cursor(replay: Replay, source: OaiSource) -> None:
    replay.script(replay.error("noRecordsMatch", answered="2025-08-20T02:00:00Z"))
    (batch,) = source.harvest(None)
    assert batch.items == ()
    assert json.loads(batch.cursor or "")["from"] == "2025-08-20"


def test_no_records_in_the_middle_of_a_list_is_not_its_end(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001", datestamp="2025-08-19"), token="t"),
        replay.error("noRecordsMatch"),
        replay.page(replay.raw("2508.00002", datestamp="2025-08-19"), token=""),
    )
    assert ids(list(source.harvest(None))) == ["2508.00001", "2508.00002"]
    assert replay.requests[2].query["from"] == "2025-08-19"


@pytest.mark.parametrize("token", [None, "", "next"])
def test_an_empty_page_in_the_middle_is_asked_again_and_never_taken_for_the_end(
    replay: Replay, source: OaiSource, token: str | None
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), token="t"),
        replay.page(token=token),
        replay.page(replay.raw("2508.00002"), token=""),
    )
    assert ids(list(source.harvest(None))) == ["2508.00001", "2508.00002"]
    assert replay.requests[1].query == replay.requests[2].query


def test_when_a_page_stays_empty_the_saved_cursor_still_holds(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), token="t"),
        *[replay.page(token="")] * 6,
        replay.page(replay.raw("2508.00002"), token=""),
    )
    harvest = source.harvest(None)
    saved = next(harvest).cursor
    with pytest.raises(SourceError, match="a page without records"):
        next(harvest)
    assert ids(list(source.harvest(saved))) == ["2508.00002"]


def test_a_page_served_twice_is_asked_again(replay: Replay, source: OaiSource) -> None:
    first = replay.page(replay.raw("2508.00001"), token="t")
    replay.script(first, first, replay.page(replay.raw("2508.00002"), token=""))
    assert ids(list(source.harvest(None))) == ["2508.00001", "2508.00002"]


def test_tokens_that_go_in_a_circle_do_not_go_on_for_ever(
    replay: Replay, source: OaiSource, answer: Callable[..., Answer]
) -> None:
    follows = {None: "a", "a": "b", "b": "a"}

    def serve(request: Request) -> Answer:
        token = follows[request.query.get("resumptionToken")]
        return answer(replay.page(replay.raw("2508.00001"), token=token))

    replay.serve(serve)
    with pytest.raises(SourceError, match="the former page once more"):
        list(source.harvest(None))


def test_a_deleted_record_is_one(replay: Replay, source: OaiSource) -> None:
    replay.script(replay.page(replay.deleted("2508.00001"), replay.raw("2508.00002"), token=""))
    (batch,) = source.harvest(None)
    gone, here = batch.items
    assert isinstance(gone, Record)
    assert gone.deleted
    assert str(gone.id) == "2508.00001"
    assert isinstance(here, Record)
    assert not here.deleted


def test_a_withdrawal_is_a_new_version_with_source_type_i(replay: Replay, source: OaiSource) -> None:
    dates = ("Mon, 11 Aug 2025 12:00:00 GMT", "Tue, 19 Aug 2025 12:00:00 GMT")
    replay.script(
        replay.page(
            replay.raw(
                "2508.00001", versions=[(dates[0], "D"), (dates[1], "I")], comments="error in Lemma 2"
            ),
            replay.raw("2508.00002", versions=[(dates[0], "I"), (dates[1], "")]),
            token="",
        )
    )
    (batch,) = source.harvest(None)
    withdrawn, mended = batch.items
    assert isinstance(withdrawn, Record)
    assert isinstance(mended, Record)
    assert withdrawn.withdrawn
    assert [(v.number, v.source_type) for v in withdrawn.versions] == [(1, "D"), (2, "I")]
    assert not mended.withdrawn


def test_the_whole_record_of_arxivraw(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(
            replay.raw(
                "2507.21509",
                title="On  the\n  $O(n)$ bound",
                abstract="  We wrap\nlines here.\n",
                authors="Paulo Andr\\'e Lima (1), Ada Lovelace ((1) S\\~ao Paulo)",
                versions=[("Tue, 29 Jul 2025 17:40:56 GMT", ""), ("Fri, 5 Sep 2025 10:11:12 GMT", "D")],
                comments="12 pages",
                more="<journal-ref>J. Res. 1 (2025) 2</journal-ref><doi>10.1000/a.1 10.1000/b.2</doi>",
                datestamp="2025-09-08",
            ),
            token="",
        )
    )
    (batch,) = source.harvest(None)
    (record,) = batch.items
    assert isinstance(record, Record)
    assert record.title == "On the $O(n)$ bound"
    assert record.abstract == "We wrap lines here."
    assert [(a.name, a.affiliation) for a in record.authors] == [
        ("Paulo André Lima", "São Paulo"),
        ("Ada Lovelace", None),
    ]
    assert record.categories == ("cs.CL", "cs.AI")
    assert record.published == datetime(2025, 7, 29, 17, 40, 56, tzinfo=UTC)
    assert record.updated == datetime(2025, 9, 5, 10, 11, 12, tzinfo=UTC)
    assert record.version == 2
    assert record.versions[1].size == "102kb"
    assert record.comment == "12 pages"
    assert record.venue == "J. Res. 1 (2025) 2"
    assert record.doi == "10.1000/a.1"
    assert record.licence == "http://creativecommons.org/licenses/by/4.0/"
    # 13:40 on a Tuesday in New York, announced that evening; 6:11 on a Friday, announced on Sunday.
    assert record.announcements == (
        Announcement(date(2025, 7, 30), AnnounceKind.NEW, stated=False),
        Announcement(date(2025, 9, 8), AnnounceKind.REPLACE, stated=False),
    )


def test_one_bad_record_is_reported_and_the_others_are_taken(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(
            replay.raw("2508.00001", title=" "),
            "<record><header/><metadata/></record>",
            "<record/>",
            replay.raw("2508.00002"),
            token="",
        )
    )
    (batch,) = source.harvest(None)
    assert [isinstance(item, RecordError) for item in batch.items] == [True, True, True, False]
    assert str(batch.items[0]) == "oai:arXiv.org:2508.00001: no title"


@pytest.mark.parametrize(
    "code", ["badArgument", "cannotDisseminateFormat", "noSetHierarchy", "undefinedError"]
)
def test_other_errors_are_reported_at_once_with_their_code(
    replay: Replay, source: OaiSource, code: str
) -> None:
    replay.script(replay.error(code, "why"))
    with pytest.raises(SourceError, match=f"{code}: why"):
        list(source.harvest(None))


def test_a_missing_response_date_costs_no_record(replay: Replay, source: OaiSource) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001", datestamp="2025-08-19"), token="", answered="once upon a time")
    )
    assert json.loads(list(source.harvest(None))[-1].cursor or "")["from"] == "2025-08-19"


def test_the_promised_size_is_passed_on_where_a_host_gives_it(replay: Replay, source: OaiSource) -> None:
    page = replay.page(replay.raw("2508.00001"), token="")
    replay.script(page.replace("<resumptionToken ", '<resumptionToken completeListSize="8" '))
    assert next(iter(source.harvest(None))).total == 8


@pytest.mark.parametrize(
    "cursor", ["", "{}", "[]", "nonsense", '{"from": "today", "token": null}', "null", "7"]
)
def test_what_is_no_cursor_is_refused(source: OaiSource, cursor: str) -> None:
    if cursor:
        with pytest.raises(InputError, match="not a cursor"):
            next(iter(source.harvest(cursor)))


def test_all_sets_together_are_one_host_source_with_one_cursor(
    replay: Replay, arxiv: Callable[..., Arxiv]
) -> None:
    replay.script(
        replay.page(replay.raw("2508.00001"), token=""),
        replay.page(replay.raw("2508.00002"), token="t"),
        replay.error("noRecordsMatch"),
        replay.page(replay.raw("2508.00003"), token=""),
    )
    both = arxiv(sets=("cs", "stat:stat:ML"), since=SINCE)
    harvest = both.harvest(None)
    batches = [next(harvest), next(harvest)]
    batches += both.harvest(batches[-1].cursor)
    assert ids(batches) == ["2508.00001", "2508.00002", "2508.00003"]
    assert [r.query.get("set") for r in replay.requests] == ["cs", "stat:stat:ML", "cs", None]


def test_the_recorded_pages_of_another_server_are_walked_to_the_end(
    replay: Replay, source: OaiSource
) -> None:
    replay.script(
        *(
            replay.recorded(f"oai/{name}.xml")
            for name in ("ListRecords", "ListRecords2", "ListRecords3", "ListRecords4")
        )
    )
    batches = list(source.harvest(None))
    assert [r.query.get("resumptionToken") for r in replay.requests] == [
        None,
        "ListRecords2.xml",
        "ListRecords3.xml",
        "ListRecords4.xml",
    ]
    assert [len(batch.items) for batch in batches] == [2, 2, 2, 2]
    assert all(isinstance(item, RecordError) for batch in batches for item in batch.items)


def test_every_recorded_answer_of_other_servers_gives_records_or_one_of_our_errors(
    replay: Replay, arxiv: Callable[..., Arxiv]
) -> None:
    for file in replay.recordings("oai"):
        content = file.read_bytes()
        replay.serve(lambda request, content=content: replay.answer(content))  # type: ignore[misc]  # a default binds the value
        try:
            batch = next(iter(arxiv(since=SINCE).harvests[0].harvest(None)))
        except SourceError:
            continue
        assert file.stem in {
            "ListRecords", "ListRecords2", "ListRecords3", "ListRecords4",
            "GetRecord", "GetRecord_utf8test", "noRecordsMatch",
        }  # fmt: skip
        assert all(isinstance(item, RecordError) for item in batch.items)

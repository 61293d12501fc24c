from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from broadsheet.errors import InputError, RecordError, SourceError
from broadsheet.ids import PaperId, Scheme
from broadsheet.model import Announcement, Record
from broadsheet.source.arxiv import Api, Arxiv

if TYPE_CHECKING:
    from tests.replay.server import Answer, Replay, Request

ERROR = (
    "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:opensearch='http://a9.com/-/spec/opensearch/1.1/'>"
    "<opensearch:totalResults>1</opensearch:totalResults><entry>"
    "<id>http://arxiv.org/api/errors#incorrect_id_format_for_{0}</id><title>Error</title>"
    "<summary>incorrect id format for {0}</summary><author><name>arXiv api core</name></author></entry></feed>"
)


@pytest.fixture
def api(arxiv: Callable[..., Arxiv]) -> Api:
    return arxiv()._api


def many(count: int) -> list[PaperId]:
    return [PaperId(f"2508.{n:05}") for n in range(1, count + 1)]


def test_id_list_comes_with_max_results_because_it_stops_at_ten_without(replay: Replay, api: Api) -> None:
    wanted = many(12)
    replay.script(replay.results(*(replay.result(f"{i}v1") for i in wanted), total=12))
    assert len(list(api.fetch(wanted))) == 12
    assert replay.requests[0].query["id_list"] == ",".join(map(str, wanted))
    assert replay.requests[0].query["max_results"] == "12"


def test_long_lists_are_asked_for_in_parts(replay: Replay, api: Api) -> None:
    def serve(request: Request) -> Answer:
        asked = request.query["id_list"].split(",")
        return replay.answer(replay.results(*(replay.result(f"{i}v2") for i in asked), total=len(asked)))

    replay.serve(serve)
    assert [r.id for r in api.fetch(many(250)) if isinstance(r, Record)] == many(250)
    assert len(replay.requests) == 3
    assert max(len(r.raw_query) for r in replay.requests) < 2000


def test_a_slice_cut_short_is_continued(replay: Replay, api: Api) -> None:
    wanted = many(3)
    replay.script(
        replay.results(replay.result("2508.00001v1"), replay.result("2508.00002v1"), total=3),
        replay.results(replay.result("2508.00003v1"), total=3, start=2),
    )
    assert [r.id for r in api.fetch(wanted) if isinstance(r, Record)] == wanted
    assert [(r.query["start"], r.query["max_results"]) for r in replay.requests] == [("0", "3"), ("2", "1")]


@pytest.mark.parametrize("total", [3, 0])
def test_an_empty_page_in_the_middle_is_asked_again(replay: Replay, api: Api, total: int) -> None:
    replay.script(
        replay.results(replay.result("2508.00001v1"), replay.result("2508.00002v1"), total=3),
        replay.results(total=total, start=2),
        replay.results(replay.result("2508.00003v1"), total=3, start=2),
    )
    assert len([r for r in api.fetch(many(3)) if isinstance(r, Record)]) == 3


def test_an_empty_first_page_is_believed_the_third_time(replay: Replay, api: Api) -> None:
    replay.script(*[replay.results(total=0)] * 3)
    (error,) = api.fetch(many(1))
    assert str(error) == "2508.00001: arXiv knows no such paper"


def test_an_empty_first_page_may_have_been_a_mistake(replay: Replay, api: Api) -> None:
    replay.script(replay.results(total=0), replay.results(replay.result("2508.00001v1"), total=1))
    assert [isinstance(item, Record) for item in api.fetch(many(1))] == [True]


def test_pages_that_stay_empty_are_an_error(replay: Replay, api: Api) -> None:
    replay.script(*[replay.results(total=1)] * 6)
    with pytest.raises(SourceError, match="an empty page"):
        list(api.fetch(many(1)))


def test_pages_that_stay_empty_in_the_middle_are_not_the_end(replay: Replay, api: Api) -> None:
    replay.script(replay.results(replay.result("2508.00001v1"), total=2), *[replay.results(total=0)] * 6)
    with pytest.raises(SourceError, match="an empty page"):
        list(api.fetch(many(2)))


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_comes_as_an_entry_whatever_the_status(
    replay: Replay, api: Api, answer: Callable[..., Answer], status: int
) -> None:
    replay.script(answer(ERROR.format("2508.00001"), status=status))
    (error,) = api.fetch(many(1))
    assert isinstance(error, RecordError)
    assert "incorrect id format for 2508.00001" in str(error)


def test_one_id_that_the_api_refuses_does_not_spoil_the_others(replay: Replay, api: Api) -> None:
    def serve(request: Request) -> Answer:
        asked = request.query["id_list"].split(",")
        if "2508.00003" in asked:
            return replay.answer(ERROR.format("2508.00003"), status=400)
        return replay.answer(replay.results(*(replay.result(f"{i}v1") for i in asked), total=len(asked)))

    replay.serve(serve)
    items = list(api.fetch(many(5)))
    assert [str(i.id) for i in items if isinstance(i, Record)] == [
        "2508.00001", "2508.00002", "2508.00004", "2508.00005",
    ]  # fmt: skip
    assert [i.where for i in items if isinstance(i, RecordError)] == ["2508.00003"]


def test_ids_of_other_archives_are_not_asked_for(api: Api) -> None:
    (error,) = api.fetch([PaperId("10.1145/3292500", Scheme.DOI)])
    assert str(error) == "10.1145/3292500: not an arXiv id"


def test_an_answer_without_a_count_is_asked_again(replay: Replay, api: Api) -> None:
    replay.script(
        "<feed xmlns='http://www.w3.org/2005/Atom'/>", replay.results(replay.result("2508.00001v1"), total=1)
    )
    assert len(list(api.fetch(many(1)))) == 1


def test_a_search_goes_in_slices_and_stops_at_its_limit(replay: Replay, api: Api) -> None:
    def serve(request: Request) -> Answer:
        start, size = int(request.query["start"]), int(request.query["max_results"])
        found = (replay.result(f"2508.{n + 1:05}v1") for n in range(start, min(start + size, 5300)))
        return replay.answer(replay.results(*found, total=5300, start=start))

    replay.serve(serve)
    assert len(list(api.search("all:testing", limit=4500, size=5000))) == 4500
    assert [(r.query["start"], r.query["max_results"]) for r in replay.requests] == [
        ("0", "2000"),
        ("2000", "2000"),
        ("4000", "500"),
    ]


@pytest.mark.parametrize("limit", [0, 30_001])
def test_more_than_thirty_thousand_results_are_refused_before_asking(api: Api, limit: int) -> None:
    with pytest.raises(InputError, match="1 to 30,000"):
        list(api.search("all:testing", limit=limit))


def test_a_query_that_the_api_calls_wrong_is_an_input_error(
    replay: Replay, api: Api, answer: Callable[..., Answer]
) -> None:
    replay.script(answer(ERROR.format("x"), status=400))
    with pytest.raises(InputError, match="incorrect id format"):
        list(api.search("x"))


def recorded(replay: Replay, api: Api, name: str, wanted: str) -> list[Record | RecordError]:
    body = replay.recorded(f"arxiv_api/{name}")
    replay.serve(lambda request: replay.answer(body))
    return list(api.fetch([PaperId(i) for i in wanted.split()]))


def test_the_recorded_paper_of_an_old_archive(replay: Replay, api: Api) -> None:
    (record,) = recorded(replay, api, "id_astro-ph_0601001_s0_m100_3150dca9dc76.json", "astro-ph/0601001")
    assert isinstance(record, Record)
    assert record.published == datetime(2006, 1, 2, 14, 57, 58, tzinfo=UTC)
    assert (record.version, record.categories) == (1, ("astro-ph",))
    assert record.venue == "ActaAstron.56:1-50,2006"
    assert [(a.name, a.affiliation) for a in record.authors][0::2] == [
        ("Andrew Gould", "Ohio State"),
        ("B. Scott Gaudi", "CfA"),
    ]
    # Sunday is New Year, kept on Monday the 2nd: so announced on Tuesday evening, by today's schedule.
    assert record.announcements == (Announcement(date(2006, 1, 4), stated=False),)


def test_the_recorded_answer_to_an_unknown_and_a_known_id(replay: Replay, api: Api) -> None:
    known, unknown = recorded(
        replay, api, "id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.json", "0808.0539 1707.08567"
    )
    assert isinstance(known, Record)
    assert str(known.id) == "1707.08567"
    assert str(unknown) == "0808.0539: arXiv knows no such paper"


def test_the_recorded_error_entry(replay: Replay, api: Api, answer: Callable[..., Answer]) -> None:
    replay.script(answer(replay.recorded("arxiv_api/id_abc_s0_m100_b79c8dcf6bc3.json"), status=400))
    with pytest.raises(InputError, match="incorrect id format for abc"):
        list(api.search("abc"))


def test_the_recorded_search_pages_agree_where_they_overlap(replay: Replay, api: Api) -> None:
    def ids(name: str, count: int) -> list[str]:
        body = replay.recorded(f"arxiv_api/{name}")
        replay.serve(lambda request: replay.answer(body))
        return [str(i.id) for i in api.search("testing", limit=count, size=count) if isinstance(i, Record)]

    assert ids("q_testing_s0_m10_bc5a6c384fe9.json", 10) == ids("q_testing_s0_m15_80c242b59d59.json", 15)[:10]


def test_every_recorded_answer_is_read(replay: Replay, api: Api) -> None:
    for file in replay.recordings("arxiv_api"):
        saved = json.loads(file.read_text(encoding="utf-8"))
        count = saved["body"].count("<entry>")
        body, status = saved["body"], saved["status_code"]
        replay.serve(lambda request, b=body, s=status: replay.answer(b, status=s))  # type: ignore[misc]  # defaults bind
        if "/api/errors" in body:
            continue
        items = list(api.search("testing", limit=max(count, 1), size=max(count, 1)))
        assert len(items) == count, file.name
        assert all(isinstance(item, Record) for item in items), file.name


def test_a_missing_pdf_link_is_no_matter(replay: Replay, api: Api) -> None:
    body = replay.recorded("arxiv_api/id_1605.08386_s0_m100_199195aa31ad.json").decode()
    without = "\n".join(line for line in body.splitlines() if "application/pdf" not in line)
    assert without != body
    replay.serve(lambda request: replay.answer(without))
    (record,) = api.fetch([PaperId("1605.08386")])
    assert isinstance(record, Record)
    assert record.title == "Heat-bath random walks with Markov bases"

"""Votes as tables, as JSON, and as Hugging Face's daily list give them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.source.counters import Counted, describe
from broadsheet.source.counts import read
from broadsheet.source.huggingface import HuggingFace

AT = datetime(2026, 3, 31, 12, tzinfo=UTC)


def test_a_table_gives_a_reading_a_line_and_says_what_is_wrong_with_others(tmp_path: Path) -> None:
    path = tmp_path / "upvote_snapshots.tsv.gz"
    path.write_bytes(
        gzip.compress(
            b"paper_id\tobserved_at\tfeed\tupvotes\n"
            b"2503.19901\t2025-04-25T10:19:50+00:00\tmonthly\t39\n"
            b"2503.20783v2\t2025-04-25T12:19:50+02:00\tdaily\t0\n"
            b"not an id!\t2025-04-25T10:19:50+00:00\tdaily\t1\n"
            b"2503.20784\tyesterday\tdaily\t1\n"
            b"2503.20785\t2025-04-25T10:19:50+00:00\tdaily\t-1\n"
            b"2503.20786\t2025-04-25T10:19:50+00:00\n"
        )
    )
    moment = datetime(2025, 4, 25, 10, 19, 50, tzinfo=UTC)
    found = list(HuggingFace().read(path))
    assert [each for each in found if isinstance(each, Counted)] == [
        Counted(PaperId("2503.19901"), 39, moment),
        Counted(PaperId("2503.20783"), 0, moment),
    ]
    assert [each.where for each in found if isinstance(each, RecordError)] == [
        f"upvote_snapshots.tsv.gz:{n}" for n in (4, 5, 6, 7)
    ]


def test_hugging_faces_list_gives_votes_and_the_day_of_the_list(tmp_path: Path) -> None:
    """The wrapper as the API answers, shortened to the fields read and a few others."""
    path = tmp_path / "daily_papers.json"
    wrappers = [
        {
            "paper": {
                "id": "2603.01234",
                "title": "A paper",
                "publishedAt": "2026-03-29T17:59:59.000Z",
                "submittedOnDailyAt": "2026-03-30T01:30:22.123Z",
                "upvotes": 12,
            },
            "publishedAt": "2026-03-29T17:59:59.000Z",
            "title": "A paper",
            "numComments": 2,
        },
        {"paper": {"id": "2603.01235"}, "upvotes": 3},
        {"paper": {"title": "without id"}},
        "no object",
    ]
    path.write_text(json.dumps(wrappers))
    first, second, third, fourth = HuggingFace().read(path, at=AT)
    assert first == Counted(PaperId("2603.01234"), 12, AT, featured=date(2026, 3, 30))
    assert second == Counted(PaperId("2603.01235"), 3, AT)
    assert isinstance(third, RecordError)
    assert isinstance(fourth, RecordError)
    lines = tmp_path / "daily_papers.jsonl"
    lines.write_text("\n".join(map(json.dumps, wrappers[:2])))
    assert list(HuggingFace().read(lines, at=AT)) == [first, second]


PLAIN = [
    'id,count,at\n2503.19901,39,2025-04-25T10:19:50Z\n"10.1145/3292500.3330701",2,2025-04-25T12:19:50+02:00\n',
    """{"id": "2503.19901", "count": 39, "at": "2025-04-25T10:19:50Z"}
    {"id": "10.1145/3292500.3330701", "count": 2, "at": "2025-04-25T12:19:50+02:00"}""",
    """[{"id": "2503.19901", "count": 39, "at": "2025-04-25T10:19:50Z"},
    {"id": "10.1145/3292500.3330701", "count": 2, "at": "2025-04-25T10:19:50"}]""",
]


@pytest.mark.parametrize("text", PLAIN)
def test_every_counter_has_a_plain_form(text: str, tmp_path: Path) -> None:
    path = tmp_path / "stars"
    path.write_text(text)
    at = datetime(2025, 4, 25, 10, 19, 50, tzinfo=UTC)
    wanted = [
        Counted(PaperId("2503.19901"), 39, at),
        Counted(PaperId.parse("10.1145/3292500.3330701"), 2, at),
    ]
    assert list(read(path)) == wanted
    assert list(HuggingFace().read(path, at=AT)) == wanted


def test_a_file_without_times_was_counted_when_the_caller_says(tmp_path: Path) -> None:
    path = tmp_path / "stars.csv"
    path.write_text("id,count\n2503.19901,39\n")
    assert list(read(path, at=AT)) == [Counted(PaperId("2503.19901"), 39, AT)]
    with pytest.raises(InputError, match="header with id, count, at"):
        list(read(path))


@pytest.mark.parametrize("entry", ['{"id": 3, "count": 1}', '{"id": "2503.19901", "count": 1.5}', '{"id": "2503.19901", "count": 1, "at": 1745576390}', "3"])  # fmt: skip
def test_an_entry_that_cannot_be_used_is_named(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "stars.json"
    path.write_text(f"[{entry}]")
    (problem,) = read(path, at=AT)
    assert isinstance(problem, RecordError)
    assert problem.where == "stars.json: entry 1"


def test_what_is_no_votes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("id,votes\n2503.19901,3\n")
    with pytest.raises(
        InputError, match="header with id, count, at or paper_id, upvotes, observed_at; got 'id, votes'"
    ):
        list(HuggingFace().read(path))
    path.write_text("[{]")
    with pytest.raises(InputError, match="not JSON"):
        list(HuggingFace().read(path, at=AT))
    path.write_text('[{"paper": {"id": "2603.01235", "upvotes": 3}}]')
    (problem,) = HuggingFace().read(path)
    assert "when its votes were counted" in str(problem)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Stars"},
        {"name": "votes"},
        {"unit": ""},
        {"label": "a\nb"},
        {"worth": -1.0},
        {"worth": float("nan")},
    ],
)
def test_a_counter_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    said: dict[str, Any] = {
        "name": "stars",
        "label": "GitHub",
        "unit": "star",
        "worth": 0.1,
        "growth": True,
    } | wrong
    with pytest.raises(InputError, match="counter"):
        describe(said.pop("name"), **said)

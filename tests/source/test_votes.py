"""Votes as tables and as Hugging Face's daily list give them."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.model import VoteReading
from broadsheet.source.votes import Counted, read

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
    found = list(read(path))
    assert [each for each in found if isinstance(each, Counted)] == [
        Counted(PaperId("2503.19901"), VoteReading(moment, 39)),
        Counted(PaperId("2503.20783"), VoteReading(moment, 0)),
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
    first, second, third, fourth = read(path, at=AT)
    assert first == Counted(PaperId("2603.01234"), VoteReading(AT, 12), featured=date(2026, 3, 30))
    assert second == Counted(PaperId("2603.01235"), VoteReading(AT, 3))
    assert isinstance(third, RecordError)
    assert isinstance(fourth, RecordError)
    lines = tmp_path / "daily_papers.jsonl"
    lines.write_text("\n".join(map(json.dumps, wrappers[:2])))
    assert list(read(lines, at=AT)) == [first, second]


def test_what_is_no_votes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("id,votes\n2503.19901,3\n")
    with pytest.raises(InputError, match="missing: paper_id, observed_at, upvotes"):
        list(read(path))
    path.write_text("[{]")
    with pytest.raises(InputError, match="not JSON"):
        list(read(path, at=AT))
    path.write_text("[]")
    with pytest.raises(InputError, match="when its votes were counted"):
        list(read(path))

"""Votes become readings of papers that the archive holds, and of no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet.errors import RecordError, SourceError
from broadsheet.ids import PaperId
from broadsheet.model import Announcement, Derived, Paper, Record, VoteReading
from broadsheet.pipeline.votes import ask, take_votes
from broadsheet.source.counters import Counted, Counts, describe, described
from broadsheet.source.huggingface import HuggingFace
from broadsheet.store.contract import Taken
from broadsheet.store.sqlite import SqliteStore

NOW = datetime(2026, 3, 31, tzinfo=UTC)
HF = described(HuggingFace())
KNOWN, OTHER, UNKNOWN = PaperId("2603.00001"), PaperId("2603.00002"), PaperId("2603.00003")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "papers.db")
    for id in (KNOWN, OTHER):
        record = Record(
            id=id,
            title=f"Paper {id}",
            abstract="What it says.",
            source="arxiv",
            version=2,
            announcements=(Announcement(date(2026, 3, 19)),),
        )
        opened.put([(record, Derived(title=record.title, abstract=record.abstract))], now=NOW)
    yield opened
    opened.close()


def counted(id: PaperId, day: int, count: int, featured: date | None = None) -> Counted:
    return Counted(id, count, datetime(2026, 3, day, tzinfo=UTC), featured)


def test_readings_go_to_known_papers_and_unknown_ones_are_reported(store: SqliteStore) -> None:
    file: list[Counted | RecordError] = [
        counted(KNOWN, 20, 4, date(2026, 3, 19)),
        counted(KNOWN, 22, 9, date(2026, 3, 21)),
        counted(UNKNOWN, 20, 1),
        RecordError("votes.tsv:4", "got '-1' votes"),
    ]
    report = take_votes(file, counter=HF, store=store, now=NOW)
    assert (report.readings, report.unknown, report.rejected) == (2, (UNKNOWN,), 1)
    assert report.taken == Taken(changed=1)
    paper = store.get(KNOWN)
    assert paper is not None
    assert [vote.count for vote in paper.record.votes] == [4, 9]
    assert paper.record.featured == date(2026, 3, 19), "the first day it was listed"
    assert (paper.title, paper.abstract, paper.record.source) == (f"Paper {KNOWN}", "What it says.", "arxiv")
    assert store.get(UNKNOWN) is None


def test_taking_the_same_votes_again_changes_nothing(store: SqliteStore) -> None:
    file = [counted(KNOWN, 20, 4), counted(OTHER, 20, 2)]
    take_votes(file, counter=HF, store=store, now=NOW)
    seq = store.last_seq()
    assert take_votes(file, counter=HF, store=store, now=NOW).taken == Taken(unchanged=2)
    assert store.last_seq() == seq


def test_two_names_of_one_paper_are_counted_together(store: SqliteStore) -> None:
    store.fold(KNOWN, OTHER, now=NOW)
    report = take_votes([counted(KNOWN, 20, 4), counted(OTHER, 21, 6)], counter=HF, store=store, now=NOW)
    assert (report.readings, report.unknown) == (2, ())
    paper = store.get(OTHER)
    assert paper is not None
    assert (paper.id, [vote.count for vote in paper.record.votes]) == (KNOWN, [4, 6])


STARS = describe("stars", label="GitHub", unit="star", worth=0.02, growth=True)


def test_two_counters_are_never_added_up(store: SqliteStore) -> None:
    take_votes([counted(KNOWN, 20, 4)], counter=HF, store=store, now=NOW)
    take_votes([counted(KNOWN, 20, 900), counted(OTHER, 20, 7)], counter=STARS, store=store, now=NOW)
    both, one = (store.get(id) for id in (KNOWN, OTHER))
    assert both is not None
    assert one is not None
    at = datetime(2026, 3, 20, tzinfo=UTC)
    assert both.record.readings == (VoteReading(at, 4), VoteReading(at, 900, "stars"))
    assert (both.votes, [vote.count for vote in both.record.votes]) == (4, [4])
    assert (one.votes, one.record.votes) == (None, ())
    assert store.counters.known()["stars"].counter == STARS


@pytest.mark.parametrize(
    ("count", "at", "said"),
    [
        (-1, NOW, "got a count of '-1'"),
        (True, NOW, "got a count of 'True'"),
        (2**40, NOW, "got a count of '1099511627776'"),
        (1, NOW + timedelta(days=1), "wanted one between 1991-08-14 and now"),
        (1, datetime(1970, 1, 1, tzinfo=UTC), "wanted one between 1991-08-14 and now"),
        (1, datetime(2026, 3, 1), "without a zone"),  # noqa: DTZ001  that is the point
    ],
)
def test_what_cannot_be_is_refused(store: SqliteStore, count: int, at: datetime, said: str) -> None:
    report = take_votes([Counted(KNOWN, count, at)], counter=STARS, store=store, now=NOW)
    assert (report.readings, report.rejected) == (0, 1)
    assert str(report.problems[0]).startswith(f"stars: {KNOWN}: ")
    assert said in str(report.problems[0])


@dataclass
class Clicks:
    """A counter whose site gives what the test says."""

    answers: list[list[Counted] | Exception]
    name: str = "clicks"
    label: str = "Our list"
    unit: str = "click"
    worth: float = 0.1
    growth: bool = False
    asked: list[tuple[str | None, list[str]]] = field(default_factory=list)

    def count(self, cursor: str | None, *, papers: Iterable[Paper]) -> Iterator[Counts]:
        self.asked.append((cursor, [str(paper.id) for paper in papers]))
        for number, answer in enumerate(self.answers):
            if isinstance(answer, Exception):
                raise answer
            yield Counts(tuple(answer), cursor=str(number))


def asked(store: SqliteStore, clicks: Clicks, *, day: int) -> tuple[int, int]:
    taken = ask(clicks, store=store, now=lambda: datetime(2026, 3, day, tzinfo=UTC)).taken
    return taken.changed, taken.unchanged


def test_of_what_a_site_says_the_changes_are_kept_and_a_fall_is_one(store: SqliteStore) -> None:
    for day, count, changed in ((20, 5, 1), (21, 5, 0), (22, 8, 1), (23, 3, 1)):
        assert asked(store, Clicks([[counted(KNOWN, day, count)]]), day=day)[0] == changed
    paper = store.get(KNOWN)
    assert paper is not None
    assert [(r.at.day, r.count) for r in paper.record.readings] == [(20, 5), (22, 8), (23, 3)]
    told = store.counters.known()["clicks"]
    assert (told.counted, told.failed) == (datetime(2026, 3, 23, tzinfo=UTC), None)


@pytest.mark.parametrize(
    ("failure", "said"), [(SourceError("no answer"), "no answer"), (KeyError("points"), "KeyError: 'points'")]
)
def test_a_site_that_fails_keeps_what_came_before_and_goes_on_from_there(
    store: SqliteStore, failure: Exception, said: str
) -> None:
    now = datetime(2026, 3, 25, tzinfo=UTC)
    report = ask(Clicks([[counted(KNOWN, 20, 5)], failure]), store=store, now=lambda: now)
    assert said in str(report.error)
    assert report.taken == Taken(changed=1)
    told = store.counters.known()["clicks"]
    assert (told.counted, told.failed, told.fails) == (None, now, True)
    assert said in told.error
    again = Clicks([[]])
    asked(store, again, day=26)
    assert again.asked == [("0", [str(KNOWN), str(OTHER)])]
    assert not store.counters.known()["clicks"].fails


def test_only_papers_of_the_last_weeks_are_asked_for(store: SqliteStore) -> None:
    late = Clicks([[]])
    ask(late, store=store, now=lambda: datetime(2026, 5, 1, tzinfo=UTC))
    assert late.asked == [(None, [])]

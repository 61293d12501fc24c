"""Take in how many votes papers have elsewhere: each count becomes a reading of a paper that we hold.

Readings keep the name of their counter, and are never added to another's. Papers that we do not hold are reported,
never made: a number is no paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from broadsheet.errors import BroadsheetError, RecordError, SourceError
from broadsheet.ids import PaperId
from broadsheet.model import Counter, Derived, Paper, Record, VoteReading
from broadsheet.source.counters import Counted, Counts, HostCounter, described
from broadsheet.source.counts import MOST
from broadsheet.store.contract import Cursor, Store, Taken

# Sites are asked for the papers of so many days: what trends is never older.
YOUNG: Final = timedelta(days=35)
_BATCH = 500  # papers
_SHOWN = 20
# Nobody counted what is on arXiv before there was an arXiv; a clock may run ahead a little.
_FIRST: Final = datetime(1991, 8, 14, tzinfo=UTC)
_EARLY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesReport:
    """What became of a counter's readings."""

    counter: str
    readings: int = 0  # of papers that we hold, whether new to us or not
    taken: Taken = field(default_factory=Taken)
    unknown: tuple[PaperId, ...] = ()  # papers that we do not hold, in the order in which they came
    rejected: int = 0
    problems: tuple[RecordError, ...] = ()  # the first few
    error: SourceError | None = None  # why a site could not be asked to the end


def take_votes(
    counted: Iterable[Counted | RecordError], *, counter: Counter, store: Store, now: datetime
) -> VotesReport:
    """Add a file's readings to the papers that we hold; taking them again changes nothing."""
    store.counters.describe(counter)
    report = _taken(VotesReport(counter=counter.name), counted, store=store, now=now)
    store.counters.succeed(counter.name, now=now)
    return report


def ask(source: HostCounter, *, store: Store, now: Callable[[], datetime]) -> VotesReport:
    """Ask a counter's site about the papers of the last weeks, going on where it stopped.

    A reading is kept where the count is another than the last one was. A site's failure is reported, not raised, and
    noted for whoever looks the archive over; errors of the store are raised.
    """
    counter = described(source)
    store.counters.describe(counter)
    place = f"counter:{counter.name}"
    report = VotesReport(counter=counter.name)
    papers = _Young(store, since=now().date() - YOUNG)
    try:
        for counts in _asked(source, store.cursor(place), papers):
            cursor = None if counts.cursor is None else Cursor(place, counts.cursor)
            report = _taken(report, counts.items, store=store, now=now(), cursor=cursor, changes=True)
    except SourceError as error:
        store.counters.fail(counter.name, str(error)[:1000], now=now())
        return replace(report, error=error)
    store.counters.succeed(counter.name, now=now())
    return report


def _asked(source: HostCounter, cursor: str | None, papers: Iterable[Paper]) -> Iterator[Counts]:
    """What a counter gives; whatever else a plug-in fails with is a failure of its site too."""
    try:
        yield from source.count(cursor, papers=papers)
    except BroadsheetError:
        raise
    except Exception as error:
        raise SourceError(f"counter {source.name!r} failed: {type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Young:
    """The papers first announced on a day or later, newest first, a day of them in memory at a time."""

    store: Store
    since: date

    def __iter__(self) -> Iterator[Paper]:
        for count in sorted(self.store.days(self.since), key=lambda count: count.day, reverse=True):
            yield from (paper for paper in self.store.edition(count.day) if paper.day == count.day)


def _taken(
    report: VotesReport,
    counted: Iterable[Counted | RecordError],
    *,
    store: Store,
    now: datetime,
    cursor: Cursor | None = None,
    changes: bool = False,
) -> VotesReport:
    by_paper: dict[PaperId, list[tuple[VoteReading, date | None]]] = {}
    problems = list(report.problems)
    rejected = report.rejected
    for each in counted:
        found = _reading(each, report.counter, now=now)
        if isinstance(found, RecordError):
            rejected += 1
            problems += [found] if len(problems) < _SHOWN else []
        elif not isinstance(each, RecordError):
            by_paper.setdefault(each.id, []).append((found, each.featured))
    ids = list(by_paper)
    taken, unknown, readings = Taken(), list[PaperId](), 0
    for start in range(0, max(len(ids), 1), _BATCH):
        part = ids[start : start + _BATCH]
        papers = store.get_many(part)
        unknown += [id for id in part if id not in papers]
        # Two names of one paper may both be counted; its readings then go in together.
        united: dict[PaperId, tuple[Record, Derived]] = {}
        for id in part:
            if (paper := papers.get(id)) is not None:
                record, derived = united.get(paper.id, (paper.record, paper.derived))
                united[paper.id] = _with_votes(record, by_paper[id], changes=changes), derived
                readings += len(by_paper[id])
        # The cursor stands for all of them.
        last = start + _BATCH >= len(ids)
        taken += store.put(list(united.values()), now=now, cursor=cursor if last else None)
    return replace(
        report,
        readings=report.readings + readings,
        taken=report.taken + taken,
        unknown=(*report.unknown, *unknown),
        rejected=rejected,
        problems=tuple(problems),
    )


def _reading(each: Counted | RecordError, counter: str, *, now: datetime) -> VoteReading | RecordError:
    """The reading that was counted; a RecordError where it cannot be true."""
    if isinstance(each, RecordError):
        return each
    wrong = ""
    if isinstance(each.count, bool) or not isinstance(each.count, int) or not 0 <= each.count <= MOST:
        wrong = f"got a count of {str(each.count)[:40]!r}, wanted a whole number from 0 to {MOST:,}"
    elif each.at.tzinfo is None:
        wrong = f"got the time {each.at.isoformat()} without a zone, wanted one in UTC"
    elif not _FIRST <= each.at <= now + _EARLY:
        wrong = f"got the time {each.at.isoformat()}, wanted one between {_FIRST:%Y-%m-%d} and now"
    return RecordError(f"{counter}: {each.id}", wrong) if wrong else VoteReading(each.at, each.count, counter)


def _with_votes(
    record: Record, counted: Iterable[tuple[VoteReading, date | None]], *, changes: bool
) -> Record:
    readings, days = set(record.readings), [record.featured] if record.featured else []
    for reading, featured in sorted(counted, key=lambda each: each[0]):
        before = [r for r in readings if r.counter == reading.counter and r.at <= reading.at]
        if not (changes and before and max(before).count == reading.count):
            readings.add(reading)
        days += [featured] if featured else []
    return replace(record, readings=tuple(sorted(readings)), featured=min(days, default=None))

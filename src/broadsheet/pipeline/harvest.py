"""Move records from hosts into the store, a batch and its cursor in one transaction. Knows no host.

Killed at any point, a harvest goes on from the last saved cursor: what was saved is not lost, and
what comes a second time changes nothing, since the store merges records by id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from broadsheet.errors import RecordError, SourceError, ThrottledError
from broadsheet.ids import PaperId
from broadsheet.model import AnnounceKind, Announcement, Derived, Paper, Record
from broadsheet.source.contract import Announced, FeedSource, HostSource, Item
from broadsheet.store.contract import Cursor, Store, Taken

_KEPT_REJECTS = 20

Derive = Callable[[Record], Derived]
Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestReport:
    """What a harvest has taken in so far.

    ``complete``: nothing newer was left. Otherwise it was stopped, or ``error`` says what failed;
    the next harvest goes on from there.
    """

    source: str
    taken: Taken = field(default_factory=Taken)
    batches: int = 0
    records: int = 0
    total: int | None = None  # what the host promises, if it does
    rejected: int = 0
    rejects: tuple[RecordError, ...] = ()  # the first of the rejected
    complete: bool = False
    error: SourceError | None = None


class Edition(StrEnum):
    """What became of a day's announcement."""

    TAKEN = "taken"
    KNOWN = "known"  # taken in before
    EMPTY = "empty"  # a day without announcement
    STALE = "stale"  # a former day's batch under a new date: left alone, tried again next time
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """What a feed announced. ``unseen``: how many of its papers the harvest had not brought."""

    feed: str
    edition: Edition
    day: date | None = None
    taken: Taken = field(default_factory=Taken)
    items: int = 0
    unseen: int = 0
    capped: bool = False
    rejects: tuple[RecordError, ...] = ()
    error: SourceError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What a sync did, host by host."""

    harvests: tuple[HarvestReport, ...] = ()
    feeds: tuple[FeedReport, ...] = ()

    @property
    def taken(self) -> Taken:
        """Papers over all hosts."""
        return sum((r.taken for r in self._reports()), Taken())

    @property
    def error(self) -> SourceError | None:
        """The first failure, None where all went well."""
        return next((r.error for r in self._reports() if r.error), None)

    def _reports(self) -> tuple[HarvestReport | FeedReport, ...]:
        return (*self.harvests, *self.feeds)


def harvest(
    source: HostSource,
    *,
    store: Store,
    derive: Derive,
    now: Now,
    progress: Callable[[HarvestReport], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> HarvestReport:
    """Take in everything a source has since its saved cursor.

    ``progress`` hears after each batch, ``stop`` is asked there. A host's failure is reported,
    not raised; errors of the store are raised.
    """
    report = HarvestReport(source=source.name)
    try:
        for batch in source.harvest(store.cursor(source.name)):
            cursor = None if batch.cursor is None else Cursor(source.name, batch.cursor)
            report = _taken(report, batch.items, store=store, derive=derive, now=now(), cursor=cursor)
            report = replace(report, batches=report.batches + 1, total=batch.total)
            if progress:
                progress(report)
            if stop and stop():
                return report
    except SourceError as error:
        return replace(report, error=error)
    return replace(report, complete=True)


def collect(name: str, items: Iterable[Item], *, store: Store, derive: Derive, now: Now) -> HarvestReport:
    """Take in single records, such as those asked for by id, without a cursor."""
    report = HarvestReport(source=name)
    found: list[Item] = []
    try:
        found.extend(items)
    except SourceError as error:
        report = replace(report, error=error)
    report = _taken(report, found, store=store, derive=derive, now=now(), cursor=None)
    return replace(report, batches=1, complete=report.error is None)


def announce(feed: FeedSource, *, store: Store, derive: Derive, now: Now) -> FeedReport:
    """Take in what a feed announces today, unless it is a former day's batch under a new date.

    Run it after ``harvest``: papers that are held already say whether the feed's date is true.
    """
    try:
        page = feed.today()
    except SourceError as error:
        return FeedReport(feed=feed.name, edition=Edition.FAILED, error=error)
    records = [item for item in page.items if isinstance(item, Record)]
    rejects = tuple(item for item in page.items if isinstance(item, RecordError))[:_KEPT_REJECTS]
    report = FeedReport(
        feed=feed.name,
        edition=Edition.EMPTY,
        day=page.day,
        items=len(page.items),
        capped=page.capped,
        rejects=rejects,
    )
    if not records or page.day is None:
        return report
    held = store.get_many(record.id for record in records)
    mark = _mark(page.day, records)
    edition = _edition(page, records, held=held, mark=mark, last=store.cursor(feed.name))
    if edition is not Edition.TAKEN:
        return replace(report, edition=edition)
    batch = [_announced(record, held.get(record.id), derive) for record in records]
    taken = store.put(batch, now=now(), cursor=Cursor(feed.name, mark))
    unseen = sum(record.id not in held for record in records)
    return replace(report, edition=edition, taken=taken, unseen=unseen)


def sync(
    harvests: Sequence[HostSource],
    feeds: Sequence[FeedSource],
    *,
    store: Store,
    derive: Derive,
    now: Now,
    progress: Callable[[HarvestReport], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> SyncReport:
    """Catch up with every source, then with today's feeds.

    A source that fails does not keep the others from being asked, except where the host wants a
    pause: then the rest waits for the next sync.
    """
    report = SyncReport()
    for source in harvests:
        done = harvest(source, store=store, derive=derive, now=now, progress=progress, stop=stop)
        report = replace(report, harvests=(*report.harvests, done))
        if isinstance(done.error, ThrottledError) or (stop and stop()):
            return report
    for feed in feeds:
        read = announce(feed, store=store, derive=derive, now=now)
        report = replace(report, feeds=(*report.feeds, read))
        if isinstance(read.error, ThrottledError) or (stop and stop()):
            return report
    return report


def _taken(
    report: HarvestReport,
    items: Sequence[Item],
    *,
    store: Store,
    derive: Derive,
    now: datetime,
    cursor: Cursor | None,
) -> HarvestReport:
    records = [item for item in items if isinstance(item, Record)]
    rejects = [item for item in items if isinstance(item, RecordError)]
    held = store.get_many(record.id for record in records)
    settled = [_settled(record, held.get(record.id)) for record in records]
    taken = store.put([(r, _derived(r, derive)) for r in settled], now=now, cursor=cursor)
    return replace(
        report,
        taken=report.taken + taken,
        records=report.records + len(records),
        rejected=report.rejected + len(rejects),
        rejects=(*report.rejects, *rejects)[:_KEPT_REJECTS],
    )


def _derived(record: Record, derive: Derive) -> Derived:
    return Derived(title="", abstract="") if record.deleted else derive(record)


def _settled(record: Record, held: Paper | None) -> Record:
    """The record without those worked-out announcements that what we hold already answers.

    A day that a source stated is better than one worked out, and the first one worked out is
    better than a later one: the record's datestamp has moved since.
    """
    if held is None or all(a.stated for a in record.announcements):
        return record
    kept = tuple(a for a in record.announcements if a.stated or not _answered(a, record, held.record))
    return replace(record, announcements=kept)


def _answered(announcement: Announcement, record: Record, held: Record) -> bool:
    if announcement.kind is AnnounceKind.NEW:
        return any(a.kind is AnnounceKind.NEW for a in held.announcements)
    return record.version is not None and held.version is not None and held.version >= record.version


def _edition(
    page: Announced,
    records: Sequence[Record],
    *,
    held: Mapping[PaperId, Paper],
    mark: str,
    last: str | None,
) -> Edition:
    """Whether a feed's batch is what its date says."""
    if last == mark:
        return Edition.KNOWN
    if last is not None and _ids_of(last) == _ids_of(mark):
        return Edition.STALE
    days = [day for r in records if (day := _new_day(r, held.get(r.id)))]
    earlier = sum(page.day is not None and day < page.day for day in days)
    return Edition.STALE if 2 * earlier > len(days) else Edition.TAKEN


def _new_day(record: Record, held: Paper | None) -> date | None:
    """The day on which a paper that is announced as new was new as far as we know."""
    if held is None or not any(a.kind is AnnounceKind.NEW for a in record.announcements):
        return None
    return min((a.day for a in held.record.announcements if a.kind is AnnounceKind.NEW), default=None)


def _announced(record: Record, held: Paper | None, derive: Derive) -> tuple[Record, Derived]:
    """What to put for a feed's item: of a paper we hold in this version, its announcement alone.

    The feed gives authors and text in a poorer form than the harvest, and must not undo that.
    """
    known = held.record if held else None
    if held is None or known is None or (known.version or 0) < (record.version or 1):
        return record, derive(record)
    slim = Record(
        id=record.id,
        title=known.title,
        abstract=known.abstract,
        source=record.source,
        version=known.version,
        announcements=record.announcements,
    )
    return slim, held.derived


def _mark(day: date, records: Sequence[Record]) -> str:
    """The cursor of a feed: its last batch's day, and a digest of what was in it."""
    lines = sorted(f"{r.id}v{r.version} {a.kind}" for r in records for a in r.announcements)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return json.dumps({"day": day.isoformat(), "ids": digest})


def _ids_of(mark: str) -> object:
    try:
        return json.loads(mark)["ids"]
    except (ValueError, TypeError, KeyError):
        return None

"""Papers come in: files, arXiv and other hosts, the sample; and what turns out to be one work is folded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from broadsheet.errors import BusyError, InputError
from broadsheet.model import Record
from broadsheet.pipeline import intake
from broadsheet.pipeline.fold import BATCH, fold_duplicates
from broadsheet.store.contract import Cursor, Store
from broadsheet.text.derive import derive
from broadsheet.wiring.following import catch_up
from broadsheet.wiring.opening import _INTEREST, Archive, Count, _folder, _holder, _now, claimed

if TYPE_CHECKING:
    from broadsheet.pipeline.harvest import HarvestReport, SyncReport
    from broadsheet.pipeline.intake import IntakeReport
    from broadsheet.rank.expected import Interest
    from broadsheet.source.arxiv import Gate
    from broadsheet.source.registry import Sources

# The cursor of folding: up to which change near-duplicates were looked for.
_FOLDED = "fold"


def take_in(
    archive: Archive,
    paths: Sequence[Path | str],
    *,
    source: str | None = None,
    rejects: Path | None = None,
    workers: int | None = None,
    progress: Callable[[intake.Progress], None] | None = None,
) -> IntakeReport:
    """Take files in and fold what turns out to be the same work. ``source`` forces how they are read."""
    known = _sources().files
    if source is not None and source not in known:
        raise InputError(f"no file source called {source!r}; known: {', '.join(sorted(known))}")
    _before_folding(archive.store)
    report = intake.take_in(
        paths,
        store=archive.store,
        sources=known if source is None else {source: known[source]},
        derive=derive,
        now=datetime.now(UTC),
        rejects=rejects,
        workers=workers,
        progress=progress,
    )
    fold_new(archive)
    return report


def fold_new(archive: Archive) -> int:
    """Fold near-duplicates among the papers changed since the last time; how many were folded.

    How far it came is saved, so what a killed import or sync left unfolded is folded by the next.
    """
    store = archive.store
    folded, after = 0, int(store.cursor(_FOLDED) or 0)
    until = store.last_seq()
    while after < until and (changes := store.changes(after, limit=BATCH)):
        after = changes[-1].seq
        ids = [change.id for change in changes if not change.gone and change.seq <= until]
        folded += len(fold_duplicates(store, ids, now=datetime.now(UTC)))
        store.set_cursor(Cursor(_FOLDED, str(min(after, until))))
    return folded


def _before_folding(store: Store) -> None:
    """Note where folding begins, before anything comes in: an archive that has no note is as it should be."""
    if store.cursor(_FOLDED) is None:
        store.set_cursor(Cursor(_FOLDED, str(store.last_seq())))


def take_sample(archive: Archive, *, progress: Count | None = None) -> int:
    """Take in the packaged sample edition, once, and index it; how many papers came in."""
    store = archive.store
    taken = 0
    if store.cursor("sample") is None:
        from broadsheet.source.jsonl import JsonLines  # noqa: PLC0415

        file = resources.files("broadsheet") / "data" / "sample.jsonl"
        with resources.as_file(file) as path:
            items = list(JsonLines(sample=True).read(path))
        batch = [(item, derive(item)) for item in items if isinstance(item, Record)]
        done = store.put(batch, now=datetime.now(UTC), cursor=Cursor("sample", "1"))
        taken = done.new
    with suppress(BusyError):  # whoever is writing the index follows the store, and so indexes these
        catch_up(archive, progress=progress)
    return taken


def sync(
    archive: Archive,
    *,
    sets: Sequence[str] = (),
    since: date | None = None,
    ids: Sequence[str] = (),
    progress: Callable[[HarvestReport], None] | None = None,
) -> SyncReport:
    """Catch up with arXiv, or fetch single papers from it, and fold what turns out to be the same work.

    Of several machines on one database, one catches up at a time. Raises BusyError.
    """
    from broadsheet.ids import PaperId  # noqa: PLC0415
    from broadsheet.pipeline import harvest  # noqa: PLC0415
    from broadsheet.source.arxiv import Arxiv  # noqa: PLC0415

    settings = archive.settings
    _before_folding(archive.store)
    start = since or (_day(settings.arxiv_from) if settings.arxiv_from else None)
    arxiv = Arxiv(
        _folder(settings),
        contact=settings.contact,
        sets=tuple(sets) or settings.arxiv_sets,
        since=start,
        oai_url=settings.arxiv_oai_url,
        feed_url=settings.arxiv_feed_url,
        api_url=settings.arxiv_api_url,
        gate=_shared_gate(archive) if settings.database else None,
    )
    with ExitStack() as stack:
        stack.callback(arxiv.close)
        if settings.database and not ids:
            turn = claimed(archive.store.leases, "sync", doing="catching up with arXiv")
            stack.callback(turn.release)
        if ids:
            items = arxiv.fetch([PaperId.parse(i) for i in ids])
            done = harvest.collect("arxiv", items, store=archive.store, derive=derive, now=_now)
            report = harvest.SyncReport(harvests=(done,))
        else:
            report = harvest.sync(
                arxiv.harvests, arxiv.feeds, store=archive.store, derive=derive, now=_now, progress=progress
            )
    fold_new(archive)
    return report


def _shared_gate(archive: Archive) -> Gate:
    """The gate of all machines on a database; a file's would be one machine's alone."""
    from broadsheet.pipeline.gate import LeaseGate  # noqa: PLC0415

    return LeaseGate(archive.store.leases, _holder())


def harvest_host(
    archive: Archive, name: str, *, progress: Callable[[HarvestReport], None] | None = None
) -> HarvestReport:
    """Catch up with a host plug-in by name."""
    from broadsheet.pipeline import harvest  # noqa: PLC0415

    hosts = _sources().hosts
    if name not in hosts:
        raise InputError(f"no host source called {name!r}; known: {', '.join(sorted(hosts))}")
    _before_folding(archive.store)
    report = harvest.harvest(hosts[name], store=archive.store, derive=derive, now=_now, progress=progress)
    fold_new(archive)
    return report


def read_records(path: Path) -> list[Record]:
    """What a file of any kind we can read holds, without taking it in; lines that are no records are left out."""
    from broadsheet.source.registry import recognise  # noqa: PLC0415  loads every plug-in

    _, source = recognise(path, _sources().files)
    return [item for item in source.read(path) if isinstance(item, Record)]


def describe_sources() -> list[dict[str, Any]]:
    """Every source and counter found, for people: name, kind, where it comes from; and what is wrong with broken ones."""
    from broadsheet.source.registry import discover_counters  # noqa: PLC0415  loads every plug-in

    found = _sources()
    known = [
        {"name": name, "kind": kind, "from": type(source).__module__}
        for kind, group in (("file", found.files), ("host", found.hosts))
        for name, source in sorted(group.items())
    ]
    counters = discover_counters()
    known += [
        {"name": name, "kind": "counter", "from": counter.label}
        for name, counter in counters.counters.items()
    ]
    broken = (*found.problems, *counters.problems)
    return known + [{"name": "?", "kind": "broken", "from": problem} for problem in broken]


def learn_interest(archive: Archive, *, progress: Callable[[str], None]) -> tuple[Interest, Path]:
    """Learn expected interest from the archive's votes and keep it, from now on in place of what was shipped."""
    from broadsheet.pipeline.interest import learn_from  # noqa: PLC0415  keeps start-up short
    from broadsheet.rank.expected_file import to_bytes  # noqa: PLC0415

    model = learn_from(archive.store, today=_now().date(), progress=progress)
    path = _folder(archive.settings) / _INTEREST
    aside = path.with_suffix(".part")
    aside.write_bytes(to_bytes(model))
    aside.replace(path)
    return model, path


def _sources() -> Sources:
    from broadsheet.source.registry import discover  # noqa: PLC0415  loads every plug-in

    return discover()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"setting 'arxiv_from' is {text!r}; expected YYYY-MM-DD") from error

"""Commands that take papers in: import, sync, sources; and fold, which mends what was taken twice."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.config import Settings
from broadsheet.errors import BusyError, InputError
from broadsheet.ids import PaperId
from broadsheet.store.contract import Taken

_FOLLOWED = "a running Broadsheet is indexing what came in"

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def import_files(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(help="Files or http(s) addresses; .gz is fine.")],
    source: Annotated[
        str | None, typer.Option("--as", help="How to read them; see `broadsheet sources`.")
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="Where to write what cannot be used.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes that parse; chosen when left out.")
    ] = None,
    index: Annotated[
        bool, typer.Option("--index/--no-index", help="Index what came in before ending.")
    ] = True,
    json: Json = False,
) -> None:
    """Take papers in: JSON lines, BibTeX, RIS, CSL-JSON, Zotero exports, OPML, RSS, Atom and JSON feeds."""
    settings: Settings = context.obj()
    where = rejects or settings.data / "rejects" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
    with wiring.open_archive(settings) as archive:
        with output.intake_bar() as bar:
            report = wiring.take_in(
                archive, files, source=source, rejects=where, workers=workers, progress=bar
            )
        indexed = not index or _index(archive)
    taken = report.taken
    if json:
        output.echo_json(
            {
                "new": taken.new,
                "changed": taken.changed,
                "unchanged": taken.unchanged,
                "removed": taken.removed,
                "rejected": report.rejected,
                "rejects": str(report.rejects) if report.rejects else None,
                "seconds": round(report.seconds, 3),
            }
        )
    else:
        rate = report.read / report.seconds if report.seconds > 0 else 0
        output.echo(
            f"{taken.new} new, {taken.changed} changed, {taken.unchanged} unchanged "
            f"({report.read} records in {report.seconds:.1f} s, {rate:,.0f}/s)"
        )
    for problem in report.problems:
        output.tell(f"rejected: {problem}")
    if report.rejected:
        them = (
            "1 record could not be used; it is"
            if report.rejected == 1
            else f"{report.rejected} records could not be used; they are"
        )
        output.tell(f"{them} in {report.rejects}")
    if not indexed:
        output.tell(_FOLLOWED)
    if report.rejected and not report.read:
        raise typer.Exit(code=2)


def sync(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(help="Single papers to fetch, instead of catching up.")
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="OAI-PMH set, such as cs or cs:cs:CL.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="First day, when nothing was harvested yet.")] = None,
    host: Annotated[str, typer.Option("--from", help="The host source; see `broadsheet sources`.")] = "arxiv",
    json: Json = False,
) -> None:
    """Catch up with arXiv, or with another host; goes on where it stopped."""
    start = _day(since) if since else None
    with wiring.open_archive(context.obj()) as archive:
        with output.harvest_bar(host) as bar:
            if host == "arxiv":
                report = wiring.sync(archive, sets=sets or (), since=start, ids=ids or (), progress=bar)
                harvests, feeds, error = report.harvests, report.feeds, report.error
            else:
                single = wiring.harvest_host(archive, host, progress=bar)
                harvests, feeds, error = (single,), (), single.error
        indexed = _index(archive)
    if json:
        output.echo_json(
            {
                "harvests": [
                    {
                        "source": h.source,
                        **_counts(h.taken),
                        "rejected": h.rejected,
                        "complete": h.complete,
                        "error": str(h.error) if h.error else None,
                    }
                    for h in harvests
                ],
                "feeds": [
                    {
                        "feed": f.feed,
                        "edition": f.edition.value,
                        "day": f.day.isoformat() if f.day else None,
                        **_counts(f.taken),
                        "unseen": f.unseen,
                        "error": str(f.error) if f.error else None,
                    }
                    for f in feeds
                ],
            }
        )
    else:
        for h in harvests:
            output.echo(
                f"{h.source}: {h.taken.new} new, {h.taken.changed} changed, {h.taken.removed} removed"
                + ("" if h.complete else "; not complete, the next sync goes on from here")
            )
        for f in feeds:
            output.echo(
                f"{f.feed}: {f.edition.value}" + (f" for {f.day}, {f.taken.new} new" if f.day else "")
            )
    for h in harvests:
        for problem in h.rejects:
            output.tell(f"rejected: {problem}")
    if not indexed:
        output.tell(_FOLLOWED)
    if error is not None:
        raise error
    if ids and not any(h.records for h in harvests):
        raise typer.Exit(code=2)


def sources(json: Json = False) -> None:
    """The sources there are, plug-ins included."""
    known = wiring.describe_sources()
    if json:
        output.echo_json(known)
        return
    for source in known:
        output.echo(f"{source['name']:<12} {source['kind']:<6} {source['from']}")


def fold(
    context: typer.Context,
    kept: Annotated[str, typer.Argument(help="The paper that stays.")],
    other: Annotated[str, typer.Argument(help="The other id of the same work.")],
) -> None:
    """Fold two ids of the same work into one paper."""
    with wiring.open_archive(context.obj()) as archive:
        done = archive.store.fold(PaperId.parse(kept), PaperId.parse(other), now=datetime.now(UTC))
        _index(archive)
    output.tell(f"{other} is now part of {kept}" if done else f"{other} was part of {kept} already")


def unfold(
    context: typer.Context, other: Annotated[str, typer.Argument(help="The id that was folded.")]
) -> None:
    """Undo a fold: the id is a paper of its own again, and stays so."""
    with wiring.open_archive(context.obj()) as archive:
        done = archive.store.unfold(PaperId.parse(other), now=datetime.now(UTC))
        _index(archive)
    output.tell(f"{other} is a paper of its own again" if done else f"{other} was not folded")


def _index(archive: wiring.Archive) -> bool:
    """Index what came in; False where a running Broadsheet holds the index and will do it."""
    try:
        with output.progress("indexing") as report:
            wiring.catch_up(archive, progress=report)
    except BusyError:
        return False
    return True


def _counts(taken: Taken) -> dict[str, int]:
    return {
        "new": taken.new,
        "changed": taken.changed,
        "unchanged": taken.unchanged,
        "removed": taken.removed,
    }


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a day: {text!r}; expected YYYY-MM-DD, such as '2026-03-20'") from error

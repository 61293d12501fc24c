"""The command that takes votes in: import-votes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.config import Settings
from broadsheet.errors import InputError
from broadsheet.model import HUGGING_FACE

if TYPE_CHECKING:  # keeps start-up short
    from broadsheet.pipeline.votes import VotesReport

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

_SHOWN = 20


def import_votes(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Readings: a table or JSON of id, count and at, or a form of the counter's own; .gz is fine. "
            "Left out: the counters' sites are asked that the setting `counters` names."
        ),
    ] = None,
    counter: Annotated[
        str | None,
        typer.Option(help="Whose votes these are, such as huggingface, which it is when left out."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            help="When a file that does not say so was counted, as 2026-03-31T12:00:00Z; now when left out."
        ),
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="What the counter counts, one of them, such as star.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="The counter's name for people, such as GitHub.")] = None,
    worth: Annotated[
        float | None, typer.Option(help="What one is worth in trending beside a vote given here.")
    ] = None,
    growth: Annotated[
        bool | None,
        typer.Option(
            "--growth/--whole",
            help="Whether only what comes after the first reading says anything of a paper.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Take in how many votes papers have elsewhere. Papers that the archive lacks are reported, not made."""
    settings: Settings = context.obj()
    with wiring.open_archive(settings) as archive:
        if counter is not None or file is not None:
            known = wiring.describe_counter(
                archive, counter or HUGGING_FACE, unit=unit, label=label, worth=worth, growth=growth
            )
        elif (unit, label, worth, growth) != (None,) * 4:
            raise InputError("say which counter is meant: --counter NAME")
        if file is not None:
            reports = [wiring.take_votes(archive, file, counter=known, at=_moment(at))]
        else:
            reports = wiring.ask_counters(archive, [counter] if counter else [])
    if json:
        shapes = [_shape(report) for report in reports]
        output.echo_json(shapes if file is None else shapes[0])
    for report in reports:
        _tell(report, json=json, named=file is None)
    if error := next((report.error for report in reports if report.error), None):
        raise error
    if file is not None and report.rejected and not report.readings and not report.unknown:
        raise typer.Exit(code=2)


def _shape(report: VotesReport) -> dict[str, Any]:
    return {
        "counter": report.counter,
        "readings": report.readings,
        "changed": report.taken.changed,
        "unchanged": report.taken.unchanged,
        "unknown": [str(id) for id in report.unknown],
        "rejected": report.rejected,
        "error": str(report.error) if report.error else None,
    }


def _tell(report: VotesReport, *, json: bool, named: bool) -> None:
    taken = report.taken
    if not json:
        output.echo(
            (f"{report.counter}: " if named else "")
            + f"{report.readings} readings: {taken.changed} papers changed, {taken.unchanged} unchanged, "
            f"{len(report.unknown)} not in this archive"
        )
    if report.unknown and not json:
        more = len(report.unknown) - _SHOWN
        named_ones = ", ".join(map(str, report.unknown[:_SHOWN])) + (f" and {more} more" if more > 0 else "")
        output.tell(f"not in this archive: {named_ones}")
    for problem in report.problems:
        output.tell(f"rejected: {problem}")
    if report.error:
        output.tell(f"{report.counter} could not be asked to the end")


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a time: {text!r}; expected one such as 2026-03-31T12:00:00Z") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)

"""Commands of whoever runs it: doctor, backup, restore, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
File = Annotated[Path, typer.Argument(help="A backup's file.")]

_MARKS = {"good": "ok   ", "warning": "look ", "fault": "FAULT"}


def doctor(
    context: typer.Context,
    whole: Annotated[bool, typer.Option("--whole", help="Also read every file of the index.")] = False,
    json: Json = False,
) -> None:
    """Look everything over and say what is wrong and what to do; exit code 1 where something does not work."""
    with wiring.open_archive(context.obj()) as archive:
        findings = wiring.look_over(archive, whole=whole)
    if json:
        output.echo_json(
            [
                {"about": f.about, "level": f.level.value, "text": f.text, "way_out": f.way_out}
                for f in findings
            ]
        )
    else:
        for finding in findings:
            output.echo(f"{_MARKS[finding.level]} {finding.about}: {finding.text}")
            if finding.way_out:
                output.echo(f"      -> {finding.way_out}")
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(1)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
) -> None:
    """Write everything in the database into one file, while it is in use. The index is made again from it."""
    with wiring.open_archive(context.obj()) as archive, output.progress("rows") as report:
        told = wiring.back_up(archive, file, progress=report)
    output.tell(f"{file}: {told.papers:,} papers, {told.rows:,} rows, schema {told.schema}")


def verify(file: File) -> None:
    """Read a backup to its end and say whether it is whole."""
    with output.progress("rows") as report:
        told = wiring.verify_backup(file, progress=report)
    output.tell(
        f"{file} is whole: {told.papers:,} papers, {told.rows:,} rows, schema {told.schema}, made {told.made:%Y-%m-%d %H:%M} UTC"
    )


def restore(context: typer.Context, file: File) -> None:
    """Make the database from a backup, where there is none yet, then the index."""
    settings = context.obj()
    with output.progress("rows") as report:
        told = wiring.restore(settings, file, progress=report)
    with wiring.open_archive(settings) as archive, output.progress("indexing") as report:
        wiring.catch_up(archive, rebuild=True, progress=report)
    output.tell(f"restored {told.papers:,} papers as of {told.made:%Y-%m-%d %H:%M} UTC")

"""The command that writes a mirror of plain files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.config import Settings


def publish(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where the files go; a folder of their own.")],
    base_url: Annotated[
        str | None, typer.Option(help="Where the folder will be read, for feeds; else the setting.")
    ] = None,
    last: Annotated[
        int | None, typer.Option(min=1, help="Only so many of the newest editions; others are removed.")
    ] = None,
    searched: Annotated[
        int, typer.Option(min=0, help="How many of the newest editions can be searched in the browser.")
    ] = 30,
    everything: Annotated[bool, typer.Option("--all", help="Write what did not change, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write the editions as plain files, only what changed, for any web server or object store."""
    settings: Settings = context.obj(base_url=base_url)
    with wiring.open_archive(settings) as archive, output.progress("editions") as report:
        done = wiring.publish_files(
            archive,
            folder,
            address=settings.base_url,
            last=last,
            searched=searched,
            everything=everything,
            progress=report,
        )
    if json:
        output.echo_json(
            {"editions": done.days, "changed": done.changed, "written": done.written, "removed": done.removed}
        )
    else:
        output.echo(
            f"{done.days} editions, {done.changed} of them changed; "
            f"{done.written} files written, {done.removed} removed"
        )

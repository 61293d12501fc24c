"""Every command on one screen. Options are read here; the work is done below ``wiring``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broadsheet import __version__
from broadsheet.cli import measure, read, recommend, run, take
from broadsheet.config import load

app = typer.Typer(
    name="broadsheet",
    help="The daily paper of research, on your own machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command("import")(take.import_files)
app.command("sync")(take.sync)
app.command("sources")(take.sources)
app.command("fold")(take.fold)
app.command("unfold")(take.unfold)
app.command("search")(read.search)
app.command("similar")(read.similar)
app.command("show")(read.show)
app.command("edition")(read.edition)
app.command("rank")(recommend.rank)
app.command("serve")(run.serve)
app.command("index")(run.index)

evaluate = typer.Typer(
    help="Measure Broadsheet on collections that others can have too.", no_args_is_help=True
)

evaluate.command("retrieval")(measure.retrieval)
evaluate.command("similar")(measure.similar)
evaluate.command("aspects")(measure.aspects)
evaluate.command("recommend")(recommend.recommend)
app.add_typer(evaluate, name="eval")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"broadsheet {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(help="Folder of the database and the index.")] = None,
    database: Annotated[str | None, typer.Option(help="A postgresql:// address instead of SQLite.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
    version: Annotated[  # noqa: ARG001  handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and stop.")
    ] = False,
) -> None:
    """The daily paper of research, on your own machine."""
    # A command's --help needs no settings, and must work where they are broken.
    context.obj = lambda **flags: load(flags={"data": data, "database": database, **flags}, file=config)

"""Every command on one screen. Options are read here; the work is done below ``wiring``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broadsheet import __version__
from broadsheet.cli import (
    care,
    desk,
    interest,
    measure,
    people,
    post,
    publish,
    read,
    recommend,
    run,
    take,
    votes,
)
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
app.command("import-votes")(votes.import_votes)
app.command("learn-interest")(interest.learn_interest)
app.command("search")(read.search)
app.command("similar")(read.similar)
app.command("show")(read.show)
app.command("edition")(read.edition)
app.command("rank")(recommend.rank)
app.command("expected")(interest.expected)
app.command("serve")(run.serve)
app.command("mcp")(run.mcp)
app.command("index")(run.index)
app.command("doctor")(care.doctor)
app.command("backup")(care.backup)
app.command("verify")(care.verify)
app.command("restore")(care.restore)
app.command("build")(run.build)
app.command("publish")(publish.publish)
app.command("digest")(post.digest)

mail = typer.Typer(help="Who gets digests, and the letters on their way.", no_args_is_help=True)
mail.command("subscribe")(post.subscribe)
mail.command("unsubscribe")(post.unsubscribe)
mail.command("list")(post.list_subscriptions)
mail.command("send")(post.send)
mail.command("bounce")(post.bounce)
mail.command("dkim")(post.dkim)
app.add_typer(mail, name="mail")

evaluate = typer.Typer(
    help="Measure Broadsheet on collections that others can have too.", no_args_is_help=True
)

evaluate.command("retrieval")(measure.retrieval)
evaluate.command("similar")(measure.similar)
evaluate.command("aspects")(measure.aspects)
evaluate.command("recommend")(recommend.recommend)
evaluate.command("interest")(interest.interest)
app.add_typer(evaluate, name="eval")

account = typer.Typer(help="Who may come in, and what they may do.", no_args_is_help=True)

account.command("add")(people.add)
account.command("invite")(people.invite)
account.command("list")(people.list_accounts)
account.command("role")(people.role)
account.command("password")(people.password)
account.command("ban")(people.ban)
account.command("unban")(people.unban)
account.command("remove")(people.remove)
app.add_typer(account, name="account")


on_desk = typer.Typer(help="A reader's desk: what is kept, and taking it along.", no_args_is_help=True)

on_desk.command("list")(desk.list_papers)
on_desk.command("export")(desk.export)
on_desk.command("import")(desk.bring)
on_desk.command("forget")(desk.forget)
app.add_typer(on_desk, name="desk")


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

"""Commands of a reader's desk: list, export, import, forget."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.errors import InputError
from broadsheet.library import Desk, belongings, holdings
from broadsheet.library.belongings import put_down
from broadsheet.library.holdings import Order, Pile

Account = Annotated[
    str, typer.Option(help="Whose desk, where people have accounts: a name or an e-mail address.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Tag = Annotated[str, typer.Option(help="Only papers with this tag.")]
Collection = Annotated[str, typer.Option(help="Only papers in this collection.")]


class Form(StrEnum):
    """What a desk is written as."""

    JSONL = "jsonl"
    BIBTEX = "bibtex"


@contextmanager
def _desk(context: typer.Context, account: str) -> Iterator[tuple[wiring.Archive, Desk]]:
    with wiring.open_archive(context.obj()) as archive:
        reader = wiring.accounts(archive).named(account).id if account else wiring.READER
        yield archive, archive.library.desk(reader)


def list_papers(
    context: typer.Context,
    pile: Annotated[Pile, typer.Option(help="Which part of the library.")] = Pile.KEPT,
    tag: Tag = "",
    collection: Collection = "",
    sort: Annotated[Order, typer.Option(help="How it is sorted.")] = Order.SAID,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    account: Account = "",
    json: Json = False,
) -> None:
    """What a reader keeps, with tags, collections and notes."""
    with _desk(context, account) as (archive, desk):
        wanted = holdings.piled(holdings.holdings(desk), pile, tag=tag, collection=collection)
        found = holdings.page(archive.library, wanted, order=sort, limit=limit, offset=0)
    standings = {one.id: one.standing for one in wanted}
    if json:
        output.echo_json(
            [
                {
                    "id": str(paper.id),
                    "title": paper.title,
                    "tags": list(standings[paper.id].tags),
                    "collections": list(standings[paper.id].collections),
                    "note": standings[paper.id].note,
                    "read": standings[paper.id].read,
                }
                for paper in found.papers
            ]
        )
        return
    for paper in found.papers:
        labels = ", ".join((*standings[paper.id].tags, *standings[paper.id].collections))
        output.echo(f"{paper.id}  {paper.title}" + (f"  [{labels}]" if labels else ""))
    output.tell(f"{len(found.papers)} of {found.total} papers")


def export(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="The file to write; standard output when left out.")] = None,
    form: Annotated[
        Form, typer.Option("--as", help="Everything as JSON lines, or the papers as BibTeX.")
    ] = Form.JSONL,
    pile: Annotated[Pile, typer.Option(help="Of BibTeX: which part of the library.")] = Pile.KEPT,
    tag: Tag = "",
    collection: Collection = "",
    account: Account = "",
) -> None:
    """Take a desk along: everything as JSON lines, or a part of its papers as BibTeX."""
    with _desk(context, account) as (archive, desk):
        if form is Form.JSONL:
            if tag or collection:
                raise InputError("JSON lines have everything; --tag and --collection choose among BibTeX")
            text = "".join(
                f"{line}\n" for line in belongings.pack(archive.library, desk, now=datetime.now(UTC))
            )
        else:
            from broadsheet.serve import citations  # noqa: PLC0415  keeps start-up short

            wanted = holdings.piled(holdings.holdings(desk), pile, tag=tag, collection=collection)
            found = holdings.page(archive.library, wanted, order=Order.TITLE, limit=len(wanted), offset=0)
            words = {one.id: (*one.standing.tags, *one.standing.collections) for one in wanted}
            text = citations.bibliography((paper, words[paper.id]) for paper in found.papers)
    if to is None:
        output.echo(text.rstrip("\n"))
        return
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {to}: {error.strerror}") from error


def bring(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="A desk taken along, or a Zotero, BibTeX, RIS or CSL-JSON library.")
    ],
    account: Account = "",
    json: Json = False,
) -> None:
    """Put a library, or a desk taken along, on a reader's desk; papers that are not here are taken in."""
    try:
        body = file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from error
    with _desk(context, account) as (archive, desk):
        brought = wiring.OwnPapers(archive).from_file(file.name, body)
        made = put_down(desk, brought)
    for reason in brought.rejected[:20]:
        output.tell(f"rejected: {reason}")
    if json:
        output.echo_json({"papers": brought.papers, "marks": made, "rejected": len(brought.rejected)})
        return
    output.echo(
        f"{brought.papers} papers read, {made} marks new, {len(brought.follows)} things followed, "
        f"{len(brought.rejected)} rejected"
    )


def forget(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    account: Account = "",
) -> None:
    """Delete everything on a desk: marks, notes, what is followed, settings, news."""
    with _desk(context, account) as (_, desk):
        papers = len(holdings.holdings(desk))
        if not yes and not typer.confirm(
            f"Delete what was said of {papers} papers, and all the rest?", err=True
        ):
            raise typer.Exit(code=1)
        desk.forget()
    output.tell(f"deleted what was said of {papers} papers, what was followed, settings and news")

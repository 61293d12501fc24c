"""Commands that read: search, similar, show, edition."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.library import shapes
from broadsheet.model import Aspect
from broadsheet.wiring import open_library

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Limit = Annotated[int, typer.Option(min=1, max=500, help="How many at most.")]


class Form(StrEnum):
    """Citation forms."""

    BIBTEX = "bibtex"
    RIS = "ris"
    CSL = "csl"


class Part(StrEnum):
    """What of a paper can be compared alone."""

    PROBLEM = "problem"
    METHOD = "method"
    RESULT = "result"


def search(
    context: typer.Context,
    query: Annotated[
        str, typer.Argument(help='Words, "a phrase", -without, author:name, cat:cs.CL, date:2026-03.')
    ],
    limit: Limit = 10,
    offset: Annotated[int, typer.Option(min=0, help="How many to pass over.")] = 0,
    json: Json = False,
) -> None:
    """Find papers by words and by meaning, with the reason for each."""
    with open_library(context.obj()) as library:
        results = library.search(query, limit=limit, offset=offset, facets=json)
    if json:
        output.echo_json(shapes.results_shape(results))
        return
    for note in results.notes:
        output.tell(note)
    for place, hit in enumerate(results.hits, start=offset):
        if results.above is not None and place == max(results.above, offset):
            output.echo("----- below here only loosely related -----\n")
        output.echo_hit(place + 1, hit, shares=hit.reason.kind in ("words", "meaning", "both"))
    if not results.hits:
        output.tell(f"nothing found for {query!r}")


def similar(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="A paper's id.")],
    by: Annotated[
        Part | None, typer.Option(help="Alike in this above all: its problem, method or result.")
    ] = None,
    limit: Limit = 10,
    json: Json = False,
) -> None:
    """Papers most like one, with the sentences in which they are."""
    with open_library(context.obj()) as library:
        hits = library.similar(PaperId.parse(id), by=Aspect(by) if by else None, limit=limit)
    if json:
        output.echo_json([shapes.similar_shape(h) for h in hits])
        return
    for rank, hit in enumerate(hits, start=1):
        output.echo_hit(rank, hit)
    if not hits:
        output.tell(f"nothing like {id!r} found")


def show(
    context: typer.Context,
    id: Annotated[str, typer.Argument(help="A paper's id.")],
    json: Json = False,
    cite: Annotated[Form | None, typer.Option(help="Print a citation instead.")] = None,
) -> None:
    """One paper, whole, or its citation."""
    with open_library(context.obj()) as library:
        view = library.paper(PaperId.parse(id))
    if cite is not None:
        from broadsheet.serve import citations  # noqa: PLC0415  keeps start-up short

        match cite:
            case Form.BIBTEX:
                output.echo(citations.bibtex(view.paper).rstrip())
            case Form.RIS:
                output.echo(citations.ris(view.paper).rstrip())
            case Form.CSL:
                output.echo_json(citations.csl(view.paper))
    elif json:
        output.echo_json(shapes.view_shape(view))
    else:
        output.echo_paper(view)


def edition(
    context: typer.Context,
    day: Annotated[str | None, typer.Argument(help="YYYY-MM-DD; the latest when left out.")] = None,
    json: Json = False,
) -> None:
    """The edition of a day."""
    with open_library(context.obj()) as library:
        which = _day(day) if day else library.latest()
        if which is None:
            raise NotFoundError(
                "the archive holds no editions yet; `broadsheet sync` or `broadsheet import` brings papers in"
            )
        found = library.edition(which)
        papers = library.papers(entry.id for entry in found.entries)
    if json:
        output.echo_json(shapes.edition_shape(found, papers))
        return
    output.echo(f"{found.day:%A}, {found.day.day} {found.day:%B %Y}: {found.count.new} new papers\n")
    if found.empty:
        output.echo(found.empty)
    for rank, entry in enumerate(found.leads, start=1):
        output.echo_card(rank, papers[entry.id], entry.reason.text)
    for section in found.sections:
        output.echo(f"{section.title} ({section.key})\n")
        for rank, entry in enumerate(section.entries, start=1):
            output.echo_card(rank, papers[entry.id], entry.reason.text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a day: {text!r}; expected YYYY-MM-DD, such as '2026-03-20'") from error

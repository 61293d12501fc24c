"""What the terminal shows: JSON, papers in words, progress bars. The only printing in Broadsheet."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from broadsheet.library import Hit, PaperView
from broadsheet.library.shapes import as_known
from broadsheet.model import Aspect, Paper
from broadsheet.pipeline.harvest import HarvestReport
from broadsheet.pipeline.intake import Progress as Intake


def echo(text: str = "") -> None:
    """A line on standard output."""
    sys.stdout.write(text + "\n")


def tell(text: str) -> None:
    """A line for the person, on standard error, so that output can be piped."""
    sys.stderr.write(text + "\n")


def echo_json(value: Any) -> None:
    """A JSON document, indented, in Unicode."""
    echo(json.dumps(value, ensure_ascii=False, indent=2))


def echo_hit(rank: int, hit: Hit, *, shares: bool = False) -> None:
    """A hit in a few lines: title, who and when, what it says, why, and what had which share in its score."""
    paper = hit.paper
    echo(_wrap(f"{rank:>3}. {paper.title}", hang=5))
    echo(_wrap("     " + _byline(paper), hang=5))
    # Of a similar paper, the sentence that the reason compares; of an answer, the one that answers best.
    span = hit.likeness.there if hit.likeness else hit.sentence
    said = paper.abstract[slice(*span)] if span else paper.derived.gist
    label = f"{hit.aspect.value}: " if span and hit.aspect and hit.aspect is not Aspect.OTHER else ""
    if said:
        echo(_wrap(f"     {label}{said}", hang=5))
    words = round(100 * hit.words_share)
    told = f" ({words} % by words, {100 - words} % by meaning)" if shares else ""
    echo(_wrap(f"     why: {hit.reason.text}{told}", hang=10))
    echo()


def echo_card(rank: int, paper: Paper, why: str) -> None:
    """A paper of an edition in a few lines."""
    echo(_wrap(f"{rank:>3}. {paper.title}", hang=5))
    echo(_wrap("     " + _byline(paper), hang=5))
    if paper.derived.gist:
        echo(_wrap("     " + paper.derived.gist, hang=5))
    echo(_wrap(f"     why: {why}", hang=10))
    echo()


def echo_paper(view: PaperView) -> None:
    """A paper, whole."""
    paper, record = view.paper, view.paper.record
    echo(_wrap(paper.title))
    echo(_wrap(", ".join(a.name for a in record.authors) or "no authors given"))
    echo(_wrap(_byline(paper, authors=False)))
    if record.withdrawn:
        echo("WITHDRAWN")
    echo()
    echo(_wrap(paper.abstract))
    if not paper.derived.complete:
        echo("\n(a formula may be incomplete: the text was damaged before it reached this archive)")
    echo()
    for link in paper.derived.links:
        echo(f"{link.kind.value:>8}  {link.url}")
    if view.keyphrases:
        echo(_wrap("   about  " + ", ".join(view.keyphrases), hang=10))
    for revision in view.history:
        echo(f"  former  {revision.title} (until {revision.until:%Y-%m-%d})")
    if view.similar:
        echo("\nSimilar:")
        for hit in view.similar:
            echo(_wrap(f"  {hit.paper.id}  {hit.paper.title}", hang=14))


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """A bar with rate and remaining time on standard error; yields ``report(done, total)``.

    Where standard error is no terminal, a line every tenth of the way instead.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        said = [-1]

        def line(done: int, total: int | None) -> None:
            tenth = 10 * done // total if total else 0
            if tenth > said[0]:
                said[0] = tenth
                tell(f"{what}: {done}{f' of {total}' if total else ''}")

        yield line
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task: TaskID = bar.add_task(what, total=None, rate="")

        def draw(done: int, total: int | None) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            rate = f"{done / elapsed:,.0f}/s" if elapsed > 0 else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield draw


@contextmanager
def intake_bar() -> Iterator[Callable[[Intake], None]]:
    """The progress of an import: records, rate, remaining time by bytes read."""
    console = Console(stderr=True)
    if not console.is_terminal:
        said = [-1]

        def line(now: Intake) -> None:
            tenth = int(10 * now.share)
            if tenth > said[0]:
                said[0] = tenth
                tell(
                    f"{now.file}: {tenth * 10} %, {now.read} records, {now.rejected} rejected, {now.rate:,.0f}/s"
                )

        yield line
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[records]:,} records"),
        TextColumn("{task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    with bar:
        task = bar.add_task("reading", total=None, records=0, rate=0.0)

        def draw(now: Intake) -> None:
            shown = f"{now.file} ({now.rejected} rejected)" if now.rejected else now.file
            bar.update(
                task, description=shown, completed=now.done, total=now.total, records=now.read, rate=now.rate
            )

        yield draw


@contextmanager
def harvest_bar(name: str) -> Iterator[Callable[[HarvestReport], None]]:
    """The progress of a harvest: records, and of how many where the host says."""
    with progress(name) as report:
        yield lambda h: report(h.records, h.total)


def _byline(paper: Paper, *, authors: bool = True) -> str:
    names = [a.name for a in paper.record.authors]
    who = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    day = paper.day.isoformat() if paper.day else (as_known(paper.record.published) or "")[:10]
    parts = [
        who if authors else "",
        day,
        " ".join(paper.record.categories[:4]),
        paper.derived.type.value,
        f"{paper.votes} votes" if paper.votes is not None else "",
        str(paper.id),
    ]
    return " · ".join(part for part in parts if part)


def _wrap(text: str, *, hang: int = 0) -> str:
    width = min(shutil.get_terminal_size((100, 24)).columns, 100)
    return textwrap.fill(
        text, width=width, subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
    )

"""Commands about expected interest: learn-interest, expected, eval interest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.config import Settings
from broadsheet.errors import InputError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.library import Library
from broadsheet.library.expectations import outlook
from broadsheet.model import Paper

if TYPE_CHECKING:  # keeps start-up short
    from broadsheet.evaluate.interest import InterestReport, OutlookReport

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def learn_interest(context: typer.Context, json: Json = False) -> None:
    """Learn expected interest anew from the votes in this archive, in place of what came with Broadsheet."""
    settings: Settings = context.obj()
    with wiring.open_archive(settings) as archive:
        model, path = wiring.learn_interest(archive, progress=output.tell)
    if json:
        output.echo_json({"file": str(path), "facts": dict(model.facts)})
        return
    facts = model.facts
    output.echo(
        f"learnt from {facts['papers']} papers, {facts['listed']} of them listed, until {facts['until']}"
    )


def expected(
    context: typer.Context,
    day: Annotated[str, typer.Argument(help="Day of the edition, as 2026-03-31.")],
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 10,
    json: Json = False,
) -> None:
    """The papers of a day by how likely they come onto the list of noted papers, and why."""
    settings: Settings = context.obj()
    with wiring.open_library(settings) as library:
        found = library.expected(_day(day), limit=limit)
        likes = [_precedents(library, each.paper) for each in found]
    if json:
        output.echo_json(
            [
                {
                    "id": str(each.paper.id),
                    "title": each.paper.title,
                    "probability": round(each.forecast.probability, 4),
                    "without_authors": round(each.forecast.without_authors, 4),
                    "reasons": [asdict(reason) for reason in each.forecast.reasons],
                    "votes": each.paper.votes,
                    "in_a_week": asdict(soon) if (soon := outlook(each.paper, ahead=7.0)) else None,
                    "precedents": {str(id): votes for id, votes in like.items()},
                }
                for each, like in zip(found, likes, strict=True)
            ]
        )
        return
    if not found:
        output.tell(f"nothing is expected of {day}: no new papers of the fields that it was learnt from")
    for each, like in zip(found, likes, strict=True):
        told = each.forecast
        output.echo(f"{told.probability:4.0%}  {each.paper.title} ({each.paper.id})")
        output.echo(
            f"      {told.said} like this came onto the list; {told.without_authors:.0%} by the paper alone"
        )
        if told.reasons:
            output.echo(
                "      " + ", ".join(f"{reason.said} ×{reason.factor:.1f}" for reason in told.reasons)
            )
        if (soon := outlook(each.paper, ahead=7.0)) is not None:
            output.echo(
                f"      {each.paper.votes} votes; a week after that count about {soon.votes}, "
                f"four in five times {soon.low} to {soon.high}"
            )
        if like:
            got = ", ".join(f"{id}: {'no votes' if n is None else f'{n} votes'}" for id, n in like.items())
            output.echo(f"      like it before: {got}")


def _precedents(library: Library, paper: Paper) -> Mapping[PaperId, int | None]:
    try:
        return {like.id: like.votes for like in library.precedents(paper, among=10)}
    except StaleIndexError:
        return {}  # without an index there is nothing to be like


def interest(
    papers: Annotated[
        list[Path],
        typer.Option(help="Folder of papers as JSON lines, with announcement days; may be repeated."),
    ],
    votes: Annotated[Path, typer.Option(help="Table of readings: paper_id, observed_at, upvotes.")],
    train_until: Annotated[str, typer.Option(help="Last day that is learnt from; later days are ranked.")],
    run: Annotated[
        Path | None, typer.Option(help="Write the ranking of every later day as a TREC run, query = day.")
    ] = None,
    json: Json = False,
) -> None:
    """How well expected interest is told: learn from papers up to a day, rank those of each later day.

    Relevant is what came onto the list, graded by its last reading. Shown with what is known of authors, as of
    each morning and as of the last day learnt from, and without it; how well probabilities keep their word;
    and how far off later votes are, told from the first.
    """
    from broadsheet.evaluate import interest as measured  # noqa: PLC0415  keeps start-up short
    from broadsheet.evaluate.retrieval import write_run  # noqa: PLC0415

    records = measured.read(papers, votes)
    until = _day(train_until)
    report = measured.evaluate_interest(records, train_until=until, progress=output.tell)
    later: OutlookReport | None = None
    try:
        later = measured.evaluate_outlook(records, train_until=until)
    except InputError as error:  # one count a paper is enough for the rest
        output.tell(f"later votes not measured: {error}")
    if run is not None:
        try:
            with run.open("w", encoding="utf-8") as file:
                write_run(report.rankings[0], file)
        except OSError as error:
            raise InputError(f"cannot write the run {run}: {error.strerror}") from error
    if json:
        output.echo_json(_as_json(report, later))
    else:
        _echo(report, later)


def _as_json(report: InterestReport, later: OutlookReport | None) -> dict[str, Any]:
    rankings = {}
    for ranking in report.rankings:
        kept = report.reliability[ranking.search]
        rankings[ranking.search] = {
            "metrics": {name: asdict(ranking.interval(name)) for name in ranking.values},
            "calibration": asdict(kept),
            "per_day": {
                name: dict(zip(ranking.queries, values, strict=True))
                for name, values in ranking.values.items()
            },
        }
    return {
        "trained_until": report.trained_until.isoformat(),
        "papers": report.papers,
        "listed": report.listed,
        "days": report.days,
        "mean_pool": report.mean_pool,
        "mean_listed": report.mean_listed,
        "rankings": rankings,
        "later_votes": None
        if later is None
        else {"pairs": asdict(later.pairs), "first_to_last": asdict(later.first_to_last)},
    }


def _echo(report: InterestReport, later: OutlookReport | None) -> None:
    output.echo(
        f"learnt from {report.papers} papers, {report.listed} of them listed, until {report.trained_until}; "
        f"{report.days} later days with {report.mean_pool:.0f} papers each, {report.mean_listed:.1f} listed"
    )
    for ranking in report.rankings:
        output.echo()
        output.echo(ranking.search)
        for name in ranking.values:
            found = ranking.interval(name)
            output.echo(f"  {name:<16} {found.mean:.4f}   95 % interval {found.low:.4f} … {found.high:.4f}")
        kept = report.reliability[ranking.search]
        output.echo(
            f"  calibration      error {kept.ece:.4f}, Brier {kept.brier:.4f} (always the mean: {kept.brier_constant:.4f})"
        )
        for tenth in kept.bins:
            output.echo(f"    {tenth.papers:6} papers: said {tenth.said:6.1%}, came {tenth.came:6.1%}")
    if later is None:
        return
    output.echo()
    output.echo("later votes from early ones")
    for name, miss in (("all pairs", later.pairs), ("first to last", later.first_to_last)):
        output.echo(
            f"  {name:<14} {miss.pairs} pairs: median error {miss.median_error:g} votes "
            f"(none added: {miss.unchanged_error:g}), band holds {miss.held:.1%}, median width {miss.median_width:g}"
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"not a day: {text!r}; expected one such as 2025-12-31") from error

"""Commands that measure: eval retrieval, eval aspects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broadsheet.cli import output

Directory = Annotated[Path, typer.Argument(help="Folder of the collection.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def aspects(directory: Directory, json: Json = False) -> None:
    """How well sentences are told apart: problem, method, result, other (labels as in CSFCube)."""
    from broadsheet.evaluate.aspects import evaluate_aspects  # noqa: PLC0415  keeps start-up short

    report = evaluate_aspects(directory)
    value = {
        "abstracts": report.abstracts,
        "agreeing": report.agreeing,
        "agreement": round(report.agreement, 4),
        "sentences": report.sentences,
        "accuracy": round(report.accuracy, 4),
        "macro_f1": round(report.macro_f1, 4),
        "majority": round(report.majority, 4),
        "f1": {aspect.value: round(f1, 4) for aspect, f1 in report.f1},
        "proportional": round(report.proportional, 4),
    }
    if json:
        output.echo_json(value)
        return
    output.echo(
        f"{report.agreeing} of {report.abstracts} abstracts have as many sentences as labels ({report.agreement:.1%})"
    )
    output.echo(
        f"accuracy {report.accuracy:.3f}, macro-F1 {report.macro_f1:.3f}; majority baseline {report.majority:.3f}"
    )
    output.echo("F1 " + ", ".join(f"{aspect.value} {f1:.3f}" for aspect, f1 in report.f1))
    output.echo(f"all abstracts, sentences matched by relative place: accuracy {report.proportional:.3f}")

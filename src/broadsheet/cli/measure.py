"""Commands that measure: eval retrieval, eval aspects."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import platformdirs
import typer

from broadsheet import wiring
from broadsheet.cli import output

Directory = Annotated[Path, typer.Argument(help="Folder of the collection.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def retrieval(
    directory: Directory,
    search: Annotated[wiring.Search, typer.Option(help="Which search.")] = wiring.Search.BOTH,
    split: Annotated[
        str, typer.Option(help="Other queries of the folder: `train` reads queries_train.jsonl.")
    ] = "",
    run: Annotated[Path | None, typer.Option(help="Write what was found as a TREC run.")] = None,
    json: Json = False,
) -> None:
    """How well we find: our own index and ranking over a collection in BEIR's layout.

    Vectors are kept in the cache folder, so only the first run of a collection is slow.
    """
    from broadsheet.evaluate import collections  # noqa: PLC0415  keeps start-up short
    from broadsheet.evaluate.retrieval import by_facet, evaluate_retrieval, write_run  # noqa: PLC0415

    collection = collections.load(directory, split=split)
    cache = Path(platformdirs.user_cache_dir("broadsheet")) / "evaluation"
    faceted = any(query.facet is not None for query in collection.queries)
    metrics = ("ndcg%20", "map") if faceted else ("ndcg@10", "map", "recall@100", "mrr@10")
    depth = len(collection.documents) if faceted else 1000
    with (
        output.progress(f"vectors of {collection.name}") as report_progress,
        wiring.collection_search(collection, search, cache=cache, progress=report_progress) as searcher,
    ):
        report = evaluate_retrieval(collection, searcher, name=search.value, metrics=metrics, depth=depth)
    if run is not None:
        with run.open("w", encoding="utf-8") as file:
            write_run(report, file)
    found = {name: (report.mean(name), report.interval(name)) for name in metrics}
    facets = by_facet(collection, report, metrics[0]) if faceted else {}
    if json:
        output.echo_json(
            {
                "collection": collection.name,
                "search": search.value,
                "documents": len(collection.documents),
                "queries": len(report.queries),
                "metrics": {n: {"mean": m, "low": i.low, "high": i.high} for n, (m, i) in found.items()},
                "facets": facets,
                "per_query": {n: dict(zip(report.queries, report.values[n], strict=True)) for n in metrics},
            }
        )
        return
    output.echo(
        f"{collection.name}: {len(collection.documents)} documents, {len(report.queries)} queries, {search.value}"
    )
    for name, (mean, interval) in found.items():
        output.echo(f"  {name:<11} {mean:.4f}   95 % interval {interval.low:.4f} … {interval.high:.4f}")
    for facet, value in facets.items():
        output.echo(f"  {metrics[0]:<11} {value:.4f}   {facet}")


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

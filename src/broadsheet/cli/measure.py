"""Commands that measure: eval retrieval, eval similar, eval aspects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import platformdirs
import typer

from broadsheet import wiring
from broadsheet.cli import output
from broadsheet.errors import InputError

if TYPE_CHECKING:  # keeps start-up short
    from broadsheet.evaluate.collections import Collection
    from broadsheet.evaluate.retrieval import Report

Directory = Annotated[Path, typer.Argument(help="Folder of the collection.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def retrieval(
    directory: Directory,
    search: Annotated[wiring.Search, typer.Option(help="Which search.")] = wiring.Search.WHOLE,
    split: Annotated[
        str,
        typer.Option(help="Other queries of the folder: `train` reads queries_train.jsonl, qrels_train.tsv."),
    ] = "",
    queries: Annotated[str, typer.Option(help="Name of the file of queries.")] = "",
    qrels: Annotated[str, typer.Option(help="Name of the file of judgements.")] = "",
    run: Annotated[Path | None, typer.Option(help="Write what was found as a TREC run.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with a TREC run, query by query: difference, interval, p.")
    ] = None,
    json: Json = False,
) -> None:
    """How well we find: our own index and ranking over a collection in BEIR's layout.

    Vectors are kept in the cache folder, so only the first run of a collection is slow.
    """
    from broadsheet.evaluate import collections  # noqa: PLC0415  keeps start-up short
    from broadsheet.evaluate.retrieval import METRICS, evaluate_retrieval, judge, read_run  # noqa: PLC0415

    collection = collections.load(directory, split=split, queries=queries, qrels=qrels)
    faceted = _faceted(collection)
    metrics = (("ndcg%20",) if faceted else ()) + METRICS
    other = None
    if against is not None:  # before the work, so that a wrong file is said at once
        found = read_run(against, collection)
        other = judge(collection, found, name=against.name, metrics=metrics)
    with (
        output.progress(f"vectors of {collection.name}") as told,
        wiring.collection_search(collection, search, cache=cache(), progress=told) as searcher,
    ):
        report = evaluate_retrieval(
            collection,
            searcher,
            name=search.value,
            metrics=metrics,
            depth=len(collection.documents) if faceted else 1000,
        )
    if run is not None:
        write_to(report, run)
    if json:
        head = {"collection": collection.name, "search": search.value, "documents": len(collection.documents)}
        output.echo_json(head | as_json(collection, report, other))
        return
    output.echo(
        f"{collection.name}: {len(collection.documents)} documents, {len(report.queries)} queries, {search.value}"
    )
    echo_metrics(collection, report, other)


def similar(
    directory: Directory,
    encoder: Annotated[str, typer.Option(help="Whose vectors: static, minilm, or one of a hub.")] = "static",
    sample: Annotated[
        int | None, typer.Option(min=1, help="Make lists for so many papers only, taken at random.")
    ] = None,
    json: Json = False,
) -> None:
    """How good and how even lists of similar papers are: by plain cosine, and as we make them.

    Where the folder has queries made of papers (as CSFCube), their quality by facet: by words, by
    cosine, and our lists of whole papers and by aspect. Always how often papers occur in lists of ten:
    over all papers, or those of a `--sample`.
    """
    from broadsheet.evaluate import collections  # noqa: PLC0415  keeps start-up short
    from broadsheet.evaluate.similar import evaluate_similar  # noqa: PLC0415

    judged = collections.has_queries(directory)
    collection = collections.load(directory) if judged else collections.load_corpus(directory)
    chosen = wiring.encoder_named(encoder)
    fast = wiring.encoder_named("static")
    better = [chosen] if chosen.name != fast.name else []  # of whose sentences the index has vectors, too
    encoders = [*better, fast]
    with (
        output.progress(f"vectors of {collection.name}") as told,
        wiring.collection_snapshot(
            collection, encoders, sentences_of=better, cache=cache(), progress=told
        ) as snapshot,
        output.progress(f"lists of {collection.name}") as listed,
    ):
        papers = wiring.collection_papers(collection)
        report = evaluate_similar(
            collection, snapshot, papers, encoders=encoders, sample=sample, progress=listed
        )
    hubs = report.hubs
    if json:
        value: dict[str, Any] = {"collection": collection.name, "encoder": chosen.name, "hubs": asdict(hubs)}
        if report.quality:
            value["quality"] = {each.search: as_json(collection, each, None) for each in report.quality}
        output.echo_json(value)
        return
    output.echo(f"{collection.name}: {hubs.papers} papers, {hubs.lists} lists of {hubs.k}, {chosen.name}")
    output.echo("              skewness  largest  of all lists  in no list")
    for name, found in (("cosine", hubs.cosine), ("ours", hubs.product)):
        output.echo(
            f"  {name:<10}  {found.skewness:8.2f}  {found.largest:7}  {found.largest_share:12.2%}  {found.never:10.1%}"
        )
    if report.aspects is not None:
        output.echo()
        _echo_facets(collection, report.quality, "ndcg%20")
        for other in report.quality[:-1]:
            _echo_by(collection, report.aspects, other, "ndcg%20")


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


def cache() -> Path:
    return Path(platformdirs.user_cache_dir("broadsheet")) / "evaluation"


def _faceted(collection: Collection) -> bool:
    return any(query.facet is not None for query in collection.queries)


def write_to(report: Report, path: Path) -> None:
    from broadsheet.evaluate.retrieval import write_run  # noqa: PLC0415  keeps start-up short

    try:
        with path.open("w", encoding="utf-8") as file:
            write_run(report, file)
    except OSError as error:
        raise InputError(f"cannot write the run {path}: {error.strerror}") from error


def as_json(collection: Collection, report: Report, other: Report | None) -> dict[str, Any]:
    from broadsheet.evaluate.retrieval import by_facet  # noqa: PLC0415  keeps start-up short

    means = {}
    for name in report.values:
        interval = report.interval(name)
        means[name] = {"mean": interval.mean, "low": interval.low, "high": interval.high}
    value: dict[str, Any] = {"queries": len(report.queries), "metrics": means}
    if _faceted(collection):
        value["facets"] = {name: by_facet(collection, report, name) for name in report.values}
    if other is not None:
        value["against"] = {
            "search": other.search,
            "metrics": {
                name: {
                    "mean": other.mean(name),
                    "by": asdict((found := report.against(other, name)).by),
                    "p": found.p,
                }
                for name in report.values
            },
        }
    value["per_query"] = {
        name: dict(zip(report.queries, values, strict=True)) for name, values in report.values.items()
    }
    return value


def _echo_facets(collection: Collection, reports: Sequence[Report], metric: str) -> None:
    """A line for each report, with the metric's mean and interval for each facet and for all queries."""
    output.echo(f"  {metric:<18}" + "".join(f"{name:>26}" for name in (*_facets(collection), "all")))
    for report in reports:
        found = [part.interval(metric) for part in _parts(collection, report)]
        cells = (f"{each.mean:.3f} ({each.low:.3f} … {each.high:.3f})" for each in found)
        output.echo(f"  {report.search:<18}" + "".join(f"{cell:>26}" for cell in cells))


def _echo_by(collection: Collection, report: Report, other: Report, metric: str) -> None:
    """A line with how much better a report is than another, for each facet and for all queries."""
    pairs = zip(_parts(collection, report), _parts(collection, other), strict=True)
    found = [part.against(theirs, metric).by for part, theirs in pairs]
    cells = (f"{each.mean:+.3f} ({each.low:+.3f} … {each.high:+.3f})" for each in found)
    output.echo(f"  {'… against ' + other.search:<18}" + "".join(f"{cell:>26}" for cell in cells))


def _facets(collection: Collection) -> list[str]:
    return sorted({query.facet for query in collection.queries if query.facet is not None})


def _parts(collection: Collection, report: Report) -> list[Report]:
    """The report on each facet's queries, then on all."""
    from broadsheet.evaluate.retrieval import of_facet  # noqa: PLC0415  keeps start-up short

    return [*(of_facet(collection, report, facet) for facet in _facets(collection)), report]


def echo_metrics(collection: Collection, report: Report, other: Report | None) -> None:
    from broadsheet.evaluate.retrieval import by_facet  # noqa: PLC0415  keeps start-up short

    for name in report.values:
        interval = report.interval(name)
        line = f"  {name:<11} {interval.mean:.4f}   95 % interval {interval.low:.4f} … {interval.high:.4f}"
        if other is not None:
            by = report.against(other, name)
            line += f"   {by.by.mean:+.4f} against {other.search} [{by.by.low:+.4f}, {by.by.high:+.4f}], "
            line += f"p = {by.p:.3f}" if by.p >= 0.001 else "p < 0.001"
        output.echo(line)
    if _faceted(collection):
        first = next(iter(report.values))
        for facet, value in by_facet(collection, report, first).items():
            output.echo(f"  {first:<11} {value:.4f}   {facet}")

"""Check the retrieval figures of ``retrieval.toml``: measure each again and compare.

    python bench/retrieval.py DATA [--only scifact] [--search static] [--cache DIR] [--runs DIR]

DATA holds the collections in the BEIR layout. Of the searches, ``static`` and ``minilm`` are exact
cosine over one encoder's vectors, without an index. The others are the product's own index and ranking:
``words``, ``vectors`` (MiniLM's), ``fast`` (words and static vectors, what serves at once) and ``both``
(words and MiniLM's). Vectors are kept in the cache, so only the first run is slow. Ends with 1 where a
figure is off.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from broadsheet import wiring
from broadsheet.evaluate import collections
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.dense import dense_searcher
from broadsheet.evaluate.retrieval import Report, Searcher, by_facet, evaluate_retrieval, write_run
from broadsheet.index.contract import Encoder
from broadsheet.index.encode import MiniLM, StaticEncoder


@dataclass(frozen=True, slots=True)
class Figure:
    """What we say a search scores on a collection, and how far off a new measurement may be."""

    collection: str
    search: str
    metric: str
    value: float
    tolerance: float
    facet: str | None = None


def main() -> int:
    arguments = _arguments()
    figures = [
        Figure(**row)
        for row in tomllib.loads((Path(__file__).parent / "retrieval.toml").read_text())["figure"]
        if arguments.only in (None, row["collection"]) and arguments.search in (None, row["search"])
    ]
    reports: dict[tuple[str, str], tuple[Collection, Report]] = {}
    wrong = 0
    for figure in figures:
        key = figure.collection, figure.search
        if key not in reports:
            metrics = tuple(dict.fromkeys(f.metric for f in figures if (f.collection, f.search) == key))
            reports[key] = _measure(arguments, *key, metrics=metrics)
        collection, report = reports[key]
        if figure.facet is None:
            got = report.mean(figure.metric)
            interval = report.interval(figure.metric)
            bounds = f"[{interval.low:.3f}, {interval.high:.3f}]"
        else:
            got, bounds = by_facet(collection, report, figure.metric)[figure.facet], figure.facet
        off = abs(got - figure.value) > figure.tolerance
        wrong += off
        verdict = f"off: {figure.value:.4f} ± {figure.tolerance}" if off else "as said"
        print(
            f"{figure.collection:14} {figure.search:8} {figure.metric:10} {got:.4f} {bounds:16} {verdict}",
            flush=True,
        )
    return 1 if wrong else 0


def _measure(
    arguments: argparse.Namespace, name: str, kind: str, *, metrics: tuple[str, ...]
) -> tuple[Collection, Report]:
    folder, _, split = name.partition("/")
    collection = collections.load(arguments.data / folder, split=split)
    with ExitStack() as stack:
        searcher = _searcher(collection, kind, arguments.cache, stack)
        depth = len(collection.documents) if any("%" in metric for metric in metrics) else 1000
        report = evaluate_retrieval(collection, searcher, name=kind, metrics=metrics, depth=depth)
    if arguments.runs:
        arguments.runs.mkdir(parents=True, exist_ok=True)
        with (arguments.runs / f"{folder}{split}-{kind}.run").open("w", encoding="utf-8") as file:
            write_run(report, file)
    return collection, report


def _searcher(collection: Collection, kind: str, cache: Path, stack: ExitStack) -> Searcher:
    if kind in _ENCODERS:
        return dense_searcher(collection, _ENCODERS[kind](), cache=cache, progress=_progress)
    return stack.enter_context(
        wiring.collection_search(collection, wiring.Search(kind), cache=cache, progress=_progress)
    )


def _progress(done: int, total: int | None) -> None:
    print(f"\r{done}/{total}", end="" if done != total else "\r", file=sys.stderr, flush=True)


_ENCODERS: dict[str, Callable[[], Encoder]] = {"static": StaticEncoder, "minilm": MiniLM}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the collections")
    parser.add_argument("--only", help="one collection")
    parser.add_argument("--search", choices=sorted({*_ENCODERS, *wiring.Search}), help="one search")
    parser.add_argument(
        "--cache", type=Path, default=Path(platformdirs.user_cache_dir("broadsheet")) / "evaluation"
    )
    parser.add_argument("--runs", type=Path, help="folder to write TREC runs into")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

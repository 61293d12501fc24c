"""Measure what ``bench/*.toml`` says again, and compare. Ends with 1 where a figure is off.

    python -m bench.run DATA [--only 'retrieval/scifact/*'] [--quick] [--speed] [--accept] [--runs DIR]

DATA holds the collections. Vectors are kept in the user's cache folder, so only the first run is
slow. ``--accept`` puts what was measured into the files, for ``python -m bench.tables`` to show.
Speeds are the machine's: they are measured with ``--speed`` only, and never off. How each file is
measured is in ``docs/design/evaluation.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from bench import figures, interest
from bench.figures import Figure
from scripts.build_reader_sets import build_arxiv, build_citeulike

from broadsheet import wiring
from broadsheet.evaluate import collections, recommend
from broadsheet.evaluate import interest as evaluate
from broadsheet.evaluate.aspects import evaluate_aspects
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.dense import dense_searcher
from broadsheet.evaluate.retrieval import Report, Searcher, by_facet, evaluate_retrieval, write_run
from broadsheet.evaluate.similar import evaluate_similar
from broadsheet.index.contract import Encoder, Vectors
from broadsheet.index.encode import MiniLM, StaticEncoder

Measured = Iterator[tuple[Figure, float]]

# Readers of each set that are measured, as many as the peers' slow method was measured with.
_READERS = {"citeulike_t": 400, "arxiv_daily": 150}

# Lists of similar papers made of a larger collection, for counting how often papers occur in them.
_LISTS = 10_000


@dataclass(frozen=True, slots=True)
class Options:
    """Where things are."""

    data: Path
    cache: Path
    runs: Path | None


class WordLlama:
    """wordllama's vectors, to stand beside ours."""

    name = "wordllama-256"
    dim = 256

    def __init__(self) -> None:
        import wordllama  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415  an optional extra

        # What it needs lies in its package, where it looks only when told.
        here = Path(wordllama.__file__).parent
        self._model = wordllama.WordLlama.load(cache_dir=here, disable_download=True)

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model.embed([text or " " for text in texts], norm=True)
        return np.nan_to_num(vectors.astype(np.float32))


_ENCODERS: dict[str, Callable[[], Encoder]] = {
    "static": StaticEncoder,
    "minilm": lambda: MiniLM(threads=2),
    "wordllama": WordLlama,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder of the collections")
    parser.add_argument(
        "--only", action="append", default=[], help="figures whose name fits; may be repeated"
    )
    parser.add_argument("--quick", action="store_true", help="those that every change is checked with")
    parser.add_argument("--speed", action="store_true", help="speeds too")
    parser.add_argument("--accept", action="store_true", help="put what was measured into the files")
    parser.add_argument("--runs", type=Path, help="folder to write TREC runs into")
    parser.add_argument(
        "--cache", type=Path, default=Path(platformdirs.user_cache_dir("broadsheet")) / "evaluation"
    )
    asked = parser.parse_args()
    chosen = [
        figure
        for figure in figures.read()
        if (not asked.quick or figure.quick)
        and (asked.speed or figure.tolerance is not None)
        and (not asked.only or any(fnmatch(figure.name, f"{each}*") for each in asked.only))
    ]
    if not chosen:
        parser.error("no figure fits")
    values = {}
    off = 0
    for figure, got in measure(chosen, Options(asked.data, asked.cache, asked.runs)):
        values[figure.name] = round(got, 4)
        wrong = figure.tolerance is not None and abs(got - figure.value) > figure.tolerance
        off += wrong
        verdict = f"OFF: we say {figure.value} ± {figure.tolerance}" if wrong else f"we say {figure.value}"
        print(f"{figure.name:58} {got:9.4f}  {verdict}", flush=True)
    left = len(chosen) - len(values)
    print(f"{len(values)} measured, {off} off, {left} not measured", flush=True)
    if asked.accept:
        figures.write(values)
        print("written to bench/*.toml; now: python -m bench.tables")
        return 0
    return 1 if off else 0


def measure(chosen: Sequence[Figure], options: Options) -> Measured:
    """Each figure with what is measured now; what cannot be measured here is said and left out."""
    groups: dict[tuple[str, str], list[Figure]] = {}
    for figure in chosen:
        groups.setdefault((figure.file, figure.collection), []).append(figure)
    for (file, name), group in groups.items():
        folder = options.data / name.partition("/")[0]
        if not folder.is_dir():
            print(f"SKIPPED {file}/{name}: {folder} is not here", file=sys.stderr, flush=True)
            continue
        yield from MEASURES[file](group, folder, options)


def _retrieval(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    collection = collections.load(folder, split=group[0].collection.partition("/")[2])
    kinds = list(dict.fromkeys(figure.search for figure in group))
    ours = [wiring.Search(kind) for kind in kinds if kind not in _ENCODERS]
    for kind in kinds:
        if kind in _ENCODERS:
            if kind == "wordllama" and _lacks("wordllama"):
                continue
            encoder = _ENCODERS[kind]()
            searcher = dense_searcher(collection, encoder, cache=options.cache, progress=_progress)
            yield from _judged(group, collection, kind, searcher, options)
    if ours:
        with wiring.collection_searches(
            collection, ours, cache=options.cache, progress=_progress
        ) as searches:
            for search in ours:
                yield from _judged(group, collection, search.value, searches[search], options)


def _judged(
    group: Sequence[Figure], collection: Collection, kind: str, searcher: Searcher, options: Options
) -> Measured:
    wanted = [figure for figure in group if figure.search == kind]
    metrics = tuple(dict.fromkeys(figure.metric for figure in wanted))
    depth = len(collection.documents) if any("%" in metric for metric in metrics) else 1000
    report = evaluate_retrieval(collection, searcher, name=kind, metrics=metrics, depth=depth)
    if options.runs:
        options.runs.mkdir(parents=True, exist_ok=True)
        with (options.runs / f"{collection.name.replace('/', '-')}-{kind}.run").open("w") as file:
            write_run(report, file)
    for figure in wanted:
        yield figure, _score(collection, report, figure)


def _score(collection: Collection, report: Report, figure: Figure) -> float:
    if figure.facet is None:
        return report.mean(figure.metric)
    return by_facet(collection, report, figure.metric)[figure.facet]


def _similar(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    judged = collections.has_queries(folder) and any("@" in f.metric or "%" in f.metric for f in group)
    collection = collections.load(folder) if judged else collections.load_corpus(folder)
    for name in dict.fromkeys(figure.encoder for figure in group):
        fast, chosen = wiring.encoder_named("static"), wiring.encoder_named(name or "static")
        better = [chosen] if chosen.name != fast.name else []
        encoders = [*better, fast]
        papers = wiring.collection_papers(collection)
        with wiring.collection_snapshot(
            collection, encoders, sentences_of=better, cache=options.cache, progress=_progress
        ) as snapshot:
            report = evaluate_similar(
                collection,
                snapshot,
                papers,
                encoders=encoders,
                sample=_LISTS if len(papers) > _LISTS else None,
                progress=_progress,
            )
        reports = {each.search: each for each in report.quality}
        for figure in group:
            if figure.encoder != name:
                continue
            hubs = report.hubs.cosine if figure.search == "cosine" else report.hubs.product
            if hasattr(hubs, figure.metric):
                yield figure, float(getattr(hubs, figure.metric))
            elif figure.search in reports:
                yield figure, _score(collection, reports[figure.search], figure)


def _aspects(group: Sequence[Figure], folder: Path, _: Options) -> Measured:
    report = evaluate_aspects(folder)
    for figure in group:
        yield figure, float(getattr(report, figure.metric))


def _peers(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    wanted = list(dict.fromkeys(figure.search for figure in group))
    command = ["-m", "bench.peers", str(folder), "--json", "--cache", str(options.cache)]
    found = _printed([*command, *(word for name in wanted for word in ("--search", name))])
    for figure in group:
        if (row := found.get(figure.search)) is not None:
            yield figure, float(row[figure.metric])


def _speed(group: Sequence[Figure], folder: Path, _: Options) -> Measured:
    commands: Mapping[str, list[str]] = {
        "import": ["bench/import_rate.py", str(folder), "--records", "20000"],
        "search": [
            "bench/search_latency.py",
            *map(str, sorted(folder.glob("*.jsonl.gz"))),
            "--limit",
            "1000000",
        ],
    }
    for name in dict.fromkeys(figure.search for figure in group):
        found = _printed(commands[name])
        for figure in group:
            if figure.search == name:
                value: Any = found
                for step in figure.metric.split("."):
                    value = value[step]
                yield figure, float(value)


def _printed(words: Sequence[str]) -> dict[str, dict[str, float]]:
    """The JSON that a program prints. One thread for matrices, as the product has it."""
    environ = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *words], stdout=subprocess.PIPE, check=True, cwd=figures.HERE.parent, env=environ
    )
    value: dict[str, dict[str, float]] = json.loads(done.stdout)
    return value


def _lacks(module: str) -> bool:
    if find_spec(module) is not None:
        return False
    print(f"SKIPPED {module}: not installed (pip install 'broadsheet[bench]')", file=sys.stderr, flush=True)
    return True


def _progress(done: int, total: int | None) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total}", end="" if done != total else "\r", file=sys.stderr, flush=True)


def _relevance(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    """Nothing: the script that learns the line measures it, over all collections at once."""
    del folder, options
    print(f"SKIPPED {group[0].name}: python scripts/calibrate_relevance.py", file=sys.stderr, flush=True)
    yield from ()


def _recommend(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    sets = options.cache / "readers"
    if not (sets / folder.name / "report").is_dir():
        build = build_citeulike if folder.name == "citeulike_t" else build_arxiv
        build(folder, sets / folder.name, most=1000)
    readers = recommend.sampled(recommend.load(sets / folder.name / "report"), _READERS[folder.name])
    stage = recommend.Stage(readers, StaticEncoder().encode, progress=_progress)
    ways = {"profile": stage.profile, "words": stage.words, "centroid": stage.centroid}
    for name in dict.fromkeys(figure.search for figure in group if figure.search in ways):
        report = stage.evaluate(ways[name](), name=name).report
        for figure in group:
            if figure.search == name:
                yield figure, report.mean(figure.metric)


def _interest(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    """Papers announced in the first quarter of 2026, ranked by what was learnt before."""
    votes = options.data / interest.VOTES
    if not votes.is_file():
        print(f"SKIPPED {group[0].file}: {votes} is not here", file=sys.stderr, flush=True)
        return
    records = evaluate.read([folder], votes)
    report = evaluate.evaluate_interest(records, train_until=interest.UNTIL)
    rankings = {ranking.search: ranking for ranking in report.rankings}
    if any(figure.search == "tfidf" for figure in group) and not _lacks("sklearn"):
        days = [day for day in evaluate.days_after(records, interest.UNTIL) if day.judged]
        rankings["tfidf"] = interest.peer(records, days)
    outlook = evaluate.evaluate_outlook(records, train_until=interest.UNTIL)
    for figure in group:
        if figure.search.startswith("later votes"):
            miss = outlook.pairs if figure.search.endswith("pairs") else outlook.first_to_last
            yield figure, float(getattr(miss, figure.metric))
        elif figure.metric in {"ece", "brier", "brier_constant"}:
            yield figure, float(getattr(report.reliability[figure.search], figure.metric))
        elif figure.search in rankings:
            yield figure, rankings[figure.search].mean(figure.metric)
    if options.runs:
        options.runs.mkdir(parents=True, exist_ok=True)
        for name, ranking in rankings.items():
            with (options.runs / f"interest-{name.replace(' ', '-')}.run").open("w") as file:
                write_run(ranking, file)


# Figures that are measured by hand: what takes half an hour, or needs more than a data folder.
_BY_HAND = {
    "scale": "python -m bench.scale DATA --papers N --work DIR",
    "capacity": "python -m bench.capacity --measure DATA",
    "distributed": "python -m bench.distributed DATA",
    "bulk": "python -m bench.bulk DATA",
}


def _by_hand(group: Sequence[Figure], folder: Path, options: Options) -> Measured:
    """Nothing but how to."""
    del folder, options
    print(f"SKIPPED {group[0].name}: {_BY_HAND[group[0].file]}", file=sys.stderr, flush=True)
    yield from ()


MEASURES: dict[str, Callable[[Sequence[Figure], Path, Options], Measured]] = {
    "retrieval": _retrieval,
    "similar": _similar,
    "aspects": _aspects,
    "peers": _peers,
    "speed": _speed,
    "relevance": _relevance,
    **dict.fromkeys(_BY_HAND, _by_hand),
    "recommend": _recommend,
    "interest": _interest,
}

if __name__ == "__main__":
    sys.exit(main())

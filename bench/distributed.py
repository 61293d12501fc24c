"""The index on Milvus beside the local one: quality, time to build, time to search.

    python -m bench.distributed ../shared/data [--collection scifact] [--index milvus]

``--index`` is as in the settings: ``milvus`` for the engine embedded in this process, or a server's
address. Both indexes get the same papers and the same vectors, which are kept between runs. The
embedded engine is one process of Python: its times say nothing of a server's. Prints one line for
each search and index: nDCG@10 and recall@100 of the collection's test queries, seconds to build, and
milliseconds a query (median, 95th percentile).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import platformdirs

from broadsheet.evaluate import indexed
from broadsheet.evaluate.collections import Collection, load
from broadsheet.evaluate.retrieval import Report, Searcher, evaluate_retrieval
from broadsheet.index.contract import Scored
from broadsheet.index.encode import StaticEncoder
from broadsheet.wiring import Search, collection_searches, collection_snapshot

DEPTH = 100
METRICS = ("ndcg@10", "recall@100")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of the collections")
    parser.add_argument("--collection", default="scifact")
    parser.add_argument("--index", default="milvus", help="as in the settings")
    parser.add_argument("--searches", nargs="*", type=Search, default=list(Search), choices=list(Search))
    parser.add_argument("--static", action="store_true", help="also the static encoder's vectors alone")
    parser.add_argument("--queries", type=int, help="only so many of them, evenly from all")
    options = parser.parse_args()
    collection = load(options.data / options.collection)
    if options.queries:
        step = max(1, len(collection.queries) // options.queries)
        collection = replace(collection, queries=collection.queries[::step][: options.queries])
    cache = Path(platformdirs.user_cache_dir("broadsheet")) / "evaluation"
    reports: dict[tuple[str, Search], Report] = {}
    print("index\tsearch\tndcg@10\trecall@100\tbuild s\tmedian ms\tp95 ms")
    for index in ("", options.index) if options.searches else ():
        begun = time.perf_counter()
        with collection_searches(collection, options.searches, index=index, cache=cache) as searches:
            built = time.perf_counter() - begun
            for kind, search in searches.items():
                took: list[float] = []
                timed = partial(_timed, search, took)
                report = evaluate_retrieval(collection, timed, name=kind, metrics=METRICS, depth=DEPTH)
                reports[index, kind] = report
                values = [f"{report.mean(metric):.4f}" for metric in METRICS]
                times = [f"{ms:.1f}" for ms in np.percentile(np.array(took) * 1000, [50, 95])]
                print("\t".join((index or "local", kind, *values, f"{built:.1f}", *times)), flush=True)
    if options.static:
        for index in ("", options.index):
            print(
                f"{index or 'local'}\tstatic vectors alone\t{static(collection, index, cache):.4f}",
                flush=True,
            )
    for kind in options.searches:
        difference = reports[options.index, kind].against(reports["", kind], "ndcg@10")
        print(f"{kind}: nDCG@10 of {options.index} less that of local: {difference}")


def static(collection: Collection, index: str, cache: Path) -> float:
    """nDCG@10 of the static encoder's vectors alone."""
    encoder = StaticEncoder()
    with collection_snapshot(collection, [encoder], index=index, cache=cache) as snapshot:

        def rank(text: str, k: int) -> Sequence[Scored]:
            return snapshot.vectors(encoder.encode([text])[0], encoder=encoder.name, k=k)

        search = indexed.searcher(collection, rank)
        report = evaluate_retrieval(collection, search, name="static", metrics=METRICS, depth=10)
        return report.mean("ndcg@10")


def _timed(search: Searcher, took: list[float], text: str, k: int) -> Sequence[tuple[str, float]]:
    """The answer of a search, its seconds noted."""
    begun = time.perf_counter()
    answer = search(text, k)
    took.append(time.perf_counter() - begun)
    return answer


if __name__ == "__main__":
    main()

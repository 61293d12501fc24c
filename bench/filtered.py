"""Whether filtered search finds the nearest, and how long it takes.

    python bench/filtered.py DATA [--queries 100]

DATA holds a database's ``index``. Filters by day pass about 50, 5 and 0.5 per cent of its papers;
the ten nearest by vectors are compared with an exact scan over those papers alone. Queries are the
vectors of papers, evenly from the whole, moved half-way to another one's. Times are of one search:
"first" makes the filter's list of papers, "again" has it. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from datetime import date
from pathlib import Path

import numpy as np

from broadsheet.index.contract import Filter, Snapshot, Words
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex

SHARES = (0.5, 0.05, 0.005)
K = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--queries", type=int, default=100)
    options = parser.parse_args()
    snapshot = LocalIndex(options.data / "index").snapshot()
    name = StaticEncoder().name
    newest = [scored.id for scored in snapshot.words(Words(), k=10**9)]
    asked = sorted(newest)[:: max(1, len(newest) // options.queries)][: options.queries]
    _, chosen = snapshot.vectors_of(asked, encoder=name)
    moved = chosen + np.roll(chosen, 1, axis=0)
    queries = moved / np.linalg.norm(moved, axis=1, keepdims=True)
    report: dict[str, object] = {"papers": len(newest), "queries": len(queries)}
    for share in SHARES:
        filter = since(snapshot, share * len(newest))
        allowed = [scored.id for scored in snapshot.words(Words(), k=10**9, filter=filter)]
        known, vectors = snapshot.vectors_of(allowed, encoder=name)
        overlaps: list[float] = []
        first: list[float] = []
        again: list[float] = []
        for number, query in enumerate(queries):
            # Another filter in name, so that nothing is remembered of it.
            fresh = Filter(since=filter.since, until=date(9000 + number, 1, 1))
            for times in (first, again):
                begun = time.perf_counter()
                found = snapshot.vectors(query, encoder=name, k=K, filter=fresh)
                times.append(1e3 * (time.perf_counter() - begun))
            scores = np.einsum("nd,d->n", vectors, query)
            best = {known[place] for place in np.argsort(-scores, kind="stable")[:K]}
            overlaps.append(len(best & {scored.id for scored in found}) / len(best))
        report[f"{100 * share:g} %"] = {
            "passed": len(allowed),
            "overlap": round(statistics.mean(overlaps), 4),
            "first_ms": round(statistics.median(first), 1),
            "again_ms": round(statistics.median(again), 1),
        }
    print(json.dumps(report, indent=2))


def since(snapshot: Snapshot, wanted: float) -> Filter:
    """The days, up to now, that pass about so many papers."""
    low, high = date(1990, 1, 1).toordinal(), date(2030, 1, 1).toordinal()
    while low + 1 < high:
        middle = (low + high) // 2
        passed = snapshot.count(Words(), filter=Filter(since=date.fromordinal(middle)))
        low, high = (middle, high) if passed >= wanted else (low, middle)
    return Filter(since=date.fromordinal(low))


if __name__ == "__main__":
    main()

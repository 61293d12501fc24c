"""How long the index takes to build and to search, how large it is, and what the words alone cost.

    python bench/search_latency.py RECORDS… [--limit 20000] [--queries 200] [--work DIR]

Takes the records (the form of ``../shared/data/arxiv_daily``) into a database of its own, lets the
follower build an index with the fast encoder, and asks it in new processes: the first search of
each (cold) and many more (warm), by wall clock and by CPU time. "tantivy" is the bare engine with
the same words, without ids, filters or meaning. Prints JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import tantivy

from broadsheet.index import fields
from broadsheet.index.contract import Filter, Words
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.index.queries import Queries
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Record
from broadsheet.pipeline import reindex
from broadsheet.rank.query import parse
from broadsheet.rank.search import search
from broadsheet.source.jsonl import JsonLines
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.derive import derive

WORDS = 3  # of a title make a query
SEED = 17
PROCESSES = 5
FILTERED = "cat:astro-ph.GA date:2026-02"
BATCH = 500


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("records", type=Path, nargs="*")
    parser.add_argument("--limit", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument(
        "--work", type=Path, help="use (and keep) this folder; an index in it is not built again"
    )
    parser.add_argument("--ask", type=Path, help=argparse.SUPPRESS)  # what each new process is told
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask(options.ask)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        if not (work / "build.json").exists():
            report = build(work, options.records, limit=options.limit, queries=options.queries)
            (work / "build.json").write_text(json.dumps(report))
        report = json.loads((work / "build.json").read_text())
        command = [sys.executable, __file__, "--ask", str(work)]
        answers = [json.loads(subprocess.check_output(command)) for _ in range(PROCESSES)]
    print(json.dumps({**report, **summary(answers)}, indent=2))


def build(work: Path, files: Sequence[Path], *, limit: int, queries: int) -> dict[str, Any]:
    """Make the database and the index; how long it took and how large they are."""
    source = JsonLines()
    records: Iterator[Record] = itertools.islice(
        (item for file in files for item in source.read(file) if isinstance(item, Record)), limit
    )
    store = SqliteStore.open(work / "broadsheet.db")
    index = LocalIndex(work / "index")
    asked: list[str] = []
    chosen = random.Random(SEED)
    while batch := list(itertools.islice(records, BATCH)):
        derived = [(record, derive(record)) for record in batch]
        store.put(derived, now=datetime.now(UTC))
        for _, plain in chosen.sample(derived, k=min(len(derived), -(-queries * BATCH // limit))):
            words = [word for word in plain.title.split() if word.isalpha()]
            asked.append(" ".join(chosen.sample(words, k=min(WORDS, len(words)))))
    (work / "queries.json").write_text(json.dumps(chosen.sample(asked, k=min(queries, len(asked)))))
    timed = _Stopwatch()
    reindex.follow(store, index, fast=StaticEncoder(), once=True)
    report = {
        "papers": index.snapshot().generation.papers,
        "build": timed.seconds(),
        "index_mb": round(size(work / "index") / 1e6, 1),
        "database_mb": round(size(work / "broadsheet.db") / 1e6, 1),
    }
    timed = _Stopwatch()
    index.verify()
    report["verify"] = timed.seconds()
    timed = _Stopwatch()
    one = revised(next(iter(store.scan())).record)
    store.put([(one, derive(one))], now=datetime.now(UTC))
    reindex.follow(store, index, fast=StaticEncoder(), once=True)
    report["one_paper_more"] = timed.seconds()
    store.close()
    return report


def revised(record: Record) -> Record:
    return replace(record, title=f"{record.title} (revised)", version=(record.version or 1) + 1)


def ask(work: Path) -> dict[str, Any]:
    """Open the index and search it; every search's times in milliseconds, the first ones first."""
    queries: list[str] = json.loads((work / "queries.json").read_text())
    today = date(2026, 3, 31)
    before = memory()
    timed = _Stopwatch()
    snapshot = LocalIndex(work / "index").snapshot()
    opened = timed.seconds()
    fast = StaticEncoder()
    timed = _Stopwatch()
    fast.encode(["first"])
    loaded = timed.seconds()
    parsed = [parse(query, today=today) for query in queries]
    vectors = [fast.encode([query])[0] for query in queries]
    filtered = [parse(f"{query} {FILTERED}", today=today) for query in queries]
    report: dict[str, Any] = {
        "open": opened,
        "load_encoder": loaded,
        "search": times(lambda n: search(snapshot, parsed[n], fast=fast, k=20), len(queries)),
        "search_filtered": times(lambda n: search(snapshot, filtered[n], fast=fast, k=20), len(queries)),
        "words": times(lambda n: snapshot.words(parsed[n].words, k=20), len(queries)),
        "vectors": times(lambda n: snapshot.vectors(vectors[n], encoder=fast.name, k=20), len(queries)),
    }
    engine, query = bare_engine(work, snapshot)
    asked = [query(Words(terms=tuple(q.split()))) for q in queries]
    report["tantivy"] = times(lambda n: engine.search(asked[n], limit=20, count=False), len(queries))
    report["memory_mb"] = {"before": before, "after": memory()}
    return report


def bare_engine(work: Path, snapshot: LocalSnapshot) -> tuple[Any, Callable[[Any], Any]]:

    index = fields.register(tantivy.Index.open(str(work / "index" / snapshot.manifest.words_directory())))
    queries = Queries(fields.schema())
    return index.searcher(), lambda words: queries.ranked(words, Filter())


def times(call: Callable[[int], object], count: int) -> dict[str, list[float]]:
    walls, cpus = [], []
    for n in range(count):
        wall, cpu = time.perf_counter(), time.process_time()
        call(n)
        walls.append(1e3 * (time.perf_counter() - wall))
        cpus.append(1e3 * (time.process_time() - cpu))
    return {"wall": walls, "cpu": cpus}


def summary(answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Medians over processes: the first search of each is cold, all after the tenth are warm."""
    report: dict[str, Any] = {}
    for name in ("open", "load_encoder"):
        report[name] = {
            clock: round(statistics.median(a[name][clock] for a in answers), 4)
            for clock in ("wall_s", "cpu_s")
        }
    for name in ("search", "search_filtered", "words", "vectors", "tantivy"):
        report[name] = {}
        for clock in ("wall", "cpu"):
            warm = [t for a in answers for t in a[name][clock][10:]]
            report[name][f"{clock}_ms"] = {
                "cold": round(statistics.median(a[name][clock][0] for a in answers), 2),
                "p50": round(statistics.median(warm), 2),
                "p95": round(statistics.quantiles(warm, n=20)[-1], 2),
            }
    words = report["words"]["cpu_ms"]["p50"]
    report["search_to_tantivy_cpu"] = round(
        report["search"]["cpu_ms"]["p50"] / report["tantivy"]["cpu_ms"]["p50"], 2
    )
    report["words_to_tantivy_cpu"] = round(words / report["tantivy"]["cpu_ms"]["p50"], 2)
    report["memory_mb"] = {
        key: {kind: statistics.median(a["memory_mb"][key][kind] for a in answers) for kind in ("all", "own")}
        for key in ("before", "after")
    }
    return report


class _Stopwatch:
    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def seconds(self) -> dict[str, float]:
        return {
            "wall_s": round(time.perf_counter() - self._wall, 4),
            "cpu_s": round(time.process_time() - self._cpu, 4),
        }


def size(path: Path) -> int:
    """Bytes on disk; files with several names are counted once."""
    files = [path] if path.is_file() else [p for p in path.rglob("*") if p.is_file()]
    return sum({(s.st_dev, s.st_ino): s.st_size for s in (p.stat() for p in files)}.values())


def memory() -> dict[str, float]:
    """Resident memory in MB: all of it, and what is this process's own (no mapped files). Linux only."""
    status = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line
    )
    return {
        "all": int(status["VmRSS"].split()[0]) / 1000,
        "own": int(status["RssAnon"].split()[0]) / 1000,
    }


if __name__ == "__main__":
    main()

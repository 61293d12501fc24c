"""Measure how fast JSON lines come into SQLite, everything derived, against a bare loop in the same run.

``python bench/import_rate.py [--records N] [--workers N] [FOLDER]`` prints JSON. FOLDER holds
``*.jsonl.gz`` in a collector's form, by default ``../shared/data/arxiv_daily``. The bare loop does
``json.loads`` and one SQLite insert a record, in transactions of the same size. ``import`` includes the
folding of near-duplicates, as the command does; ``fold`` is that part alone.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from broadsheet.pipeline.fold import fold_duplicates
from broadsheet.pipeline.intake import BATCH, take_in
from broadsheet.pipeline.workers import Workers
from broadsheet.source.jsonl import JsonLines
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text.derive import derive

_FOLDER = Path(__file__).parents[2] / "shared/data/arxiv_daily"


def main() -> None:
    """Run both and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=_FOLDER)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=Workers.usual())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        papers = at / "papers.jsonl"
        count = _gather(options.folder, papers, options.records)
        bare = _timed(lambda: _bare(papers, at / "bare.db"))
        taken = _timed(lambda: _whole(papers, at / "whole.db", workers=options.workers))
        folding = _timed(lambda: _fold(at / "whole.db"))
        whole = {name: taken[name] + folding[name] for name in taken}
        again = _timed(lambda: _whole(papers, at / "whole.db", workers=options.workers))
        size = (at / "whole.db").stat().st_size
    print(
        json.dumps(
            {
                "records": count,
                "workers": options.workers,
                "cores": len(os.sched_getaffinity(0)),
                "python": platform.python_version(),
                "import_per_s": round(count / whole["wall"]),
                "import_cpu_us": round(whole["cpu"] / count * 1e6),
                "fold_cpu_us": round(folding["cpu"] / count * 1e6),
                "bare_per_s": round(count / bare["wall"]),
                "bare_cpu_us": round(bare["cpu"] / count * 1e6),
                "times_bare": round(whole["wall"] / bare["wall"], 1),
                "times_bare_cpu": round(whole["cpu"] / bare["cpu"], 1),
                "again_per_s": round(count / again["wall"]),
                "bytes_per_record": round(size / count),
            },
            indent=2,
        )
    )


def _gather(folder: Path, papers: Path, records: int) -> int:
    with papers.open("wb") as out:
        count = 0
        for line in itertools.islice(_lines(folder), records):
            out.write(line)
            count += 1
    return count


def _lines(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path) as lines:
            yield from lines


def _whole(papers: Path, database: Path, *, workers: int) -> None:
    store = SqliteStore.open(database)
    try:
        sources = {"jsonl": JsonLines()}
        now = datetime.now(UTC)
        take_in([papers], store=store, sources=sources, derive=derive, now=now, workers=workers)
    finally:
        store.close()


def _fold(database: Path) -> None:
    store = SqliteStore.open(database)
    try:
        after = 0
        while changes := store.changes(after):
            after = changes[-1].seq
            fold_duplicates(store, [c.id for c in changes if not c.gone], now=datetime.now(UTC))
    finally:
        store.close()


def _bare(papers: Path, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE papers (id TEXT PRIMARY KEY, record TEXT)")
    with papers.open("rb") as lines:
        while batch := list(itertools.islice(lines, BATCH)):
            with connection:
                for line in batch:
                    record = json.loads(line)
                    connection.execute(
                        "INSERT OR REPLACE INTO papers VALUES (?, ?)", (record["_id"], line.decode())
                    )
    connection.close()


def _timed(call: Callable[[], None]) -> dict[str, float]:
    """Wall clock and processor seconds, those of ended child processes included."""
    wall, cpu = time.perf_counter(), _cpu()
    call()
    return {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


if __name__ == "__main__":
    main()

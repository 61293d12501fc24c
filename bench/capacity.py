"""Memory, disk, machines and money for archives and loads that were not measured, from those that were.

    python -m bench.capacity [--prices FILE] [--set memory_gb=128 …]
    python -m bench.capacity --measure ../shared/data [--papers 4000]

The first prints the tables of docs/operate/capacity.md. What was measured is read from ``bench/scale.toml`` (the
local index at 100,000 and a million papers) and ``bench/capacity.toml`` (bytes of a paper in the database and on
Milvus, what encoding costs); everything assumed besides stands in ``ASSUMED``, each to be set otherwise. The
second measures the rows of ``capacity.toml`` on real papers and prints them as figures.

Costs are lines through the two measured sizes: ``a + b * papers``. Beyond a million papers that is extrapolation.
Prices are the operator's: FILE is TOML with ``machine_month``, ``disk_gb_month``, ``core_hour``, ``currency``,
``source`` and ``date``. Without it machines and gigabytes are counted, and no money.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.figures import read as read_figures

PAPERS = (3_000_000, 30_000_000, 200_000_000)
QUERIES = (10, 1_000, 10_000)
SMALL, LARGE = 100_000, 1_000_000
GB = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is assumed and not measured."""

    cores: int = 32  # of a machine
    memory_gb: float = 128.0
    busy: float = 0.5  # of a core's time that searches may take, so that bursts do not queue
    full: float = 0.7  # of a machine's memory that may be taken
    latency_ms: float = 300.0  # a search's median: an index is parted until its parts answer so fast
    copies: int = 2  # at least, so that one may fail
    beside: float = 2.0  # disk of an index beside its newest generation: the one before, and merging
    graph: float = 1.3  # memory of a vector in a graph of neighbours, to the vector's own bytes
    pages: float = 0.02  # seconds of a core for a page around a search


@dataclass(frozen=True, slots=True)
class Line:
    """A cost that grows with the papers."""

    fixed: float
    each: float

    @classmethod
    def through(cls, small: float, large: float) -> Line:
        """Through a cost at ``SMALL`` and one at ``LARGE`` papers."""
        each = (large - small) / (LARGE - SMALL)
        return cls(small - each * SMALL, each)

    def at(self, papers: float) -> float:
        return self.fixed + self.each * papers


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: bytes, and milliseconds of one core."""

    disk: Line  # the local index
    memory: Line  # a process that searches it
    search_ms: Line  # all of a search, the query's encoding included
    database: float  # bytes a paper
    milvus_row: float  # bytes a paper: words and what filters ask for
    milvus_vectors: float
    milvus_beside: float  # details and terms
    encode_ms: float  # of one core, a paper: better vectors and sentences
    put_ms: float  # all the rest of indexing


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What an archive of a size needs at a load."""

    papers: int
    queries: int
    parts: int
    copies: int
    machines: int
    cores: float
    memory_gb: float  # of all copies
    disk_gb: float  # of all copies, and one database with its backup


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prices", type=Path)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="assume otherwise")
    parser.add_argument("--measure", type=Path, metavar="DATA")
    parser.add_argument("--papers", type=int, default=4000)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.papers), indent=2))
        return
    usual = asdict(Assumed())
    changed = {
        name: type(usual[name])(value) for name, _, value in (each.partition("=") for each in options.set)
    }
    prices = tomllib.loads(options.prices.read_text()) if options.prices else None
    sys.stdout.write(report(measured(), replace(Assumed(), **changed), prices))


def measured() -> Measured:
    """What the figures' files say."""
    known = {(f.file, f.collection, f.search, f.metric): f.value for f in read_figures()}

    def line(search: str, metric: str, scale: float = 1.0) -> Line:
        small, large = (
            scale * known["scale", f"arxiv_daily/{papers}", search, metric] for papers in (SMALL, LARGE)
        )
        return Line.through(small, large)

    def of(search: str, metric: str) -> float:
        return known["capacity", "arxiv_daily", search, metric]

    return Measured(
        disk=line("index", "all_mb", 1e6),
        memory=line("memory", "all_mb", 1e6),
        search_ms=line("whole", "p50"),
        database=of("database", "bytes_per_paper"),
        milvus_row=of("milvus", "row_bytes_per_paper"),
        milvus_vectors=of("milvus", "vector_bytes_per_paper"),
        milvus_beside=of("milvus", "beside_bytes_per_paper"),
        encode_ms=of("encode", "whole_cpu_ms_per_paper") + of("encode", "sentences_cpu_ms_per_paper"),
        put_ms=1000 / known["scale", f"arxiv_daily/{LARGE}", "index", "put_per_s"],
    )


def local_need(papers: int, queries: int, m: Measured, a: Assumed) -> Need:
    """What the local index's costs come to, parted over machines where one is too slow or too small.

    A part holds as many papers as it can search within the latency. Every part is asked for every query.
    """
    room = a.full * a.memory_gb * GB
    parts = 1
    while m.search_ms.at(papers / parts) > a.latency_ms and m.search_ms.at(0) < a.latency_ms:
        parts += 1
    parts = max(parts, math.ceil(papers * m.memory.each / (room - m.memory.fixed)))
    seconds = parts * m.search_ms.at(papers / parts) / 1000 + a.pages
    cores = queries * seconds / a.busy
    one = parts * m.memory.at(papers / parts)
    copies = max(a.copies, math.ceil(cores / (a.cores * parts)))
    disk = copies * a.beside * m.disk.at(papers) + 2 * papers * m.database
    # Several parts of one copy fit a machine where memory and cores allow.
    machines = max(a.copies, math.ceil(copies * one / room), math.ceil(cores / a.cores))
    return Need(
        papers=papers,
        queries=queries,
        parts=parts,
        copies=copies,
        machines=machines,
        cores=cores,
        memory_gb=copies * one / GB,
        disk_gb=disk / GB,
    )


def milvus_memory(papers: int, m: Measured, a: Assumed) -> tuple[float, float]:
    """Gigabytes of one copy on Milvus: everything loaded, and with all but vectors and their graph on disk."""
    vectors = papers * m.milvus_vectors * a.graph
    return (vectors + papers * (m.milvus_row + m.milvus_beside)) / GB, vectors / GB


def report(m: Measured, a: Assumed, prices: Mapping[str, Any] | None) -> str:
    """The tables, as the page has them."""
    lines = [
        "| papers | queries/s | parts | copies | cores for searches | memory GB | disk GB | machines |"
        + (" a month |" if prices else ""),
        "|---|---|---|---|---|---|---|---|" + ("---|" if prices else ""),
    ]
    for papers in PAPERS:
        for queries in QUERIES:
            need = local_need(papers, queries, m, a)
            row = [f"{papers:,}", f"{queries:,}", str(need.parts), str(need.copies), f"{need.cores:,.0f}"]
            row += [f"{need.memory_gb:,.0f}", f"{need.disk_gb:,.0f}", f"{need.machines:,}"]
            if prices:
                month = need.machines * prices["machine_month"] + need.disk_gb * prices["disk_gb_month"]
                row.append(f"{month:,.0f} {prices['currency']}")
            lines.append("| " + " | ".join(row) + " |")
    lines += [
        "",
        "| papers | database GB | local index GB | Milvus, one copy in memory, GB | the same, words and "
        "filters mapped from disk, GB | encoding once, core hours |" + (" that costs |" if prices else ""),
        "|---|---|---|---|---|---|" + ("---|" if prices else ""),
    ]
    for papers in PAPERS:
        hours = papers * (m.encode_ms + m.put_ms) / 3_600_000
        loaded, mapped = milvus_memory(papers, m, a)
        row = [f"{papers:,}", f"{papers * m.database / GB:,.0f}", f"{m.disk.at(papers) / GB:,.0f}"]
        row += [f"{loaded:,.0f}", f"{mapped:,.0f}", f"{hours:,.0f}"]
        if prices:
            row.append(f"{hours * prices['core_hour']:,.0f} {prices['currency']}")
        lines.append("| " + " | ".join(row) + " |")
    if prices:
        lines += ["", f"Prices: {prices['source']}, {prices['date']}."]
    return "\n".join(lines) + "\n"


# -- measuring


def measure(data: Path, count: int) -> dict[str, float]:
    """The rows of ``capacity.toml``, on the first real papers."""
    from bench.recombined import read  # noqa: PLC0415

    from broadsheet.index.contract import Words, text_of  # noqa: PLC0415
    from broadsheet.index.encode import MiniLM, StaticEncoder, sentences  # noqa: PLC0415
    from broadsheet.index.milvus import collections  # noqa: PLC0415
    from broadsheet.index.milvus.engine import Row  # noqa: PLC0415
    from broadsheet.index.milvus.scores import Asked, Statistics, candidate_of, scorer  # noqa: PLC0415
    from broadsheet.store.sqlite import SqliteStore  # noqa: PLC0415

    papers = read(sorted((data / "arxiv_daily").glob("*.jsonl.gz"))[:1], limit=count)
    fast, better = StaticEncoder(), MiniLM()
    slots = collections.slots_of({fast.name: fast.dim, better.name: better.dim})
    rows = [collections.row_of(paper, slots.values()) for paper in papers]
    vectors = 4 * (fast.dim + better.dim)

    def size(row: Row) -> int:
        return sum(
            sum(len(v.encode()) for v in value) if isinstance(value, list) else len(str(value).encode())
            for name, value in row.items()
            if not name.startswith("vector_")
        )

    pieces = fast.pieces([text_of(paper) for paper in papers])
    some = papers[:96]
    begun = time.process_time()
    better.encode([text_of(paper) for paper in some])
    whole = time.process_time() - begun
    begun = time.process_time()
    of_sentences = sentences.encode(better, some)
    single = time.process_time() - begun
    letters = 4 / 3  # bytes written as letters
    beside = letters * statistics.mean(len(p.tobytes()) for p in pieces)
    beside += letters * statistics.mean(map(len, of_sentences))
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "broadsheet.db")
        store.put([(paper.record, paper.derived) for paper in papers], now=datetime.now(UTC))
        store.close()
        database = sum(path.stat().st_size for path in Path(folder).iterdir())
    asked = [paper.title for paper in papers[:50]]
    known = Statistics(len(papers), {"text": 150 * len(papers), "title": 10 * len(papers)}, {})
    begun = time.process_time()
    for text in asked:
        score = scorer(Asked.of(Words(terms=tuple(text.split()))), known)
        for row in rows[:200]:
            score(candidate_of(row))
    again = (time.process_time() - begun) / len(asked)
    return {
        "papers": len(papers),
        "database/bytes_per_paper": round(database / len(papers)),
        "milvus/row_bytes_per_paper": round(statistics.mean(map(size, rows))),
        "milvus/vector_bytes_per_paper": vectors,
        "milvus/beside_bytes_per_paper": round(beside),
        "milvus/again_cpu_ms_per_search": round(1000 * again, 1),
        "encode/whole_cpu_ms_per_paper": round(1000 * whole / len(some), 1),
        "encode/sentences_cpu_ms_per_paper": round(1000 * single / len(some), 1),
    }


if __name__ == "__main__":
    main()

"""How many papers a core encodes, and what a second worker brings.

    nice -n 10 python -m bench.bulk ../shared/data [--papers 384] [--sentences]

Real papers of ``arxiv_daily`` go to a Ray cluster of this machine with one worker and then with two, through the
pool that ``broadsheet build --ray`` uses: fast vectors, word pieces and better vectors of each, and with
``--sentences`` those of single sentences. Workers are warm before the clock starts. Papers a second are given by
wall clock, and by the processor time of the workers, which other load on the machine changes less; of the
builder its own processor time is given, for it is what many workers wait for in the end. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.recombined import read

from broadsheet.index.encode import MiniLM, StaticEncoder
from broadsheet.model import Paper
from broadsheet.pipeline.bulk import PARCEL, Encoders, Parcel
from broadsheet.pipeline.cluster import RayPool


def load() -> Encoders:
    return Encoders(StaticEncoder(), MiniLM())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of arxiv_daily")
    parser.add_argument("--papers", type=int, default=6 * PARCEL)
    parser.add_argument("--sentences", action="store_true")
    options = parser.parse_args()
    files = sorted((options.data / "arxiv_daily").glob("*.jsonl.gz"))[:1]
    papers = read(files, limit=options.papers)
    encoders = load()
    names = (*encoders.at_once(), *encoders.slowly(with_sentences=options.sentences))
    report = {f"workers_{count}": measure(papers, names, workers=count) for count in (1, 2)}
    one, two = report["workers_1"], report["workers_2"]
    report["scaling_wall"] = round(two["papers_per_s"] / one["papers_per_s"], 2)
    report["scaling_cpu"] = round(two["papers_per_worker_cpu_s"] / one["papers_per_worker_cpu_s"], 2)
    print(json.dumps({"papers": len(papers), "made": names, **report}, indent=2))


def measure(papers: Sequence[Paper], names: Sequence[str], *, workers: int) -> dict[str, Any]:
    """One pool's rates."""
    with RayPool("local", load=load, workers=workers) as pool:
        warm = [Parcel(tuple((name, tuple(papers[:2])) for name in names))] * (4 * workers)
        list(pool.each(warm))
        before, ours, begun = spent(), time.process_time(), time.perf_counter()
        parcels = (
            Parcel(tuple((name, tuple(papers[start : start + PARCEL])) for name in names))
            for start in range(0, len(papers), PARCEL)
        )
        made = sum(len(each[0]) for each in pool.each(parcels))
        wall, ours = time.perf_counter() - begun, time.process_time() - ours
        theirs = spent() - before
    assert made == len(papers)
    return {
        "papers_per_s": round(made / wall, 1),
        "papers_per_worker_cpu_s": round(made / theirs, 1),
        "builder_cpu_ms_per_paper": round(1000 * ours / made, 2),
        "load": os.getloadavg()[0],
    }


def spent() -> float:
    """Processor seconds of the workers below this process. Linux only."""
    total = 0
    for entry in Path("/proc").iterdir():
        try:
            if not (entry / "cmdline").read_bytes().startswith(b"ray::_Worker") or not ours(entry.name):
                continue
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def ours(process: str) -> bool:
    """Whether a process descends from this one."""
    while process not in {"0", "1"}:
        if process == str(os.getpid()):
            return True
        process = (Path("/proc") / process / "stat").read_text().rpartition(")")[2].split()[1]
    return False


if __name__ == "__main__":
    main()

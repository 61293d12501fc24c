"""How long pages take and how large they are, over an archive that exists.

    OPENBLAS_NUM_THREADS=1 python bench/pages.py --data DIR [--rounds 40]

One thread for matrices, as ``broadsheet serve`` has it; more would count their waiting as work.
Asks the application in this process, without a network, one page after another: the time is the
server's own, wall clock and this process's CPU time. "Cold" pages are asked for the first time in
this process; for the others, what a server makes ready in its first quiet minutes was made ready
before (how long that took is given too). Prints JSON. Make an archive first, e.g. with
``broadsheet --data DIR import ../shared/data/arxiv_daily/*.jsonl.gz`` and ``broadsheet --data DIR index``.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import time
from datetime import date
from pathlib import Path
from urllib.parse import quote

from starlette.testclient import TestClient

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.library import Library
from broadsheet.model import MarkKind
from broadsheet.serve.app import create_app
from broadsheet.serve.foresight import make_ready, rare_collections
from broadsheet.serve.view import paper_url

SEARCHES = (
    "video generation",
    "graph neural networks for molecules",
    "EM algorithm",
    "large language model agents",
    "galaxy rotation curves",
    "sample complexity of reinforcement learning",
    "privacy of federated learning",
    "speech recognition low resource languages",
)

READER = "bench"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--encoder", default="none")
    options = parser.parse_args()
    with wiring.open_archive(Settings(data=options.data, encoder=options.encoder)) as archive:
        library = archive.library
        client = TestClient(create_app(library, reader=READER), base_url="http://localhost")
        desk = library.desk(READER)  # somebody who keeps papers of three fields
        for query in SEARCHES[:3]:
            for hit in library.search(query, limit=20).hits:
                desk.mark(hit.paper.id, MarkKind.SAVED)
        with rare_collections():  # as a server does
            client.get("/search?q=paper")  # loads the encoder
            cold = measure_all(client, addresses(library, rounds=options.rounds, cold=True))
            began = time.process_time()
            make_ready(library, wait=lambda _: False)
            ready = time.process_time() - began
            warm = measure_all(client, addresses(library, rounds=options.rounds, cold=False))
        desk.forget()
        report = {
            "papers": library.count(),
            "rounds": options.rounds,
            "make_ready_cpu_s": round(ready, 1),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "pages": cold | warm,
        }
    print(json.dumps(report, indent=2))


def addresses(library: Library, *, rounds: int, cold: bool) -> dict[str, list[str]]:
    """What to ask, by kind of page: each page once (``cold``), or as readers come back to them."""
    chance = random.Random(7)
    counts = library.days()
    days = [count.day for count in counts]
    largest = [count.day for count in sorted(counts, key=lambda count: -count.new)[:20]]
    weeks = list(dict.fromkeys(_week(day) for day in days))
    listed = [
        entry.id
        for day in (days[0], days[len(days) // 2], days[-1])
        for s in library.edition(day).sections
        for entry in s.entries
    ]
    if cold:
        # No day twice: an edition that was set for one kind of page is ready for the others.
        some_weeks = weeks[:: max(1, len(weeks) // 12)]
        rest = [
            count.day
            for count in counts
            if count.new >= 200 and count.day not in largest and _week(count.day) not in some_weeks
        ]
        chance.shuffle(rest)
        some = [rest[kind::3][:rounds] for kind in range(3)]
        return {
            "paper, cold": [paper_url(id) for id in chance.sample(listed, min(rounds, len(listed)))],
            "week, cold": [f"/archive/{week}" for week in some_weeks],
            "largest editions, cold": [f"/edition/{day}" for day in largest[::2]],
            "feeds of the largest, cold": [f"/edition/{day}.atom" for day in largest[1::2]],
            "edition, cold": [f"/edition/{day}" for day in some[0]],
            "section, cold": [f"/edition/{day}/cs.LG" for day in some[1]],
            "feed of a day, cold": [f"/edition/{day}.atom" for day in some[2]],
            "search, cold": [f"/search?q={quote(query)}" for query in SEARCHES],
        }
    chosen = library.papers(chance.sample(listed, min(rounds, len(listed))))
    names = [quote(paper.record.authors[0].key) for paper in chosen.values() if paper.record.authors]
    months = sorted({f"{day:%Y-%m}" for day in days})
    return {
        "front page": ["/"] * rounds,
        "largest edition": [f"/edition/{largest[0]}"] * rounds,
        "paper": [paper_url(id) for id in chosen],
        "search": [f"/search?q={quote(query)}" for query in SEARCHES] * 3,
        "author": [f"/authors/{name}" for name in names],
        "archive": ["/archive"] * rounds,
        "month": [f"/archive/{month}" for month in months],
        "week": [f"/archive/{week}" for week in weeks],
        "section": [f"/edition/{largest[0]}/cs.CL?page=1"] * rounds,
        "feed of the latest": ["/feeds/edition.atom"] * rounds,
        "for you": ["/for-you"] * rounds,
        "interests": ["/for-you/interests"] * rounds,
        "desk": ["/desk"] * rounds,
        "trending": ["/trending?by=month"] * rounds,
        "expected": ["/expected"] * rounds,
        "topics of the latest": [f"/edition/{days[-1]}/topics"] * rounds,
        "map of the latest": [f"/map?day={days[-1]}"] * rounds,
    }


def measure_all(client: TestClient, pages: dict[str, list[str]]) -> dict[str, dict[str, float]]:
    return {name: measure(client, paths) for name, paths in pages.items()}


def measure(client: TestClient, paths: list[str]) -> dict[str, float]:
    walls, processors, sizes = [], [], []
    for path in paths:
        wall, processor = time.perf_counter(), time.process_time()
        answer = client.get(path)
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        if answer.status_code == 404 and path.startswith("/edition/"):
            continue  # a day without this section
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
        processors.append(1000 * processor)
        walls.append(1000 * wall)
        sizes.append(len(answer.content))
    return {
        "asked": len(walls),
        "wall_p50_ms": quantile(walls, 0.5),
        "wall_p95_ms": quantile(walls, 0.95),
        "cpu_p50_ms": quantile(processors, 0.5),
        "cpu_p95_ms": quantile(processors, 0.95),
        "first_ms": round(walls[0], 1),
        "largest_kb": round(max(sizes) / 1000, 1),
    }


def quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 1)


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


if __name__ == "__main__":
    main()

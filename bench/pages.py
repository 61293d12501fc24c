"""Time the pages of a served archive, cold and warm, and weigh them.

    python bench/pages.py DATA [--requests 300] [--seed 1]

DATA is a data folder with an index (`broadsheet --data DATA import …`). A server of its own is started on
it. "cold" are first requests of pages never asked for, in random order; "warm" repeats them. A bare
`/healthz` in the same run shows what HTTP alone costs. Prints JSON: milliseconds at the median and the
95th percentile, and the largest page in kB, by kind of page.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import httpx

QUERIES = (
    "tensor factorization", "graph neural network molecules", "hallucination in vision language models",
    "EM algorithm", "exoplanet atmosphere spectroscopy", "reinforcement learning from human feedback",
    "diffusion transformer video", "mixture of experts routing", "federated learning privacy", "speech recognition",
    "dark matter halo", "quantum error correction", "code generation benchmark", "retrieval augmented generation",
    "long context attention", "medical image segmentation", "autonomous driving planning", "cat:cs.CL survey",
    "galaxy formation simulation", "knowledge distillation small models", "theorem proving", "recommender fairness",
    "protein structure", "time series forecasting", "robot manipulation policy", '"chain of thought" faithfulness',
)


def main() -> None:
    arguments = _arguments()
    server = subprocess.Popen(
        [Path(sys.executable).parent / "broadsheet", "--data", arguments.data, "serve", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "BROADSHEET_ENCODER": arguments.encoder},
    )
    try:
        assert server.stderr is not None
        base = next(m[0] for line in server.stderr if (m := re.search(r"http://\S+/", line))).rstrip("/")
        print(json.dumps(_measure(base, server.pid, arguments), indent=2))
    finally:
        server.terminate()
        server.wait(timeout=20)


def _measure(base: str, pid: int, arguments: argparse.Namespace) -> dict[str, object]:
    rng = random.Random(arguments.seed)
    with httpx.Client(base_url=base, timeout=60) as client:
        client.get("/healthz")
        pages = _pages(client, rng, arguments.requests)
        result: dict[str, object] = {"resident_mb_start": _resident(pid)}
        result["bare"] = _summary([_ask(client, "/healthz") for _ in range(200)])
        for kind, paths in pages.items():
            cold = [_ask(client, path) for path in paths]
            warm = [_ask(client, path) for path in paths]
            result[kind] = {"pages": len(paths), "cold": _summary(cold), "warm": _summary(warm)}
        result["resident_mb_end"] = _resident(pid)
    return result


def _pages(client: httpx.Client, rng: random.Random, requests: int) -> dict[str, list[str]]:
    days = sorted(set(re.findall(r'/edition/(\d{4}-\d\d-\d\d)"', _archive(client))))
    rng.shuffle(days)
    papers: list[str] = []
    known = min(40, len(days) // 3)  # asked for to learn of papers; the others are cold
    for day in days[:known]:
        papers += re.findall(r'href="(/papers/[^"#?]+)"', client.get(f"/edition/{day}").text)
    papers = [p for p in sorted(set(papers)) if not p.endswith((".bib", ".ris", ".json"))]
    rng.shuffle(papers)
    searches = [f"/search?q={quote(q)}" for q in QUERIES]
    searches += [f"/search?q={quote(f'{a.split()[0]} {b.split()[-1]}')}" for a in QUERIES[:8] for b in QUERIES[8:16]]
    rng.shuffle(searches)
    return {
        "edition": [f"/edition/{day}" for day in days[known:]][:requests],
        "paper": papers[:requests],
        "search": searches[:requests],
        "archive": [f"/archive/{month}" for month in sorted({d[:7] for d in days})],
    }


def _archive(client: httpx.Client) -> str:
    months = re.findall(r'href="(/archive/\d{4}-\d\d)"', client.get("/archive").text)
    return "".join(client.get(month).text for month in sorted(set(months)))


def _ask(client: httpx.Client, path: str) -> tuple[float, int]:
    began = time.perf_counter()
    answer = client.get(path)
    answer.raise_for_status()
    return (time.perf_counter() - began) * 1000, len(answer.content)


def _summary(asked: list[tuple[float, int]]) -> dict[str, float]:
    times = sorted(t for t, _ in asked)
    return {
        "p50_ms": round(times[len(times) // 2], 1),
        "p95_ms": round(times[min(len(times) - 1, int(len(times) * 0.95))], 1),
        "max_ms": round(times[-1], 1),
        "largest_kb": round(max(size for _, size in asked) / 1000, 1),
    }


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024, 1)  # type: ignore[index]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--encoder", default="none", help="better vectors to make meanwhile, or none")
    return parser.parse_args()


if __name__ == "__main__":
    main()

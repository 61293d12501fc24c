"""How large, how fast to open and how fast to search an index of a million papers is.

    python -m bench.scale ../shared/data --papers 1000000 --work DIR [--queries 300]

Papers are the real ones of ``arxiv_daily`` and recombined ones (``bench/recombined.py`` says how). They go
straight into the index's writer, without a database, with all that the index can hold of a paper: words,
vectors of both encoders, word pieces, sentence vectors. DIR is kept: an index in it is not built again.

Queries are titles and first sentences of real papers that were left out, cut to 2 to 12 words, and the
queries of scifact, npl_vaswani and cacm. They are asked in new processes on one thread: "cold" after the
system was told to forget the index's files, "warm" after that. Times are by wall clock and by CPU time;
on a shared machine the latter says more. "whole" is ``rank.search`` from the parsed query to twenty hits,
the query's encoding included: the better encoder's too, of which the real one takes the time and the
random map gives the vector. "tantivy" is the bare engine with the words that we give it, and "terms" with
nothing but the plain terms. Prints JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from bench.recombined import BETTER_DIM, Stock, better_map, better_of, read

from broadsheet.index import fields
from broadsheet.index.analysis import stems
from broadsheet.index.contract import Axes, Filter, Vectors, Words
from broadsheet.index.encode import MiniLM, StaticEncoder, sentences
from broadsheet.index.local import LocalIndex
from broadsheet.index.queries import Queries
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper
from broadsheet.rank import senses
from broadsheet.rank.query import parse
from broadsheet.rank.search import search

SEED = 29
LEFT_OUT = 1000
COLLECTIONS = ("scifact", "npl_vaswani", "cacm")
PUBLISH = 25_000
COLD = 5  # processes, each with a few searches
COLD_SEARCHES = 10
DEPTH = 200  # of each list, as searches ask
CANDIDATES = 100
TODAY = date(2026, 3, 31)
FILTERED = "cat:cs.LG date:2020"


class Better:
    """Takes the better encoder's time for a text, and gives the random map's vector."""

    name = "random-map/384"
    dim = BETTER_DIM

    def __init__(self, fast: StaticEncoder) -> None:
        self._fast, self._real = fast, MiniLM()
        self._map = better_map(fast.dim, seed=SEED)
        self._noise = np.random.default_rng(SEED + 2)

    def encode(self, texts: Sequence[str]) -> Vectors:
        self._real.encode(texts)
        return better_of(self._fast.encode(texts), self._map, self._noise)

    def axes(self) -> Axes:
        """The real one's: what is kept of a sentence takes as much room and time."""
        return self._real.axes()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="the folder of arxiv_daily and the collections")
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--ask", choices=("cold", "warm"), help=argparse.SUPPRESS)  # to a new process
    parser.add_argument("--skip", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ask:
        print(json.dumps(ask(options.work, cold=options.ask == "cold", skip=options.skip)))
        return
    work: Path = options.work
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "build.json").exists():
        report = build(work, options.data, papers=options.papers, queries=options.queries)
        (work / "build.json").write_text(json.dumps(report))
    report = json.loads((work / "build.json").read_text())
    report["disk_mb"] = disk(work / "index")
    command = [sys.executable, "-m", "bench.scale", str(options.data), "--work", str(work), "--ask"]
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")}
    environment["TOKENIZERS_PARALLELISM"] = "false"
    cold = []
    for n in range(COLD):
        forget(work / "index")
        told = [*command, "cold", "--skip", str(n * COLD_SEARCHES)]
        cold.append(json.loads(subprocess.check_output(told, env=environment)))
    warm = json.loads(subprocess.check_output([*command, "warm"], env=environment))
    report["cold"] = {
        "open_s": summary([a["open"] for a in cold]),
        "first": summary([a["searches"][0] for a in cold], scale=1e3),
        "later": summary([s for a in cold for s in a["searches"][1:]], scale=1e3),
    }
    print(json.dumps({**report, "warm": warm}, indent=2))


def build(work: Path, data: Path, *, papers: int, queries: int) -> dict[str, Any]:
    """Make the index; how long each part of it took."""
    begun = time.perf_counter()
    real = read(sorted((data / "arxiv_daily").glob("*.jsonl.gz")))
    chosen = random.Random(SEED)
    out = set(chosen.sample(range(len(real)), k=min(LEFT_OUT, len(real) // 10)))
    asked = questions([real[n] for n in sorted(out)], data, chosen, count=queries)
    (work / "queries.json").write_text(json.dumps(asked))
    fast = StaticEncoder()
    better = Better(fast)
    kept = [paper for n, paper in enumerate(real) if n not in out]
    stock = Stock(kept, fast, code=sentences.code_of(better), seed=SEED)
    took = {"stock_s": time.perf_counter() - begun, "make_s": 0.0, "put_s": 0.0, "publish_s": 0.0}
    unpublished = done = 0
    with LocalIndex(work / "index").writer(store="scale") as writer:
        batches = stock.made(papers)
        while True:
            begun = time.perf_counter()
            made = next(batches, None)
            took["make_s"] += time.perf_counter() - begun
            if made is None:
                break
            begun = time.perf_counter()
            writer.put(made.papers)
            writer.put_vectors(made.papers, made.fast, encoder=fast.name)
            writer.put_vectors(made.papers, made.better, encoder=Better.name)
            writer.put_details(made.papers, made.pieces, name=fast.pieces_name)
            writer.put_details(made.papers, made.sentences, name=sentences.name_of(better))
            took["put_s"] += time.perf_counter() - begun
            done, unpublished = done + len(made.papers), unpublished + len(made.papers)
            if unpublished >= PUBLISH:
                begun = time.perf_counter()
                writer.publish(seq=done)
                took["publish_s"] += time.perf_counter() - begun
                unpublished = 0
                print(done, {k: round(v, 1) for k, v in took.items()}, memory(), file=sys.stderr, flush=True)
        begun = time.perf_counter()
        writer.publish(seq=done)
        writer.settle()
        took["publish_s"] += time.perf_counter() - begun
    return {
        "papers": done,
        "real": min(done, len(stock.papers)),
        "build": {name: round(seconds, 1) for name, seconds in took.items()},
        "put_per_s": round(done / (took["put_s"] + took["publish_s"])),
        "builder_memory_mb": memory(),
    }


def questions(left_out: Sequence[Paper], data: Path, chosen: random.Random, *, count: int) -> list[str]:
    """Queries in an order of their own: a third each of titles, first sentences, and collections."""
    firsts = [
        p.abstract[p.derived.sentences[0].start : p.derived.sentences[0].end]
        for p in left_out
        if p.derived.sentences
    ]
    theirs: list[str] = []
    for name in COLLECTIONS:
        path = next((data / name).glob("queries.jsonl*"))
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            theirs += chosen.sample([json.loads(line)["text"] for line in file], k=50)
    third = -(-count // 3)
    titles = [cut(p.title, chosen) for p in chosen.sample(list(left_out), k=third)]
    ours = [*titles, *(cut(text, chosen) for text in chosen.sample(firsts, k=third))]
    asked = [*ours, *chosen.sample(theirs, k=min(third, len(theirs)))]
    chosen.shuffle(asked)
    return asked


def cut(text: str, chosen: random.Random) -> str:
    """Some words of a text that stand next to each other, 2 to 12."""
    words = "".join(c if c.isalnum() or c in "-'" else " " for c in text).split()
    length = chosen.randint(2, 12)
    start = chosen.randint(0, max(0, len(words) - length))
    return " ".join(words[start : start + length])


def ask(work: Path, *, cold: bool, skip: int) -> dict[str, Any]:
    """Open the index and search it."""
    asked: list[str] = json.loads((work / "queries.json").read_text())
    fast = StaticEncoder()
    better = Better(fast)
    better.encode(["first"])
    before = memory()
    (opened,) = times(lambda _: LocalIndex(work / "index").snapshot(), 1)
    snapshot = LocalIndex(work / "index").snapshot()
    parsed = [parse(text, today=TODAY) for text in asked]
    if cold:
        few = parsed[skip : skip + COLD_SEARCHES]
        return {
            "open": opened,
            "searches": times(lambda n: search(snapshot, few[n], fast=fast, better=better, k=20), len(few)),
        }
    report: dict[str, Any] = {"open_s": opened, "memory_before_mb": before, "memory_open_mb": memory()}
    for name, leg in legs(snapshot, asked, fast, better).items():
        times(leg, min(5, len(asked)))
        report[name] = summary(times(leg, len(asked)), scale=1e3)
        if name == "whole":
            report["memory_searched_mb"] = memory()
    engine, query = bare_engine(work, snapshot)
    for name, made in (("tantivy", query), ("terms", terms_alone)):
        report[name] = bare(engine, [made(text) for text in asked])
    for name in ("whole", "whole_fast"):
        report[f"{name}_to_tantivy_cpu"] = round(
            report[name]["cpu"]["p50"] / report["tantivy"]["cpu"]["p50"], 2
        )
        report[f"{name}_to_terms_cpu"] = round(report[name]["cpu"]["p50"] / report["terms"]["cpu"]["p50"], 2)
    report["memory_mb"] = memory()
    return report


def legs(
    snapshot: LocalSnapshot, asked: Sequence[str], fast: StaticEncoder, better: Better
) -> Mapping[str, Callable[[int], object]]:
    """What is timed, each by the number of a query."""
    parsed = [parse(text, today=TODAY) for text in asked]
    filtered = [parse(f"{text} {FILTERED}", today=TODAY) for text in asked]
    words = [senses.read(snapshot, query).words for query in parsed]
    quick = fast.encode(asked)
    slow = [better.encode([text])[0] for text in asked]
    found = [[s.id for s in snapshot.words(w, k=CANDIDATES)] for w in words]
    return {
        "whole": lambda n: search(snapshot, parsed[n], fast=fast, better=better, k=20),
        "whole_fast": lambda n: search(snapshot, parsed[n], fast=fast, k=20),
        "whole_filtered": lambda n: search(snapshot, filtered[n], fast=fast, better=better, k=20),
        "acronyms": lambda n: senses.read(snapshot, parsed[n]),
        "spelling": lambda n: [snapshot.suggestion(term) for term in parsed[n].words.terms],
        "count": lambda n: snapshot.count(words[n]),
        "words": lambda n: snapshot.words(words[n], k=DEPTH),
        "fast_vectors": lambda n: snapshot.vectors(quick[n], encoder=fast.name, k=DEPTH),
        "better_vectors": lambda n: snapshot.vectors(slow[n], encoder=better.name, k=DEPTH),
        "pieces": lambda n: snapshot.details_of(found[n], name=fast.pieces_name),
        "sentences": lambda n: snapshot.details_of(found[n], name=sentences.name_of(better)),
        "encode_fast": lambda n: fast.encode([asked[n]]),
        "encode_better": lambda n: better.encode([asked[n]]),
    }


def bare_engine(work: Path, snapshot: LocalSnapshot) -> tuple[Any, Callable[[str], Any]]:
    index = fields.register(tantivy.Index.open(str(work / "index" / snapshot.manifest.words_directory())))
    queries = Queries(fields.schema())
    return index.searcher(), lambda text: queries.ranked(Words(terms=tuple(text.split())), Filter())


def bare(engine: Any, queries: Sequence[Any]) -> dict[str, dict[str, float]]:
    """The engine's times for its twenty best."""
    return summary(times(lambda n: engine.search(queries[n], limit=20, count=False), len(queries)), scale=1e3)


def terms_alone(text: str) -> Any:
    schema = fields.schema()
    terms = [tantivy.Query.term_query(schema, "text", stem, index_option="freq") for stem in stems(text)]
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])


def times(call: Callable[[int], object], count: int) -> list[tuple[float, float]]:
    """Seconds by wall clock and of CPU, call by call."""
    taken = []
    for n in range(count):
        wall, cpu = time.perf_counter(), time.process_time()
        call(n)
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    return taken


def summary(taken: Sequence[Sequence[float]], *, scale: float = 1.0) -> dict[str, dict[str, float]]:
    clocks = zip(("wall", "cpu"), np.array(taken).T * scale, strict=True)
    return {
        name: {f"p{share}": round(float(np.percentile(values, share)), 2) for share in (50, 95, 99)}
        for name, values in clocks
    }


def disk(directory: Path) -> dict[str, float]:
    """Megabytes by kind of file of the newest generation; those of the one before are not counted."""
    snapshot = LocalIndex(directory).snapshot()
    sizes: dict[str, int] = {}
    for file in snapshot.manifest.files():
        kind = "words" if "/" in file.name else file.name.split(".")[0].split("-")[0]
        if kind not in {"words", "papers"}:
            kind = f"{kind}-{file.name.split('-')[1]}-{file.name.split('-')[-1].removesuffix('.npy')}"
        sizes[kind] = sizes.get(kind, 0) + file.size
    return {
        **{kind: round(n / 1e6, 1) for kind, n in sorted(sizes.items())},
        "all": round(sum(sizes.values()) / 1e6, 1),
    }


def forget(directory: Path) -> None:
    """Tell the system to drop an index's files from its memory. Linux only; asks, and cannot insist."""
    os.sync()
    for path in directory.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def memory() -> dict[str, int]:
    """Resident memory in MB: all of it, and what is this process's own, mapped files left out. Linux only."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]
    held = {name: int(rest.split()[0]) for name, rest in (line.split(":", 1) for line in lines)}
    return {"all": held["Rss"] // 1000, "own": held["Anonymous"] // 1000}


if __name__ == "__main__":
    main()

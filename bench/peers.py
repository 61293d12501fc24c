"""How well and how fast others find: same corpus, same queries, same run, one core.

    python -m bench.peers DATA/scifact [DATA/cacm …] [--search fts5 …] [--json]

Everybody gets title and text, and each query as it stands, a word that comes twice counting twice, and
gives ten documents. Quality is nDCG@10.
Latency is this process's CPU time, all threads together, with the process bound to one core and after a
warm-up; it stands as a ratio to tantivy alone, so that it says something on other machines too.

- ``tantivy``: the engine alone, English stems, any of the query's words.
- ``fts5``: SQLite's, porter stems, any of the words, ``bm25()``.
- ``bm25s``: its defaults, English stop words and stems.
- ``tfidf``: arxiv-sanity-lite's features (20,000 words and pairs, sublinear, in 5 papers to 10 % of them),
  every document's cosine.
- ``lancedb``: its hybrid search, its full-text index and our static vectors, merged as it does by default.
- ``fast``, ``both``: Broadsheet's, the query's vector included.

What is not installed is said and left out: pip install 'broadsheet[bench]'.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import tantivy

from broadsheet import wiring
from broadsheet.evaluate import collections
from broadsheet.evaluate.cache import encoded
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.dense import text_of
from broadsheet.evaluate.metrics import ordered
from broadsheet.evaluate.retrieval import Searcher, evaluate_retrieval
from broadsheet.index.encode import StaticEncoder

K = 10
WARM = 20  # queries asked before the clock runs
ASKED = 250  # times that the clock runs, at least

Found = list[tuple[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("collections", type=Path, nargs="+", help="folders of collections")
    parser.add_argument("--search", action="append", choices=[*PEERS, *_OURS], help="only these")
    parser.add_argument("--json", action="store_true", help="print JSON, of one collection")
    parser.add_argument(
        "--cache", type=Path, default=Path(platformdirs.user_cache_dir("broadsheet")) / "evaluation"
    )
    asked = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # before any library starts its threads
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    names = list(dict.fromkeys(["tantivy", *(asked.search or [*PEERS, *_OURS])]))
    for folder in asked.collections:
        rows = compare(collections.load(folder), names, cache=asked.cache)
        if asked.json:
            print(json.dumps(rows, indent=1))
            continue
        print(
            f"{folder.name}\n{'':10} {'nDCG@10':>8} {'p50 ms':>8} {'p95 ms':>8} {'ratio p50':>10} {'p95':>8}"
        )
        for name, row in rows.items():
            print(
                f"{name:10} {row['ndcg@10']:8.4f} {row['p50_ms']:8.2f} {row['p95_ms']:8.2f}"
                f" {row['p50_ratio']:10.1f} {row['p95_ratio']:8.1f}",
                flush=True,
            )


def compare(collection: Collection, names: Sequence[str], *, cache: Path) -> dict[str, dict[str, float]]:
    """Each search's quality and latency; ratios are to tantivy's, which is always asked."""
    rows: dict[str, dict[str, float]] = {}
    for name in names:
        if name in _OURS:
            continue
        if missing := [module for module in NEEDS.get(name, ()) if find_spec(module) is None]:
            print(f"SKIPPED {name}: {missing[0]} is not installed", file=sys.stderr, flush=True)
            continue
        with PEERS[name](collection, cache) as search:
            rows[name] = _measured(collection, name, search)
    ours = [kind for name, kind in _OURS.items() if name in names]
    if ours:
        with wiring.collection_searches(collection, ours, cache=cache) as searches:
            for kind in ours:
                rows[kind.value] = _measured(collection, kind.value, searches[kind])
    for row in rows.values():
        for p in ("p50", "p95"):
            row[f"{p}_ratio"] = row[f"{p}_ms"] / rows["tantivy"][f"{p}_ms"]
    return rows


def _measured(collection: Collection, name: str, search: Searcher) -> dict[str, float]:
    print(f"{collection.name}: {name}", file=sys.stderr, flush=True)
    texts = [query.text for query in collection.queries]
    for text in texts[:WARM]:
        search(text, K)
    times: list[float] = []

    def timed(query: str, k: int) -> Sequence[tuple[str, float]]:
        before = time.process_time()
        found = search(query, k)
        times.append(1e3 * (time.process_time() - before))
        return found

    report = evaluate_retrieval(collection, timed, name=name, metrics=("ndcg@10",), depth=K)
    while len(times) < ASKED:
        for text in texts:
            timed(text, K)
    p50, p95 = np.quantile(times, (0.5, 0.95))
    return {"ndcg@10": report.mean("ndcg@10"), "p50_ms": float(p50), "p95_ms": float(p95)}


@contextmanager
def _tantivy(collection: Collection, _: Path) -> Iterator[Searcher]:
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw")
    schema.add_text_field("text", tokenizer_name="en_stem")
    index = tantivy.Index(schema.build())
    writer = index.writer(num_threads=1)
    for document in collection.documents:
        writer.add_document(tantivy.Document(id=document.id, text=text_of(document)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(query: str, k: int) -> Found:
        # Its parser drops a word that comes again; the others count it.
        counts = Counter(_words(query))
        asked = index.parse_query(" ".join(f"{word}^{count}" for word, count in counts.items()), ["text"])
        hits = searcher.search(asked, limit=k, count=False).hits
        return [(str(searcher.doc(address).get_first("id")), float(score)) for score, address in hits]

    yield search


@contextmanager
def _fts5(collection: Collection, _: Path) -> Iterator[Searcher]:
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE papers USING fts5(id UNINDEXED, text, tokenize = 'porter unicode61')"
    )
    database.executemany(
        "INSERT INTO papers VALUES (?, ?)", ((each.id, text_of(each)) for each in collection.documents)
    )
    database.execute("INSERT INTO papers (papers) VALUES ('optimize')")

    def search(query: str, k: int) -> Found:
        asked = " OR ".join(f'"{word}"' for word in _words(query))
        rows = database.execute(
            "SELECT id, -bm25(papers) FROM papers WHERE papers MATCH ? ORDER BY bm25(papers) LIMIT ?",
            (asked, k),
        )
        return rows.fetchall()

    yield search
    database.close()


@contextmanager
def _bm25s(collection: Collection, _: Path) -> Iterator[Searcher]:
    import bm25s  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415  an optional extra
    import Stemmer  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415  likewise

    def tokens(texts: str | list[str]) -> Any:
        return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, show_progress=False)

    ids = [document.id for document in collection.documents]
    texts = [text_of(document) for document in collection.documents]
    stemmer = Stemmer.Stemmer("english")
    model = bm25s.BM25()
    model.index(tokens(texts), show_progress=False)

    def search(query: str, k: int) -> Found:
        rows, scores = model.retrieve(tokens(query), k=k, show_progress=False)
        return [(ids[row], float(score)) for row, score in zip(rows[0], scores[0], strict=True)]

    yield search


def sanity_features(**options: Any) -> Any:
    """arxiv-sanity-lite's features, a vectoriser: one- and two-word tf·idf, as its compute.py has them."""
    from sklearn.feature_extraction.text import (  # noqa: PLC0415
        TfidfVectorizer,
    )

    return TfidfVectorizer(
        strip_accents="unicode",
        stop_words="english",
        token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b",
        ngram_range=(1, 2),
        max_features=20_000,
        sublinear_tf=True,
        min_df=5,
        max_df=0.1,
        **options,
    )


@contextmanager
def _tfidf(collection: Collection, _: Path) -> Iterator[Searcher]:
    ids = [document.id for document in collection.documents]
    features = sanity_features()
    matrix = features.fit_transform(text_of(each) for each in collection.documents).astype(np.float32)

    def search(query: str, k: int) -> Found:
        scores = (matrix @ features.transform([query]).T.astype(np.float32)).toarray()[:, 0]
        best = {ids[row]: float(scores[row]) for row in np.argpartition(-scores, k)[:k]}
        return [(id, best[id]) for id in ordered(best.items())]

    yield search


@contextmanager
def _lancedb(collection: Collection, cache: Path) -> Iterator[Searcher]:
    import lancedb  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415  an optional extra
    from lancedb.index import FTS  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
    from lancedb.query import MatchQuery  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    match: Any = MatchQuery  # typed as if its defaults had to be given
    encoder = StaticEncoder()
    texts = [text_of(document) for document in collection.documents]
    vectors = encoded(texts, encoder, cache=cache)
    rows = [
        {"id": document.id, "text": text, "vector": vector}
        for document, text, vector in zip(collection.documents, texts, vectors, strict=True)
    ]
    with tempfile.TemporaryDirectory() as folder:
        table = lancedb.connect(folder).create_table("papers", data=rows)
        table.create_index("text", config=FTS())

        def search(query: str, k: int) -> Found:
            asked: Any = table.search(query_type="hybrid").vector(encoder.encode([query])[0])
            hits = asked.text(match(" ".join(_words(query)), "text")).limit(k).to_list()
            return [(hit["id"], float(hit["_relevance_score"])) for hit in hits]

        yield search


def _words(query: str) -> list[str]:
    return re.findall(r"\w+", query.lower())


PEERS: dict[str, Callable[[Collection, Path], AbstractContextManager[Searcher]]] = {
    "tantivy": _tantivy,
    "fts5": _fts5,
    "bm25s": _bm25s,
    "tfidf": _tfidf,
    "lancedb": _lancedb,
}
_OURS = {kind.value: kind for kind in (wiring.Search.FAST, wiring.Search.BOTH)}
NEEDS = {"bm25s": ("bm25s", "Stemmer"), "tfidf": ("sklearn",), "lancedb": ("lancedb",)}

if __name__ == "__main__":
    main()

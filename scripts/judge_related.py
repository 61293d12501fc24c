"""What words of like meaning are worth on short queries: the figures of docs/design/ranking.md.

    python scripts/judge_related.py --index DIR arxiv_daily/2026H1.jsonl.gz

Indexes 10,000 papers without their titles; queries are pairs and triples of words of a few of the titles, right are the
papers whose title has them. The first of them were used to choose a weight, the others to check it. Neither is of the
months that the table was learnt from. Half a minute of one core.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

import numpy as np

from broadsheet.evaluate import collections, indexed
from broadsheet.evaluate.collections import Collection, Document
from broadsheet.evaluate.metrics import metric
from broadsheet.ids import PaperId
from broadsheet.index import analysis
from broadsheet.index.contract import AllOf, Filter, Holds, Snapshot, Words
from broadsheet.index.encode import StaticEncoder
from broadsheet.index.local import LocalIndex
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.rank import rerank
from broadsheet.rank import search as ranking
from broadsheet.rank.query import parse
from broadsheet.rank.related import by_related, shipped
from broadsheet.text.derive import derive

PAPERS: Final = 10_000
CHOSEN_ON, ALL = 600, 3000  # queries drawn, some of them single words, which nothing is done for
TITLES = range(3, 41)  # that have a query's words
WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8)
METRIC = "ndcg@20"
TODAY = date(2026, 4, 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="JSON lines of papers")
    parser.add_argument("--index", type=Path, required=True, help="an empty folder for the index")
    asked = parser.parse_args()
    papers = [d for d, _ in collections.read_documents(asked.file) if d.title and d.text]
    random.Random(3).shuffle(papers)
    papers = papers[:PAPERS]
    untitled = Collection("untitled", tuple(Document(d.id, "", d.text) for d in papers), (), {})
    snapshot = indexed.publish(
        untitled, LocalIndex(asked.index), derive=derive, encoders=[StaticEncoder()], now=datetime.now(UTC)
    )
    first = dict(queries(papers, CHOSEN_ON))
    others = {text: right for text, right in queries(papers, ALL) if text not in first}
    for name, drawn in (("chosen on", first), ("others", others)):
        judge(name, drawn, snapshot, partial(indexed.document_of, untitled))


def queries(papers: Sequence[Document], most: int) -> Iterator[tuple[str, set[str]]]:
    """Pairs and triples of neighbouring words of titles, each with the papers whose title has them."""
    having: dict[tuple[str, ...], set[str]] = defaultdict(set)
    written: dict[tuple[str, ...], str] = {}
    for paper in papers:
        words = re.findall(r"[^\W_]+", paper.title)
        for size in (1, 2, 3):
            for place in range(len(words) - size + 1):
                row = words[place : place + size]
                if all(map(_says, row)) and shipped().places.keys() >= set(
                    stems := analysis.stems(" ".join(row))
                ):
                    having[tuple(stems)].add(paper.id)
                    written.setdefault(tuple(stems), " ".join(row).lower())
    kept = sorted(stems for stems, ids in having.items() if len(ids) in TITLES)
    random.Random(5).shuffle(kept)
    for size, share in ((2, 2), (3, 4)):
        for each in [stems for stems in kept if len(stems) == size][: most // share]:
            if len(set(each)) > 1:
                yield written[each], having[each]


def _says(word: str) -> bool:
    return (
        word.lower() not in STOP_WORDS
        and word.isalpha()
        and len(word) > 3
        and sum(map(str.isupper, word)) < 2
    )


def judge(
    name: str, drawn: dict[str, set[str]], snapshot: Snapshot, document: Callable[[PaperId], str]
) -> None:
    """Print what each weight makes of the queries: all right papers, and those that lack a word among such."""
    encoder, score = StaticEncoder(), metric(METRIC)
    every: dict[float, list[float]] = defaultdict(list)
    lacking: dict[float, list[float]] = defaultdict(list)
    for text, right in drawn.items():
        query = parse(text, today=TODAY)
        if by_related(snapshot, query, ()) is None:
            continue
        holds = Filter(where=AllOf(tuple(Holds(word) for word in text.split())))
        whole = {document(held.id) for held in snapshot.words(Words(), k=PAPERS, filter=holds)}
        for weight in WEIGHTS:
            with patch.object(rerank, "RELATED", weight):
                hits = ranking.search(snapshot, query, fast=encoder, k=100).hits
            ids = [document(hit.id) for hit in hits]
            every[weight].append(score(ids, dict.fromkeys(right, 1)))
            if right - whole:
                others = [id for id in ids if id not in whole]
                lacking[weight].append(score(others, dict.fromkeys(right - whole, 1)))
    print(f"{name}: {len(drawn)} queries, {len(every[0.0])} with related words, {METRIC}")
    for weight in WEIGHTS:
        print(f"{weight}  {_against(every[weight], every[0.0])}  {_against(lacking[weight], lacking[0.0])}")


def _against(scores: Sequence[float], base: Sequence[float]) -> str:
    gains = np.array(scores) - np.array(base)
    draws = gains[np.random.default_rng(1).integers(0, len(gains), (2000, len(gains)))].mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return f"{np.mean(scores):.4f} ({low:+.4f} to {high:+.4f}, {len(gains)} queries)"


if __name__ == "__main__":
    main()

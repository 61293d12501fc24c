"""How many relations between papers are found in a year of arXiv, and how many of fifty are right, judged by hand.

    python -m bench.relations ../shared/data/arxiv_daily                 counts; what was judged, counted
    python -m bench.relations ../shared/data/arxiv_daily --sheet         the relations to be judged, with both titles

Every record goes through the product's own store. Relations are counted once, from the paper that says so; two parts of
a series, and two papers of one title, once for both. Fifty are drawn from the half-year that the rules were not tuned on:
all of the rarer kinds, parts of series and overlaps at random. The rarer kinds of the other half-years, which the rules
were tuned on, are judged beside them, all of them. Verdicts are in ``relations.json``; a relation drawn that has none
fails the count.
"""

from __future__ import annotations

import gzip
import json
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.judged import demand, options, verdicts_of

from broadsheet.ids import PaperId
from broadsheet.library.relations import label, relations
from broadsheet.library.views import Relation
from broadsheet.model import Author, Derived, Paper, Record, RelationKind, Sentence
from broadsheet.store.sqlite import SqliteStore
from broadsheet.text import sentences
from broadsheet.text.derive import read_mentions
from broadsheet.text.markup import parse

DRAWN = 50
JUDGED = "2026H1"
SEED = 5
MANY = (RelationKind.SERIES, RelationKind.OVERLAPS)
NOW = datetime(2026, 4, 1, tzinfo=UTC)

Found = tuple[Paper, Relation, str]  # the paper, what it says of which other, the half-year it is from


def taken_in(folder: Path, store: SqliteStore) -> dict[str, str]:
    """Take every record in, read as far as relations need it; gives the half-year of each paper."""
    halves: dict[str, str] = {}
    for file in sorted(folder.glob("*.jsonl.gz")):
        batch: list[tuple[Record, Derived]] = []
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                record = _record(row)
                title, abstract = parse(record.title, title=True).plain, parse(record.abstract).plain
                spans = tuple(Sentence(*span) for span in sentences.split(abstract))
                derived = Derived(title=title, abstract=abstract, sentences=spans)
                batch.append((record, read_mentions(record, derived)))
                halves.setdefault(record.id.value, file.name[:6])
        for start in range(0, len(batch), 2000):
            store.put(batch[start : start + 2000], now=NOW)
    return halves


def _record(row: dict[str, object]) -> Record:
    authors, categories = row.get("authors") or (), row.get("categories") or ()
    return Record(
        id=PaperId.parse(str(row["_id"])),
        title=str(row["title"]),
        abstract=str(row.get("text") or ""),
        source="bench",
        authors=tuple(Author(str(name)) for name in authors),  # type: ignore[attr-defined]
        categories=tuple(map(str, categories)),  # type: ignore[call-overload]
        comment=str(row["comment"]) if row.get("comment") else None,
    )


def found_in(store: SqliteStore, halves: dict[str, str]) -> tuple[list[Found], float]:
    """Every relation once, and the milliseconds of CPU that a paper's take."""
    found: list[Found] = []
    told: set[frozenset[str]] = set()
    papers = list(store.scan(newest_first=False))
    began = time.process_time()
    for paper in papers:
        for relation in relations(store, paper):
            pair = frozenset((paper.id.value, relation.paper.id.value))
            both = relation.kind is RelationKind.SERIES or not relation.says
            if relation.outward and not (both and pair in told):
                told.add(pair)
                found.append((paper, relation, halves[paper.id.value]))
    return found, 1000 * (time.process_time() - began) / len(papers)


def drawn(found: list[Found]) -> list[Found]:
    """The relations to judge."""
    pool = sorted((f for f in found if f[2] == JUDGED), key=_key)
    rare = [f for f in pool if f[1].kind not in MANY]
    many = [[f for f in pool if f[1].kind is kind] for kind in MANY]
    chosen = random.Random(SEED)
    for some in (rare, *many):
        chosen.shuffle(some)
    rest = max(DRAWN - len(rare), 0)
    half = max(rest // 2, rest - len(many[1]))
    return [*rare[:DRAWN], *many[0][:half], *many[1][: rest - half]]


def _key(one: Found) -> str:
    return f"{one[0].id} {one[1].paper.id}"


def main() -> None:
    asked = options(__doc__)
    with (
        tempfile.TemporaryDirectory() as folder,
        SqliteStore.open(Path(folder) / "relations.db") as store,
    ):
        halves = taken_in(asked.papers, store)
        found, milliseconds = found_in(store, halves)
    sample = drawn(found)
    tuned = sorted((f for f in found if f[2] != JUDGED and f[1].kind not in MANY), key=_key)
    if asked.sheet:
        for paper, relation, _ in (*sample, *tuned):
            print(f"{_key((paper, relation, ''))}\t{label(relation)}\t{relation.says}")
            print(f"\t{paper.title}\n\t{relation.paper.title}\n")
        return
    print(f"{len(halves):,} papers; a paper's relations take {milliseconds:.2f} ms of CPU to look up")
    judged, file = verdicts_of(__file__)
    verdicts = judged["verdicts"]
    demand(map(_key, (*sample, *tuned)), verdicts, file=file)
    counts = Counter(relation.kind for _, relation, _ in found)
    for kind in RelationKind:
        shown = (_score([one for one in some if one[1].kind is kind], verdicts) for some in (sample, tuned))
        print(
            f"{kind.value:10} {counts[kind]:5} found; right: {next(shown)} drawn, {next(shown)} of those tuned on"
        )
    print(
        f"{'all':10} {counts.total():5} found; right: {_score(sample, verdicts)}, {_score(tuned, verdicts)}"
    )


def _score(some: list[Found], verdicts: dict[str, str]) -> str:
    return f"{sum(verdicts[_key(one)] == 'right' for one in some)} of {len(some)}"


if __name__ == "__main__":
    main()

"""How well people of one name are told apart: the papers of two names, made one.

    OPENBLAS_NUM_THREADS=1 python bench/author_names.py ../shared/data/arxiv_daily/*.jsonl.gz [--tune]

How a name is spelt plays no part in telling people apart, so any two names can be made one. People are
names of surnames that at most three names of the collection have, with 3 to 40 papers: such a name is taken to
be one person. *One field*: two people most of whose papers have one primary category; *any fields*: any two;
*one person*: nobody is added, so that every split is wrong. Surnames are dealt to two halves by a hash:
thresholds were chosen on one (``--tune``), and the other is reported. Pairs of papers are counted: of those told
apart, how many are two people's (precision), and of two people's, how many are told apart (recall); the same
for those put together.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from broadsheet.ids import PaperId
from broadsheet.index.encode import StaticEncoder
from broadsheet.model import author_key
from broadsheet.rank import authors
from broadsheet.rank.authors import Signed

CASES = 400  # of each kind
RARE = 3  # names of one surname

Case = tuple[list[Signed], dict[PaperId, str]]  # the papers, and whose each is


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--tune", action="store_true", help="sweep the thresholds over the other half")
    options = parser.parse_args()
    papers = {row["_id"]: row for file in options.files for row in _rows(file)}
    sets = cases(papers, tuning=options.tune)
    wanted = {paper.id for made in sets.values() for signed, _ in made for paper in signed}
    encoder = StaticEncoder()
    ids = sorted(wanted)
    rows = encoder.encode([f"{papers[str(id)]['title']}. {papers[str(id)].get('text') or ''}" for id in ids])
    vectors = dict(zip(ids, rows, strict=True))
    grid: Iterable[tuple[float, float]] = [(authors.NEAR, authors.NEAR_IN_FIELD)]
    if options.tune:
        grid = [(n, f) for n in (0.3, 0.4, 0.5, 0.6, 2.0) for f in (0.2, 0.3, 0.4, 0.5) if f <= n]
    for near, in_field in grid:
        for name, made in sets.items():
            told = {"near": near, "in_field": in_field, "set": name}
            print(json.dumps(told | report(made, vectors, near, in_field)))


def _rows(file: Path) -> Iterable[dict[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def cases(papers: dict[str, dict[str, Any]], *, tuning: bool) -> dict[str, list[Case]]:
    """People of rare surnames, two and two of one field, two and two of any, and by themselves."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for id, row in papers.items():
        for name in dict.fromkeys(row.get("authors") or ()):
            by_name[author_key(name)].append(id)
    surnames: dict[str, list[str]] = defaultdict(list)
    for key in by_name:
        parts = key.split("-")
        if len(parts) == 2 and len(parts[0]) > 2:
            surnames[parts[1]].append(key)
    half = {s: zlib.crc32(s.encode()) % 2 == (0 if tuning else 1) for s in surnames}
    people = [
        key
        for surname, keys in sorted(surnames.items())
        if half[surname] and len(keys) <= RARE
        for key in sorted(keys)
        if 3 <= len(by_name[key]) <= 40
    ]
    dice = random.Random(7)
    dice.shuffle(people)
    fields: dict[str, list[str]] = defaultdict(list)
    for key in people:
        codes = Counter(c[0] for id in by_name[key] if (c := papers[id].get("categories")))
        if codes:
            fields[min(codes, key=lambda c: (-codes[c], c))].append(key)
    near = [pair for keys in fields.values() for pair in itertools.pairwise(keys)]
    far = list(itertools.pairwise(people))
    dice.shuffle(near)

    def apart(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        found = [(a, b) for a, b in pairs if not set(by_name[a]) & set(by_name[b])]
        return found[:CASES]

    return {
        "one field": [_case(papers, by_name, pair) for pair in apart(near)],
        "any fields": [_case(papers, by_name, pair) for pair in apart(far)],
        "one person": [_case(papers, by_name, (one,)) for one in people if len(by_name[one]) >= 4][:CASES],
    }


def _case(papers: dict[str, dict[str, Any]], by_name: dict[str, list[str]], keys: Sequence[str]) -> Case:
    signed, owner = [], {}
    for key in keys:
        for id in sorted(by_name[key]):
            row = papers[id]
            others = frozenset(author_key(name) for name in row["authors"]) - {key}
            paper = Signed(id=PaperId.parse(id), others=others, categories=tuple(row.get("categories") or ()))
            signed.append(paper)
            owner[paper.id] = key
    return signed, owner


def report(made: Sequence[Case], vectors: dict[PaperId, Any], near: float, in_field: float) -> dict[str, Any]:
    kept = np.zeros(3)  # put together; of these right; should be together
    parted = np.zeros(3)  # told apart; of these right; should be apart
    split = exact = 0
    for signed, owner in made:
        found = _found(signed, vectors, near, in_field)
        groups, owners = len(set(found.values())), len(set(owner.values()))
        split += groups > 1
        exact += groups == owners == len({(owner[id], group) for id, group in found.items()})
        for a, b in itertools.combinations(owner, 2):
            together, one = found[a] == found[b], owner[a] == owner[b]
            kept += (together, together and one, one)
            parted += (not together, not together and not one, not one)
    told = {
        "cases": len(made),
        "split": split / len(made),
        "exactly_right": exact / len(made),
        "together_precision": kept[1] / max(kept[0], 1),
        "together_recall": kept[1] / max(kept[2], 1),
    }
    if parted[2]:
        told |= {"apart_precision": parted[1] / max(parted[0], 1), "apart_recall": parted[1] / parted[2]}
    return {name: round(float(value), 3) for name, value in told.items()}


def _found(
    signed: Sequence[Signed], vectors: dict[PaperId, Any], near: float, in_field: float
) -> dict[PaperId, int]:
    groups = authors.people(signed, vectors, near=near, near_in_field=in_field)
    return {id: number for number, ids in enumerate(groups) for id in ids}


if __name__ == "__main__":
    main()

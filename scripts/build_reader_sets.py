"""Make sets of readers for ``broadsheet eval recommend`` from citeulike_t and arxiv_daily.

    python scripts/build_reader_sets.py DATA OUT [--readers 1000]

DATA holds both folders; OUT lies outside the checkout and gets ``citeulike_t`` and ``arxiv_daily``, each with a
``tune`` and a ``report`` part that share no reader. All choices are by hash, so a second run makes the same.

citeulike_t: a fifth of the papers is *new*: nobody's library holds them. They are the candidates, and
relevant is what the reader kept of them. Tags and citations are left out: the readers wrote the tags.

arxiv_daily: readers are authors with at least five papers before a day; relevant are their own papers in
the quarter that follows, among all papers announced in the same weeks. What is tuned on is a quarter
earlier than what is reported. Names of authors are left out of the corpus. So are readers whose name
is probably shared: at least one namesake is to be expected where given and family names are paired at random,
or there are more than forty papers. Papers by more than thirty people count for nobody.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from broadsheet.model import author_key

NEW = 5  # one in so many papers of citeulike_t
PAPERS = 5  # that an author must have before the day
MOST_PAPERS = 40
MOST_AUTHORS = 30

QUARTERS = {
    "tune": (date(2025, 10, 1), date(2026, 1, 1)),
    "report": (date(2026, 1, 1), date(2026, 4, 1)),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One line of ``readers.jsonl``."""

    id: str
    library: Sequence[str]
    candidates: Sequence[str]
    relevant: Sequence[str]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with citeulike_t and arxiv_daily")
    parser.add_argument("out", type=Path, help="folder for the sets, outside the checkout")
    parser.add_argument("--readers", type=int, default=1000, help="how many readers a part has at most")
    asked = parser.parse_args()
    build_citeulike(asked.data / "citeulike_t", asked.out / "citeulike_t", most=asked.readers)
    build_arxiv(asked.data / "arxiv_daily", asked.out / "arxiv_daily", most=asked.readers)


def build_citeulike(data: Path, out: Path, *, most: int) -> None:
    """Write both parts of citeulike_t."""
    documents = [
        {"_id": row["_id"], "title": row["title"], "text": row["text"]}
        for row in _rows(data / "corpus.jsonl.gz")
    ]
    ids = [row["_id"] for row in documents]
    new = [id for id in ids if _hash(f"item {id}") % NEW == 0]
    kept: dict[str, list[str]] = defaultdict(list)
    with (data / "interactions.tsv").open(encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            reader, item = line.split()
            kept[reader].append(item)
    hidden = set(new)
    readers = []
    for reader, items in kept.items():
        library = [item for item in items if item not in hidden]
        relevant = [item for item in items if item in hidden]
        readers.append(Reader(reader, library, new, relevant))
    for part in ("tune", "report"):
        _write(out / part, documents, _chosen(readers, part, most=most))


def build_arxiv(data: Path, out: Path, *, most: int) -> None:
    """Write both parts of arxiv_daily."""
    rows = {row["_id"]: row for path in sorted(data.glob("*.jsonl.gz")) for row in _rows(path)}
    days = {id: date.fromisoformat(row["announced"]) for id, row in rows.items()}
    documents = [
        {key: row[key] for key in ("_id", "title", "text", "announced", "categories")}
        for row in rows.values()
    ]
    written: dict[str, list[str]] = defaultdict(list)
    for id, row in sorted(rows.items(), key=lambda pair: (days[pair[0]], pair[0])):
        if len(row["authors"]) <= MOST_AUTHORS:
            for author in {author_key(name) for name in row["authors"]}:
                written[author].append(id)
    namesakes = expected_namesakes(written)
    week_of = {id: day.isocalendar()[:2] for id, day in days.items()}
    for part, (start, end) in QUARTERS.items():
        weeks: dict[tuple[int, int], list[str]] = defaultdict(list)
        for id, day in days.items():
            if start <= day < end:
                weeks[week_of[id]].append(id)
        readers = []
        for author, papers in written.items():
            library = [id for id in papers if days[id] < start]
            relevant = [id for id in papers if start <= days[id] < end]
            if len(library) >= PAPERS and len(papers) <= MOST_PAPERS and namesakes[author] < 1:
                same = sorted({week_of[id] for id in relevant})
                readers.append(Reader(author, library, [id for week in same for id in weeks[week]], relevant))
        shown = [row for row in documents if days[row["_id"]] < end]
        _write(out / part, shown, _chosen(readers, part, most=most))


def expected_namesakes(names: Iterable[str]) -> Mapping[str, float]:
    """How many people of each name there would be if given and family names were paired at random.

    Names are author keys; one of a single word is as common as can be.
    """
    parts = {name: (words[0], words[-1]) for name in names if len(words := name.split("-")) > 1}
    given = Counter(first for first, _ in parts.values())
    family = Counter(last for _, last in parts.values())
    found = {name: given[first] * family[last] / len(parts) for name, (first, last) in parts.items()}
    return defaultdict(lambda: float("inf"), found)


def _chosen(readers: Iterable[Reader], part: str, *, most: int) -> list[Reader]:
    """The readers of a part who have something to learn from and something to find."""
    half = 0 if part == "tune" else 1
    fit = [r for r in readers if r.library and r.relevant and _hash(f"reader {r.id}") % 2 == half]
    return sorted(sorted(fit, key=lambda r: _hash(f"order {r.id}"))[:most], key=lambda r: r.id)


def _write(folder: Path, documents: Iterable[Mapping[str, Any]], readers: Iterable[Reader]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [
        {
            "reader": r.id,
            "library": r.library,
            "candidates": r.candidates,
            "relevant": dict.fromkeys(r.relevant, 1),
        }
        for r in readers
    ]
    for name, rows in (("corpus", documents), ("readers", lines)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8", compresslevel=5) as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    print(f"{folder}: {len(lines)} readers")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


if __name__ == "__main__":
    main()

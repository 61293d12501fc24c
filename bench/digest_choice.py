"""What a digest of ten covers, chosen in several ways, beside how relevant it is.

    OPENBLAS_NUM_THREADS=1 python bench/digest_choice.py ../shared/data/arxiv_daily [--split test] [--sweep]
    OPENBLAS_NUM_THREADS=1 python bench/digest_choice.py ../shared/data/seed_pages --pages

Readers are made of authors: their library is what they wrote before the half-year (at least eight
papers, not more than 60, names shared by many people left out), and the day is one on which they
announced another paper. Every second reader is two such authors in one, from different fields. Interests are clusters of the library; relevance is the cosine to
the nearest one, by the static encoder's vectors, author names unused. All of it is the same for every
way of choosing, each of which gets the day's candidates and gives ten.

- ``kept``: mean relevance above the day's median, as a share of that of the ten most relevant.
- ``interests``: share of the reader's interests with a paper, of those nearest to one of the reader's 150
  most relevant papers of that day.
- ``topics``: the day in 30 clusters; how many of the reader's 100 most relevant papers are in a cluster
  with a paper chosen. ``categories``: the same by all categories of the papers, which no way is shown.
- ``alike``: mean cosine of two papers chosen. ``own``: share of readers whose own new paper is chosen.

``--pages`` asks of the 282 seed papers ten for a reader of all five queries: areas are 15 clusters of
MiniLM's vectors, as the data have no labels; relevance is the cosine to the nearest query's page's mean.
Differences to other ways are reader by reader, with the 95 % interval of a bootstrap over readers.
What is tuned (``--sweep``) is tuned on days of 2025; figures are of 2026. Prints JSON.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.evaluate.intervals import compare
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.index.encode import MiniLM, StaticEncoder
from broadsheet.model import author_key
from broadsheet.rank.select import Weights, choose

Array = NDArray[np.float64]
K = 10
SPLITS = {"tune": (date(2025, 9, 1), date(2026, 1, 1)), "test": (date(2026, 1, 1), date(2026, 4, 1))}
DAYS, READERS, SMALLEST = 8, 50, 300
POOL = 150


@dataclass(frozen=True)
class Case:
    """A reader and a day."""

    ids: list[PaperId]
    vectors: Vectors
    groups: list[str]
    relevance: Array
    interests: Array
    own: set[int]
    topics: list[int]
    categories: list[list[str]]


Way = Callable[[Case], list[int]]


# -- ways of choosing


def top(case: Case) -> list[int]:
    return [int(i) for i in np.argsort(-case.relevance, kind="stable")[:K]]


def mmr(share: float) -> Way:
    """Carbonell and Goldstein 1998: the most relevant that is least like what was chosen."""

    def chosen(case: Case) -> list[int]:
        pool = np.argsort(-case.relevance, kind="stable")[:POOL]
        cosines = case.vectors[pool] @ case.vectors[pool].T
        picked: list[int] = []
        nearest = np.zeros(len(pool))
        while len(picked) < K:
            scores = share * case.relevance[pool] - (1 - share) * nearest
            scores[picked] = -np.inf
            picked.append(int(np.argmax(scores)))
            nearest = np.maximum(nearest, cosines[picked[-1]])
        return [int(pool[i]) for i in picked]

    return chosen


def medoids(pool_size: int) -> Way:
    """FasterPAM over the most relevant: ten papers that stand for them."""
    import kmedoids  # noqa: PLC0415  a peer, for those who have it

    def chosen(case: Case) -> list[int]:
        pool = np.argsort(-case.relevance, kind="stable")[:pool_size]
        distances = 1.0 - case.vectors[pool] @ case.vectors[pool].T
        found = kmedoids.fasterpam(distances.astype(np.float32), K, random_state=7)
        return [int(pool[i]) for i in found.medoids]

    return chosen


def ours(*, quota: int | None, **weights: float) -> Way:
    def chosen(case: Case) -> list[int]:
        row = {id: i for i, id in enumerate(case.ids)}
        found = choose(
            case.ids,
            relevance=case.relevance,
            vectors=case.vectors,
            groups=case.groups,
            interests=case.interests,
            k=K,
            quota=quota,
            weights=Weights(**weights),
        )
        return [row[choice.id] for choice in found]

    return chosen


# -- measuring


def measure(case: Case, picked: list[int]) -> dict[str, float]:
    assert len(set(picked)) == K
    order = np.argsort(-case.relevance, kind="stable")
    median = float(np.median(case.relevance))
    near = order[:100]
    servable = set(case.interests[order[:POOL]].argmax(axis=1).tolist())
    served = set(case.interests[picked].argmax(axis=1).tolist())
    topics = {case.topics[i] for i in picked}
    categories = {c for i in picked for c in case.categories[i]}
    cosines = case.vectors[picked] @ case.vectors[picked].T
    found = {
        "kept": (case.relevance[picked].mean() - median) / (case.relevance[order[:K]].mean() - median),
        "interests": len(served & servable) / len(servable),
        "topics": float(np.mean([case.topics[i] in topics for i in near])),
        "categories": float(np.mean([bool(categories.intersection(case.categories[i])) for i in near])),
        "primary": float(len({case.groups[i] for i in picked})),
        "alike": float((cosines.sum() - K) / (K * (K - 1))),
    }
    if case.own:
        found["own"] = float(bool(case.own.intersection(picked)))
    return found


def difference(ours: list[dict[str, float]], others: list[dict[str, float]], key: str) -> list[float]:
    """By how much ours is more, reader by reader, and its 95 % interval."""
    pairs = [(a[key], b[key]) for a, b in zip(ours, others, strict=True) if key in a]
    by = compare([a for a, _ in pairs], [b for _, b in pairs], seed=1).by
    return [round(value, 3) for value in (by.mean, by.low, by.high)]


def spherical(vectors: Vectors, k: int, *, seed: int) -> tuple[Vectors, list[int]]:
    """k-means by cosine: centres and the cluster of each."""
    from sklearn.cluster import KMeans  # noqa: PLC0415  takes a second to load

    k = min(k, len(vectors))
    found = KMeans(k, n_init=4, random_state=seed).fit(vectors)
    centres = found.cluster_centers_
    return centres / np.linalg.norm(centres, axis=1, keepdims=True), found.labels_.tolist()


# -- readers


def cases(folder: Path, split: str) -> list[Case]:
    start, end = SPLITS[split]
    papers = []
    for file in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            papers += [json.loads(line) for line in lines]
    papers = [p for p in papers if p["categories"]]
    wrote: dict[str, list[int]] = defaultdict(list)
    for number, paper in enumerate(papers):
        for name in {author_key(name) for name in paper["authors"]}:
            wrote[name].append(number)
    by_day: dict[date, list[int]] = defaultdict(list)
    for number, paper in enumerate(papers):
        by_day[date.fromisoformat(paper["announced"])].append(number)
    chance = random.Random(11)
    days = sorted(d for d, new in by_day.items() if start <= d < end and len(new) >= SMALLEST)
    encoder = StaticEncoder()

    def encode(numbers: Sequence[int]) -> Vectors:
        return encoder.encode([f"{papers[n]['title']}. {papers[n]['text']}" for n in numbers])

    found = []
    for day in chance.sample(days, DAYS):
        new = by_day[day]
        vectors = encode(new)
        _, topics = spherical(vectors, 30, seed=3)
        readers = []
        for name in sorted({author_key(name) for n in new for name in papers[n]["authors"]}):
            library = [n for n in wrote[name] if papers[n]["announced"] < start.isoformat()]
            if len(library) >= 8 and len(wrote[name]) <= 60:
                readers.append((name, library))
        chance.shuffle(readers)
        singles = readers[: READERS // 2]
        pairs: list[tuple[tuple[str, list[int]], ...]] = []
        for one, other in zip(readers[READERS // 2 :: 2], readers[READERS // 2 + 1 :: 2], strict=False):
            fields = [
                Counter(papers[n]["categories"][0] for n in r[1]).most_common(1)[0][0] for r in (one, other)
            ]
            if fields[0] != fields[1] and len(pairs) < READERS // 2:
                pairs.append((one, other))
        for people in [*[(r,) for r in singles], *pairs]:
            library = [n for _, numbers in people for n in numbers]
            names = {name for name, _ in people}
            shelf = encode(library)
            centres, _ = spherical(shelf, max(1, min(5, round((len(library) / 3) ** 0.5))), seed=5)
            cosines = (vectors @ centres.T).astype(np.float64)
            interests = np.zeros_like(cosines)
            interests[np.arange(len(new)), cosines.argmax(axis=1)] = 1.0
            found.append(
                Case(
                    ids=[PaperId(papers[n]["_id"]) for n in new],
                    vectors=vectors,
                    groups=[papers[n]["categories"][0] for n in new],
                    relevance=cosines.max(axis=1),
                    interests=interests,
                    own={
                        i
                        for i, n in enumerate(new)
                        if names.intersection(author_key(a) for a in papers[n]["authors"])
                    },
                    topics=topics,
                    categories=[papers[n]["categories"] for n in new],
                )
            )
    return found


def pages(folder: Path, ways: dict[str, Way]) -> dict[str, Any]:
    """The ten of the 282 seed papers: how many of 15 areas they cover, how relevant they are."""
    lines = (folder / "papers.jsonl").read_text(encoding="utf-8").splitlines()
    papers = [json.loads(line) for line in lines]
    orders = list(json.loads((folder / "pages.json").read_text(encoding="utf-8")).values())
    row = {paper["id"]: i for i, paper in enumerate(papers)}
    vectors = MiniLM(threads=1).encode([f"{p['title']}. {p['abstract']}" for p in papers])
    _, areas = spherical(vectors, 15, seed=3)
    means = np.array([vectors[[row[id] for id in order]].mean(axis=0) for order in orders])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    cosines = (vectors @ means.T).astype(np.float64)
    interests = (cosines == cosines.max(axis=1, keepdims=True)).astype(np.float64)
    relevance = cosines.max(axis=1)
    ids = [PaperId.parse(paper["id"]) for paper in papers]
    groups = [str(area) for area in areas]
    report = {}
    plain = np.sort(relevance)[-K:].mean()
    for name, way in ways.items():
        case = Case(ids, vectors, groups, relevance, interests, set(), areas, [[g] for g in groups])
        picked = way(case)
        report[name] = {
            "areas": len({areas[i] for i in picked}),
            "relevance": round(float(relevance[picked].mean() / plain), 3),
            "queries": len({int(interests[i].argmax()) for i in picked}),
        }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="test")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--pages", action="store_true")
    options = parser.parse_args()
    ways: dict[str, Way] = {"top": top}
    if options.sweep:
        ways |= {f"mmr {s}": mmr(s) for s in (0.5, 0.6, 0.65, 0.7, 0.8)}
        ways |= {f"medoids of {n}": medoids(n) for n in (15, 20, 30, 50)}
        ways |= {
            f"ours q{quota} c{c} i{i}": ours(quota=quota, coverage=c, interests=i)
            for quota in (4, 5, 6, None)
            for c in (0.0, 1.0, 2.0, 4.0, 8.0)
            for i in (0.0, 0.5, 1.0)
        }
    else:
        ways |= {"mmr": mmr(0.65), "medoids": medoids(20), "ours": ours(quota=5)}
        if options.pages:
            ways |= {f"ours, quota {n}": ours(quota=n) for n in (3, 2, 1)}
    if options.pages:
        print(json.dumps(pages(options.folder, ways), indent=2))
        return
    found = cases(options.folder, options.split)
    report: dict[str, Any] = {
        "cases": len(found),
        "interests": float(np.mean([c.interests.shape[1] for c in found])),
    }
    measured = {name: [measure(case, way(case)) for case in found] for name, way in ways.items()}
    for name, rows in measured.items():
        report[name] = {key: round(float(np.mean([r[key] for r in rows if key in r])), 3) for key in rows[0]}
    for other in ("mmr", "medoids") if not options.sweep else ():
        report[f"ours - {other}"] = {
            key: difference(measured["ours"], measured[other], key) for key in measured["ours"][0]
        }
    print(
        json.dumps(report, indent=2)
        if not options.sweep
        else "\n".join(f"{n:24} {v}" for n, v in report.items())
    )


if __name__ == "__main__":
    main()

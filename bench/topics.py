"""Topics measured: how well papers are grouped, named, kept from day to day, and laid out.

    python bench/topics.py compare --data DIR     grouping against k-means, Ward, FasterPAM, categories
    python bench/topics.py fits --data DIR        do titles fit their topics' names, as MiniLM sees it? How many have a topic?
    python bench/topics.py steady --data DIR      the same topic on two days: same name, same mark?
    python bench/topics.py layout --data DIR      the map against principal components (and UMAP, if installed)
    python bench/topics.py sheet --data DIR --out FILE [--seed N]     50 names with five titles each, to be judged;
                                                  FILE.key tells of which day each is, and how large
    python bench/topics.py mix SHEET SHEET --out FILE [--seed N]      both in random order, for one who judges blind
    python bench/topics.py part MIXED SHEET --out FILE                the verdicts on one sheet of a mixed one
    python bench/topics.py judged FILE...         shares of a filled-in sheet; of every two, agreement (Cohen's kappa)

A judge copies the sheet and writes ``good``, ``acceptable`` or ``bad`` before the bar of each name's line; what is
left empty counts as not judged. docs/design/topics.md says what the three mean.

``DIR`` is an archive of ``../shared/data/arxiv_daily`` (see bench/pages.py). Settings were chosen on October and
November 2025; what is reported here is of 2026. Needs the ``bench`` extra. Prints JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.manifold import trustworthiness
from sklearn.metrics import (
    adjusted_mutual_info_score,
    adjusted_rand_score,
    cohen_kappa_score,
    normalized_mutual_info_score,
)

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.index.encode import MiniLM
from broadsheet.index.sample import centred
from broadsheet.library.topics import TopicMap
from broadsheet.model import Paper
from broadsheet.rank import projection
from broadsheet.wiring import Archive

FIRST = date(2026, 1, 5)
LAST = date(2026, 3, 20)
LEAST = 150  # papers of a day that is measured
DAYS = 20
FITS = 0.33  # MiniLM's cosine of a name and a title
VERDICTS = ["good", "acceptable", "bad"]

Labels = NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "what", choices=["compare", "fits", "steady", "layout", "sheet", "mix", "part", "judged"]
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    options = parser.parse_args()
    if options.what == "judged":
        print(json.dumps(judged(options.files), indent=2))
        return
    if options.what == "mix":
        mix(options.files, options.out, seed=options.seed)
        return
    if options.what == "part":
        mixed, own = options.files
        part(mixed, own, options.out)
        return
    with wiring.open_archive(Settings(data=options.data, encoder="none")) as archive:
        if options.what == "sheet":
            sheet(archive, options.out, seed=options.seed)
            return
        run: dict[str, Callable[[Archive], dict[str, Any]]] = {
            "compare": compare,
            "fits": fits,
            "steady": steady,
            "layout": layout,
        }
        print(json.dumps(run[options.what](archive), indent=2))


def days_of(archive: Archive) -> list[date]:
    return [count.day for count in archive.library.days(FIRST, LAST) if count.new >= LEAST]


def vectors_of(archive: Archive, found: TopicMap) -> tuple[list[Any], NDArray[np.float32], Labels]:
    """Papers with vectors, their vectors, and their topics; -1 for none."""
    ids = [spot.id for spot in found.spots]
    known, vectors = archive.index.snapshot().vectors_of(ids, encoder="static-v1")
    assert list(known) == ids
    return ids, vectors, np.array([-1 if s.topic is None else s.topic for s in found.spots], dtype=np.int64)


# -- grouping


def compare(archive: Archive) -> dict[str, Any]:
    """Means over days: agreement with first categories, coherence in words, sameness without a tenth of the papers."""
    days = days_of(archive)
    days = days[:: max(1, len(days) // DAYS)][:DAYS]
    mean = archive.index.snapshot().sample(encoder="static-v1").mean
    rows: dict[str, list[tuple[float, ...]]] = {}
    for day in days:
        found = archive.library.topics(day)
        ids, vectors, ours = vectors_of(archive, found)
        papers = archive.library.papers(ids)
        sorted_in = [row for row, id in enumerate(ids) if papers[id].record.categories]
        first = [papers[ids[row]].record.categories[0] for row in sorted_in]
        lexical = words([papers[id] for id in ids])
        k = len(found.topics)
        unit = centred(vectors, mean)
        kept = np.random.default_rng(3).random(len(ids)) < 0.9
        ways = dict(others(k))
        for name, way in ways.items():
            began = time.process_time()
            labels = way(unit)
            spent = time.process_time() - began
            again = way(unit[kept])
            rows.setdefault(name, []).append(
                (
                    *measures(labels, first, sorted_in, lexical),
                    adjusted_rand_score(labels[kept], again),
                    1000 * spent,
                )
            )
        topics = archive.library._topics  # noqa: SLF001  the grouping of a day without a tenth of its papers
        standing, _ = topics._standing(day, archive.index.snapshot())  # noqa: SLF001
        assert standing is not None
        began = time.process_time()
        topics._group(tuple(ids), vectors, standing, ())  # noqa: SLF001
        spent = time.process_time() - began
        some = tuple(id for id, keep in zip(ids, kept, strict=True) if keep)
        again = topics._group(some, vectors[kept], standing, ()).found.labels  # noqa: SLF001
        rows.setdefault("the product", []).append(
            (
                *measures(ours, first, sorted_in, lexical),
                adjusted_rand_score(ours[kept], again),
                1000 * spent,
            )
        )
        codes = {code: number for number, code in enumerate(sorted(set(first)))}
        plain = np.full(len(ids), -1, dtype=np.int64)
        plain[sorted_in] = [codes[code] for code in first]
        rows.setdefault("first categories", []).append(
            (*measures(plain, first, sorted_in, lexical), 1.0, 0.0)
        )
    names = ["topics", "various", "nmi", "ami", "ari", "coherence", "same_without_tenth", "cpu_ms"]
    return {
        "days": len(days),
        "means": {
            way: {
                name: round(float(np.mean(column)), 3)
                for name, column in zip(names, zip(*values, strict=True), strict=True)
            }
            for way, values in rows.items()
        },
    }


def others(k: int) -> list[tuple[str, Callable[[NDArray[np.float32]], Labels]]]:
    ways: list[tuple[str, Callable[[NDArray[np.float32]], Labels]]] = [
        ("k-means", lambda x: KMeans(k, n_init=4, random_state=1).fit_predict(x).astype(np.int64)),
        ("Ward", lambda x: AgglomerativeClustering(k, linkage="ward").fit_predict(x).astype(np.int64)),
        (
            "average linkage",
            lambda x: (
                AgglomerativeClustering(k, linkage="average", metric="cosine").fit_predict(x).astype(np.int64)
            ),
        ),
    ]
    try:
        import kmedoids  # noqa: PLC0415  only where it is
    except ImportError:
        return ways
    ways.append(
        (
            "FasterPAM (kmedoids)",
            lambda x: kmedoids.fasterpam(1 - x @ x.T, k, random_state=1, n_cpu=1).labels.astype(np.int64),
        )
    )
    return ways


def words(papers: Sequence[Paper]) -> NDArray[np.float64]:
    """Cosines of TF-IDF vectors: another view of the papers than the one they are grouped by."""
    weights = TfidfVectorizer(stop_words="english", min_df=2, sublinear_tf=True).fit_transform(
        f"{paper.title} {paper.abstract}" for paper in papers
    )
    cosines = np.asarray((weights @ weights.T).todense())
    np.fill_diagonal(cosines, np.nan)
    return cosines


def measures(
    labels: Labels, first: list[str], sorted_in: list[int], lexical: NDArray[np.float64]
) -> list[float]:
    some = labels[sorted_in]
    pairs = total = 0.0
    for topic in set(labels[labels >= 0].tolist()):
        inside = lexical[np.ix_(labels == topic, labels == topic)]
        pairs += np.isfinite(inside).sum()
        total += np.nansum(inside)
    return [
        float(len(set(labels[labels >= 0].tolist()))),
        float((labels < 0).mean()),
        normalized_mutual_info_score(first, some),
        adjusted_mutual_info_score(first, some),
        adjusted_rand_score(first, some),
        float(total / pairs / np.nanmean(lexical)),
    ]


# -- names and papers


def fits(archive: Archive) -> dict[str, Any]:
    """Shares of titles whose cosine with their topic's name is .33 or more: such a title mostly fits by hand too.

    ``four_of_five``: of topics of five papers and more, the share of draws of five of which four fit.
    """
    encoder = MiniLM()
    days = days_of(archive)
    days = days[:: max(1, len(days) // DAYS)][:DAYS]
    shares, sizes, chances = [], [], []
    various = count = 0
    for day in days:
        found = archive.library.topics(day)
        various, count = various + len(found.various), count + found.count
        papers = archive.library.papers(id for topic in found.topics for id in topic.ids)
        ids = [id for topic in found.topics for id in topic.ids]
        titles = dict(zip(ids, encoder.encode([papers[id].title for id in ids]), strict=True))
        names = encoder.encode([topic.name for topic in found.topics])
        for topic, name in zip(found.topics, names, strict=True):
            fit = sum(float(titles[id] @ name) >= FITS for id in topic.ids)
            size = len(topic.ids)
            sizes.append(size)
            shares.append(fit / size)
            if size >= 5:
                draws = math.comb(fit, 5) + math.comb(fit, 4) * (size - fit)
                chances.append(draws / math.comb(size, 5))
    parts = np.array(shares)
    return {
        "days": len(days),
        "titles_fit": round(float(np.average(parts, weights=sizes)), 3),
        "topics_of_which_70_percent_fit": round(float((parts >= 0.7).mean()), 3),
        "topics_of_which_half_fit": round(float((parts >= 0.5).mean()), 3),
        "four_of_five": round(float(np.mean(chances)), 3),
        "topics_a_day": round(len(parts) / len(days), 1),
        "of_five_and_more_a_day": round(len(chances) / len(days), 1),
        "various": round(various / count, 3),
    }


# -- from day to day


def steady(archive: Archive) -> dict[str, Any]:
    """Of topics that lie in the same place on two days: how many have the same name, and the same mark."""
    days = days_of(archive)
    found = {day: archive.library.topics(day) for day in days}
    report = {}
    for apart in (1, 5, 20):
        same: Counter[str] = Counter()
        for one, other in zip(days, days[apart:], strict=False):
            for a, b in twins(archive, found[one], found[other]):
                first, second = found[one].topics[a], found[other].topics[b]
                same["pairs"] += 1
                same["name"] += first.name == second.name
                same["mark"] += first.mark == second.mark
        report[f"{apart} editions apart"] = {
            "pairs": same["pairs"],
            "same_name": round(same["name"] / same["pairs"], 3),
            "same_mark": round(same["mark"] / same["pairs"], 3),
        }
    report["without a tenth of a day's papers"] = {"same_topic": round(kept_topics(archive, days[::5]), 3)}
    topics = [topic for f in found.values() for topic in f.topics]
    report["all"] = {
        "days": len(days),
        "topics_a_day": round(len(topics) / len(days), 1),
        "new_a_day": round(sum(topic.new for topic in topics) / len(days), 2),
        "names": len({topic.name for topic in topics}),
        "various": round(
            sum(len(f.various) for f in found.values()) / sum(f.count for f in found.values()), 3
        ),
        "named_twice_a_day": sum(len(f.topics) - len({t.name for t in f.topics}) for f in found.values()),
    }
    return report


def kept_topics(archive: Archive, days: Sequence[date]) -> float:
    """Of papers with a topic, the share whose topic has the same name when a tenth of the day is missing."""
    topics = archive.library._topics  # noqa: SLF001  the grouping of a day without a tenth of its papers
    same: list[bool] = []
    for day in days:
        standing, _ = topics._standing(day, archive.index.snapshot())  # noqa: SLF001
        known, vectors = archive.index.snapshot().vectors_of(topics._announced([day]), encoder="static-v1")  # noqa: SLF001
        kept = np.random.default_rng(3).random(len(known)) < 0.9
        some = tuple(id for id, keep in zip(known, kept, strict=True) if keep)
        whole = names_of(topics._group(known, vectors, standing, ()))  # noqa: SLF001
        part = names_of(topics._group(some, vectors[kept], standing, ()))  # noqa: SLF001
        same += [whole[id] == part[id] for id in some if whole[id]]
    return float(np.mean(same))


def names_of(day: Any) -> dict[Any, str]:
    """The name of each paper's topic, or nothing."""
    return {
        id: day.heads[label].key if label >= 0 else ""
        for id, label in zip(day.ids, day.found.labels, strict=True)
    }


def twins(archive: Archive, one: TopicMap, other: TopicMap) -> list[tuple[int, int]]:
    """Topics that are each other's nearest by the mean of their papers, at a cosine of 0.6 or more."""
    mean = archive.index.snapshot().sample(encoder="static-v1").mean
    places = []
    for found in (one, other):
        _, vectors, labels = vectors_of(archive, found)
        rows = centred(vectors, mean)
        means = np.array([rows[labels == topic].mean(axis=0) for topic in range(len(found.topics))])
        places.append(means / np.linalg.norm(means, axis=1, keepdims=True))
    near = places[0] @ places[1].T
    there, back = near.argmax(axis=1), near.argmax(axis=0)
    return [(a, int(b)) for a, b in enumerate(there) if back[b] == a and near[a, b] >= 0.6]


# -- the map


def layout(archive: Archive) -> dict[str, Any]:
    """Trustworthiness and continuity (ten neighbours) of a day's map, and of 2,000 papers'."""
    days = days_of(archive)
    found = archive.library.topics(days[len(days) // 2])
    _, vectors, labels = vectors_of(archive, found)
    many = [id for day in days for id in (spot.id for spot in archive.library.topics(day).spots)][:2000]
    _, more = archive.index.snapshot().vectors_of(many, encoder="static-v1")
    rows = centred(more, more.mean(axis=0))
    grouped = KMeans(60, n_init=1, random_state=1).fit_predict(rows).astype(np.int64)
    return {
        "a day": places(centred(vectors, vectors.mean(axis=0)), labels),
        "2,000 papers": places(rows, grouped),
    }


def places(rows: NDArray[np.float32], labels: Labels) -> dict[str, Any]:
    moved = rows - rows.mean(axis=0)
    ways: dict[str, Callable[[], Any]] = {
        "principal components": lambda: moved @ np.linalg.svd(moved, full_matrices=False)[2][:2].T,
        "ours, without topics": lambda: projection.lay_out(rows),
        "ours": lambda: projection.lay_out(rows, labels=labels),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import umap  # noqa: PLC0415  only where it is
    except ImportError:
        pass
    else:
        umap.UMAP(n_neighbors=10, random_state=1).fit_transform(rows[:50])  # compiles
        ways["UMAP"] = lambda: umap.UMAP(n_neighbors=10, metric="cosine", random_state=1).fit_transform(rows)
    report: dict[str, Any] = {"papers": len(rows)}
    for name, way in ways.items():
        began = time.process_time()
        plane = way()
        spent = time.process_time() - began
        report[name] = {
            "trustworthiness": round(float(trustworthiness(rows, plane, n_neighbors=10)), 3),
            "continuity": round(float(trustworthiness(plane, rows, n_neighbors=10)), 3),
            "cpu_s": round(spent, 2),
        }
    return report


# -- names, judged by readers


def sheet(archive: Archive, out: Path, *, seed: int) -> None:
    """Writes 50 names in random order, each with five titles drawn at random from its papers."""
    chance = random.Random(seed)
    every = [(day, topic) for day in days_of(archive) for topic in archive.library.topics(day).topics]
    chance.shuffle(every)
    drawn = {}
    for day, topic in every:
        if topic.name not in drawn and len(topic.ids) >= 5:
            drawn[topic.name] = (day, topic)
    asked, key = [], []
    for name, (day, topic) in list(drawn.items())[:50]:
        papers = archive.library.papers(topic.ids)
        titles = tuple(papers[id].title for id in chance.sample(topic.ids, 5))
        asked.append(Entry("", name, titles))
        key.append(f"{name} | {day} | {len(topic.ids)} papers{', new' if topic.new else ''}")
    out.write_text(written(asked), encoding="utf-8")
    out.with_name(f"{out.name}.key").write_text("\n".join(key) + "\n", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Entry:
    """A name on a sheet: the verdict, if given, and what the reader of the sheet sees."""

    verdict: str
    name: str
    titles: tuple[str, ...]


def entries(file: Path) -> list[Entry]:
    found = []
    for block in file.read_text(encoding="utf-8").split("\n\n")[1:]:
        head, *titles = block.rstrip("\n").split("\n")
        verdict, name, *_ = head.split("|")
        if verdict.strip() not in ("", *VERDICTS):
            raise SystemExit(f"{file}: {verdict.strip()!r} is none of {', '.join(VERDICTS)}")
        found.append(Entry(verdict.strip(), name.strip(), tuple(title.strip() for title in titles)))
    return found


def mix(files: Sequence[Path], out: Path, *, seed: int) -> None:
    """Writes the names of some sheets as one, in random order and with nothing that tells whose they are."""
    every = [entry for file in files for entry in entries(file)]
    random.Random(seed).shuffle(every)
    out.write_text(written(every), encoding="utf-8")


def part(mixed: Path, own: Path, out: Path) -> None:
    """Writes the names of one sheet with the verdicts that a mixed one gave them."""
    given = {(entry.name, entry.titles): entry for entry in entries(mixed)}
    out.write_text(written([given[entry.name, entry.titles] for entry in entries(own)]), encoding="utf-8")


def written(sheet: Sequence[Entry]) -> str:
    blocks = ["# name, then five of its papers; fill in good, acceptable or bad before the bar"]
    for entry in sheet:
        lines = (f"{entry.verdict:11s}| {entry.name}", *(f"        {title}" for title in entry.titles))
        blocks += ["\n".join(lines)]
    return "\n\n".join(blocks) + "\n"


def judged(files: Sequence[Path]) -> dict[str, Any]:
    """How many names each judge found how; of every two judges how often they agree, and Cohen's kappa."""
    sheets = {
        file.name: {(entry.name, entry.titles): entry.verdict for entry in entries(file) if entry.verdict}
        for file in files
    }
    report: dict[str, Any] = {}
    for name, sheet in sheets.items():
        count = Counter(sheet.values())
        report[name] = {verdict: count[verdict] for verdict in VERDICTS}
        if sheet:
            report[name]["good_share"] = round(count["good"] / len(sheet), 3)
            report[name]["good_or_acceptable_share"] = round(1 - count["bad"] / len(sheet), 3)
    for one, other in itertools.combinations(sheets, 2):
        report[f"{one} and {other}"] = agreement(sheets[one], sheets[other])
    return report


def agreement(one: Mapping[Any, str], other: Mapping[Any, str]) -> dict[str, Any]:
    both = sorted(one.keys() & other.keys())
    if not both:
        return {"judged_by_both": 0}
    first, second = [one[key] for key in both], [other[key] for key in both]
    kappa = partial(cohen_kappa_score, first, second, labels=VERDICTS)
    return {
        "judged_by_both": len(both),
        "agreement": round(float(np.mean([a == b for a, b in zip(first, second, strict=True)])), 3),
        "kappa": round(float(kappa()), 3),
        "kappa_weighted": round(float(kappa(weights="linear")), 3),
    }


if __name__ == "__main__":
    main()

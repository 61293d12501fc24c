"""Learn where relevance ends: the numbers of ``broadsheet.rank.relevance`` and of ``bench/relevance.toml``.

    python scripts/calibrate_relevance.py DATA CACHE > bench/relevance.toml

DATA holds the collections scifact, npl_vaswani, cacm and acm_cr (see ``broadsheet.evaluate.collections``).
CACHE keeps vectors between runs. Models are printed on standard error, to be copied. Recipe:

1. Every query is searched as readers search, by words and the fast encoder and again by words and the better
   one; each of the first 50 hits gives its evidence (``relevance.evidence``) and whether it was judged right.
   acm_cr, a hundred thousand papers, is searched with the fast encoder alone.
2. A logistic model is fitted on the tuning queries: 400 of SciFact's training claims, every second query of
   npl_vaswani, and acm_cr's first half. To learn what "nothing here answers" looks like, SciFact's claims
   are also asked of npl_vaswani's papers and the other way round; nothing there is right. Each collection
   counts the same, the two strangers together as one.
3. The threshold is the one with the best mean F2 on the tuning queries, collections and strangers counting the
   same. For a query with right papers among its hits this is F2 of what stands above the line; for a stranger,
   1 where the line is at the top, else 0. F2, since a right paper below the line is the greater
   loss, and because most right papers were never judged: a claim has one or two right papers on record.
4. Everything else (SciFact's test claims, the other halves, cacm, other strangers) is only looked at.
"""

from __future__ import annotations

import functools
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadsheet import wiring
from broadsheet.evaluate import collections, indexed
from broadsheet.evaluate.collections import Collection, Query
from broadsheet.index.contract import Encoder, Snapshot
from broadsheet.index.encode.minilm import MiniLM
from broadsheet.index.encode.static import StaticEncoder
from broadsheet.model import Derived
from broadsheet.rank import matches, query, relevance, search
from broadsheet.rank.mending import mend
from broadsheet.text import markup
from broadsheet.text.derive import derive

DEPTH = 50
CLAIMS, STRANGERS = 400, 100
BETA = 2.0
TODAY = date(2026, 3, 31)
WORDS = "words"
TUNED = {
    "scifact/train",
    "npl_vaswani/even",
    "acm_cr/first",
    "scifact on npl_vaswani",
    "npl_vaswani on scifact",
}

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """One query's hits, best first: evidence and whether each is right. ``stranger``: none can be."""

    passage: Floats
    cosine: Floats
    right: NDArray[np.bool_]
    stranger: bool


Sets = dict[str, list[Asked]]


class Searched:
    """One collection in an index, searched as readers search."""

    def __init__(self, snapshot: Snapshot, collection: Collection, fast: Encoder) -> None:
        self._snapshot = snapshot
        self._collection = collection
        self._fast = fast
        records = list(indexed.records_of(collection))
        self._numbers = {record.id: number for number, record in enumerate(records)}

        @functools.cache
        def read(number: int) -> tuple[str, str, Derived]:
            record = records[number]
            title = markup.parse(record.title, title=True).plain
            return title, markup.parse(record.abstract).plain, derive(record)

        self._read = read

    def ask(self, asked: Query, grades: Mapping[str, int] | None, *, better: Encoder | None) -> Asked:
        """The evidence of a query's hits; ``grades`` None: a stranger."""
        snapshot = self._snapshot
        parsed = mend(query.parse(asked.text, today=TODAY), snapshot)
        ranked = search.search(snapshot, parsed, fast=self._fast, better=better, k=DEPTH)
        sought = matches.sought(
            ranked.words,
            analyse=snapshot.analyse,
            frequencies=snapshot.frequencies,
            papers=snapshot.generation.papers,
            suggest=snapshot.suggestion,
        )
        encoder, vector = (better, ranked.better_vector) if better else (self._fast, ranked.vector)
        ids = [hit.id for hit in ranked.hits]
        known, vectors = snapshot.vectors_of(ids, encoder=encoder.name)
        cosines = dict(zip(known, vectors @ vector, strict=True)) if known and vector is not None else {}
        passages, nearness, right = [], [], []
        for id in ids:
            title, abstract, derived = self._read(self._numbers[id])
            found = matches.find(
                sought,
                title=title,
                abstract=abstract,
                analyse=snapshot.analyse,
                acronyms=derived.acronyms,
            )
            told = relevance.evidence(sought, found, derived.sentences, cosine=float(cosines.get(id, 0.0)))
            document = self._collection.documents[self._numbers[id]].id
            if document == asked.paper:
                continue
            passages.append(told.passage)
            nearness.append(told.cosine or 0.0)
            right.append(grades is not None and grades.get(document, 0) > 0)
        return Asked(np.array(passages), np.array(nearness), np.array(right, dtype=bool), grades is None)


def searched(data: Path, cache: Path) -> dict[str, Sets]:
    """Every set of queries, by the kind of encoder whose cosines it has and its name."""
    fast, better = StaticEncoder(), MiniLM(threads=2)
    train = collections.load(data / "scifact", split="train").queries
    claims = random.Random(1).sample(train, CLAIMS)
    all: dict[str, Sets] = {fast.name: {}, better.name: {}}
    for name in ("scifact", "npl_vaswani", "cacm", "acm_cr"):
        collection = collections.load(data / name)
        sets: dict[str, tuple[Iterable[Query], Mapping[str, Mapping[str, int]] | None]] = {}
        own = collection.queries
        match name:
            case "scifact":
                training = collections.load(data / name, split="train")
                sets["scifact/train"] = claims, training.grades
                sets["scifact/test"] = own, collection.grades
                for other in ("npl_vaswani", "cacm"):
                    sets[f"{other} on scifact"] = collections.load(data / other).queries, None
            case "npl_vaswani":
                sets["npl_vaswani/even"] = own[::2], collection.grades
                sets["npl_vaswani/odd"] = own[1::2], collection.grades
            case "acm_cr":
                sets["acm_cr/first"] = own[: len(own) // 2], collection.grades
                sets["acm_cr/second"] = own[len(own) // 2 :], collection.grades
            case _:
                sets[name] = own, collection.grades
        if name in {"npl_vaswani", "cacm"}:
            sets[f"scifact on {name}"] = train[:STRANGERS], None
        slow = None if name == "acm_cr" else better
        encoders: list[Encoder] = [fast, *([slow] if slow else [])]
        with wiring.collection_snapshot(collection, encoders, cache=cache) as snapshot:
            index = Searched(snapshot, collection, fast)
            for encoder in (None, *([slow] if slow else [])):
                for each, (queries, grades) in sets.items():
                    all[encoder.name if encoder else fast.name][each] = [
                        index.ask(q, None if grades is None else grades[q.id], better=encoder)
                        for q in queries
                    ]
        print(f"searched {name}", file=sys.stderr, flush=True)
    return all


def fitted(sets: Sets, *, cosine: bool) -> Floats:
    """Constant and coefficients of the logistic model, by Newton's method with a breath of ridge."""
    xs, ys, ws = [], [], []
    for name, asked in sets.items():
        if name in TUNED:
            rows = np.concatenate([_features(each, cosine=cosine) for each in asked])
            xs.append(rows)
            ys.append(np.concatenate([each.right for each in asked]).astype(float))
            ws.append(np.full(len(rows), (0.5 if asked[0].stranger else 1.0) * 5000 / len(rows)))
    x, y, w = np.concatenate(xs), np.concatenate(ys), np.concatenate(ws)
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ beta))
        hessian = (x * (w * p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(len(beta))
        beta += np.linalg.solve(hessian, x.T @ (w * (y - p)) - 1e-3 * beta)
    return np.round(beta, 2)


def tuned(sets: Sets, beta: Floats, *, cosine: bool) -> relevance.Model:
    """The model with the threshold that is best on the tuning queries."""
    best = (-1.0, 0.0)
    for threshold in np.round(np.arange(0.02, 0.5, 0.01), 2):
        model = relevance.Model(beta[0], beta[1], beta[2] if cosine else 0.0, float(threshold))
        worth = {
            name: np.mean([v for q in asked if (v := _worth(q, model)) is not None])
            for name, asked in sets.items()
        }
        strangers = [worth[name] for name in worth if name in TUNED and sets[name][0].stranger]
        others = [worth[name] for name in worth if name in TUNED and not sets[name][0].stranger]
        best = max(best, (float(np.mean([*others, np.mean(strangers)])), -float(threshold)))
    return relevance.Model(float(beta[0]), float(beta[1]), float(beta[2]) if cosine else 0.0, -best[1])


def reported(name: str, asked: Sequence[Asked], model: relevance.Model, encoder: str) -> str:
    """One set's figures, as TOML: of queries without the right papers in print, only where the line is."""
    cuts = np.array([_above(each, model) for each in asked])
    pairs = list(zip(cuts, asked, strict=True))
    figures = {
        "median_above": float(np.median(cuts)),
        "line_at_top": float(np.mean(cuts == 0)),
        "no_line": float(np.mean([cut >= len(each.right) for cut, each in pairs])),
    }
    if not asked[0].stranger:
        above = np.concatenate([each.right[:cut] for cut, each in pairs])
        below = np.concatenate([each.right[cut:] for cut, each in pairs])
        found = [(each.right[:cut].sum(), each.right.sum()) for cut, each in pairs]
        figures["precision_above"] = float(above.mean()) if len(above) else 0.0
        figures["precision_below"] = float(below.mean()) if len(below) else 0.0
        figures["found_above"] = float(np.mean([some / all for some, all in found if all]))
    head = f'[[figure]]\ncollection = "{name}"\nencoder = "{encoder}"\nsearch = "line"\n'
    return "\n".join(f'{head}metric = "{key}"\nvalue = {round(value, 3)}\n' for key, value in figures.items())


def main(data: Path, cache: Path) -> None:
    """Search, fit, and print."""
    by_encoder = searched(data, cache)
    fast = StaticEncoder.name
    print(
        "# Where relevance ends: of the first 50 hits, what stands above the line and what below; said, not checked."
    )
    print(
        "# Queries that the models were not tuned on. `python scripts/calibrate_relevance.py DATA CACHE` makes it,"
    )
    print(
        "# and says how the sets were chosen; \"a on b\" are a's queries asked of b's papers, where nothing is right.\n"
    )
    for encoder, sets in ((WORDS, by_encoder[fast]), *by_encoder.items()):
        cosine = encoder != WORDS
        model = tuned(sets, fitted(sets, cosine=cosine), cosine=cosine)
        print(f"{encoder}: {model}", file=sys.stderr)
        for name, asked in sets.items():
            text = reported(name, asked, model, encoder)
            print(text, file=sys.stderr if name in TUNED else sys.stdout)


def _features(asked: Asked, *, cosine: bool) -> Floats:
    columns = [np.ones(len(asked.right)), asked.passage, *([asked.cosine] if cosine else [])]
    return np.stack(columns, axis=1)


def _above(asked: Asked, model: relevance.Model) -> int:
    told = (relevance.Evidence(float(p), float(c)) for p, c in zip(asked.passage, asked.cosine, strict=True))
    above = relevance.line(model.probability(each) >= model.threshold for each in told)
    return len(asked.right) if above is None else above


def _worth(asked: Asked, model: relevance.Model) -> float | None:
    """F2 of what is above the line; None where nothing right was found, of which no line can tell."""
    above, right = _above(asked, model), int(asked.right.sum())
    if asked.stranger:
        return float(above == 0)
    if not right:
        return None
    return (1 + BETA**2) * float(asked.right[:above].sum()) / (above + BETA**2 * right)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""How well papers are recommended: readers with a library, candidates, and what they kept of them.

A set is a folder with

- ``corpus.jsonl``: ``_id``, ``title``, ``text``; ``announced`` (a day) where known;
- ``readers.jsonl``: ``reader``, ``library`` (ids), ``relevant`` (ids with grades), and where given ``negatives``
  (ids turned down) and ``candidates`` (ids; without them all papers but the library's).

Each may be gzipped. Papers of a reader's library are never candidates of that reader. All that methods are told of
the rest of the corpus is a *background*: documents that are nobody's candidates, or all where these are few. Ours is
also told the libraries of all readers, from which it learns how much meaning counts, as a site would; never what is relevant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.evaluate.collections import Collection, Document, Query, load_documents, rows
from broadsheet.evaluate.metrics import ordered, weighted_tau
from broadsheet.evaluate.retrieval import Report, judge
from broadsheet.index.contract import Vectors
from broadsheet.rank.recommend import Act, Bags, Mark, Points, Profile, Settings, Space, settings_from
from broadsheet.rank.recommend.bags import located, owners

METRICS: Final = ("ndcg@20", "recall@20", "recall@100", "mrr")

_DEPTH: Final = 1000  # of the rankings that are kept
_BACKGROUND: Final = 20_000  # documents at most that words are counted in
_ENOUGH: Final = 1000  # documents that are nobody's candidates make a background
_CHUNK: Final = 4000  # documents turned into points at a time

Encode = Callable[[Sequence[str]], Vectors]
Scorer = Callable[["Reader", Points, Points, Points], NDArray[np.float32]]  # library, negatives, candidates


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader; ``candidates`` None are all documents but the library's and the negatives."""

    id: str
    library: tuple[str, ...]
    negatives: tuple[str, ...]
    candidates: tuple[str, ...] | None
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReaderSet:
    """Documents, and readers who have something to find; ``libraries`` are those of all readers, uncut."""

    name: str
    documents: tuple[Document, ...]
    readers: tuple[Reader, ...]
    libraries: tuple[tuple[str, ...], ...] = ()

    def judged(self) -> Collection:
        """The readers as queries of a collection, so that rankings are judged, written and read as any other."""
        queries = tuple(Query(reader.id, "") for reader in self.readers)
        return Collection(self.name, (), queries, {reader.id: reader.grades for reader in self.readers})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecommendReport:
    """Rankings judged, and the weighted tau of each reader whose relevant papers have several grades."""

    report: Report
    tau: Mapping[str, float]


def load(folder: Path) -> ReaderSet:
    """The set in a folder; readers without a relevant document of the corpus are left out.

    Ids that the corpus does not have are passed over. Raises InputError, with file and line.
    """
    documents = load_documents(folder)
    known = {document.id for document in documents}
    readers: dict[str, Reader] = {}
    for row, where in rows(folder / "readers.jsonl"):
        reader = _reader(row, where, known)
        if reader.id in readers:
            raise InputError(f"{where}: a second reader {reader.id!r}")
        readers[reader.id] = reader
    chosen = tuple(reader for reader in readers.values() if any(g > 0 for g in reader.grades.values()))
    if not chosen:
        raise InputError(f"{folder}: no reader has a relevant document of the corpus")
    libraries = tuple(reader.library for reader in readers.values())
    return ReaderSet(folder.resolve().name, documents, chosen, libraries)


def cut(readers: ReaderSet, size: int) -> ReaderSet:
    """The set with libraries of at most so many papers, taken by hash: the same in every run."""
    shorter = []
    for reader in readers.readers:
        order = {id: _hash(f"{reader.id} {id}") for id in reader.library}
        shorter.append(replace(reader, library=tuple(sorted(order, key=order.__getitem__)[:size])))
    return replace(readers, readers=tuple(shorter))


def sampled(readers: ReaderSet, count: int) -> ReaderSet:
    """The set with at most so many readers, taken by hash."""
    chosen = sorted(readers.readers, key=lambda r: _hash(r.id))[:count]
    return replace(readers, readers=tuple(sorted(chosen, key=lambda r: r.id)))


class Stage:
    """A set made ready: the space, and the points of every document. Makes lists, whoever scores them."""

    def __init__(
        self, readers: ReaderSet, encode: Encode, *, progress: Callable[[int, int], None] | None = None
    ) -> None:
        self.readers = readers
        self._told: Settings | None = None
        documents = readers.documents
        self._at = {document.id: n for n, document in enumerate(documents)}
        texts = [text_of(document) for document in documents]
        vectors, bags = [], []
        for start in range(0, len(texts), _CHUNK):
            vectors.append(encode(texts[start : start + _CHUNK]))
            bags.append(Bags.of(texts[start : start + _CHUNK]))
            if progress:
                progress(min(start + _CHUNK, len(texts)), len(texts))
        self.vectors = np.concatenate(vectors)
        chosen = self.background()
        ids = [document.id for document in documents]
        everything = Bags.stacked(bags)
        self.space = Space.fitted([ids[n] for n in chosen], everything.take(chosen), self.vectors[chosen])
        self.points = Points.stacked(
            [
                self.space.place(ids[n : n + _CHUNK], bag, self.vectors[n : n + _CHUNK])
                for n, bag in zip(range(0, len(ids), _CHUNK), bags, strict=True)
            ]
        )

    def background(self) -> NDArray[np.int64]:
        """The rows of documents that methods may learn from besides a reader's own, evenly spread."""
        free = np.ones(len(self.readers.documents), dtype=bool)
        lists = {reader.candidates for reader in self.readers.readers}
        for candidates in lists:
            free[self.rows(candidates or ())] = False
        if None in lists or free.sum() < min(_ENOUGH, len(free) / 4):
            free[:] = True
        found = np.flatnonzero(free)
        places = np.linspace(0, len(found) - 1, min(_BACKGROUND, len(found))).astype(np.int64)
        even: NDArray[np.int64] = found[np.unique(places)]
        return even

    def rows(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of documents."""
        return np.array([self._at[id] for id in ids], dtype=np.int64)

    def candidates(self, reader: Reader) -> NDArray[np.int64]:
        """The rows of what a reader is offered."""
        own = {*reader.library, *reader.negatives}
        offered = (d.id for d in self.readers.documents) if reader.candidates is None else reader.candidates
        return self.rows([id for id in offered if id not in own])

    def evaluate(
        self, scorer: Scorer, *, name: str, progress: Callable[[int, int], None] | None = None
    ) -> RecommendReport:
        """Every reader's candidates in the order of a scorer, judged; ties by id."""
        found = {}
        taus = {}
        last: tuple[bytes, Points] | None = None
        for done, reader in enumerate(self.readers.readers, start=1):
            rows = self.candidates(reader)
            if last is None or last[0] != rows.tobytes():  # readers often share their candidates
                last = rows.tobytes(), self.points.take(rows)
            offered = last[1]
            kept, hidden = (self.points.take(self.rows(ids)) for ids in (reader.library, reader.negatives))
            scored = dict(zip(offered.ids, scorer(reader, kept, hidden, offered).tolist(), strict=True))
            found[reader.id] = [(id, scored[id]) for id in ordered(scored.items())[:_DEPTH]]
            if len(set(reader.grades.values())) > 1:
                judged = [id for id in reader.grades if id in scored]
                taus[reader.id] = weighted_tau(
                    [scored[id] for id in judged], [reader.grades[id] for id in judged]
                )
            if progress:
                progress(done, len(self.readers.readers))
        report = judge(self.readers.judged(), found, name=name, metrics=METRICS)
        return RecommendReport(report=report, tau=taus)

    def told(self) -> Settings:
        """The settings that the libraries of all readers tell; worked out once."""
        if self._told is None:
            libraries = [self.points.take(self.rows(ids)) for ids in self.readers.libraries]
            self._told = settings_from(self.space, libraries)
        return self._told

    def profile(self, settings: Settings | None = None) -> Scorer:
        """The product's way: a profile of the library and the negatives, at the time of the latest of them.

        Without settings, the shares of words and meaning are those that the set's libraries tell.
        """
        chosen = settings or self.told()
        days = {document.id: document.announced for document in self.readers.documents}

        def at(id: str) -> datetime | None:
            day = days[id]
            return datetime.combine(day, time(), UTC) if day else None

        def score(_: Reader, kept: Points, hidden: Points, offered: Points) -> NDArray[np.float32]:
            marks = {id: Mark(Act.SAVED, at(id)) for id in kept.ids}
            marks |= {id: Mark(Act.HIDDEN, at(id)) for id in hidden.ids}
            now = max((mark.at for mark in marks.values() if mark.at), default=None)
            marked = Points.stacked([kept, hidden])
            profile = Profile.fitted(self.space, marked, marks, now=now, settings=chosen)
            return profile.score(offered)

        return score

    def centroid(self) -> Scorer:
        """Cosine with the mean of the library's vectors, as the encoder makes them."""

        def score(_: Reader, kept: Points, __: Points, offered: Points) -> NDArray[np.float32]:
            mean = self.vectors[self.rows(kept.ids)].sum(axis=0)
            scores: NDArray[np.float32] = self.vectors[self.rows(offered.ids)] @ mean
            return scores

        return score

    def words(self) -> Scorer:
        """Inner product with the mean of the library's terms by tf·idf."""

        def score(_: Reader, kept: Points, __: Points, offered: Points) -> NDArray[np.float32]:
            terms, places = np.unique(kept.terms, return_inverse=True)
            mean = np.bincount(places, weights=kept.weights, minlength=len(terms))
            rows, at = located(terms, offered.terms)
            papers = owners(offered.starts)[rows]
            scores = np.bincount(papers, weights=mean[at] * offered.weights[rows], minlength=len(offered))
            return scores.astype(np.float32)

        return score


def text_of(document: Document) -> str:
    """What is read of a document."""
    return f"{document.title}\n{document.text}".strip()


def _reader(row: Mapping[str, Any], where: str, known: set[str]) -> Reader:
    def ids(key: str) -> tuple[str, ...]:
        value = row.get(key) or []
        if not isinstance(value, list) or not all(isinstance(id, str | int) for id in value):
            raise InputError(f"{where}: expected a list of ids as {key!r}, got {str(value)[:60]}")
        return tuple(id for id in dict.fromkeys(map(str, value)) if id in known)

    name, relevant = row.get("reader"), row.get("relevant")
    if not isinstance(name, str | int) or name == "":
        raise InputError(f"{where}: expected the id of a 'reader', got {name!r}")
    if not isinstance(relevant, dict) or not all(isinstance(g, int) for g in relevant.values()):
        raise InputError(f"{where}: expected 'relevant' to give ids their grades, got {str(relevant)[:60]}")
    candidates = None if row.get("candidates") is None else ids("candidates")
    grades = {id: grade for id, grade in relevant.items() if id in known}
    return Reader(str(name), ids("library"), ids("negatives"), candidates, grades)


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()

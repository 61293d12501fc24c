"""Changes an index on Milvus and publishes generations. Knows the store by its identity only."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Final, Self

import numpy as np

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Generation, Vectors
from broadsheet.index.files import WAY_OUT
from broadsheet.index.lock import Guard
from broadsheet.index.milvus import generations
from broadsheet.index.milvus.collections import (
    DETAIL_FIELDS,
    PAPER_FIELDS,
    PARTS,
    TERM_FIELDS,
    create_details,
    create_papers,
    create_terms,
    digest_of,
    key_of,
    length_of,
    nothing,
    parts_of,
    row_of,
    slots_of,
    terms_of,
)
from broadsheet.index.milvus.engine import Clock, Engine, Row, all_of, any_held, one_of, without
from broadsheet.index.milvus.generations import Now
from broadsheet.index.milvus.newest import newest
from broadsheet.index.milvus.versions import FOREVER, Versions, at
from broadsheet.index.papers import to_key
from broadsheet.model import Paper

# Rows kept back before they are written, so that words, vectors and details of a batch make one row.
_BACK: Final = 2000
# Terms counted anew at a time.
_COUNTED: Final = 5000
# Bytes of details in one row; in letters they are a third more.
_PIECE: Final = 48_000

# What a row says of its paper, vectors apart.
_SAID: Final = tuple(field for field in PAPER_FIELDS if field != "made")


class MilvusWriter:
    """The one writer of a ``MilvusIndex``; see ``contract.Writer``. For one thread.

    After an exception it is good for nothing but ``close``.
    """

    def __init__(
        self,
        engine: Engine,
        lock: Guard,
        *,
        store: str,
        encoders: Mapping[str, int],
        keep: float,
        clock: Clock,
        published: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._lock = lock
        self._keep = keep
        self._clock = clock
        self._tell = published
        self._standing, self._base = _beginning(engine, store, encoders)
        self._slots = slots_of(encoders)
        papers, terms, details = generations.names(engine, self._base.epoch)
        vectors = [slot.field for slot in self._slots.values()]
        self._papers = Versions(engine, papers, (*PAPER_FIELDS, *vectors))
        self._terms = Versions(engine, terms, TERM_FIELDS)
        self._details = Versions(engine, details, DETAIL_FIELDS)
        self._all = (self._papers, self._terms, self._details)
        if self._standing is not None and self._standing.epoch == self._base.epoch:
            for versions in self._all:
                versions.undo(after=self._base.number)
        else:
            create_papers(engine, papers, self._slots.values())
            create_terms(engine, terms)
            create_details(engine, details)
        self._encoders = set(self._base.encoders)
        self._detailed = set(self._base.details)
        self._rows: dict[str, Row] = {}
        self._gone: set[str] = set()
        self._bytes: dict[tuple[str, str], bytes] = {}
        self._counted: Counter[str] = Counter()
        self._lengths: Counter[str] = Counter(self._base.lengths)
        self._changed = not self._base.number

    @property
    def seq(self) -> int:
        """The change-log number of the newest generation; 0 where there is none."""
        return self._base.seq

    def lacking(self, papers: Sequence[Paper], *, name: str) -> tuple[Paper, ...]:
        """Those papers whose present text has no vector, or no details, of this name yet."""
        if name not in self._encoders | self._detailed:
            return tuple(papers)
        keys = [key_of(paper) for paper in papers]
        known = self._papers.latest(keys, ("digest", "made"))

        def has(paper: Paper, key: str) -> bool:
            rows = (self._rows.get(key), known.get(key))
            return any(row and row["digest"] == digest_of(paper) and name in row["made"] for row in rows)

        return tuple(paper for paper, key in zip(papers, keys, strict=True) if not has(paper, key))

    def pending(self, *, name: str, limit: int) -> tuple[PaperId, ...]:
        """Papers that lack a vector, or details, of this name, newest first."""
        self._flush()
        where = f"until == {FOREVER}"
        if name in self._encoders | self._detailed:
            where = all_of([where, without(any_held("made", [name]))])
        papers = self._papers.collection
        return newest(
            lambda more: self._engine.count(papers, all_of([where, more])),
            lambda more: self._engine.rows(papers, all_of([where, more]), ("key", "day")),
            k=limit,
        )

    def put(self, papers: Sequence[Paper], gone: Iterable[PaperId] = ()) -> None:
        """Put papers in, replacing their former states, and take others out."""
        for paper in papers:
            key = key_of(paper)
            row = row_of(paper, self._slots.values())
            if (waiting := self._rows.get(key)) is not None:
                self._carry(waiting, row)
            self._rows[key] = row
            self._gone.discard(key)
        for id in gone:
            key = to_key(id).decode()
            self._rows.pop(key, None)
            self._gone.add(key)
        if len(self._rows) + len(self._gone) >= _BACK:
            self._flush()

    def put_vectors(self, papers: Sequence[Paper], vectors: Vectors, *, encoder: str) -> None:
        """Put in the vectors of these papers' present texts; papers that are not in are left out."""
        slot = self._slots.get(encoder)
        if slot is None:
            raise SearchError(
                f"the index has room for vectors of {', '.join(self._slots) or 'no encoder'}, not of {encoder}"
            )
        if vectors.shape != (len(papers), slot.dim):
            raise SearchError(
                f"got vectors of shape {vectors.shape}, expected {(len(papers), slot.dim)} of {encoder}"
            )
        self._encoders.add(encoder)
        self._changed = True
        exact = np.asarray(vectors, dtype=np.float32)
        for place, row in self._present(papers):
            row[slot.field] = exact[place]
            row["made"] = sorted({*row["made"], encoder})

    def put_details(self, papers: Sequence[Paper], details: Sequence[bytes], *, name: str) -> None:
        """Put in what was made of these papers' present texts; papers that are not in are left out."""
        if len(details) != len(papers):
            raise SearchError(f"got {len(details)} details for {len(papers)} papers")
        self._detailed.add(name)
        self._changed = True
        for place, row in self._present(papers):
            row["made"] = sorted({*row["made"], name})
            self._bytes[name, key_of(papers[place])] = details[place]

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the vectors of all other encoders, and all other details.

        Nobody is given them any more; their space comes back when the index is made anew.
        """
        kept = (self._encoders & set(names), self._detailed & set(names))
        self._changed = self._changed or kept != (self._encoders, self._detailed)
        self._encoders, self._detailed = kept

    def publish(self, *, seq: int) -> Generation:
        """Make all that was put in visible as a new generation standing at ``seq``; durable when it returns."""
        self._check_place()
        self._flush()
        if not self._changed and seq == self._base.seq:
            return self._base.generation()
        number, now = self._number, self._clock()
        if self._changed:
            self._count_terms()
            for versions in self._all:
                self._engine.settle(versions.collection)
        papers = self._papers.collection

        def having(name: str) -> int:
            return self._engine.count(papers, all_of([at(number), any_held("made", [name])]))

        newest = replace(
            self._base,
            number=number,
            seq=seq,
            papers=self._engine.count(papers, at(number)),
            encoders={name: having(name) for name in sorted(self._encoders)},
            details={name: having(name) for name in sorted(self._detailed)},
            lengths=dict(self._lengths),
            began=self._base.began or now,
        )
        newest = self._base.after(newest, at=now, keep=self._keep)
        let_go = newest.former if now - newest.began > self._keep else 0
        if let_go:
            newest = replace(newest, former=0)
        generations.write(self._engine, newest)
        self._standing = self._base = newest
        self._changed = False
        self._tell()
        for versions in self._all:
            versions.sweep(before=newest.oldest)
        if let_go:
            _drop(self._engine, let_go)
        return newest.generation()

    def check(self, *, whole: bool = False) -> None:
        """Raise StaleIndexError where what was published is no longer there."""
        self._check_place()
        if not self._base.number:
            return
        if whole:
            verify(self._engine, self._base)

    def settle(self) -> Generation | None:
        """Nothing: the engine merges by itself."""
        return None

    def close(self) -> None:
        """Drop what was not published and release the lock."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _number(self) -> int:
        return self._base.number + 1

    def _check_place(self) -> None:
        if not self._lock.is_held():
            raise StaleIndexError("the right to write the search index was lost while it was written")
        standing = self._standing
        try:
            now = generations.read(self._engine)
        except StaleIndexError:
            if standing is None:
                return
            raise
        if standing is None or (now.epoch, now.number) != (standing.epoch, standing.number):
            raise StaleIndexError(
                f"somebody else published generation {now.number} of the search index on "
                f"{self._engine.address}; expected {standing.number if standing else 'none'}"
            )

    def _present(self, papers: Sequence[Paper]) -> Iterator[tuple[int, Row]]:
        """The rows of papers that are in with just this text, each with its place; they will be written."""
        keys = [key_of(paper) for paper in papers]
        missing = [key for key in keys if key not in self._rows and key not in self._gone]
        if missing:
            known = self._papers.latest(missing)
            self._rows |= {key: _bare(row) for key, row in known.items()}
        for place, (paper, key) in enumerate(zip(papers, keys, strict=True)):
            row = self._rows.get(key)
            if row is not None and row["digest"] == digest_of(paper):
                yield place, row

    def _carry(self, former: Row, row: Row) -> None:
        """Take over what was made of the same text."""
        if former["digest"] == row["digest"]:
            for name in set(former["made"]) - set(row["made"]):
                if (slot := self._slots.get(name)) is not None:
                    row[slot.field] = former[slot.field]
            row["made"] = sorted({*row["made"], *former["made"]})

    # -- writing

    def _flush(self) -> None:
        """Write what waits, for the generation to come."""
        rows, gone, number = self._rows, self._gone, self._number
        if not (rows or gone or self._bytes):
            return
        if (
            not self._lock.is_held()
        ):  # what is written now would appear with whatever another writer publishes next
            raise StaleIndexError("the right to write the search index was lost while it was written")
        known = self._papers.latest([*rows, *gone])
        for key, former in known.items():
            if key in rows:
                self._carry(former, rows[key])
        fresh = {key: row for key, row in rows.items() if not _same(row, known.get(key))}
        ended = {key: row for key, row in known.items() if key in gone or key in fresh}
        for row in fresh.values():
            self._enter(row, 1)
        for row in ended.values():
            self._enter(row, -1)
        if fresh or ended:
            self._changed = True
            self._papers.replace(fresh, ended.values(), number=number)
        changed = [k for k, row in ended.items() if k in gone or row["digest"] != fresh[k]["digest"]]
        self._write_details(changed)
        self._rows, self._gone, self._bytes = {}, set(), {}

    def _enter(self, row: Row, sign: int) -> None:
        """Count a row's words and terms in, or out."""
        for term in terms_of(row):
            self._counted[term] += sign
        stems = parts_of(row["words"])
        for part in PARTS:
            self._lengths[part] += sign * length_of(stems[part])

    def _write_details(self, changed: Sequence[str]) -> None:
        """Write the details that wait, and end those of texts that are no longer, or that are replaced."""
        fresh: dict[str, Row] = {}
        for (name, key), whole in self._bytes.items():
            pieces = [whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE)] or [b""]
            for part, piece in enumerate(pieces):
                fresh[f"{name} {key} {part}"] = {
                    "paper": key,
                    "part": part,
                    "parts": len(pieces),
                    "bytes": base64.b64encode(piece).decode(),
                    "none": nothing(),
                }
        ended = list(self._details.latest(list(fresh)).values()) if fresh else []
        for start in range(0, len(changed), _BACK):
            where = all_of([one_of("paper", changed[start : start + _BACK]), f"until == {FOREVER}"])
            fields = ("pk", "key", "since", "until", *DETAIL_FIELDS)
            rows = self._engine.rows(self._details.collection, where, fields)
            ended += [row for row in rows if row["key"] not in fresh]
        if fresh or ended:
            self._details.replace(fresh, ended, number=self._number)

    def _count_terms(self) -> None:
        """Write the new numbers of papers of the terms whose numbers changed."""
        deltas = [(term, delta) for term, delta in self._counted.items() if delta]
        for start in range(0, len(deltas), _COUNTED):
            some = dict(deltas[start : start + _COUNTED])
            former = self._terms.latest(list(some))
            counts = {
                term: delta + (int(former[term]["papers"]) if term in former else 0)
                for term, delta in some.items()
            }
            fresh: dict[str, Row] = {
                term: {"papers": count, "none": nothing()} for term, count in counts.items() if count > 0
            }
            self._terms.replace(fresh, former.values(), number=self._number)
        self._counted.clear()


def verify(engine: Engine, now: Now) -> None:
    """Raise StaleIndexError where a generation's rows are not as many as they were."""
    papers, terms, details = generations.names(engine, now.epoch)
    for name in (papers, terms, details):
        if not engine.exists(name):
            raise StaleIndexError(f"the search index lacks its collection {name}; {WAY_OUT}")
    expected = {"": now.papers, **now.encoders, **now.details}
    for name, count in expected.items():
        found = engine.count(papers, all_of([at(now.number), any_held("made", [name]) if name else ""]))
        if found != count:
            raise StaleIndexError(
                f"the search index has {found} papers{f' with {name}' if name else ''} in {papers}, "
                f"expected {count}; {WAY_OUT}"
            )


def delete(engine: Engine) -> None:
    """Take every collection of the index away."""
    generations.forget(engine)  # first: what it names goes next
    for name in engine.collections():
        if generations.epoch_of(engine, name):
            engine.drop(name)


def _beginning(engine: Engine, store: str, encoders: Mapping[str, int]) -> tuple[Now | None, Now]:
    """What readers have, and the generation to go on from: the same unless we begin anew."""
    epochs = {generations.epoch_of(engine, name) for name in engine.collections()} - {0}
    try:
        now = generations.read(engine)
    except StaleIndexError:
        for epoch in epochs:
            _drop(engine, epoch)
        return None, Now(store=store, epoch=max(epochs, default=0) + 1, slots=dict(encoders))
    for epoch in epochs - {now.epoch, now.former}:
        _drop(engine, epoch)
    if (now.store, dict(now.slots)) == (store, dict(encoders)) and _is_whole(engine, now):
        return now, now
    begun = Now(
        store=store,
        epoch=max(epochs, default=now.epoch) + 1,
        number=now.number,
        slots=dict(encoders),
        former=now.epoch,
    )
    return now, begun


def _is_whole(engine: Engine, now: Now) -> bool:
    try:
        verify(engine, now)
    except StaleIndexError:
        return False
    return True


def _drop(engine: Engine, epoch: int) -> None:
    for name in generations.names(engine, epoch):
        engine.drop(name)


def _bare(row: Row) -> Row:
    """A row without what its version is."""
    return {name: value for name, value in row.items() if name not in {"pk", "key", "since", "until"}}


def _same(row: Row, former: Row | None) -> bool:
    """Whether a row says what its former state said; vectors of one text and one encoder are the same."""
    if former is None or set(row["made"]) != set(former["made"]):
        return False
    return all(_plain(row[field]) == _plain(former[field]) for field in _SAID)


def _plain(value: object) -> object:
    """Lists compare in the engine's clothes too."""
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else value

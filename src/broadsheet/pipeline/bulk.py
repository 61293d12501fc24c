"""Index an archive with many encoders at once: parcels go out, vectors come back, one writer puts them in.

Encoding is nearly all of the work and needs nothing but texts, so it is spread over whatever ``Pool``
there is; store and index are touched by this process alone. Each batch of changes is put in once, in the
order of the change log, so every paper is in exactly once however often its parcel had to be made again;
what was published says where the next run goes on. Names no backend.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from broadsheet.errors import SearchError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Index, PieceEncoder, Vectors, Writer, text_of
from broadsheet.index.encode import pieces, sentences
from broadsheet.model import Paper
from broadsheet.pipeline.reindex import Progress, Report
from broadsheet.store.contract import Store

# Papers in a parcel: seconds of work for the better encoder, so that little is made again for a lost one.
PARCEL: Final = 64
# Papers, and seconds, after which what came back is published: what is not is made again by the next run.
_PUBLISH: Final = 20_000
_PUBLISH_EVERY: Final = 60.0
# Papers that lack something, asked for at a time.
_PENDING: Final = 4096


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be made of which papers, by name: an encoder's vectors, or details."""

    todo: tuple[tuple[str, tuple[Paper, ...]], ...]


# Of each entry of a parcel's ``todo``: vectors, or details.
Made = tuple[Vectors | list[bytes], ...]


class Pool(Protocol):
    """Whoever makes what parcels ask for."""

    def each(self, parcels: Iterable[Parcel]) -> Iterator[Made]:
        """What was made of each parcel, in their order. Parcels are taken a few ahead of what is given."""
        ...


@dataclass(frozen=True, slots=True)
class Encoders:
    """The encoders of an archive."""

    fast: Encoder
    better: Encoder | None

    def at_once(self) -> tuple[str, ...]:
        """What is made of a paper as it comes in."""
        return (self.fast.name, *([self.fast.pieces_name] if isinstance(self.fast, PieceEncoder) else []))

    def slowly(self, *, with_sentences: bool) -> tuple[str, ...]:
        """What is made besides."""
        if self.better is None:
            return ()
        return (self.better.name, *([sentences.name_of(self.better)] if with_sentences else []))

    def make(self, parcel: Parcel) -> Made:
        """What a parcel asks for. Raises SearchError for a name that is none of ours."""
        return tuple(self._make(name, papers) for name, papers in parcel.todo)

    def _make(self, name: str, papers: Sequence[Paper]) -> Vectors | list[bytes]:
        texts = [text_of(paper) for paper in papers]
        if isinstance(self.fast, PieceEncoder) and name == self.fast.pieces_name:
            return pieces.pack(self.fast.pieces(texts))
        if self.better is not None and name == sentences.name_of(self.better):
            return sentences.encode(self.better, papers)
        for encoder in (self.fast, self.better):
            if encoder is not None and name == encoder.name:
                return encoder.encode(texts)
        raise SearchError(f"a worker was asked for {name}, and has not such an encoder")


def build(
    store: Store,
    index: Index,
    *,
    encoders: Encoders,
    pool: Pool,
    with_sentences: bool = True,
    progress: Report | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Bring the index up to the store, then make all better vectors that it lacks, and return.

    Raises BusyError while another process writes the index, and whatever the pool raises.
    """
    with index.writer(store=store.identity()) as writer:
        _Build(store, writer, encoders, pool, with_sentences, progress or _silent, clock).run()


@dataclass(frozen=True, slots=True)
class _Batch:
    """Changes of the store up to a number, on their way."""

    seq: int
    papers: tuple[Paper, ...]
    gone: frozenset[PaperId]
    todo: tuple[tuple[str, tuple[Paper, ...]], ...]


class _Build:
    """One run with the writer in hand."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        encoders: Encoders,
        pool: Pool,
        with_sentences: bool,  # noqa: FBT001
        report: Report,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._writer = writer
        self._pool = pool
        self._report = report
        self._clock = clock
        self._slow = encoders.slowly(with_sentences=with_sentences)
        self._names = (*encoders.at_once(), *self._slow)
        self._vectors = {e.name for e in (encoders.fast, encoders.better) if e is not None}
        self._kept = (*encoders.at_once(), *encoders.slowly(with_sentences=True))
        self._seq = writer.seq
        self._published, self._since = clock(), 0

    def run(self) -> None:
        self._writer.keep_only(self._kept)
        self._catch_up()
        for name in self._slow:
            self._fill(name)
        self._writer.settle()

    def _catch_up(self) -> None:
        """Put in all that changed, with everything that is made of it."""
        start, begun = self._seq, self._clock()
        total = self._store.last_seq() - start
        flying: deque[_Batch] = deque()
        for made in self._pool.each(self._parcels(flying)):
            batch = flying.popleft()
            self._writer.put(batch.papers, batch.gone)
            self._put(batch.todo, made)
            self._seq = batch.seq
            self._publish_if_due(len(batch.papers))
            self._report(
                Progress(
                    stage="papers",
                    done=self._seq - start,
                    total=max(total, self._seq - start),
                    seconds=self._clock() - begun,
                )
            )
        self._publish()

    def _parcels(self, flying: deque[_Batch]) -> Iterator[Parcel]:
        seq = self._seq
        while changes := self._store.changes(seq, limit=PARCEL):
            seq = changes[-1].seq
            ids = [change.id for change in changes if not change.gone]
            known = self._store.get_many(ids)
            # An id that has since become another paper's alias, or nobody's, is gone; its own change follows.
            papers = tuple({paper.id: paper for id, paper in known.items() if paper.id == id}.values())
            gone = {change.id for change in changes} - {paper.id for paper in papers}
            todo = tuple(
                (name, lacking)
                for name in self._names
                if (lacking := self._writer.lacking(papers, name=name))
            )
            flying.append(_Batch(seq, papers, frozenset(gone), todo))
            yield Parcel(todo)

    def _fill(self, name: str) -> None:
        """Make what published papers lack, newest first."""
        begun, done = self._clock(), 0
        stage: Literal["better vectors", "sentence vectors"] = (
            "better vectors" if name in self._vectors else "sentence vectors"
        )
        while pending := self._writer.pending(name=name, limit=_PENDING):
            known = self._store.get_many(pending)
            papers = [known[id] for id in pending if id in known and known[id].id == id]
            # What the store does not have (any more) would be asked for again and again.
            self._writer.put((), set(pending) - {paper.id for paper in papers})
            parcels = [
                Parcel(((name, tuple(papers[start : start + PARCEL])),))
                for start in range(0, len(papers), PARCEL)
            ]
            for parcel, made in zip(parcels, self._pool.each(parcels), strict=True):
                self._put(parcel.todo, made)
                count = len(parcel.todo[0][1])
                done += count
                self._publish_if_due(count)
                self._report(Progress(stage=stage, done=done, total=done, seconds=self._clock() - begun))
        self._publish()

    def _put(self, todo: Sequence[tuple[str, Sequence[Paper]]], made: Made) -> None:
        for (name, papers), each in zip(todo, made, strict=True):
            if isinstance(each, list):
                self._writer.put_details(papers, each, name=name)
            else:
                self._writer.put_vectors(papers, each, encoder=name)

    def _publish_if_due(self, papers: int) -> None:
        self._since += papers
        if self._since >= _PUBLISH or self._clock() - self._published > _PUBLISH_EVERY:
            self._publish()

    def _publish(self) -> None:
        self._writer.publish(seq=self._seq)
        self._published, self._since = self._clock(), 0


def _silent(_: Progress) -> None:
    """Tell nobody."""

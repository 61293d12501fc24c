"""Keep the index up to the store: new papers at once, better vectors in the background. Names no backend.

The fast encoder's vectors and word pieces go in together with the words, so a paper is found by words
and by meaning a moment after it was taken in. The better encoder's vectors follow, and then those of
single sentences, newest papers first, in steps short enough that new papers never wait for them.
Every publication says how far it came, so whatever ends the work, the next run goes on from there.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import BusyError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Index, PieceEncoder, Writer, text_of
from broadsheet.index.encode import sentences
from broadsheet.index.encode.pieces import pack
from broadsheet.model import Paper
from broadsheet.store.contract import Listener, Store

# Changes read at a time, and seconds after which what was read is published in long work.
BATCH: Final = 500
_PUBLISH_EVERY: Final = 5.0

# Papers given to the better encoder between two looks at the store: about half a second's worth.
_STEP: Final = 8
_PENDING: Final = 256

# Seconds between two looks at whether what was published is still there; at its checksums, which take
# half a second for a hundred thousand papers.
_CHECK_EVERY: Final = 2.0
_VERIFY_EVERY: Final = 600.0

_NICENESS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the work is: changes of the store followed, or papers given vectors by the better encoder."""

    stage: Literal["papers", "better vectors", "sentence vectors"]
    done: int
    total: int
    seconds: float

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0


Report = Callable[[Progress], None]


def follow(
    store: Store,
    index: Index,
    *,
    fast: Encoder,
    better: Encoder | None = None,
    stop: threading.Event | None = None,
    progress: Report | None = None,
    once: bool = False,
    poll: float = 0.5,
) -> None:
    """Follow the store's changes until ``stop`` is set, or, ``once``, until nothing is left to do.

    A change is heard of as the store's listener says; ``poll`` is the time in seconds between two
    looks at ``stop`` and at whose turn it is to write. Raises BusyError where another process writes
    the index and ``once`` is asked; otherwise waits for its turn. Raises StaleIndexError where the
    index was taken away or proves damaged meanwhile: call it again, and it is made anew.
    """
    stop = stop or threading.Event()
    while not stop.is_set():
        try:
            writer = index.writer(store=store.identity())
        except BusyError:
            if once:
                raise
            stop.wait(poll)
            continue
        with writer, store.listen() as listener:
            if better is not None and not once:
                _be_gentle()
            follower = _Follower(
                store=store,
                listener=listener,
                writer=writer,
                fast=fast,
                better=better,
                stop=stop,
                report=progress or _silent,
            )
            follower.run(once=once, poll=poll)
        return


class _Follower:
    """One run with the writer in hand."""

    def __init__(
        self,
        *,
        store: Store,
        listener: Listener,
        writer: Writer,
        fast: Encoder,
        better: Encoder | None,
        stop: threading.Event,
        report: Report,
    ) -> None:
        self._store = store
        self._listener = listener
        self._writer = writer
        self._fast = fast
        self._better = better
        self._stop = stop
        self._report = report
        self._seq = writer.seq
        self._checked = self._verified = time.monotonic()

    def run(self, *, once: bool, poll: float) -> None:
        if self._better is not None:
            # Without a better encoder this run may just not be the one to make its vectors: keep them.
            better = (self._better.name, sentences.name_of(self._better))
            self._writer.keep_only([self._fast.name, *_pieces_names(self._fast), *better])
        self._catch_up(first=True)
        while not self._stop.is_set():
            self._check()
            if self._better is not None:
                self._improve(_better_vectors(self._better))
                self._improve(_sentence_vectors(self._better))
            if not self._behind():
                if once:
                    break
                self._listener.wait(self._seq, timeout=poll)
            self._catch_up()

    def _behind(self) -> bool:
        return self._store.last_seq() > self._seq

    def _check(self) -> None:
        """Raise StaleIndexError, now and then, where what was published was taken away or damaged."""
        now = time.monotonic()
        if now - self._checked >= _CHECK_EVERY:
            whole = now - self._verified >= _VERIFY_EVERY
            self._writer.check(whole=whole)
            self._checked = time.monotonic()
            self._verified = self._checked if whole else self._verified

    def _catch_up(self, *, first: bool = False) -> None:
        """Put in all that changed; publish at the end, in long work also on the way."""
        start, begun = self._seq, time.monotonic()
        published, taken = begun, 0
        while not self._stop.is_set() and (changes := self._store.changes(self._seq, limit=BATCH)):
            gone = {change.id for change in changes if change.gone}
            taken += self._take([c.id for c in changes if not c.gone], gone)
            self._seq = changes[-1].seq
            if time.monotonic() - published > _PUBLISH_EVERY:
                self._writer.publish(seq=self._seq)
                published = time.monotonic()
            total = max(self._store.last_seq(), self._seq) - start
            self._report(
                Progress(
                    stage="papers",
                    done=self._seq - start,
                    total=total,
                    seconds=time.monotonic() - begun,
                )
            )
        if first or self._seq > start:
            self._writer.publish(seq=self._seq)
        if taken > BATCH:
            self._writer.settle()

    def _take(self, ids: Sequence[PaperId], gone: set[PaperId]) -> int:
        """Put in the papers of a batch of changes with their fast vectors; how many."""
        known = self._store.get_many(ids)
        # An id that has since become another paper's alias, or nobody's, is gone; its own change follows.
        papers = list({paper.id: paper for id, paper in known.items() if paper.id == id}.values())
        gone |= set(ids) - {paper.id for paper in papers}
        self._writer.put(papers, gone - {paper.id for paper in papers})
        self._put_fast(papers)
        return len(papers)

    def _put_fast(self, papers: Sequence[Paper]) -> None:
        """Put in the fast vectors, and the word pieces where the encoder has such."""
        fast = self._fast
        if lacking := self._writer.lacking(papers, name=fast.name):
            texts = [text_of(paper) for paper in lacking]
            if isinstance(fast, PieceEncoder):
                vectors, pieces = fast.encode_with_pieces(texts)
                self._put_pieces(lacking, pieces, name=fast.pieces_name)
            else:
                vectors = fast.encode(texts)
            self._writer.put_vectors(lacking, vectors, encoder=fast.name)
        if isinstance(fast, PieceEncoder) and (
            # Papers whose vectors were kept from a former make.
            lacking := self._writer.lacking(papers, name=fast.pieces_name)
        ):
            pieces = fast.pieces([text_of(paper) for paper in lacking])
            self._put_pieces(lacking, pieces, name=fast.pieces_name)

    def _put_pieces(
        self, papers: Sequence[Paper], pieces: Sequence[NDArray[np.uint16]], *, name: str
    ) -> None:
        self._writer.put_details(papers, pack(pieces), name=name)

    def _improve(self, making: _Making) -> None:
        """Make what is lacking, newest papers first, until nothing is or the store has changed."""
        begun, done = time.monotonic(), 0
        published, unpublished = begun, False
        while not self._stop.is_set() and not self._behind():
            pending = self._writer.pending(name=making.name, limit=_PENDING)
            if not pending:
                break
            known = self._store.get_many(pending)
            missing = [id for id in pending if id not in known or known[id].id != id]
            # What the store does not have (any more) would be asked for again and again.
            self._writer.put((), missing)
            unpublished = unpublished or bool(missing)
            for papers in _steps([known[id] for id in pending if id not in missing]):
                if self._stop.is_set() or self._behind():
                    break
                self._check()
                making.put(self._writer, papers)
                done, unpublished = done + len(papers), True
                if time.monotonic() - published > _PUBLISH_EVERY:
                    self._publish_better(making, done, begun)
                    published, unpublished = time.monotonic(), False
        if unpublished:
            self._publish_better(making, done, begun)

    def _publish_better(self, making: _Making, done: int, begun: float) -> None:
        generation = self._writer.publish(seq=self._seq)
        made = {**generation.encoders, **generation.details}.get(making.name, 0)
        left = generation.papers - made
        self._report(
            Progress(stage=making.stage, done=done, total=done + left, seconds=time.monotonic() - begun)
        )


@dataclass(frozen=True, slots=True)
class _Making:
    """Something slow that is made of every paper in the background."""

    name: str
    stage: Literal["better vectors", "sentence vectors"]
    put: Callable[[Writer, Sequence[Paper]], None]


def _better_vectors(encoder: Encoder) -> _Making:
    def put(writer: Writer, papers: Sequence[Paper]) -> None:
        vectors = encoder.encode([text_of(paper) for paper in papers])
        writer.put_vectors(papers, vectors, encoder=encoder.name)

    return _Making(encoder.name, "better vectors", put)


def _sentence_vectors(encoder: Encoder) -> _Making:
    name = sentences.name_of(encoder)

    def put(writer: Writer, papers: Sequence[Paper]) -> None:
        writer.put_details(papers, sentences.encode(encoder, papers), name=name)

    return _Making(name, "sentence vectors", put)


def _pieces_names(encoder: Encoder) -> tuple[str, ...]:
    return (encoder.pieces_name,) if isinstance(encoder, PieceEncoder) else ()


def _steps(papers: Sequence[Paper]) -> list[Sequence[Paper]]:
    return [papers[start : start + _STEP] for start in range(0, len(papers), _STEP)]


def _be_gentle() -> None:
    """Let this thread yield to those that serve readers, where the system can tell threads apart."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _silent(_: Progress) -> None:
    """Tell nobody."""

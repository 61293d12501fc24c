"""Changes an index in a directory and publishes generations. Knows the store by its identity only."""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from broadsheet.errors import SearchError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index import fields, manifest, papers
from broadsheet.index.contract import Generation, Vectors, text_of
from broadsheet.index.details import DetailsWriter
from broadsheet.index.engine import panicked
from broadsheet.index.files import Sealed, load, reason, remove, save
from broadsheet.index.ledger import Ledger
from broadsheet.index.lock import Lock
from broadsheet.index.manifest import Manifest, PaperPart
from broadsheet.index.parts import first_to_merge
from broadsheet.index.vectors_writer import VectorsWriter
from broadsheet.index.words_writer import WORKING, WordsWriter
from broadsheet.model import Paper

LOCK: Final = "lock"

# Files carry the number of the generation that they came with.
_NUMBERED: Final = re.compile(r"(?:words|papers|(?:vectors|details)-[0-9a-f]{8})-(\d{8})\b.*")


class LocalWriter:
    """The one writer of a ``LocalIndex``; see ``contract.Writer``. For one thread.

    After an exception it is good for nothing but ``close``.
    """

    def __init__(
        self, directory: Path, lock: Lock, *, store: str, doubted: threading.Event | None = None
    ) -> None:
        self._directory = directory
        self._doubted = doubted or threading.Event()
        self._doubted.clear()  # what there is will be verified now
        self._lock = lock
        self._base, self._former = _beginning(directory, store)
        self._number = _last_number(directory)
        self._tables = [(part, load(directory, part.table)) for part in self._base.papers]
        self._ledger = Ledger(papers.Papers([table for _, table in self._tables]))
        if not self._base.words:
            self._ledger.take_out_all()
        self._vectors = {
            name: VectorsWriter(directory, name, dim=parts.dim, published=parts)
            for name, parts in self._base.encoders.items()
        }
        self._details = {
            name: DetailsWriter(directory, name, published=stated)
            for name, stated in self._base.details.items()
        }
        for vectors in self._vectors.values():
            vectors.mark(self._ledger)
        for details in self._details.values():
            details.mark(self._ledger)
        self._words = WordsWriter(directory, self._base.words)
        self._sweep()

    @property
    def seq(self) -> int:
        """The change-log number of the newest generation; 0 where there is none."""
        return self._base.seq

    def lacking(self, papers: Sequence[Paper], *, name: str) -> tuple[Paper, ...]:
        """Those papers whose present text has no vector, or no details, of this name yet."""
        ledger = self._ledger
        return tuple(p for p in papers if not ledger.has(name, ledger.ordinal(p.id), _digest(p)))

    def pending(self, *, name: str, limit: int) -> tuple[PaperId, ...]:
        """Papers that lack a vector, or details, of this name, newest first."""
        return self._ledger.lacking(name, limit=limit)

    def put(self, papers: Sequence[Paper], gone: Iterable[PaperId] = ()) -> None:
        """Put papers in, replacing their former states, and take others out."""
        former = [p.id for p in papers if self._ledger.is_here(p.id)]
        ordinals = [
            self._ledger.put(p.id, digest=_digest(p), day=fields.day_number(fields.day_of(p))) for p in papers
        ]
        leaving = [id for id in gone if self._ledger.is_here(id)]
        for id in leaving:
            self._ledger.take_out(id)
        with self._mapped():
            if papers:
                self._words.put(papers, ordinals, former)
            if leaving:
                self._words.take_out(leaving)

    def put_vectors(self, papers: Sequence[Paper], vectors: Vectors, *, encoder: str) -> None:
        """Put in the vectors of these papers' present texts; papers that are not in are left out."""
        if encoder not in self._vectors:
            self._vectors[encoder] = VectorsWriter(
                self._directory, encoder, dim=vectors.shape[1], published=None
            )
        rows = [n for n, paper in enumerate(papers) if self._ledger.is_here(paper.id)]
        ordinals = [self._ledger.ordinal(papers[n].id) for n in rows]
        digests = [_digest(papers[n]) for n in rows]
        self._vectors[encoder].add(ordinals, digests, vectors[rows])
        self._ledger.mark(encoder, ordinals, digests)

    def put_details(self, papers: Sequence[Paper], details: Sequence[bytes], *, name: str) -> None:
        """Put in what was made of these papers' present texts; papers that are not in are left out."""
        if len(details) != len(papers):
            raise SearchError(f"got {len(details)} details for {len(papers)} papers")
        if name not in self._details:
            self._details[name] = DetailsWriter(self._directory, name, published=None)
        rows = [n for n, paper in enumerate(papers) if self._ledger.is_here(paper.id)]
        ordinals = [self._ledger.ordinal(papers[n].id) for n in rows]
        digests = [_digest(papers[n]) for n in rows]
        self._details[name].add(ordinals, digests, [details[n] for n in rows])
        self._ledger.mark(name, ordinals, digests)

    def keep_only(self, names: Collection[str]) -> None:
        """Forget the vectors of all other encoders, and all other details."""
        for name in set(self._vectors) - set(names):
            del self._vectors[name]
        for name in set(self._details) - set(names):
            del self._details[name]

    def publish(self, *, seq: int) -> Generation:
        """Make all that was put in visible as a new generation standing at ``seq``; durable when it returns."""
        number = self._number + 1
        self._check_place()
        if self._base.number:  # what is merged now gets a new checksum, damage and all
            self._base = manifest.whole(self._directory, self._base, trusting=True)
        with self._mapped():
            newest = Manifest(
                number=number,
                seq=seq,
                store=self._base.store,
                count=len(self._ledger),
                words=self._words.publish(f"words-{number:08d}"),
                papers=self._publish_table(number),
                encoders={
                    name: vectors.publish(number, self._ledger) for name, vectors in self._vectors.items()
                },
                details={
                    name: details.publish(number, self._ledger) for name, details in self._details.items()
                },
            )
            if newest == replace(self._base, number=number):
                return self._base.generation()
            manifest.write(self._directory, newest)
            self._number = number
            self._former, self._base = self._base, newest
            self._sweep()
        return newest.generation()

    def check(self, *, whole: bool = False) -> None:
        """Raise StaleIndexError where what was published is no longer there or damaged."""
        self._check_place()
        if not self._base.number:
            return
        manifest.read(self._directory)
        trusting = not whole and not self._doubted.is_set()
        self._doubted.clear()
        self._base = manifest.whole(self._directory, self._base, trusting=trusting)

    def settle(self) -> Generation | None:
        """Finish the merging of parts that goes on in the background, and publish its result."""
        if not self._base.words:
            return None
        with self._mapped():
            self._words.settle()
        return self.publish(seq=self._base.seq)

    def close(self) -> None:
        """Drop what was not published and release the lock."""
        self._words.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """Map what disk and engine raise while writing."""
        try:
            yield
        except (OSError, ValueError) as error:
            raise SearchError(
                f"the search index cannot be written: {reason(error, self._directory)}"
            ) from error
        except BaseException as error:
            if not panicked(error):
                raise
            raise StaleIndexError(f"the words of the search index are damaged: {error}") from error

    def _check_place(self) -> None:
        if not self._lock.is_held():
            # Somebody else may be writing there by now.
            raise StaleIndexError(
                f"the search index in {self._directory} was taken away while it was written"
            )

    def _publish_table(self, number: int) -> tuple[PaperPart, ...]:
        """The parts of the paper table, what changed written as one, merged with the small ones before it."""
        if (fresh := self._ledger.changes()) is not None:
            place = first_to_merge([*(part.rows for part, _ in self._tables), len(fresh)])
            whole = papers.merged([*(table for _, table in self._tables[place:]), fresh])
            sealed = save(self._directory, f"papers-{number:08d}.npy", whole)
            self._tables[place:] = [(PaperPart(rows=len(whole), table=sealed), load(self._directory, sealed))]
            self._ledger.settled()
        return tuple(part for part, _ in self._tables)

    def _sweep(self) -> None:
        """Remove what neither the newest generation nor the one before needs."""
        kept = {manifest.NAME, LOCK, WORKING}
        for generation in (self._base, self._former):
            kept |= {file.name.partition("/")[0] for file in generation.files()}
        for path in self._directory.iterdir():
            if path.name not in kept:
                remove(path)


def _beginning(directory: Path, store: str) -> tuple[Manifest, Manifest]:
    """The generation to go on from, and the one that readers have: the same unless we begin anew."""
    nothing = Manifest(number=0, seq=0, store=store, count=0)
    try:
        newest = manifest.read(directory)
    except StaleIndexError:
        return _of_former_make(directory, nothing)
    if newest.store != store:
        return nothing, newest
    try:
        # Whoever goes on from it must not pass damage on.
        newest = manifest.whole(directory, newest, trusting=False)
    except StaleIndexError:
        return _without_words(directory, newest, nothing), nothing
    return newest, newest


def _of_former_make(directory: Path, nothing: Manifest) -> tuple[Manifest, Manifest]:
    """What is still good of a generation that older code made, and that generation; else nothing."""
    try:
        former = manifest.read(directory, makes=manifest.SAME_VECTORS)
    except StaleIndexError:
        return nothing, nothing
    return (nothing if former.store != nothing.store else _without_words(directory, former, nothing)), former


def _without_words(directory: Path, former: Manifest, nothing: Manifest) -> Manifest:
    """The paper table, the vectors and the details of a generation, as far as they are whole; else nothing.

    So whoever waited hours for the better vectors does not wait again.
    """
    if not _are_whole(directory, (part.table for part in former.papers)):
        return nothing
    return replace(
        nothing,
        papers=former.papers,
        encoders={
            n: stated for n, stated in former.encoders.items() if _are_whole(directory, stated.files())
        },
        details={n: stated for n, stated in former.details.items() if _are_whole(directory, stated.files())},
    )


def _are_whole(directory: Path, files: Iterable[Sealed]) -> bool:
    try:
        for file in files:
            file.verify(directory)
    except StaleIndexError:
        return False
    return True


def _last_number(directory: Path) -> int:
    """The highest number that any file in the directory carries."""
    matches = (_NUMBERED.fullmatch(path.name) for path in directory.iterdir())
    return max((int(match[1]) for match in matches if match), default=0)


def _digest(paper: Paper) -> int:
    return papers.digest(text_of(paper))

"""Our own searches over test collections, for `evaluate`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.index.contract import Encoder, Scored, Snapshot
from broadsheet.index.encode import MiniLM, StaticEncoder
from broadsheet.model import Paper
from broadsheet.rank.mending import mend
from broadsheet.rank.query import parse
from broadsheet.rank.search import search as ranked
from broadsheet.text.derive import derive
from broadsheet.wiring.opening import Count, _now, _opened_index

if TYPE_CHECKING:
    from broadsheet.evaluate.collections import Collection
    from broadsheet.evaluate.retrieval import Searcher


class Search(StrEnum):
    """Our own searches, for measuring one beside the other."""

    WORDS = "words"  # BM25 alone
    VECTORS = "vectors"  # MiniLM's alone
    FAST = "fast"  # words and the static encoder's, which serves at once
    BOTH = "both"  # words and MiniLM's, sentences' left out: while those are still being made
    WHOLE = "whole"  # and sentences': the default once everything is made


@contextmanager
def collection_search(
    collection: Collection, kind: Search, *, cache: Path | None = None, progress: Count | None = None
) -> Iterator[Searcher]:
    """One of our own searches over a test collection, in an index of its own that goes with the block."""
    with collection_searches(collection, [kind], cache=cache, progress=progress) as searches:
        yield searches[kind]


@contextmanager
def collection_searches(
    collection: Collection,
    kinds: Sequence[Search],
    *,
    index: str = "",
    cache: Path | None = None,
    progress: Count | None = None,
) -> Iterator[Mapping[Search, Searcher]]:
    """Several of our own searches over a test collection, in one index that goes with the block.

    ``index`` is as in the settings.
    """
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    fast, better = StaticEncoder(), MiniLM()
    with_better = {Search.BOTH, Search.WHOLE}
    encoders: list[Encoder] = [fast] if {Search.FAST, *with_better} & set(kinds) else []
    bulk = MiniLM(threads=2)
    if {Search.VECTORS, *with_better} & set(kinds):
        encoders.append(bulk)
    sentences_of = [bulk] if Search.WHOLE in kinds else []
    with collection_snapshot(
        collection, encoders, sentences_of=sentences_of, index=index, cache=cache, progress=progress
    ) as snapshot:
        today = _now().date()

        def rank(kind: Search, text: str, k: int) -> Sequence[Scored]:
            asked = mend(parse(text, today=today), snapshot)
            if kind is Search.WORDS:
                return snapshot.words(asked.words, k=k)
            if kind is Search.VECTORS:
                return snapshot.vectors(better.encode([text])[0], encoder=better.name, k=k)
            found = ranked(
                snapshot,
                asked,
                fast=fast,
                better=better if kind in with_better else None,
                k=k,
                with_sentences=kind is Search.WHOLE,
            )
            return [Scored(hit.id, hit.score) for hit in found.hits]

        yield {kind: indexed.searcher(collection, partial(rank, kind)) for kind in kinds}


@contextmanager
def collection_snapshot(
    collection: Collection,
    encoders: Sequence[Encoder],
    *,
    sentences_of: Sequence[Encoder] = (),
    index: str = "",
    cache: Path | None = None,
    progress: Count | None = None,
) -> Iterator[Snapshot]:
    """A test collection in an index of its own that goes with the block."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    with (
        tempfile.TemporaryDirectory(prefix="broadsheet-") as folder,
        _opened_index(index, Path(folder), encoders) as opened,
    ):
        yield indexed.publish(
            collection,
            opened,
            derive=derive,
            encoders=encoders,
            sentences_of=sentences_of,
            now=_now(),
            cache=cache,
            progress=progress,
        )


def collection_papers(collection: Collection) -> tuple[Paper, ...]:
    """A test collection's documents as its snapshot has them, in their order."""
    from broadsheet.evaluate import indexed  # noqa: PLC0415

    return tuple(indexed.papers_of(collection, derive=derive, now=_now()))

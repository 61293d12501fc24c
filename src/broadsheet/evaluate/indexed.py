"""A test collection in the product's own index. Knows the index by its contract, and names no backend.

So the numbers are those of what readers use: the same text derivation, the same index, the same
ranking. Only ids are replaced, for a collection's may be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from broadsheet.errors import InputError
from broadsheet.evaluate.cache import Progress, encoded
from broadsheet.evaluate.collections import Collection
from broadsheet.evaluate.retrieval import Searcher
from broadsheet.ids import PaperId, Scheme
from broadsheet.index.contract import Encoder, Index, PieceEncoder, Scored, Snapshot, text_of
from broadsheet.index.encode import pieces, sentences
from broadsheet.model import Derived, Paper, Record

Ranker = Callable[[str, int], Sequence[Scored]]


def publish(
    collection: Collection,
    index: Index,
    *,
    derive: Callable[[Record], Derived],
    encoders: Sequence[Encoder],
    sentences_of: Sequence[Encoder] = (),
    now: datetime,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Snapshot:
    """The generation that holds the whole collection, with every encoder's vectors.

    Word pieces go in of every encoder that has such; of ``sentences_of``, the vectors of single sentences.

    Vectors are read from or kept in ``cache`` (see ``evaluate.cache``); ``progress`` is told
    (vectors made, all) for those that were not there.
    """
    papers = tuple(papers_of(collection, derive=derive, now=now))
    with index.writer(store=f"collection {collection.name}") as writer:
        writer.put(papers)
        for encoder in encoders:
            texts = [text_of(paper) for paper in papers]
            vectors = encoded(texts, encoder, cache=cache, progress=progress)
            writer.put_vectors(papers, vectors, encoder=encoder.name)
            if isinstance(encoder, PieceEncoder):
                packed = pieces.pack(encoder.pieces(texts))
                writer.put_details(papers, packed, name=encoder.pieces_name)
        for encoder in sentences_of:
            texts = [text for paper in papers for text in sentences.texts_of(paper)]
            vectors = encoded(texts, encoder, cache=cache, progress=progress)
            packed = sentences.pack(papers, vectors, code=sentences.code_of(encoder))
            writer.put_details(papers, packed, name=sentences.name_of(encoder))
        writer.publish(seq=len(papers))
    return index.snapshot()


def papers_of(
    collection: Collection, *, derive: Callable[[Record], Derived], now: datetime
) -> Iterator[Paper]:
    """The documents as papers, in their order."""
    for number, record in enumerate(records_of(collection)):
        yield Paper(record=record, derived=derive(record), added=now, seq=number + 1)


def records_of(collection: Collection) -> Iterator[Record]:
    """The documents as records whose ids tell their place: ``doc-0000000`` is the first."""
    for number, document in enumerate(collection.documents):
        yield Record(
            id=_paper_id(number),
            title=document.title,
            abstract=document.text,
            source=collection.name,
        )


def searcher(collection: Collection, rank: Ranker) -> Searcher:
    """A search by the product's ranking, its ids turned back into the collection's.

    Raises InputError, when asked, where the ranking names a paper that the collection does not have.
    """

    def search(query: str, k: int) -> Sequence[tuple[str, float]]:
        return [(document_of(collection, scored.id), scored.score) for scored in rank(query, k)]

    return search


def paper_ids(collection: Collection) -> tuple[PaperId, ...]:
    """The documents' ids as papers, in their order."""
    return tuple(_paper_id(number) for number in range(len(collection.documents)))


def document_of(collection: Collection, id: PaperId) -> str:
    """The collection's own id of a paper. Raises InputError where it is none of its documents."""
    number = id.value.removeprefix("doc-")
    if not number.isdecimal() or int(number) >= len(collection.documents):
        raise InputError(f"{id} is no document of {collection.name}: the index holds other papers as well")
    return collection.documents[int(number)].id


def _paper_id(number: int) -> PaperId:
    return PaperId(f"doc-{number:07}", Scheme.OWN)

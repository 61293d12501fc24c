"""Papers that differ in everything a filter asks for, and how tests publish papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from broadsheet.ids import PaperId
from broadsheet.index.contract import Encoder, Generation, Index, text_of
from broadsheet.model import Paper, PaperType

Publish = Callable[..., Generation]


def publishing(index: Index, hashing: Callable[..., Encoder]) -> Publish:
    def publish(
        papers: Sequence[Paper],
        *,
        gone: Iterable[str] = (),
        seq: int = 1,
        store: str = "store",
        encoders: Sequence[Encoder] = (),
    ) -> Generation:
        with index.writer(store=store) as writer:
            writer.put(papers, [PaperId.parse(id) for id in gone])
            for encoder in encoders or [hashing()]:
                vectors = encoder.encode([text_of(p) for p in papers])
                writer.put_vectors(papers, vectors, encoder=encoder.name)
            writer.put_details(papers, [text_of(p).encode() for p in papers], name="bytes")
            return writer.publish(seq=seq)

    return publish


def different_papers(paper: Callable[..., Paper]) -> list[Paper]:
    return [
        paper(
            "2603.00001",
            "Tensor factorisation by alternating least squares",
            "We factorise large tensors. The Schrödinger equation is not needed.",
            authors=["Paulo André Lima de Castro"],
            categories=["cs.LG", "stat.ML"],
            day="2026-03-02",
            code=True,
        ),
        paper(
            "2603.00002",
            "A survey of graph neural networks",
            "Message passing is surveyed, tensor methods are mentioned.",
            authors=["Przemysław Uznański", "Ada Castro"],
            categories=["cs.SI"],
            day="2026-03-03",
            type=PaperType.SURVEY,
        ),
        paper(
            "hep-th/9901001",
            "Strings on curved backgrounds",
            "Branes and strings, as in the large N limit.",
            authors=["J. Maldacena"],
            categories=["hep-th"],
            day="1999-01-04",
            type=PaperType.THEORY,
        ),
        paper(
            "10.1145/3292500",
            "Ranking without labels",
            "Learning to rank from clicks alone.",
            categories=[],
            day=None,
        ),
    ]

"""A small index to rank in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from broadsheet.index.contract import Encoder, text_of
from broadsheet.index.local import LocalIndex
from broadsheet.index.snapshot import LocalSnapshot
from broadsheet.model import Paper

Indexed = Callable[..., LocalSnapshot]


@pytest.fixture
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Indexed:
    """An index of papers, with the vectors of each encoder for the papers that it is to know."""

    def indexed(
        papers: Sequence[Paper], *encoders: Encoder, partly: Sequence[tuple[Encoder, Sequence[Paper]]] = ()
    ) -> LocalSnapshot:
        index = LocalIndex(tmp_path_factory.mktemp("index"))
        with index.writer(store="store") as writer:
            writer.put(papers)
            for encoder, known in [*((e, papers) for e in encoders), *partly]:
                writer.put_vectors(known, encoder.encode([text_of(p) for p in known]), encoder=encoder.name)
            writer.publish(seq=1)
        return index.snapshot()

    return indexed

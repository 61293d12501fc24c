"""Fixtures for whoever needs papers and vectors without a corpus and without a model."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.model import Announcement, Author, Derived, Link, LinkKind, Paper, PaperType, Record

# The same examples every time, so that a change is judged by what it changed; `make fuzz` looks for new ones.
settings.register_profile("usual", derandomize=True, deadline=None)
settings.register_profile(
    "deep", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("usual")


class HashingEncoder:
    """Unit vectors of words hashed to signs: texts that share words are near, and it needs no model."""

    def __init__(self, name: str = "hashing", dim: int = 64) -> None:
        self.name = name
        self.dim = dim
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                seed = zlib.crc32(f"{self.name} {word}".encode())
                vectors[row] += np.random.RandomState(seed).choice([-1.0, 1.0], self.dim)
            length = float(np.linalg.norm(vectors[row]))
            vectors[row] /= length or 1.0
        return vectors


MakePaper = Callable[..., Paper]


def make_paper(
    id: str,
    title: str,
    abstract: str = "",
    *,
    authors: Sequence[str] = (),
    categories: Sequence[str] = ("cs.LG",),
    day: str | None = "2026-03-02",
    type: PaperType = PaperType.METHOD,
    code: bool = False,
    aliases: Sequence[str] = (),
    keyphrases: Sequence[str] = (),
    seq: int = 1,
) -> Paper:
    announced = (Announcement(date.fromisoformat(day)),) if day else ()
    links = (Link("https://github.com/a/b", LinkKind.CODE),) if code else ()
    return Paper(
        record=Record(
            id=PaperId.parse(id),
            title=title,
            abstract=abstract,
            source="test",
            authors=tuple(Author(name) for name in authors),
            categories=tuple(categories),
            announcements=announced,
        ),
        derived=Derived(title=title, abstract=abstract, type=type, links=links, keyphrases=tuple(keyphrases)),
        aliases=tuple(PaperId.parse(alias) for alias in aliases),
        added=datetime(2026, 3, 2, tzinfo=UTC),
        seq=seq,
    )


@pytest.fixture(scope="session")
def paper() -> MakePaper:
    return make_paper


@pytest.fixture(scope="session")
def hashing() -> Callable[..., HashingEncoder]:
    return HashingEncoder

"""Every backend of the index, each test with an empty one of its own; Milvus is a process of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.index.engines import embedded_milvus
from tests.index.papers import different_papers, publishing

from broadsheet.index.contract import Encoder, Generation, Index, Snapshot
from broadsheet.index.local import LocalIndex
from broadsheet.model import Paper

Publish = Callable[..., Generation]

# The encoders that tests put in. A Milvus collection has room for these.
ENCODERS = {"hashing": 64, "old": 64, "new": 64}


@dataclass(frozen=True)
class Place:
    """Where an index may be made, and the code that another process opens it with."""

    address: str
    lock: Path

    @property
    def code(self) -> str:
        if not self.address:
            return f"""
                from pathlib import Path
                from broadsheet.index.local import LocalIndex
                index = LocalIndex(Path({str(self.lock)!r}))
            """
        url, _, prefix = self.address.partition("#")
        return f"""
            from pathlib import Path
            from broadsheet.index.milvus import MilvusIndex
            index = MilvusIndex(
                {url!r}, encoders={ENCODERS}, lock=Path({str(self.lock)!r}), prefix={prefix!r}, look=0.0
            )
        """

    def open(self) -> Index:
        if not self.address:
            return LocalIndex(self.lock)
        from broadsheet.index.milvus import MilvusIndex

        url, _, prefix = self.address.partition("#")
        return MilvusIndex(url, encoders=ENCODERS, lock=self.lock, prefix=prefix, look=0.0)


_NUMBERS = itertools.count(1)


@pytest.fixture(params=["local", "milvus"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return _place(request, tmp_path)


@pytest.fixture
def opener(place: Place) -> Iterator[Callable[[], Index]]:
    """Opens the test's index, as often as asked."""
    opened: list[Index] = []

    def open_index() -> Index:
        opened.append(place.open())
        return opened[-1]

    yield open_index
    for index in opened:
        _close(index)


@pytest.fixture
def index(opener: Callable[[], Index]) -> Index:
    return opener()


@pytest.fixture
def publish(index: Index, hashing: Callable[..., Encoder]) -> Publish:
    """Publish papers with their vectors and some details, each call with a writer of its own."""
    return publishing(index, hashing)


@pytest.fixture(scope="session")
def papers(paper: Callable[..., Paper]) -> list[Paper]:
    return different_papers(paper)


@pytest.fixture(scope="module", params=["local", "milvus"])
def snapshot(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    hashing: Callable[..., Encoder],
    papers: Sequence[Paper],
) -> Iterator[Snapshot]:
    """Papers that differ in everything, for tests that only read."""
    index = _place(request, tmp_path_factory.mktemp("index")).open()
    publishing(index, hashing)(papers)
    yield index.snapshot()
    _close(index)


def _place(request: pytest.FixtureRequest, folder: Path) -> Place:
    if request.param == "local":
        return Place("", folder / "index")
    url = request.getfixturevalue("milvus_url")
    return Place(f"{url}#test{next(_NUMBERS)}", folder / "lock")


def _close(index: Index) -> None:
    if not isinstance(index, LocalIndex):
        index.close()  # type: ignore[attr-defined]  # of the one that has a connection


@pytest.fixture(scope="session")
def milvus_url() -> Iterator[str]:
    """An embedded Milvus in a process of its own, for several processes to talk to; gone with the tests."""
    with embedded_milvus() as url:
        yield url

"""A small index with papers that differ in everything a filter asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.index.papers import different_papers, publishing

from broadsheet.index.contract import Encoder, Generation
from broadsheet.index.local import LocalIndex
from broadsheet.model import Paper

Publish = Callable[..., Generation]


@pytest.fixture
def index(tmp_path: Path) -> LocalIndex:
    return LocalIndex(tmp_path / "index")


@pytest.fixture
def publish(index: LocalIndex, hashing: Callable[..., Encoder]) -> Publish:
    """Publish papers with their vectors and some details, each call with a writer of its own."""
    return publishing(index, hashing)


@pytest.fixture(scope="session")
def papers(paper: Callable[..., Paper]) -> list[Paper]:
    return different_papers(paper)

"""Indexes on the embedded engine, each with collections of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.index.engines import embedded_milvus

Opener = Callable[..., Any]

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def milvus_url() -> Iterator[str]:
    with embedded_milvus() as url:
        yield url


@pytest.fixture
def opener(milvus_url: str, tmp_path: Path) -> Iterator[Opener]:
    """Opens the test's index, as often as asked; ``lock`` names another file than the usual one."""
    from broadsheet.index.milvus import MilvusIndex

    prefix = f"own{next(_NUMBERS)}"
    opened = []

    def open_index(*, lock: str = "lock", encoders: dict[str, int] | None = None, **options: Any) -> Any:
        index = MilvusIndex(
            milvus_url,
            encoders=encoders or {"hashing": 64},
            lock=tmp_path / lock,
            prefix=prefix,
            look=0.0,
            **options,
        )
        opened.append(index)
        return index

    yield open_index
    for index in opened:
        index.close()

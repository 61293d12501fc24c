"""Houses to live in, and the real pages they are furnished with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.acceptance.house import House

SHARED = Path(os.environ.get("BROADSHEET_SHARED") or Path(__file__).parents[3] / "shared")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """An empty house of one test's own."""
    return House(tmp_path)


@pytest.fixture(scope="session")
def seed_file() -> Path:
    """Five result pages as a reader got them, with damaged mathematics."""
    path = SHARED / "data" / "seed_pages" / "papers.jsonl"
    if not path.exists():
        pytest.skip(f"needs {path}, which is not here")
    return path


@pytest.fixture(scope="session")
def seed_house(seed_file: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house into which the seed pages were imported, once. For what changes nothing."""
    house = House(tmp_path_factory.mktemp("seed"))
    report = house.json("import", str(seed_file))
    assert (report["new"], report["rejected"]) == (282, 0)
    return house

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def write_collection(tmp_path: Path) -> Callable[..., Path]:
    """Writes a small collection in the BEIR layout and gives its folder."""

    def write(
        *,
        documents: list[dict[str, str]],
        queries: list[dict[str, str]],
        judgements: list[tuple[str, str, int]],
        name: str = "small",
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for file, rows in (("corpus", documents), ("queries", queries)):
            (folder / f"{file}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in judgements)]
        (folder / "qrels.tsv").write_text("\n".join(lines) + "\n")
        return folder

    return write


@pytest.fixture
def fruit(write_collection: Callable[..., Path]) -> Path:
    """Three documents, three queries: one about two documents, one made of a document, one unanswered."""
    return write_collection(
        documents=[
            {"_id": "apple", "title": "Apples", "text": "red and green"},
            {"_id": "pear", "title": "", "text": "yellow"},
            {"_id": "plum", "text": "blue"},
        ],
        queries=[
            {"_id": "q1", "text": "red"},
            {"_id": "q2", "text": "pear yellow", "facet": "method", "paper": "pear"},
            {"_id": "q3", "text": "nothing"},
        ],
        judgements=[
            ("q1", "apple", 2),
            ("q1", "plum", 1),
            ("q2", "plum", 1),
            ("q2", "pear", 3),
            ("q3", "apple", 0),
        ],
    )


@pytest.fixture
def shared_data() -> Path:
    """The folder of real collections, beside the checkout or where BROADSHEET_SHARED says."""
    root = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).parents[3] / "shared"))
    if not (root / "data" / "scifact").is_dir():
        pytest.skip(
            f"no test collections in {root / 'data'}; set BROADSHEET_SHARED to the folder that has them"
        )
    return root / "data"

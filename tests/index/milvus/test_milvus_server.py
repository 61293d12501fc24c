"""What the server of the ``milvus`` wheel (2.3) can run: versions of rows, and vectors under conditions.

It is older than the engine's full-text search, so the words are the embedded engine's to test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tests.index.engines import milvus_server

from broadsheet.errors import StaleIndexError
from broadsheet.index.milvus.collections import TERM_FIELDS, create_terms, nothing
from broadsheet.index.milvus.engine import BOUNDED, Engine, all_of, any_held, beginning, without
from broadsheet.index.milvus.versions import Versions, at


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with milvus_server() as url:
        engine = Engine(url)
        yield engine
        engine.close()


def terms(*papers: tuple[str, int]) -> dict[str, dict[str, Any]]:
    return {key: {"papers": n, "none": nothing()} for key, n in papers}


def test_rows_appear_with_their_generation_and_go_with_it(engine: Engine) -> None:
    assert not engine.embedded
    create_terms(engine, "broadsheet_1_terms")
    versions = Versions(engine, "broadsheet_1_terms", TERM_FIELDS)
    versions.replace(terms(("text tensor", 2), ("text graph", 5)), [], number=1)
    former = versions.latest(["text tensor", "text graph", "text none"])
    assert {key: row["papers"] for key, row in former.items()} == {"text tensor": 2, "text graph": 5}
    versions.replace(terms(("text tensor", 3)), [former["text tensor"]], number=2)
    versions.close([former["text graph"]], number=2)

    def read(number: int) -> dict[str, int]:
        rows = engine.rows("broadsheet_1_terms", at(number), ("key", "papers"))
        return {row["key"]: row["papers"] for row in rows}

    assert read(1) == {"text tensor": 2, "text graph": 5}
    assert read(2) == {"text tensor": 3}
    found = engine.rows("broadsheet_1_terms", all_of([beginning("key", "text g"), at(1)]), ("key",))
    assert [row["key"] for row in found] == ["text graph"]
    versions.undo(after=1)
    assert read(1) == read(2) == {"text tensor": 2, "text graph": 5}
    versions.close(versions.latest(["text graph"]).values(), number=2)
    versions.sweep(before=2)
    assert read(1) == read(2) == {"text tensor": 2}


def test_vectors_are_searched_under_conditions(engine: Engine) -> None:
    from pymilvus import DataType, MilvusClient  # type: ignore[import-untyped]

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("pk", DataType.VARCHAR, is_primary=True, max_length=100)
    schema.add_field("day", DataType.INT64)
    for field in ("category", "made"):
        schema.add_field(
            field, DataType.ARRAY, element_type=DataType.VARCHAR, max_capacity=10, max_length=100
        )
    schema.add_field("vector_0", DataType.FLOAT_VECTOR, dim=8)
    engine.create(
        "broadsheet_1_papers",
        schema,
        vectors={"vector_0": {"index_type": "AUTOINDEX", "metric_type": "IP"}},
        scalars=[],
    )
    rows = [
        {
            "pk": f"p{n}",
            "day": n,
            "category": ["cs", "cs.lg"] if n % 2 else ["math"],
            "made": ["e"] if n < 6 else [],
            "vector_0": np.eye(8, dtype=np.float32)[n],
        }
        for n in range(8)
    ]
    engine.put("broadsheet_1_papers", rows)
    query = np.array([8, 7, 6, 5, 4, 3, 2, 1], dtype=np.float32)

    def found(where: str, consistency: str = "Strong") -> list[str]:
        hits = engine.search(
            "broadsheet_1_papers",
            query.tolist(),
            field="vector_0",
            k=3,
            where=where,
            fields=("pk",),
            consistency=consistency,
        )
        return [row["pk"] for _, row in hits]

    assert found("") == ["p0", "p1", "p2"]
    assert found(any_held("category", ["cs.lg"])) == ["p1", "p3", "p5"]
    assert found(all_of([without(any_held("made", ["e"])), "day >= 6"])) == ["p6", "p7"]
    assert found(any_held("category", ["math"]), BOUNDED)[0] == "p0"


def test_a_collection_that_is_gone_is_a_stale_index(engine: Engine) -> None:
    with pytest.raises(StaleIndexError, match="taken away"):
        engine.count("broadsheet_9_papers", "")

"""Contract of the store: a database of an earlier schema is brought up and answers as a new one does."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime

from broadsheet.ids import PaperId
from broadsheet.model import Record, VoteReading
from broadsheet.store.contract import Taken
from broadsheet.store.migrations import migrations
from broadsheet.store.schema import _typed
from broadsheet.store.sql import SqlStore

Rec = Callable[..., Record]
Take = Callable[..., Taken]

_CREATED = re.compile(r"CREATE TABLE (\w+)")

DAY = date(2026, 3, 2)


def to_first_schema(store: SqlStore) -> None:
    """Make a store what the first migration alone would have made of it, its papers kept."""
    first, *later = migrations()
    made = {table for step in later for s in step.statements for table in _CREATED.findall(s)}
    with store._reading() as session:
        for table in sorted(made):
            session.run(f"DROP TABLE {table}")
        for statement in first.statements:
            table = _CREATED.match(statement)
            if table and (table[1] in made or table[1] == "saves"):
                session.run(_typed(session.engine, statement))
        session.run("UPDATE meta SET value = '1' WHERE name IN ('schema', 'compatible')")


def test_a_store_of_the_first_schema_gets_its_outlines(
    opener: Callable[[], SqlStore], store: SqlStore, rec: Rec, take: Take
) -> None:
    votes = tuple(VoteReading(datetime(2026, 3, n, tzinfo=UTC), n) for n in (3, 4))
    take(
        rec("2603.00001", days=["2026-03-02", "2026-03-04 replace"], categories=("cs.CL",), readings=votes),
        rec("2603.00002", days=["2026-03-02 cross"], featured=date(2026, 3, 5), version=2, sample=True),
        rec("2603.00003"),
        rec("2603.00004", days=["2026-03-02"]),
    )
    take(rec("2603.00004", deleted=True))
    before = (store.outline(DAY), store.outline(date(2026, 3, 4)), store.days(), store.last_seq())
    assert len(before[0]) == 2
    to_first_schema(store)
    upgraded = opener()
    assert upgraded.schema_version == len(migrations())
    assert list(upgraded.counters.known()) == ["huggingface"]
    kept = upgraded.get(PaperId("2603.00001"))
    assert kept is not None
    assert kept.record.readings == votes, "what was counted before there were counters is Hugging Face's"
    days = (upgraded.outline(DAY), upgraded.outline(date(2026, 3, 4)), upgraded.days(), upgraded.last_seq())
    assert days == before

"""Bring a database to the schema that this code knows, or refuse it. Knows no paper; ``filing`` does.

``meta`` holds the number of the last migration (``schema``) and the oldest schema number of code
that can work with it (``compatible``), so that too-old code refuses a newer database rather than
damage it.
"""

from __future__ import annotations

import secrets

from broadsheet.errors import SchemaError
from broadsheet.store.engine import Engine, Session
from broadsheet.store.filing import file_anew
from broadsheet.store.migrations import Migration, migrations


def bring_up(session: Session, *, steps: tuple[Migration, ...] | None = None) -> None:
    """Create or upgrade the store's tables, in one transaction. Raises SchemaError.

    ``steps`` are the migrations that the code knows; all of the package's unless given.
    """
    steps = migrations() if steps is None else steps
    engine = session.engine
    if engine.holds_store(session.connection) and _is_current(session, steps):
        return
    engine.begin(session.connection)
    try:
        # Another process may have done it while this one waited for its turn.
        if not engine.holds_store(session.connection):
            engine.claim(session.connection)
            _apply(session, steps)
            session.run("INSERT INTO meta VALUES ('identity', :value)", value=secrets.token_hex(16))
        elif not _is_current(session, steps):
            _apply(session, steps[_number(session, "schema") :])
        session.run("COMMIT")
    except BaseException:
        session.run("ROLLBACK")
        raise


def schema_version(session: Session) -> int:
    """The number of the last migration that a database has had."""
    return _number(session, "schema")


def _is_current(session: Session, steps: tuple[Migration, ...]) -> bool:
    schema, compatible, known = _number(session, "schema"), _number(session, "compatible"), len(steps)
    if compatible > known:
        raise SchemaError(
            f"this database was written by a newer Broadsheet: it has schema {schema}, for which "
            f"schema {compatible} must be known, and this Broadsheet knows schema {known}; upgrade it "
            "(`pip install --upgrade broadsheet`) or restore a backup made before the upgrade"
        )
    return schema >= known


def _number(session: Session, name: str) -> int:
    row = session.one("SELECT value FROM meta WHERE name = :name", name=name)
    if row is None or not row[0].isdecimal():
        raise SchemaError(f"this database does not say its {name} number: it is damaged; restore a backup")
    return int(row[0])


def _apply(session: Session, steps: tuple[Migration, ...]) -> None:
    for step in steps:
        for statement in step.statements:
            session.run(_typed(session.engine, statement))
    for table in sorted({step.refile for step in steps if step.refile}):
        file_anew(session, table)
    for name, number in (("schema", steps[-1].number), ("compatible", steps[-1].compatible)):
        session.run(
            "INSERT INTO meta VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name=name,
            value=str(number),
        )


def _typed(engine: Engine, statement: str) -> str:
    for name, type in engine.types.items():
        statement = statement.replace(f"{{{name}}}", type)
    return statement

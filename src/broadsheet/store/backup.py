"""The whole store in one file, taken while it is in use, and back again, into any engine. Knows no paper.

A backup is gzipped JSON lines: a head (what it is, of which schema), then for each table its columns and its
rows as they stood at one moment, and a foot with the number of rows and the SHA-256 of all lines before it.
Without its foot a file is not a backup, so one that was cut short is known for what it is. The search index is
not in it: it is made again from the store.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from broadsheet.errors import InputError, StoreError
from broadsheet.store.contract import Backup, Count
from broadsheet.store.engine import Engine, Session
from broadsheet.store.migrations import Migration, migrations
from broadsheet.store.schema import bring_up, schema_version

FORMAT: Final = 1
_BATCH: Final = 500
_LEVEL: Final = 6  # gzip's middle: a third smaller than the quickest
_MADE = re.compile(r"CREATE TABLE (\w+)")
_DROPPED = re.compile(r"DROP TABLE (\w+)")


def write(
    engine: Engine, session: Session, path: Path, *, now: datetime, progress: Count | None = None
) -> Backup:
    """Write a backup of everything that is committed now; the file appears whole or not at all.

    Others go on reading and writing meanwhile. Raises InputError where the file is there already or cannot be written.
    """
    if path.exists():
        raise InputError(f"{path} is there already; name a file that is not, or take it away")
    aside = path.with_name(f".{path.name}.part")
    done = 0
    try:
        with aside.open("xb") as file, os.fdopen(os.dup(file.fileno()), "wb") as raw:
            os.fchmod(file.fileno(), 0o600)  # accounts and secrets are in it
            engine.freeze(session.connection)
            try:
                schema = schema_version(session)
                identity = session.one("SELECT value FROM meta WHERE name = 'identity'")[0]
                papers = int(session.one("SELECT count(*) FROM papers WHERE state = 0")[0])
                out = _Lines(raw)
                out.put(
                    {
                        "broadsheet": FORMAT,
                        "made": now.isoformat(),
                        "schema": schema,
                        "identity": identity,
                        "papers": papers,
                    }
                )
                for table in tables(migrations()[:schema]):
                    columns, rows = engine.rows(session.connection, f"SELECT * FROM {table}")
                    out.put({"table": table, "columns": list(columns)})
                    for row in rows:
                        out.put([_plain(value) for value in row])
                        done += 1
                        if progress and done % _BATCH == 0:
                            progress(done, None)
            finally:
                session.run("ROLLBACK")
            out.close(done)
            raw.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except OSError as error:
        raise InputError(f"cannot write the backup {path}: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)
    return Backup(made=now, schema=schema, identity=identity, papers=papers, rows=done)


def verify(path: Path, *, progress: Count | None = None) -> Backup:
    """Read a backup to its end and compare it with its foot. Raises InputError saying what is wrong."""
    head: dict[str, Any] = {}
    done = 0
    for line in _read(path):
        if isinstance(line, dict) and "broadsheet" in line:
            head = line
        elif isinstance(line, list):
            done += 1
            if progress and done % _BATCH == 0:
                progress(done, None)
    return _told(head, done)


def restore(engine: Engine, session: Session, path: Path, *, progress: Count | None = None) -> Backup:
    """Fill an empty database from a backup, of this schema or an earlier one, then bring it up to this code's.

    The rows come in by one transaction: a restore that fails leaves an empty store, into which it can be tried
    again. Raises InputError for a store that holds anything, a file that is no whole backup or is newer than this
    code.
    """
    verify(path)
    if engine.holds_store(session.connection) and not _is_empty(session):
        raise InputError(
            "there is a store here already; restore into an empty database or another data folder"
        )
    lines = _read(path)
    head = next(lines)
    steps = migrations()
    if head["schema"] > len(steps):
        raise InputError(
            f"{path} is of schema {head['schema']} and this Broadsheet knows {len(steps)}; upgrade Broadsheet first"
        )
    if engine.holds_store(session.connection) and schema_version(session) != head["schema"]:
        raise InputError("there is an empty store of another schema here; take it away first")
    bring_up(session, steps=steps[: head["schema"]])
    done, table, batch = 0, "", list[list[Any]]()
    engine.begin(session.connection)
    try:
        for name in tables(steps[: head["schema"]]):
            session.run(f"DELETE FROM {name}")  # what a new database is born with: its name, its numbers
        for line in lines:
            if isinstance(line, dict):
                session.fill(table, batch)
                batch = []
                if "foot" in line:
                    break
                table = _known(line, steps[: head["schema"]])
                continue
            batch.append([_rich(value) for value in line])
            done += 1
            if len(batch) >= _BATCH:
                session.fill(table, batch)
                batch = []
                if progress:
                    progress(done, None)
        session.run("COMMIT")
    except BaseException:
        session.run("ROLLBACK")
        raise
    bring_up(session)
    return _told(head, done)


def tables(steps: Sequence[Migration]) -> list[str]:
    """The tables that these migrations leave, in the order in which they were made."""
    found: list[str] = []
    for step in steps:
        for statement in step.statements:
            for gone in _DROPPED.findall(statement):
                found.remove(gone)
            found += _MADE.findall(statement)
    return found


class _Lines:
    """Writes JSON lines, compressed, and knows their digest."""

    def __init__(self, raw: BinaryIO) -> None:
        self._zip = gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=_LEVEL, mtime=0, filename="")
        self._digest = hashlib.sha256()

    def put(self, value: object) -> None:
        line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._digest.update(line)
        self._zip.write(line)

    def close(self, rows: int) -> None:
        foot = {"foot": {"rows": rows, "sha256": self._digest.hexdigest()}}
        self._zip.write(json.dumps(foot).encode() + b"\n")
        self._zip.close()


def _read(path: Path) -> Iterator[Any]:
    """A backup's lines, its head first and its foot last. Raises InputError where it is not whole."""
    digest, rows, first, whole = hashlib.sha256(), 0, True, False
    try:
        with gzip.open(path, "rb") as file:
            for line in file:
                value = json.loads(line)
                if first and not (isinstance(value, dict) and value.get("broadsheet") == FORMAT):
                    raise InputError(f"{path} is not a backup that this Broadsheet can read")
                first = False
                if isinstance(value, dict) and "foot" in value:
                    if value["foot"] != {"rows": rows, "sha256": digest.hexdigest()}:
                        raise InputError(f"{path} is damaged: its lines are not those that were written")
                    whole = True
                else:
                    digest.update(line)
                    rows += isinstance(value, list)
                yield value
    except FileNotFoundError as error:
        raise InputError(f"no file {path}") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"{path} is not a whole backup: {error}") from error
    if not whole:
        raise InputError(f"{path} is not a whole backup: it ends before its foot")


def _is_empty(session: Session) -> bool:
    """Whether a store holds nothing that somebody would miss."""
    present = [
        t for t in ("papers", "readers", "accounts") if t in tables(migrations()[: schema_version(session)])
    ]
    return all(session.one(f"SELECT 1 FROM {table} LIMIT 1") is None for table in present)


def _told(head: dict[str, Any], rows: int) -> Backup:
    return Backup(
        made=datetime.fromisoformat(head["made"]),
        schema=head["schema"],
        identity=head["identity"],
        papers=head["papers"],
        rows=rows,
    )


def _known(line: dict[str, Any], steps: Sequence[Migration]) -> str:
    """The table of a line, which is put into statements and so must be one of ours."""
    if line.get("table") not in tables(steps):
        raise StoreError(f"the backup has a table {line.get('table')!r} that its schema does not have")
    return str(line["table"])


def _plain(value: Any) -> Any:
    return {"b": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value


def _rich(value: Any) -> Any:
    return base64.b64decode(value["b"]) if isinstance(value, dict) else value

"""What readers keep, and the news of it. Knows no paper's text.

A save stays with the name it was made under, so that unfolding two papers gives each its own back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from broadsheet.ids import PaperId
from broadsheet.model import Notice, NoticeKind
from broadsheet.store.engine import Session
from broadsheet.store.rows import PAPER, id_of, moment


def save(session: Session, reader: str, key: str, *, now: datetime) -> bool:
    """Keep a paper, once. False where there is none of that name."""
    row = session.one(
        "SELECT p.no, p.id FROM names n JOIN papers p ON p.no = n.paper WHERE n.name = :key AND p.state = 0",
        key=key,
    )
    if row is None:
        return False
    kept = session.one(
        "SELECT 1 FROM saves s JOIN names n ON n.name = s.name WHERE s.reader = :reader AND n.paper = :no",
        reader=reader,
        no=row[0],
    )
    if kept is None:
        session.run(
            "INSERT INTO saves VALUES (:reader, :name, :at)", reader=reader, name=row[1], at=moment(now)
        )
    return True


def unsave(session: Session, reader: str, key: str) -> None:
    """Forget a paper, under whichever of its names it was saved, and its notices."""
    for table in ("saves", "notices"):
        session.run(
            f"DELETE FROM {table} WHERE reader = :reader AND name IN ("
            f"SELECT t.name FROM {table} t JOIN names n ON n.name = t.name "
            "WHERE t.reader = :reader AND n.paper = (SELECT paper FROM names WHERE name = :key))",
            reader=reader,
            key=key,
        )


def saved(session: Session, reader: str) -> list[Any]:
    """The rows of a reader's papers, last saved first."""
    return session.all(
        f"SELECT {PAPER} FROM (SELECT n.paper, max(s.at) AS at FROM saves s "
        "JOIN names n ON n.name = s.name WHERE s.reader = :reader GROUP BY n.paper) k "
        "JOIN papers p ON p.no = k.paper WHERE p.state = 0 ORDER BY k.at DESC, p.id",
        reader=reader,
    )


def saved_ids(session: Session, reader: str) -> frozenset[PaperId]:
    """The ids of a reader's papers."""
    rows = session.all(
        "SELECT p.id FROM saves s JOIN names n ON n.name = s.name "
        "JOIN papers p ON p.no = n.paper WHERE s.reader = :reader AND p.state = 0",
        reader=reader,
    )
    return frozenset(id_of(key) for (key,) in rows)


def notices(session: Session, reader: str) -> tuple[Notice, ...]:
    """News of a reader's papers, newest first."""
    rows = session.all(
        "SELECT p.id, t.kind, t.at, t.seen FROM notices t JOIN names n ON n.name = t.name "
        "JOIN papers p ON p.no = n.paper WHERE t.reader = :reader ORDER BY t.at DESC, p.id, t.kind",
        reader=reader,
    )
    return tuple(
        Notice(id_of(key), NoticeKind(kind), datetime.fromisoformat(at), bool(seen))
        for key, kind, at, seen in rows
    )


def see_notices(session: Session, reader: str) -> None:
    """Mark a reader's notices as seen."""
    session.run("UPDATE notices SET seen = 1 WHERE reader = :reader AND seen = 0", reader=reader)

"""What readers say of papers, and the news of it, in SQL. Knows no paper's text."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from broadsheet.ids import PaperId
from broadsheet.model import Mark, MarkKind, Notice, NoticeKind
from broadsheet.store.engine import Session
from broadsheet.store.rows import PAPER, id_of, moment

# Of these a paper can have several, told apart by their text.
_MANY = frozenset({MarkKind.TAG, MarkKind.COLLECTION})

# The marks of a reader with the present papers that they are of.
_MARKS = (
    "FROM marks m JOIN names n ON n.name = m.name JOIN papers p ON p.no = n.paper "
    "WHERE m.reader = :reader AND p.state = 0"
)


def put(session: Session, reader: str, key: str, kind: MarkKind, *, text: str, now: datetime) -> bool | None:
    """Mark a paper. False where it was marked just so, None where there is none of that name."""
    row = session.one(
        "SELECT p.no, p.id FROM names n JOIN papers p ON p.no = n.paper WHERE n.name = :key AND p.state = 0",
        key=key,
    )
    if row is None:
        return None
    detail, body = (text, "") if kind in _MANY else ("", text)
    former = session.all(
        "SELECT m.name, m.body FROM marks m JOIN names n ON n.name = m.name "
        "WHERE m.reader = :reader AND n.paper = :no AND m.kind = :kind AND m.detail = :detail",
        reader=reader,
        no=row[0],
        kind=kind.value,
        detail=detail,
    )
    if any(said == body for _, said in former):
        return False
    session.many(
        "DELETE FROM marks WHERE reader = :reader AND name = :name AND kind = :kind AND detail = :detail",
        [{"reader": reader, "name": name, "kind": kind.value, "detail": detail} for name, _ in former],
    )
    session.run(
        "INSERT INTO marks VALUES (:reader, :name, :kind, :detail, :body, :at)",
        reader=reader,
        name=row[1],
        kind=kind.value,
        detail=detail,
        body=body,
        at=moment(now),
    )
    return True


def take(session: Session, reader: str, key: str, kind: MarkKind, *, text: str) -> bool:
    """Take a mark away, under whichever of the paper's names it was made, and a saved one's notices."""
    names = [
        name
        for (name,) in session.all(
            "SELECT name FROM names WHERE paper = (SELECT paper FROM names WHERE name = :key)", key=key
        )
    ]
    taken = session.run(
        "DELETE FROM marks WHERE reader = :reader AND kind = :kind AND detail = :detail AND name IN (:names*)",
        reader=reader,
        kind=kind.value,
        detail=text if kind in _MANY else "",
        names=names,
    )
    if kind is MarkKind.SAVED:
        session.run(
            "DELETE FROM notices WHERE reader = :reader AND name IN (:names*)", reader=reader, names=names
        )
    return taken > 0


def marks(session: Session, reader: str, *, kinds: Collection[MarkKind]) -> tuple[Mark, ...]:
    """A reader's marks of these kinds, or all."""
    rows = session.all(
        f"SELECT p.id, m.kind, m.detail, m.body, m.at {_MARKS} AND m.kind IN (:kinds*)",
        reader=reader,
        kinds=sorted(kind.value for kind in kinds or MarkKind),
    )
    found = sorted(_newest(rows), key=lambda m: (m.paper, m.kind.value, m.text))
    return tuple(sorted(found, key=lambda m: m.at, reverse=True))


def marks_of(session: Session, reader: str, keys: Collection[str]) -> dict[str, list[Mark]]:
    """A reader's marks of the papers of these names, keyed by the name asked for."""
    asked: dict[str, list[str]] = {}
    for name, key in session.all(
        "SELECT n.name, p.id FROM names n JOIN papers p ON p.no = n.paper WHERE n.name IN (:names*) AND p.state = 0",
        names=sorted(keys),
    ):
        asked.setdefault(key, []).append(name)
    rows = session.all(
        f"SELECT p.id, m.kind, m.detail, m.body, m.at {_MARKS} AND p.id IN (:ids*)",
        reader=reader,
        ids=sorted(asked),
    )
    found: dict[str, list[Mark]] = {}
    for mark in sorted(_newest(rows), key=lambda m: (m.kind.value, m.text)):
        for name in asked[mark.paper.value]:
            found.setdefault(name, []).append(mark)
    return found


def _newest(rows: Iterable[Any]) -> list[Mark]:
    """One mark of each kind and detail for a paper, the newest where it was made under several names."""
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    for key, kind, detail, body, at in rows:
        place = key, kind, detail
        found[place] = max(found.get(place, ("", "")), (at, body))
    return [
        Mark(id_of(key), MarkKind(kind), datetime.fromisoformat(at), detail or body)
        for (key, kind, detail), (at, body) in found.items()
    ]


def marked(session: Session, reader: str, kind: MarkKind, *, text: str) -> list[Any]:
    """The rows of the papers that a reader marked so, last marked first."""
    return session.all(
        f"SELECT {PAPER} FROM (SELECT n.paper, max(m.at) AS at FROM marks m JOIN names n ON n.name = m.name "
        f"WHERE m.reader = :reader AND m.kind = :kind{' AND m.detail = :detail' if text else ''} GROUP BY n.paper) k "
        "JOIN papers p ON p.no = k.paper WHERE p.state = 0 ORDER BY k.at DESC, p.id",
        reader=reader,
        kind=kind.value,
        **({"detail": text} if text else {}),
    )


# -- news


def notices(session: Session, reader: str) -> tuple[Notice, ...]:
    """News of a reader's saved papers, newest first."""
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


def notify(session: Session, kind: NoticeKind, names: Collection[PaperId], *, at: str) -> None:
    """Tell everyone who saved a paper under any of these names, the first of which is its own."""
    own, *_ = [name.value for name in names]
    session.run(
        "INSERT INTO notices (reader, name, kind, at, seen) SELECT DISTINCT reader, :name, :kind, :at, 0 "
        "FROM marks WHERE kind = 'saved' AND name IN (:names*) ON CONFLICT DO NOTHING",
        name=own,
        kind=kind.value,
        at=at,
        names=[name.value for name in names],
    )

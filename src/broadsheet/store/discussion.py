"""The contract ``Discussion`` in SQL, for every engine: comments, and reports of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.store.commons import SAID, counted, paper_row, turn
from broadsheet.store.community import Comment, CommentState, Report
from broadsheet.store.engine import Session, Transaction
from broadsheet.store.rows import id_of, key_of, moment, time_of

_COMMENT = "c.id, p.id, c.author, c.at, c.body, c.parent, c.edited, c.state"
_COMMENTS = "FROM comments c JOIN names n ON n.name = c.name JOIN papers p ON p.no = n.paper"


class SqlDiscussion:
    """Comments on papers, in one database."""

    def __init__(self, *, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    def comment(self, comment: Comment) -> None:
        """Keep a new comment. Raises NotFoundError."""
        with self._changing() as session:
            no, key = paper_row(session, comment.paper)
            if comment.parent and not session.one(
                "SELECT 1 FROM comments c JOIN names n ON n.name = c.name WHERE c.id = :parent AND n.paper = :no",
                parent=comment.parent,
                no=no,
            ):
                raise NotFoundError(f"no comment {comment.parent!r} on {comment.paper}")
            session.run(
                "INSERT INTO comments VALUES (:id, :name, :parent, :author, :at, :edited, :state, :body)",
                id=comment.id,
                name=key,
                parent=comment.parent,
                author=comment.author,
                at=moment(comment.at),
                edited=moment(comment.edited) if comment.edited else "",
                state=comment.state.value,
                body=comment.text,
            )

    def find_comment(self, id: str) -> Comment | None:
        """A comment, whatever its state."""
        with self._reading() as session:
            row = session.one(f"SELECT {_COMMENT} {_COMMENTS} WHERE c.id = :id", id=id)
        return _comment(row) if row else None

    def comments(self, id: PaperId) -> tuple[Comment, ...]:
        """A paper's comments in every state, oldest first."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_COMMENT} {_COMMENTS} WHERE n.paper = (SELECT paper FROM names WHERE name = :key) "
                "ORDER BY c.at, c.id",
                key=key_of(id),
            )
        return tuple(map(_comment, rows))

    def comment_counts(self, ids: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """How many shown comments each has."""
        with self._reading() as session:
            return counted(session, ids, "count(*)", "comments t", " AND t.state = 'shown'")

    def latest_comments(self, *, author: str = "", limit: int = 50) -> tuple[Comment, ...]:
        """Shown comments, newest first."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT {_COMMENT} {_COMMENTS} WHERE c.state = 'shown' AND p.state = 0"
                + (" AND c.author = :author" if author else "")
                + " ORDER BY c.at DESC, c.id LIMIT :limit",
                limit=limit,
                **({"author": author} if author else {}),
            )
        return tuple(map(_comment, rows))

    def edit_comment(self, id: str, text: str, *, now: datetime) -> None:
        """Replace the text. Raises NotFoundError."""
        with self._changing() as session:
            if not session.run(
                "UPDATE comments SET body = :body, edited = :now WHERE id = :id AND state <> 'deleted'",
                id=id,
                body=text,
                now=moment(now),
            ):
                raise NotFoundError(f"no comment {id!r} here")

    def set_comment_state(self, id: str, state: CommentState) -> None:
        """Delete, hide or show it again. Raises NotFoundError."""
        with self._changing() as session:
            gone = state is CommentState.DELETED
            if not session.run(
                f"UPDATE comments SET state = :state{', body = :empty' if gone else ''} WHERE id = :id AND state <> 'deleted'",
                id=id,
                state=state.value,
                **({"empty": ""} if gone else {}),
            ):
                raise NotFoundError(f"no comment {id!r} here")
            session.run("DELETE FROM reports WHERE comment = :id", id=id)

    def report(self, report: Report) -> bool:
        """Keep a report, one of a reader on a comment. Raises NotFoundError."""
        with self._writing() as session:
            if not session.one(
                "SELECT 1 FROM comments WHERE id = :id AND state = 'shown'", id=report.comment
            ):
                raise NotFoundError(f"no comment {report.comment!r} here")
            return (
                session.run(
                    "INSERT INTO reports VALUES (:comment, :reader, :reason, :at) ON CONFLICT DO NOTHING",
                    comment=report.comment,
                    reader=report.reader,
                    reason=report.reason,
                    at=moment(report.at),
                )
                > 0
            )

    def reports(self) -> tuple[tuple[Comment, tuple[Report, ...]], ...]:
        """Reported comments that nobody has settled."""
        with self._reading() as session:
            rows = session.all(
                f"SELECT r.reader, r.reason, r.at, {_COMMENT} {_COMMENTS} JOIN reports r ON r.comment = c.id "
                "ORDER BY r.at, r.reader"
            )
        found: dict[str, tuple[Comment, list[Report]]] = {}
        for reader, reason, at, *rest in rows:
            comment = _comment(rest)
            reports = found.setdefault(comment.id, (comment, []))[1]
            reports.append(Report(comment=comment.id, reader=reader, reason=reason, at=time_of(at)))
        ordered = sorted(found.values(), key=lambda one: (-len(one[1]), one[1][0].at, one[0].id))
        return tuple((comment, tuple(reports)) for comment, reports in ordered)

    def settle_reports(self, comment: str) -> None:
        """The comment stands as it is."""
        with self._writing() as session:
            session.run("DELETE FROM reports WHERE comment = :id", id=comment)

    @contextmanager
    def _changing(self) -> Iterator[Session]:
        with self._writing() as session:
            yield session
            turn(session, SAID)


def _comment(row: Any) -> Comment:
    id, paper, author, at, text, parent, edited, state = row
    return Comment(
        id=id,
        paper=id_of(paper),
        author=author,
        at=time_of(at),
        text=text,
        parent=parent,
        edited=time_of(edited) if edited else None,
        state=CommentState(state),
    )

"""The desk on which papers are changed: loaded, merged, folded, and written back in one transaction.

Knows the tables; does not know how a transaction begins or ends, nor which engine it runs on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from broadsheet.ids import PaperId
from broadsheet.model import Derived, NoticeKind, Record, RelationKind, Revision
from broadsheet.store import marks
from broadsheet.store.contract import Taken
from broadsheet.store.engine import Session
from broadsheet.store.filing import Filing
from broadsheet.store.merge import Content, Text, merge, revises
from broadsheet.store.rows import decode, decode_revision, encode, encode_revision, id_of, moment
from broadsheet.store.sheet import FOLDED, GONE, SHOWN, Incoming, Sheet

_COLUMNS = "no, id, state, whole, seq, added, revised, digest, body, own"


class Desk:
    """Papers being changed within one write transaction; ``put_away`` writes them back."""

    def __init__(self, session: Session, *, now: datetime, tells: bool = True) -> None:
        """``tells``: whether readers hear of what changes."""
        self._session = session
        self._tells = tells
        self._now = moment(now)
        self._until = now
        # Each by itself, so that each is one look into an index.
        (self._no,) = session.one("SELECT coalesce(max(no), 0) FROM papers")
        (self._seq,) = session.one("SELECT coalesce(max(seq), 0) FROM papers")
        self._sheets: dict[int, Sheet] = {}
        self._numbers: dict[str, int] = {}
        self._renamed: dict[str, int] = {}
        self._touched: dict[int, Sheet] = {}
        self._revisions: list[dict[str, Any]] = []
        self._news: list[tuple[NoticeKind, tuple[PaperId, ...]]] = []

    # -- finding

    def fetch(self, names: Iterable[str]) -> None:
        """Put the papers of these names on the desk, with those folded into them."""
        found = self._session.all(
            "SELECT name, paper FROM names WHERE name IN (:names*)", names=sorted(set(names))
        )
        if not found:
            return
        self._numbers.update(found)
        numbers = sorted({number for _, number in found})
        self._lay(
            self._session.all(f"SELECT {_COLUMNS} FROM papers WHERE no IN (:numbers*)", numbers=numbers)
        )
        keepers = [number for number in numbers if self._sheets[number].own is not None]
        if keepers:
            rows = self._session.all(
                f"SELECT {_COLUMNS} FROM papers WHERE whole IN (:keepers*)", keepers=keepers
            )
            for sheet in self._lay(rows):
                assert sheet.whole is not None
                self._sheets[sheet.whole].members.append(sheet)

    def find(self, key: str) -> Sheet | None:
        """The paper that answers to a name, deleted ones included."""
        number = self._numbers.get(key)
        return None if number is None else self._sheets[number]

    def _lay(self, rows: Sequence[Any]) -> list[Sheet]:
        sheets = []
        for no, key, state, whole, seq, added, revised, digest, body, own in rows:
            sheet = Sheet(
                no, id_of(key), state, whole, seq, added, revised, digest, body, own, state, revised
            )
            self._sheets[no] = sheet
            sheets.append(sheet)
        return sheets

    # -- changing

    def take(self, incoming: Incoming) -> None:
        """Take in a record."""
        top = next((sheet for name in incoming.names if (sheet := self.find(name))), None)
        if incoming.content.record.deleted:
            if top is not None:
                self._delete(top, incoming)
            return
        if top is None:
            top = self._begin(incoming)
        else:
            self._merge(top, incoming)
        self._touched[top.no] = top
        self._join(top, incoming)

    def fold(self, kept: Sheet, other: Sheet) -> None:
        """Fold a shown paper, and all that was folded into it, into another."""
        self._news.append((NoticeKind.FOLDED, other.all_names()))
        for sheet in (other, *other.members):
            sheet.state, sheet.whole, sheet.changed = FOLDED, kept.no, True
            self._point(sheet, kept)
        kept.members += [other, *other.members]
        other.members = []
        kept.changed = True

    def unfold(self, kept: Sheet, member: Sheet) -> None:
        """Make a folded paper one of its own again."""
        kept.members.remove(member)
        kept.changed = member.changed = True
        member.state, member.whole = SHOWN, None
        self._point(member, member)

    def reread(self, numbers: Iterable[int], read: Callable[[Record, Derived], Derived]) -> None:
        """Read anew what derives from the texts of these papers."""
        for sheet in [self._sheets[no] for no in numbers if no in self._sheets]:
            content = sheet.content
            derived = read(content.record, content.derived)
            if derived != content.derived:
                sheet.content = replace(content, derived=derived)
                if sheet.whole is not None:
                    self._sheets[sheet.whole].changed = True  # what it shows is made from its parts

    def _begin(self, incoming: Incoming) -> Sheet:
        self._no += 1
        record = incoming.content.record
        sheet = Sheet(self._no, record.id, SHOWN, None, 0, self._now, 0, incoming.digest, "", None)
        sheet.content = incoming.content
        sheet.fresh = incoming.body
        self._sheets[sheet.no] = sheet
        self._numbers[incoming.key] = self._renamed[incoming.key] = sheet.no
        return sheet

    def _merge(self, top: Sheet, incoming: Incoming) -> None:
        part = top.part(incoming.content.record.id)
        if part.digest == incoming.digest and part.state != GONE:
            return
        back = part.state == GONE
        before = part.content
        after = merge(before, incoming.content, former=self._former(part))
        if after == before and not back:
            return
        part.content, part.digest = after, incoming.digest
        top.changed = True  # what it shows is made from its parts
        if revises(before.record, after.record):
            self._revise(part, before.record)
            if part is top and not back:
                self._news.append((NoticeKind.REVISED, top.all_names()))
        if back:
            part.state = SHOWN
        if after.record.withdrawn and not before.record.withdrawn and part is top:
            self._news.append((NoticeKind.WITHDRAWN, top.all_names()))

    def _former(self, sheet: Sheet) -> frozenset[Text]:
        if not sheet.stored_revised:
            return frozenset()
        rows = self._session.all("SELECT body FROM history WHERE paper = :no", no=sheet.no)
        former = (decode_revision(body) for (body,) in rows)
        return frozenset((" ".join(r.title.split()), " ".join(r.abstract.split())) for r in former)

    def _revise(self, sheet: Sheet, before: Record) -> None:
        revision = Revision(before.title, before.abstract, before.version, self._until)
        self._revisions.append({"no": sheet.no, "n": sheet.revised, "body": encode_revision(revision)})
        sheet.revised += 1

    def _delete(self, top: Sheet, incoming: Incoming) -> None:
        part = next((sheet for sheet in (top, *top.members) if sheet.id == incoming.content.record.id), None)
        if part is None or part.state == GONE:
            return  # a mere alias: the source took back a name, not the paper
        for member in [*top.members] if part is top else [part]:
            self.unfold(top, member)
            self._touched[member.no] = member
        self._news.append((NoticeKind.DELETED, part.own_names()))
        part.state, part.digest, part.changed = GONE, None, True
        self._touched[top.no] = top

    def _join(self, top: Sheet, incoming: Incoming) -> None:
        """See to a record's other names: unclaimed ones become aliases, other papers are folded in."""
        part = top.part(incoming.content.record.id)
        fresh: list[PaperId] = []
        for name in incoming.names:
            other = self.find(name)
            if other is None:
                self._numbers[name] = self._renamed[name] = top.no
                fresh.append(id_of(name))
            elif other is not top and other.state == SHOWN and not self.are_apart(top, other):
                self.fold(top, other)
        if fresh:
            part.aliases = part.aliases + tuple(fresh)

    def are_apart(self, one: Sheet, other: Sheet) -> bool:
        """Whether somebody unfolded one of these papers from the other."""
        values = {"ones": _names_of(one), "others": _names_of(other)}
        sql = "SELECT 1 FROM apart WHERE one IN (:ones*) AND other IN (:others*) LIMIT 1"
        return self._session.one(sql, **values) is not None

    def _point(self, sheet: Sheet, paper: Sheet) -> None:
        for name in sheet.own_names():
            self._numbers[name.value] = self._renamed[name.value] = paper.no

    # -- writing back

    def put_away(self) -> Taken:
        """Write everything back; gives what became of the papers that records touched."""
        changed = [sheet for sheet in self._sheets.values() if sheet.changed]
        rows: list[dict[str, Any]] = []
        filing = Filing()
        moved: set[int] = set()
        for sheet in changed:
            row, content = self._row(sheet)
            if self._is_visible_change(sheet, row):
                self._seq += 1
                row["seq"] = self._seq
                moved.add(sheet.no)
            rows.append(row)
            before = decode(sheet.id.value, sheet.body)[0] if sheet.stored_state == SHOWN else None
            filing.refile(sheet.no, before, content if sheet.state == SHOWN else None)
        run = self._session
        run.many(_PUT_PAPER, rows)
        run.many(_PUT_NAME, [{"name": name, "no": no} for name, no in self._renamed.items()])
        filing.write(run)
        for disputed in self._newly_disputed(filing):
            marks.notify(run, NoticeKind.DISPUTED, disputed, at=self._now)
        if moved:
            run.tell()
        run.many("INSERT INTO history VALUES (:no, :n, :body)", self._revisions)
        for kind, names in self._news:
            marks.notify(run, kind, names, at=self._now)
        return self._count(moved)

    def _newly_disputed(self, filing: Filing) -> list[tuple[PaperId, ...]]:
        """The names of the papers that others said for the first time that they dispute."""
        targets = {
            mention.target
            for no, target in filing.newly_mentioned()
            for mention in self._sheets[no].content.derived.mentions
            if mention.target == target and mention.kind is RelationKind.DISPUTES
        }
        if not targets or not self._tells:
            return []
        # A whole title is as good as a name where only one paper has it.
        rows = self._session.all(
            "SELECT p.id, n.name FROM names n JOIN papers p ON p.no = n.paper WHERE p.state = 0 AND p.no IN "
            "(SELECT paper FROM names WHERE name IN (:targets*) UNION "
            "SELECT min(paper) FROM titles WHERE key IN (:targets*) AND substr(key, 1, 1) = '=' GROUP BY key HAVING count(*) = 1) "
            "ORDER BY p.id, n.name",
            targets=sorted(targets),
        )
        names: dict[str, list[PaperId]] = {}
        for key, name in rows:
            names.setdefault(key, [id_of(key)]).append(id_of(name))
        return [tuple(of_one) for of_one in names.values()]

    def _row(self, sheet: Sheet) -> tuple[dict[str, Any], Content]:
        own: str | None = None
        content = sheet.content
        if sheet.members:
            own = encode(content, sheet.aliases)
            content = sheet.shown()
            body = encode(content, sorted(sheet.all_names()[1:]))
        else:
            body = sheet.fresh or encode(content, sheet.aliases)
        day = min((a.day for a in content.record.announcements), default=None)
        published = content.record.published
        dated = day or (published.date() if published else None)
        row = {
            "no": sheet.no,
            "id": sheet.id.value,
            "state": sheet.state,
            "whole": sheet.whole,
            "seq": sheet.seq,
            "day": day.isoformat() if day else "",
            "dated": dated.isoformat() if dated else "",
            "added": sheet.added,
            "revised": sheet.revised,
            "digest": sheet.digest,
            "body": body,
            "own": own,
        }
        return row, content

    def _is_visible_change(self, sheet: Sheet, row: dict[str, Any]) -> bool:
        if sheet.state != SHOWN:
            return sheet.stored_state in {SHOWN, None}
        return (
            sheet.stored_state != SHOWN or row["body"] != sheet.body or sheet.revised != sheet.stored_revised
        )

    def _count(self, moved: set[int]) -> Taken:
        new = changed = unchanged = removed = 0
        for no, sheet in self._touched.items():
            was, shown = sheet.stored_state == SHOWN, sheet.state == SHOWN
            if shown and not was:
                new += 1
            elif sheet.state == GONE and was:
                removed += 1
            elif no in moved and was:
                changed += 1
            elif shown:
                unchanged += 1
        return Taken(new, changed, unchanged, removed)


def _names_of(sheet: Sheet) -> list[str]:
    return [name.value for name in sheet.all_names()]


_PUT_PAPER = """
INSERT INTO papers (no, id, state, whole, seq, day, dated, added, revised, digest, body, own)
VALUES (:no, :id, :state, :whole, :seq, :day, :dated, :added, :revised, :digest, :body, :own)
ON CONFLICT (no) DO UPDATE SET
  state = excluded.state, whole = excluded.whole, seq = excluded.seq, day = excluded.day,
  dated = excluded.dated, revised = excluded.revised, digest = excluded.digest,
  body = excluded.body, own = excluded.own
"""
_PUT_NAME = "INSERT INTO names VALUES (:name, :no) ON CONFLICT (name) DO UPDATE SET paper = excluded.paper"

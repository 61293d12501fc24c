"""The contract ``Community`` in SQL, for every engine. ``discussion`` has comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final

from broadsheet.errors import NotFoundError
from broadsheet.ids import PaperId
from broadsheet.store.community import (
    Claim,
    Curation,
    Event,
    EventKind,
    LinkOffer,
    Note,
    Pin,
    Submission,
    Verdict,
)
from broadsheet.store.engine import Session, Transaction
from broadsheet.store.rows import id_of, key_of, moment, time_of

# What of it changed: pages that show the one need not be made anew for the other.
SAID: Final = "said"  # votes, submissions, comments
EDITED: Final = "edited"  # what curators and moderators do

# Looking a member up in a dict is several times quicker than calling the enum.
_EVENT_KINDS: Final = {kind.value: kind for kind in EventKind}


class SqlCommunity:
    """Votes, submissions, links, claims and curated editions, in one database."""

    def __init__(self, *, reading: Transaction, writing: Transaction) -> None:
        self._reading = reading
        self._writing = writing

    def state(self) -> int:
        """A number that grows with every vote, submission and comment."""
        return self._turns(SAID)

    def editorial_state(self) -> int:
        """A number that grows with everything that curators and moderators do."""
        return self._turns(EDITED)

    # -- votes

    def vote(self, reader: str, id: PaperId, *, now: datetime) -> bool:
        """Vote for a paper, once."""
        with self._changing(SAID) as session:
            no, key = paper_row(session, id)
            if _voted(session, reader, [no]):
                return False
            session.run(
                "INSERT INTO votes VALUES (:name, :reader, :at)", name=key, reader=reader, at=moment(now)
            )
        return True

    def unvote(self, reader: str, id: PaperId) -> bool:
        """Take the vote back."""
        with self._changing(SAID) as session:
            return (
                session.run(
                    "DELETE FROM votes WHERE reader = :reader AND name IN "
                    "(SELECT name FROM names WHERE paper = (SELECT paper FROM names WHERE name = :key))",
                    reader=reader,
                    key=key_of(id),
                )
                > 0
            )

    def votes(self, ids: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """How many voted for each."""
        with self._reading() as session:
            return counted(session, ids, "count(DISTINCT t.reader)", "votes t", "")

    def voted(self, reader: str, ids: Iterable[PaperId]) -> frozenset[PaperId]:
        """Those of the papers that a reader voted for."""
        with self._reading() as session:
            numbers = _numbers(session, ids)
            mine = _voted(session, reader, numbers.values())
        return frozenset(id for id, no in numbers.items() if no in mine)

    def events(self, since: datetime) -> tuple[Event, ...]:
        """What people did since a moment."""
        paper = "JOIN names n ON n.name = t.name JOIN papers p ON p.no = n.paper WHERE p.state = 0 AND t.at >= :since"
        with self._reading() as session:
            rows = session.all(
                f"SELECT p.id, 'vote', t.reader, t.at FROM votes t {paper} "
                f"UNION ALL SELECT p.id, CASE t.kind WHEN 'saved' THEN 'save' ELSE 'read' END, t.reader, t.at "
                f"FROM marks t {paper} AND t.kind IN ('saved', 'read') "
                f"UNION ALL SELECT p.id, 'comment', t.author, t.at FROM comments t {paper} AND t.state = 'shown'",
                since=moment(since),
            )
        rows.sort(key=itemgetter(3, 0, 1, 2))
        return tuple(
            Event(id_of(key), _EVENT_KINDS[kind], reader, datetime.fromisoformat(at))
            for key, kind, reader, at in rows
        )

    # -- papers

    def submit(self, reader: str, id: PaperId, *, now: datetime) -> bool:
        """Note who submitted a paper."""
        with self._changing(SAID) as session:
            no, key = paper_row(session, id)
            if session.one(
                "SELECT 1 FROM submissions s JOIN names n ON n.name = s.name WHERE n.paper = :no", no=no
            ):
                return False
            session.run(
                "INSERT INTO submissions VALUES (:name, :reader, :at)",
                name=key,
                reader=reader,
                at=moment(now),
            )
        return True

    def submissions(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Submission]:
        """The first submission of each."""
        with self._reading() as session:
            numbers = _numbers(session, ids)
            rows = session.all(
                "SELECT n.paper, s.at, s.reader, p.id FROM submissions s JOIN names n ON n.name = s.name "
                "JOIN papers p ON p.no = n.paper WHERE n.paper IN (:numbers*)",
                numbers=sorted(set(numbers.values())),
            )
        first = {no: (at, reader, key) for no, at, reader, key in sorted(rows, reverse=True)}
        return {
            id: Submission(paper=id_of(first[no][2]), reader=first[no][1], at=time_of(first[no][0]))
            for id, no in numbers.items()
            if no in first
        }

    def latest_submissions(self, *, reader: str = "", limit: int = 50) -> tuple[Submission, ...]:
        """Submissions, newest first."""
        with self._reading() as session:
            rows = session.all(
                "SELECT p.id, s.reader, s.at FROM submissions s JOIN names n ON n.name = s.name "
                "JOIN papers p ON p.no = n.paper WHERE p.state = 0"
                + (" AND s.reader = :reader" if reader else "")
                + " ORDER BY s.at DESC, p.id LIMIT :limit",
                limit=limit,
                **({"reader": reader} if reader else {}),
            )
        return tuple(Submission(paper=id_of(key), reader=who, at=time_of(at)) for key, who, at in rows)

    def hide_paper(self, id: PaperId, *, by: str, why: str, now: datetime) -> bool:
        """Keep a paper out of editions, lists and searches."""
        with self._changing(EDITED) as session:
            _, key = paper_row(session, id)
            return (
                session.run(
                    "INSERT INTO kept_out VALUES (:name, :reader, :why, :at) ON CONFLICT DO NOTHING",
                    name=key,
                    reader=by,
                    why=why,
                    at=moment(now),
                )
                > 0
            )

    def show_paper(self, id: PaperId) -> bool:
        """Let it in again."""
        with self._changing(EDITED) as session:
            return (
                session.run(
                    "DELETE FROM kept_out WHERE name IN "
                    "(SELECT name FROM names WHERE paper = (SELECT paper FROM names WHERE name = :key))",
                    key=key_of(id),
                )
                > 0
            )

    def hidden_papers(self) -> Mapping[PaperId, str]:
        """What is kept out, and why."""
        with self._reading() as session:
            rows = session.all(
                "SELECT p.id, k.why FROM kept_out k JOIN names n ON n.name = k.name JOIN papers p ON p.no = n.paper"
            )
        return {id_of(key): why for key, why in sorted(rows)}

    def offer_link(self, offer: LinkOffer) -> bool:
        """Offer a link."""
        with self._writing() as session:
            no, key = paper_row(session, offer.paper)
            if session.one(
                "SELECT 1 FROM offers o JOIN names n ON n.name = o.name WHERE n.paper = :no AND o.url = :url",
                no=no,
                url=offer.url,
            ):
                return False
            session.run(
                "INSERT INTO offers VALUES (:name, :url, :kind, :reader, :at, :verdict)",
                name=key,
                url=offer.url,
                kind=offer.kind,
                reader=offer.reader,
                at=moment(offer.at),
                verdict=offer.verdict.value,
            )
        return True

    def links(self, id: PaperId) -> tuple[LinkOffer, ...]:
        """The accepted links of a paper."""
        found = self._offers(
            "n.paper = (SELECT paper FROM names WHERE name = :key) AND o.verdict = 'accepted'", key=key_of(id)
        )
        return tuple(sorted(found, key=lambda o: (o.kind, o.url)))

    def open_links(self) -> tuple[LinkOffer, ...]:
        """Offers that wait for a verdict."""
        return tuple(sorted(self._offers("o.verdict = 'open'"), key=lambda o: (o.at, o.paper, o.url)))

    def judge_link(self, id: PaperId, url: str, verdict: Verdict) -> bool:
        """Accept or refuse."""
        with self._changing(EDITED) as session:
            return (
                session.run(
                    "UPDATE offers SET verdict = :verdict WHERE url = :url AND name IN "
                    "(SELECT name FROM names WHERE paper = (SELECT paper FROM names WHERE name = :key))",
                    verdict=verdict.value,
                    url=url,
                    key=key_of(id),
                )
                > 0
            )

    # -- authors

    def claim(self, claim: Claim) -> bool:
        """Claim to be an author."""
        with self._writing() as session:
            return (
                session.run(
                    "INSERT INTO claims VALUES (:author, :reader, :evidence, :at, :verdict) ON CONFLICT DO NOTHING",
                    author=claim.author,
                    reader=claim.reader,
                    evidence=claim.evidence,
                    at=moment(claim.at),
                    verdict=claim.verdict.value,
                )
                > 0
            )

    def open_claims(self) -> tuple[Claim, ...]:
        """Claims that wait for a verdict."""
        return tuple(sorted(self._claims("verdict = 'open'"), key=lambda c: (c.at, c.author, c.reader)))

    def judge_claim(self, author: str, reader: str, verdict: Verdict) -> bool:
        """Accept or refuse."""
        with self._changing(EDITED) as session:
            return (
                session.run(
                    "UPDATE claims SET verdict = :verdict WHERE author = :author AND reader = :reader",
                    verdict=verdict.value,
                    author=author,
                    reader=reader,
                )
                > 0
            )

    def claims(self, *, author: str = "", reader: str = "") -> tuple[Claim, ...]:
        """The accepted claims of an author key, or of a reader."""
        asked = {name: value for name, value in (("author", author), ("reader", reader)) if value}
        where = " AND ".join(["verdict = 'accepted'", *(f"{name} = :{name}" for name in asked)])
        return tuple(sorted(self._claims(where, **asked), key=lambda c: (c.author, c.at, c.reader)))

    # -- editions

    def pin(self, day: date, pin: Pin) -> None:
        """Set a paper into an edition, or set it otherwise."""
        with self._changing(EDITED) as session:
            _, key = paper_row(session, pin.paper)
            _unpin(session, day, pin.paper)
            session.run(
                "INSERT INTO pins VALUES (:day, :name, :place, :note, :reader, :since)",
                day=day.isoformat(),
                name=key,
                place=pin.place,
                note=pin.note,
                reader=pin.by,
                since=moment(pin.since),
            )

    def unpin(self, day: date, id: PaperId) -> bool:
        """Take it out."""
        with self._changing(EDITED) as session:
            return _unpin(session, day, id)

    def write_note(self, day: date, note: Note | None) -> None:
        """Set the editor's note of an edition."""
        with self._changing(EDITED) as session:
            session.run("DELETE FROM notes WHERE day = :day", day=day.isoformat())
            if note is not None:
                session.run(
                    "INSERT INTO notes VALUES (:day, :body, :reader, :since)",
                    day=day.isoformat(),
                    body=note.text,
                    reader=note.by,
                    since=moment(note.since),
                )

    def curation(self, day: date, *, now: datetime | None = None) -> Curation:
        """What was made of a day."""
        until = moment(now) if now else "9"  # after every moment
        with self._reading() as session:
            rows = session.all(
                "SELECT t.place, p.id, t.note, t.reader, t.since FROM pins t JOIN names n ON n.name = t.name "
                "JOIN papers p ON p.no = n.paper WHERE t.day = :day AND t.since <= :until AND p.state = 0",
                day=day.isoformat(),
                until=until,
            )
            note = session.one(
                "SELECT body, reader, since FROM notes WHERE day = :day AND since <= :until",
                day=day.isoformat(),
                until=until,
            )
        pins = tuple(
            Pin(paper=id_of(key), place=place, note=text, by=by, since=time_of(since))
            for place, key, text, by, since in sorted(rows)
        )
        return Curation(
            day=day, pins=pins, note=Note(text=note[0], by=note[1], since=time_of(note[2])) if note else None
        )

    # -- within

    def _turns(self, name: str) -> int:
        with self._reading() as session:
            row = session.one("SELECT state FROM turns WHERE name = :name", name=name)
        return int(row[0]) if row else 0

    @contextmanager
    def _changing(self, what: str) -> Iterator[Session]:
        with self._writing() as session:
            yield session
            turn(session, what)

    def _offers(self, where: str, **values: Any) -> list[LinkOffer]:
        with self._reading() as session:
            rows = session.all(
                "SELECT p.id, o.url, o.kind, o.reader, o.at, o.verdict FROM offers o "
                f"JOIN names n ON n.name = o.name JOIN papers p ON p.no = n.paper WHERE {where}",
                **values,
            )
        return [
            LinkOffer(
                paper=id_of(key), url=url, kind=kind, reader=reader, at=time_of(at), verdict=Verdict(verdict)
            )
            for key, url, kind, reader, at, verdict in rows
        ]

    def _claims(self, where: str, **values: Any) -> list[Claim]:
        with self._reading() as session:
            rows = session.all(
                f"SELECT author, reader, evidence, at, verdict FROM claims WHERE {where}", **values
            )
        return [
            Claim(author=author, reader=reader, evidence=evidence, at=time_of(at), verdict=Verdict(verdict))
            for author, reader, evidence, at, verdict in rows
        ]


def counted(
    session: Session, ids: Iterable[PaperId], what: str, table: str, where: str
) -> dict[PaperId, int]:
    """A count over a table ``t`` for each paper, keyed by the id asked for; those that come to 0 are left out."""
    numbers = _numbers(session, ids)
    rows = session.all(
        f"SELECT n.paper, {what} FROM {table} JOIN names n ON n.name = t.name "
        f"WHERE n.paper IN (:numbers*){where} GROUP BY n.paper",
        numbers=sorted(set(numbers.values())),
    )
    counts = dict(rows)
    return {id: int(counts[no]) for id, no in numbers.items() if counts.get(no)}


def turn(session: Session, what: str) -> None:
    """Note that something public changed."""
    session.run(
        "INSERT INTO turns VALUES (:what, 1) ON CONFLICT (name) DO UPDATE SET state = turns.state + 1",
        what=what,
    )


def leave(session: Session, reader: str) -> None:
    """Take a deleted account out of what people do together: its votes and offers go, its comments lose text and name."""
    for table in ("votes", "reports", "claims"):
        session.run(f"DELETE FROM {table} WHERE reader = :reader", reader=reader)
    session.run("DELETE FROM offers WHERE reader = :reader AND verdict <> 'accepted'", reader=reader)
    session.run(
        "UPDATE comments SET body = '', author = '', state = 'deleted' WHERE author = :reader", reader=reader
    )
    for table in ("submissions", "offers", "pins", "notes", "kept_out"):
        session.run(f"UPDATE {table} SET reader = '' WHERE reader = :reader", reader=reader)
    turn(session, SAID)
    turn(session, EDITED)


def paper_row(session: Session, id: PaperId) -> tuple[int, str]:
    """The number and present name of a shown paper. Raises NotFoundError."""
    row = session.one(
        "SELECT p.no, p.id FROM names n JOIN papers p ON p.no = n.paper WHERE n.name = :key AND p.state = 0",
        key=key_of(id),
    )
    if row is None:
        raise NotFoundError(f"no paper {id.value!r} in this archive")
    return row[0], row[1]


def _numbers(session: Session, ids: Iterable[PaperId]) -> dict[PaperId, int]:
    asked = {key_of(id): id for id in ids}
    rows = session.all("SELECT name, paper FROM names WHERE name IN (:names*)", names=list(asked))
    return {asked[name]: no for name, no in rows}


def _voted(session: Session, reader: str, numbers: Iterable[int]) -> set[int]:
    rows = session.all(
        "SELECT n.paper FROM votes t JOIN names n ON n.name = t.name WHERE t.reader = :reader AND n.paper IN (:numbers*)",
        reader=reader,
        numbers=sorted(set(numbers)),
    )
    return {no for (no,) in rows}


def _unpin(session: Session, day: date, id: PaperId) -> bool:
    return (
        session.run(
            "DELETE FROM pins WHERE day = :day AND name IN "
            "(SELECT name FROM names WHERE paper = (SELECT paper FROM names WHERE name = :key))",
            day=day.isoformat(),
            key=key_of(id),
        )
        > 0
    )

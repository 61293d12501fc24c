"""What readers of one archive do together: vote, discuss, submit, curate, moderate. Knows no page.

Who may do what is decided by whoever calls, with ``people.Visitor``; here is what a thing must be to be kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from broadsheet.errors import InputError, NotFoundError, RefusedError
from broadsheet.ids import PaperId
from broadsheet.library.throttle import Throttle
from broadsheet.model import LinkKind, author_key
from broadsheet.store.community import (
    Claim,
    Comment,
    CommentState,
    Curation,
    LinkOffer,
    Note,
    Pin,
    Report,
    Submission,
    Verdict,
)
from broadsheet.store.contract import Store

LONGEST_COMMENT: Final = 10_000  # characters
LONGEST_NOTE: Final = 2_000
LONGEST_REASON: Final = 500
DEEPEST: Final = 4  # answers to answers; deeper ones stand beside each other
PINS: Final = 20
_LINKS: Final = frozenset({LinkKind.CODE, LinkKind.DATA, LinkKind.MODEL, LinkKind.PROJECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment in its place: who wrote it, how deep it stands, and whether anything answers it."""

    comment: Comment
    author: str  # the name, "" where the account is gone
    depth: int
    answered: bool


class Commons:
    """What readers of one archive do together."""

    def __init__(
        self,
        store: Store,
        *,
        now: Callable[[], datetime],
        random: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._community = store.community
        self._discussion = store.discussion
        self._people = store.people
        self._now = now
        self._random = random
        self._comments = Throttle(store.tallies, "comment", limit=30, window=timedelta(hours=1))
        self._submissions = Throttle(store.tallies, "submission", limit=50, window=timedelta(days=1))

    def state(self) -> int:
        """A number that grows with every vote, submission and comment."""
        return self._community.state()

    def editorial_state(self) -> int:
        """A number that grows with everything that curators and moderators do."""
        return self._community.editorial_state()

    # -- votes

    def vote(self, reader: str, id: PaperId) -> bool:
        """Vote for a paper, once. Raises NotFoundError."""
        return self._community.vote(reader, id, now=self._now())

    def unvote(self, reader: str, id: PaperId) -> bool:
        """Take the vote back."""
        return self._community.unvote(reader, id)

    def votes(self, ids: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """How many voted for each here."""
        return self._community.votes(ids)

    def voted(self, reader: str, ids: Iterable[PaperId]) -> frozenset[PaperId]:
        """Those that a reader voted for."""
        return self._community.voted(reader, ids) if reader else frozenset()

    # -- discussion

    def comment(self, reader: str, id: PaperId, text: str, *, parent: str = "") -> Comment:
        """Write about a paper, or answer. Raises InputError, NotFoundError, TooManyError."""
        text = _prose(text, LONGEST_COMMENT, "comment")
        now = self._now()
        self._comments.take(reader, now=now)
        comment = Comment(id=self._random(), paper=id, author=reader, at=now, text=text, parent=parent)
        self._discussion.comment(comment)
        return comment

    def edit(self, reader: str, id: str, text: str) -> Comment:
        """Change one's own comment. Raises RefusedError for another's."""
        comment = self._own(reader, id)
        self._discussion.edit_comment(id, _prose(text, LONGEST_COMMENT, "comment"), now=self._now())
        return comment

    def delete(self, reader: str, id: str) -> Comment:
        """Delete one's own comment; what answers it stays."""
        comment = self._own(reader, id)
        self._discussion.set_comment_state(id, CommentState.DELETED)
        return comment

    def find_comment(self, id: str) -> Comment:
        """A comment. Raises NotFoundError."""
        comment = self._discussion.find_comment(id)
        if comment is None:
            raise NotFoundError(f"no comment {id!r} here")
        return comment

    def thread(self, id: PaperId) -> tuple[Remark, ...]:
        """A paper's comments, each followed by its answers; deleted ones only where something answers them."""
        comments = self._discussion.comments(id)
        names = self._people.names_of(comment.author for comment in comments)
        return _threaded(comments, names)

    def comment_counts(self, ids: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """How many comments each paper has."""
        return self._discussion.comment_counts(ids)

    def latest_comments(self, *, limit: int = 50) -> tuple[Remark, ...]:
        """The newest comments on any paper."""
        comments = self._discussion.latest_comments(limit=limit)
        names = self._people.names_of(comment.author for comment in comments)
        return tuple(
            Remark(comment=c, author=names.get(c.author, ""), depth=0, answered=False) for c in comments
        )

    def report(self, reader: str, id: str, reason: str) -> bool:
        """Say that a comment should not stand. Raises InputError, NotFoundError."""
        reason = _prose(reason, LONGEST_REASON, "reason")
        return self._discussion.report(Report(comment=id, reader=reader, reason=reason, at=self._now()))

    def reports(self) -> tuple[tuple[Comment, tuple[Report, ...]], ...]:
        """Reported comments that wait for a moderator."""
        return self._discussion.reports()

    def moderate(self, id: str, *, hide: bool) -> Comment:
        """Hide a comment, or let it stand; either settles its reports."""
        comment = self.find_comment(id)
        if hide or comment.state is CommentState.HIDDEN:
            self._discussion.set_comment_state(id, CommentState.HIDDEN if hide else CommentState.SHOWN)
        else:
            self._discussion.settle_reports(id)
        return comment

    # -- papers

    def submit(self, reader: str, id: PaperId) -> bool:
        """Bring a paper to everybody's notice; False where somebody had. Raises NotFoundError, TooManyError."""
        now = self._now()
        self._submissions.take(reader, now=now)
        return self._community.submit(reader, id, now=now)

    def submissions(self, ids: Iterable[PaperId]) -> Mapping[PaperId, tuple[Submission, str]]:
        """Who submitted each, and their name."""
        found = self._community.submissions(ids)
        names = self._people.names_of(submission.reader for submission in found.values())
        return {id: (one, names.get(one.reader, "")) for id, one in found.items()}

    def latest_submissions(self, *, limit: int = 50) -> tuple[Submission, ...]:
        """What was submitted last."""
        return self._community.latest_submissions(limit=limit)

    def submitted_by(self, name: str, *, limit: int = 1000) -> tuple[PaperId, ...]:
        """What the account of a name submitted, last first; nothing where there is none."""
        found = self._people.find(name)
        # An address finds an account too, but whose it is is nobody's business.
        if found is None or found[0].name.casefold() != name.strip().casefold():
            return ()
        submissions = self._community.latest_submissions(reader=found[0].id, limit=limit)
        return tuple(submission.paper for submission in submissions)

    def keep_out(self, id: PaperId, *, by: str, why: str) -> bool:
        """Keep a paper out of editions, lists and searches. Raises InputError without a reason."""
        return self._community.hide_paper(
            id, by=by, why=_prose(why, LONGEST_REASON, "reason"), now=self._now()
        )

    def let_in(self, id: PaperId) -> bool:
        """Let it in again."""
        return self._community.show_paper(id)

    def kept_out(self) -> Mapping[PaperId, str]:
        """What is kept out, and why."""
        return self._community.hidden_papers()

    def offer_link(self, reader: str, id: PaperId, url: str, kind: str) -> bool:
        """Offer a paper's code, data or project page. Raises InputError."""
        if kind not in {k.value for k in _LINKS}:
            raise InputError(
                f"no kind of link {kind!r}; expected {', '.join(sorted(k.value for k in _LINKS))}"
            )
        offer = LinkOffer(paper=id, url=_address(url), kind=kind, reader=reader, at=self._now())
        return self._community.offer_link(offer)

    def links(self, id: PaperId) -> tuple[LinkOffer, ...]:
        """The links that were offered and accepted."""
        return self._community.links(id)

    def open_links(self) -> tuple[LinkOffer, ...]:
        """Offers that wait for a curator."""
        return self._community.open_links()

    def judge_link(self, id: PaperId, url: str, *, accept: bool) -> None:
        """Accept or refuse an offer. Raises NotFoundError."""
        if not self._community.judge_link(id, url, Verdict.ACCEPTED if accept else Verdict.REFUSED):
            raise NotFoundError(f"nobody offered {url!r} for {id}")

    # -- authors

    def claim(self, reader: str, author: str, evidence: str) -> bool:
        """Say that one is an author. Raises InputError without evidence."""
        claim = Claim(
            author=author_key(author),
            reader=reader,
            evidence=_prose(evidence, LONGEST_REASON, "evidence"),
            at=self._now(),
        )
        return self._community.claim(claim)

    def open_claims(self) -> tuple[Claim, ...]:
        """Claims that wait for a curator."""
        return self._community.open_claims()

    def judge_claim(self, author: str, reader: str, *, accept: bool) -> None:
        """Accept or refuse a claim. Raises NotFoundError."""
        if not self._community.judge_claim(author, reader, Verdict.ACCEPTED if accept else Verdict.REFUSED):
            raise NotFoundError(f"nobody claims to be {author!r}")

    def claimants(self, author: str) -> tuple[str, ...]:
        """The names of those who are this author, as curators found."""
        readers = [claim.reader for claim in self._community.claims(author=author)]
        names = self._people.names_of(readers)
        return tuple(names[reader] for reader in readers if reader in names)

    def claimed_by(self, reader: str) -> tuple[str, ...]:
        """The author keys that a reader is."""
        return tuple(claim.author for claim in self._community.claims(reader=reader))

    # -- editions

    def pin(
        self, day: date, id: PaperId, *, place: int, note: str, by: str, since: datetime | None = None
    ) -> None:
        """Set a paper into an edition at a place, now or from a moment on. Raises InputError, NotFoundError."""
        if not 1 <= place <= PINS:
            raise InputError(f"not a place: {place}; expected 1 to {PINS}")
        text = _prose(note, LONGEST_REASON, "note", may_be_empty=True)
        self._community.pin(day, Pin(paper=id, place=place, note=text, by=by, since=since or self._now()))

    def unpin(self, day: date, id: PaperId) -> bool:
        """Take it out."""
        return self._community.unpin(day, id)

    def write_note(self, day: date, text: str, *, by: str, since: datetime | None = None) -> None:
        """Write the editor's note of an edition; an empty one takes it away."""
        text = _prose(text, LONGEST_NOTE, "note", may_be_empty=True)
        note = Note(text=text, by=by, since=since or self._now()) if text else None
        self._community.write_note(day, note)

    def curation(self, day: date, *, scheduled: bool = False) -> Curation:
        """What was made of a day, as readers see it, or with what is scheduled."""
        return self._community.curation(day, now=None if scheduled else self._now())

    # -- within

    def names_of(self, readers: Iterable[str]) -> Mapping[str, str]:
        """The names of accounts by id."""
        return self._people.names_of(readers)

    def _own(self, reader: str, id: str) -> Comment:
        comment = self.find_comment(id)
        if comment.author != reader or comment.state is not CommentState.SHOWN:
            raise RefusedError("only its author changes a comment, and only while it is shown")
        return comment


def _threaded(comments: Sequence[Comment], names: Mapping[str, str]) -> tuple[Remark, ...]:
    """Comments, oldest first, as a thread: each before its answers, without what nobody sees and nothing answers."""
    kept: set[str] = set()
    answered: set[str] = set()
    for comment in reversed(comments):  # an answer is younger than what it answers
        if comment.state is CommentState.SHOWN or comment.id in answered:
            kept.add(comment.id)
            answered.add(comment.parent)
    answers: dict[str, list[Comment]] = {}
    for comment in comments:
        if comment.id in kept:
            answers.setdefault(comment.parent, []).append(comment)
    found: list[Remark] = []
    waiting = [(comment, 0) for comment in reversed(answers.get("", ()))]
    while waiting:
        comment, depth = waiting.pop()
        found.append(
            Remark(
                comment=comment,
                author=names.get(comment.author, ""),
                depth=depth,
                answered=comment.id in answered,
            )
        )
        below = min(depth + 1, DEEPEST)
        waiting += [(answer, below) for answer in reversed(answers.get(comment.id, ()))]
    return tuple(found)


def _prose(text: str, longest: int, what: str, *, may_be_empty: bool = False) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text and not may_be_empty:
        raise InputError(f"an empty {what}; expected a few words")
    if len(text) > longest:
        raise InputError(f"a {what} of {len(text):,} characters; expected at most {longest:,}")
    if any(not c.isprintable() and c not in "\n\t" for c in text):
        raise InputError(f"a {what} with control characters; expected plain text")
    return text


def _address(text: str) -> str:
    text = text.strip()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not parts.username
    except ValueError:
        sound = False
    if not sound or not text.isprintable() or " " in text or len(text) > 500:
        raise InputError(f"not a web address: {text[:80]!r}; expected e.g. 'https://github.com/owner/name'")
    return text

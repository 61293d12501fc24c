"""The contract of what people do together: votes, comments, submissions, curation, moderation, claims.

Everything here is public except reports and what waits for a curator. A reader is named by the id of the
account (or of the one reader); papers by any of their names, and what was said of folded papers is united.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from broadsheet.ids import PaperId


class CommentState(StrEnum):
    """Whether a comment is seen."""

    SHOWN = "shown"
    DELETED = "deleted"  # by its author; its text is gone
    HIDDEN = "hidden"  # by a moderator; its text is kept for the appeal


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody wrote about a paper, in Markdown. ``parent`` is the comment it answers, or ""."""

    id: str
    paper: PaperId
    author: str  # "" where the account is deleted
    at: datetime
    text: str
    parent: str = ""
    edited: datetime | None = None
    state: CommentState = CommentState.SHOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Somebody thinks that a comment should not stand."""

    comment: str
    reader: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Who brought a paper to this archive's notice first, and when."""

    paper: PaperId
    reader: str
    at: datetime


class Verdict(StrEnum):
    """What a curator made of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOffer:
    """A code, data or project page that a reader offers for a paper."""

    paper: PaperId
    url: str
    kind: str  # of ``model.LinkKind``
    reader: str
    at: datetime
    verdict: Verdict = Verdict.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody says that they are the author whose key this is."""

    author: str
    reader: str
    evidence: str
    at: datetime
    verdict: Verdict = Verdict.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A paper that a curator set into an edition, with a line on why. ``place`` 1 stands first."""

    paper: PaperId
    place: int
    note: str
    by: str
    since: datetime  # from when it shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the editor says at the head of an edition."""

    text: str
    by: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """What a curator made of a day's edition."""

    day: date
    pins: tuple[Pin, ...] = ()
    note: Note | None = None


class EventKind(StrEnum):
    """What can make a paper trend."""

    VOTE = "vote"
    SAVE = "save"
    READ = "read"
    COMMENT = "comment"


class Event(NamedTuple):
    """Somebody did something with a paper."""

    paper: PaperId
    kind: EventKind
    reader: str
    at: datetime


class Community(Protocol):
    """See ``store.contract`` for threads, transactions and errors. Unknown papers raise NotFoundError in writes."""

    def state(self) -> int:
        """A number that grows with every vote, submission and comment."""
        ...

    def editorial_state(self) -> int:
        """A number that grows with everything that curators and moderators do."""
        ...

    # -- votes

    def vote(self, reader: str, id: PaperId, *, now: datetime) -> bool:
        """Vote for a paper, once; False where the reader had."""
        ...

    def unvote(self, reader: str, id: PaperId) -> bool:
        """Take the vote back; False where there was none."""
        ...

    def votes(self, ids: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """How many voted for each; papers without a vote are left out."""
        ...

    def voted(self, reader: str, ids: Iterable[PaperId]) -> frozenset[PaperId]:
        """Those of the papers that a reader voted for."""
        ...

    def events(self, since: datetime) -> tuple[Event, ...]:
        """What people did since a moment, oldest first, ties by paper, kind and reader."""
        ...

    # -- papers

    def submit(self, reader: str, id: PaperId, *, now: datetime) -> bool:
        """Note who submitted a paper; False where somebody had."""
        ...

    def submissions(self, ids: Iterable[PaperId]) -> Mapping[PaperId, Submission]:
        """The first submission of each; papers without are left out."""
        ...

    def latest_submissions(self, *, reader: str = "", limit: int = 50) -> tuple[Submission, ...]:
        """Submissions, of one reader or at all, newest first."""
        ...

    def hide_paper(self, id: PaperId, *, by: str, why: str, now: datetime) -> bool:
        """Keep a paper out of editions, lists and searches; False where it was."""
        ...

    def show_paper(self, id: PaperId) -> bool:
        """Let it in again; False where it was not hidden."""
        ...

    def hidden_papers(self) -> Mapping[PaperId, str]:
        """What is kept out, and why."""
        ...

    def offer_link(self, offer: LinkOffer) -> bool:
        """Offer a link; False where the paper has this address already, in whatever verdict."""
        ...

    def links(self, id: PaperId) -> tuple[LinkOffer, ...]:
        """The accepted links of a paper, by kind and address."""
        ...

    def open_links(self) -> tuple[LinkOffer, ...]:
        """Offers that wait for a verdict, the longest waiting first."""
        ...

    def judge_link(self, id: PaperId, url: str, verdict: Verdict) -> bool:
        """Accept or refuse; False where there is no such offer."""
        ...

    # -- authors

    def claim(self, claim: Claim) -> bool:
        """Claim to be an author; False where the reader had."""
        ...

    def open_claims(self) -> tuple[Claim, ...]:
        """Claims that wait for a verdict, the longest waiting first."""
        ...

    def judge_claim(self, author: str, reader: str, verdict: Verdict) -> bool:
        """Accept or refuse; False where there is no such claim."""
        ...

    def claims(self, *, author: str = "", reader: str = "") -> tuple[Claim, ...]:
        """The accepted claims of an author key, or of a reader, by author and moment."""
        ...

    # -- editions

    def pin(self, day: date, pin: Pin) -> None:
        """Set a paper into an edition, or set it otherwise."""
        ...

    def unpin(self, day: date, id: PaperId) -> bool:
        """Take it out; False where it was not pinned."""
        ...

    def write_note(self, day: date, note: Note | None) -> None:
        """Set the editor's note of an edition; None takes it away."""
        ...

    def curation(self, day: date, *, now: datetime | None = None) -> Curation:
        """What was made of a day: as readers see it at ``now``, or with what is scheduled where that is None."""
        ...


class Discussion(Protocol):
    """What people write about papers. See ``store.contract`` for threads, transactions and errors."""

    def comment(self, comment: Comment) -> None:
        """Keep a new comment. Raises NotFoundError, also where its parent is not of this paper."""
        ...

    def find_comment(self, id: str) -> Comment | None:
        """A comment, whatever its state."""
        ...

    def comments(self, id: PaperId) -> tuple[Comment, ...]:
        """A paper's comments in every state, oldest first."""
        ...

    def comment_counts(self, ids: Iterable[PaperId]) -> Mapping[PaperId, int]:
        """How many shown comments each has; papers without are left out."""
        ...

    def latest_comments(self, *, author: str = "", limit: int = 50) -> tuple[Comment, ...]:
        """Shown comments, of one author or at all, newest first."""
        ...

    def edit_comment(self, id: str, text: str, *, now: datetime) -> None:
        """Replace the text. Raises NotFoundError."""
        ...

    def set_comment_state(self, id: str, state: CommentState) -> None:
        """Delete, hide or show it again; deleting empties the text. Settles its reports. Raises NotFoundError."""
        ...

    def report(self, report: Report) -> bool:
        """Keep a report, one of a reader on a comment; False where there was one. Raises NotFoundError."""
        ...

    def reports(self) -> tuple[tuple[Comment, tuple[Report, ...]], ...]:
        """Reported comments that nobody has settled, the most reported first, then the longest waiting."""
        ...

    def settle_reports(self, comment: str) -> None:
        """The comment stands as it is."""
        ...

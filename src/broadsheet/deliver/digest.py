"""A reader's digest: what of some days is worth a letter, and what became of what the reader keeps.

Knows the library, and takes from outside how well a paper suits a reader; knows no letter and no mail.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.categories import name
from broadsheet.errors import InputError, StaleIndexError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.library import Library, following
from broadsheet.library.editions import UNSORTED
from broadsheet.library.views import Entry, Reason
from broadsheet.model import FollowKind, MarkKind, NoticeKind, Paper
from broadsheet.rank.select import choose, choose_outside

Floats = NDArray[np.float64]

PICKS: Final = 10
OUTSIDE: Final = 1
# More than half of a digest from one category only where there are no others.
QUOTA: Final = 5
NEWS: Final = 20
FOLLOWED: Final = 5  # papers of each thing followed
_ORDER: Final = (FollowKind.AUTHOR, FollowKind.SEARCH, FollowKind.TOPIC, FollowKind.CATEGORY)
# What the reader has seen to already, or wants to see nothing of.
_DONE_WITH: Final = (MarkKind.SAVED, MarkKind.READ, MarkKind.HIDDEN, MarkKind.DISLIKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """How well papers suit a reader; a row for each paper asked about.

    ``scores`` (n,): higher is better. ``interests`` (n, m): how much each belongs to each interest, 0 to 1.
    ``home``: the categories that are the reader's own. ``reasons``: why, for the papers that will be shown.
    """

    scores: Floats
    interests: Floats
    home: frozenset[str]
    reasons: Callable[[Sequence[PaperId]], Mapping[PaperId, Reason]]


@dataclass(frozen=True, slots=True)
class Followed:
    """What came in of something that a reader follows, under the reader's name for it."""

    label: str
    papers: tuple[tuple[Paper, Reason], ...]
    more: int = 0  # how many are not shown


# Judges papers for a reader; None where nothing is known of the reader yet.
Judge = Callable[[str, Sequence[PaperId]], Judgement | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What digests of some days choose from, the same for every reader: the papers that were new."""

    days: tuple[date, ...]  # that had an edition
    ids: tuple[PaperId, ...]
    vectors: Vectors  # of zeros for a paper that has none yet
    groups: tuple[str, ...]  # the section of each
    standing: Floats  # what its edition makes of each
    reasons: Mapping[PaperId, Reason]


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper of a digest, and why it is there; ``also`` are papers of nearly the same text."""

    paper: Paper
    why: Reason
    also: tuple[PaperId, ...] = ()


@dataclass(frozen=True, slots=True)
class News:
    """What became of a saved paper. ``paper`` is None where it is no longer here."""

    id: PaperId
    paper: Paper | None
    kind: NoticeKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a letter tells a reader; ``reader`` is "" for the public list."""

    reader: str
    days: tuple[date, ...]  # the editions that it chooses from
    announced: int  # how many papers were new in them
    picks: tuple[Pick, ...] = ()
    outside: tuple[Pick, ...] = ()
    followed: tuple[Followed, ...] = ()
    news: tuple[News, ...] = ()
    personal: bool = False  # chosen by what the reader keeps, not for everybody

    @property
    def empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.picks or self.outside or self.followed or self.news)


def gather(library: Library, days: Sequence[date]) -> Pool:
    """What was new in the editions of these days. A paper announced twice stands where it came first."""
    places: dict[PaperId, tuple[Entry, float]] = {}
    for day in days:
        edition = library.edition(day)
        # Lead stories first, in their order; then each section's best, however large the section is.
        for place, entry in enumerate(edition.leads):
            places.setdefault(entry.id, (entry, 2.0 - place / 10))
        for section in edition.sections:
            for place, entry in enumerate(section.entries):
                places.setdefault(entry.id, (entry, 1.0 / (1 + place) ** 0.5))
    ids = tuple(sorted(places))
    known, found = library.vectors_of(ids)
    vectors = np.zeros((len(ids), found.shape[1]), dtype=np.float32)
    row = {id: number for number, id in enumerate(ids)}
    vectors[[row[id] for id in known]] = found
    return Pool(
        days=tuple(days),
        ids=ids,
        vectors=vectors,
        groups=tuple(places[id][0].section for id in ids),
        standing=np.array([places[id][1] for id in ids]),
        reasons={id: entry.reason for id, (entry, _) in places.items()},
    )


def make_digest(
    library: Library,
    pool: Pool,
    *,
    reader: str,
    judge: Judge,
    told: datetime | None = None,
    picks: int = PICKS,
) -> Digest:
    """The digest of a reader, or with "" the public one. ``told``: news up to then is known already."""
    done = {mark.paper for mark in library.desk(reader).marks(*_DONE_WITH)} if reader else set()
    rows = [number for number, id in enumerate(pool.ids) if id not in done]
    ids = [pool.ids[number] for number in rows]
    judgement = judge(reader, ids) if reader and ids else None
    groups = [pool.groups[number] for number in rows]
    scores = pool.standing[rows] if judgement is None else judgement.scores
    chosen = choose(
        ids,
        relevance=scores,
        vectors=pool.vectors[rows],
        groups=groups,
        interests=None if judgement is None else judgement.interests,
        k=picks,
        quota=-(-picks * QUOTA // PICKS),
    )
    shown = [choice.id for choice in chosen]
    outside: tuple[PaperId, ...] = ()
    if judgement is not None:
        there = set(shown)
        left = [place for place, id in enumerate(ids) if id not in there]
        outside = choose_outside(
            [ids[place] for place in left],
            standing=pool.standing[rows][left],
            relevance=scores[left],
            groups=[groups[place] for place in left],
            home=judgement.home,
            k=OUTSIDE,
        )
    papers = library.papers([*shown, *outside])
    reasons = dict(pool.reasons) if judgement is None else judgement.reasons(shown)
    group = dict(zip(ids, groups, strict=True))
    return Digest(
        reader=reader,
        days=pool.days,
        announced=len(pool.ids),
        # A paper may have left the archive meanwhile.
        picks=tuple(
            Pick(papers[choice.id], reasons.get(choice.id, _announced(group[choice.id])), choice.also)
            for choice in chosen
            if choice.id in papers
        ),
        outside=tuple(Pick(papers[id], _outside(group[id])) for id in outside if id in papers),
        followed=_followed(library, reader, pool, shown={*shown, *outside, *done}) if reader else (),
        news=_news(library, reader, told) if reader else (),
        personal=judgement is not None,
    )


def _followed(
    library: Library, reader: str, pool: Pool, *, shown: Collection[PaperId]
) -> tuple[Followed, ...]:
    """What is new in these editions of what a reader follows, each paper once and none that is shown already.

    Authors first, then saved searches, then categories, of which a digest brings the most anyway.
    """
    told, new = set(shown), set(pool.ids)
    if not new:
        return ()
    found = []
    alerts = [follow for follow in library.desk(reader).follows() if follow.alert]
    for follow in sorted(alerts, key=lambda follow: _ORDER.index(follow.kind)):
        try:
            recent = following.recent(library, follow, since=min(pool.days))
        except (InputError, StaleIndexError):  # a search that is none any more must not hold up the letter
            continue
        fresh = [(paper, why) for paper, why in recent if paper.id in new and paper.id not in told]
        told.update(paper.id for paper, _ in fresh)
        if fresh:
            found.append(Followed(follow.label, tuple(fresh[:FOLLOWED]), len(fresh[FOLLOWED:])))
    return tuple(found)


def _news(library: Library, reader: str, told: datetime | None) -> tuple[News, ...]:
    notices = library.desk(reader).notices()
    fresh = [n for n in notices if not n.seen and (told is None or n.at > told)][:NEWS]
    papers = library.papers({notice.paper for notice in fresh})
    return tuple(News(n.paper, papers.get(n.paper), n.kind, n.at) for n in fresh)


def _announced(group: str) -> Reason:
    return Reason("announced", "announced" if group == UNSORTED else f"announced in {name(group)}")


def _outside(group: str) -> Reason:
    return Reason("outside", f"from {name(group)}, a field that you keep nothing of")

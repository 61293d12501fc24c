"""Papers for one reader: learned from what they kept, with the reason for each, and theirs to correct.

Joins the store, the index and ``rank.recommend``. What is worked out is kept in memory and made again when it is
missing: the space for a day, the points of papers in it, a profile until its reader does something.
Knows no page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from typing import Final

import numpy as np

from broadsheet.errors import InputError, NotFoundError
from broadsheet.ids import PaperId
from broadsheet.index.contract import Vectors
from broadsheet.library.board import Board
from broadsheet.library.cache import Kept
from broadsheet.library.desk import Desk
from broadsheet.library.views import Reason
from broadsheet.model import MarkKind, Paper
from broadsheet.rank import recommend
from broadsheet.rank.recommend import Act, Bags, Mark, Points, Portrait, Profile, Settings, Space, Why, Wish
from broadsheet.rank.recommend.evidence import ENOUGH
from broadsheet.store.contract import Store
from broadsheet.text.keyphrases import interrupts

# Papers that the space is fitted to: words are counted well enough over so many, in a second or two.
_SAMPLE: Final = 6_000
_WINDOW: Final = 50  # of them next to each other in the change log, which is how they are read quickly
# Readers, and papers of each, that tell how much meaning counts: a second or two more.
_TELLING: Final = 200
_OF_EACH: Final = 6
_KEPT_FROM: Final = 20  # fewer papers are quicker placed again than kept
_PLACED: Final = (
    4_000  # papers whose points are kept, some ten megabytes; more only where more are chosen from
)
_PROFILES: Final = 500
_TERMS_SHOWN: Final = 3
# An interest's papers, the most central ones, that are read for its name, and the terms that tell what counts there.
_READ_FOR_NAME: Final = 12
_TERMS_TELLING: Final = 400
_TERMS_OF_INTEREST: Final = 8
_NEAR: Final = 0.05  # kept papers further than this from a paper are no reason for it
_SURPRISE: Final = "dial"
_WISH: Final = "interest:"
_GROUPS: Final = "interests"

_ACTS: Final[Mapping[MarkKind, Act]] = {
    MarkKind.SAVED: Act.SAVED,
    MarkKind.LIKED: Act.MORE,
    MarkKind.READ: Act.READ,
    MarkKind.HIDDEN: Act.HIDDEN,
    MarkKind.DISLIKED: Act.HIDDEN,
}
# Of several acts on one paper the strongest counts.
_STRONGEST: Final = (Act.HIDDEN, Act.MORE, Act.SAVED, Act.READ)

VectorsOf = Callable[[Sequence[PaperId]], tuple[tuple[PaperId, ...], Vectors]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A paper chosen for a reader. ``score``: about 1 is as good as a kept paper, about 0 as any other."""

    paper: Paper
    score: float
    reason: Reason
    near: tuple[tuple[PaperId, float], ...] = ()  # kept papers like it, and how like
    terms: tuple[str, ...] = ()
    interest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Liking:
    """An interest as its reader sees it. ``weight`` 1 is as learned; ``name`` is the reader's or made of terms."""

    key: str
    name: str
    own_name: str | None
    terms: tuple[str, ...]
    share: float
    weight: float
    muted: bool
    papers: tuple[PaperId, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """A day's space, the settings that readers' libraries tell, and the papers placed in it.

    ``seq`` is the archive's last change when it was made.
    """

    seq: int
    space: Space
    settings: Settings
    board: Board


class ForYou:
    """What is for whom in one archive. Safe to share between threads."""

    def __init__(self, store: Store, *, vectors_of: VectorsOf, now: Callable[[], datetime]) -> None:
        self._store = store
        self._vectors_of = vectors_of
        self._now = now
        self._grounds: Kept[date, _Ground] = Kept(1)
        self._profiles: Kept[str, tuple[int, Profile]] = Kept(_PROFILES)  # all of one ground
        self._likings: Kept[str, tuple[Profile, tuple[Liking, ...]]] = Kept(_PROFILES)

    # -- choosing

    def knows(self, desk: Desk) -> bool:
        """Whether anything can be said of what the reader is after."""
        return bool(desk.reader) and any(
            _ACTS.get(mark.kind) not in {None, Act.HIDDEN} for mark in desk.marks(*_ACTS)
        )

    def choose(self, desk: Desk, ids: Iterable[PaperId], *, limit: int = 20) -> tuple[Choice, ...]:
        """The papers among ``ids`` that suit the reader best, with reasons; what was marked already is left out."""
        ground = self._ground()
        profile = self._profile(desk, ground)
        if profile is None:
            return ()
        asked = ground.board.points([id for id in _ordered(ids) if id.value not in profile.marks])
        picks = recommend.ranked(profile, asked, dial=self.dial(desk))[:limit]
        row = {id: number for number, id in enumerate(asked.ids)}
        shown = asked.take([row[pick.id] for pick in picks])
        return self._told(desk, profile, shown, [pick.score for pick in picks])

    def reasons(self, desk: Desk, ids: Sequence[PaperId]) -> Mapping[PaperId, Reason]:
        """Why each of these papers would suit the reader."""
        ground = self._ground()
        profile = self._profile(desk, ground)
        if profile is None:
            return {}
        points = ground.board.points(ids)
        told = self._told(desk, profile, points, profile.score(points).tolist())
        return {choice.paper.id: choice.reason for choice in told}

    def scores(self, desk: Desk, ids: Sequence[PaperId]) -> tuple[np.ndarray, np.ndarray] | None:
        """How well each paper suits the reader, shape (n,), and its likeness to each interest, shape (n, m)."""
        ground = self._ground()
        profile = self._profile(desk, ground)
        if profile is None:
            return None
        points = ground.board.points(ids)
        centres = np.stack([i.centre for i in profile.interests]) if profile.interests else points.vectors[:0]
        return profile.score(points).astype(np.float64), np.clip(points.vectors @ centres.T, 0, 1).astype(
            np.float64
        )

    # -- looking into it

    def likings(self, desk: Desk) -> tuple[Liking, ...]:
        """What we think the reader is after, the largest first."""
        profile = self._profile(desk, self._ground())
        if profile is None:
            return ()
        former = self._likings.get(desk.reader)
        if former is not None and former[0] is profile:
            return former[1]
        kept = self._store.get_many(PaperId.parse(id) for id in profile.kept.ids)
        found = tuple(
            _liking(portrait, profile, kept)
            for portrait in recommend.portraits(profile, terms=_TERMS_TELLING)
        )
        return self._likings.keep(desk.reader, (profile, found))[1]

    def wish(
        self, desk: Desk, key: str, *, name: str | None = None, weight: float = 1.0, muted: bool = False
    ) -> None:
        """Rename, weigh or mute an interest. Raises NotFoundError, InputError."""
        profile = self._profile(desk, self._ground())
        known = {interest.key for interest in profile.interests} if profile else set()
        if key not in known:
            raise NotFoundError(f"no interest {key!r}; there are {len(known)}")
        if not 0 <= weight <= 5:
            raise InputError(f"a weight of {weight:g}; expected 0 to 5, where 1 is as learned")
        called = " ".join(name.split())[:60] if name else None
        desk.prefer(f"{_WISH}{key}", json.dumps({"name": called, "weight": weight, "muted": muted}))
        self._remember(desk, profile)

    def reset(self, desk: Desk) -> None:
        """Forget what the reader said of interests, and the dial; what was kept stays."""
        for name in desk.preferences():
            if name.startswith(_WISH) or name in {_GROUPS, _SURPRISE}:
                desk.prefer(name, None)

    def dial(self, desk: Desk) -> float:
        """Where the reader set the dial: from 0, closest, to 1, surprise me."""
        return float(desk.preferences().get(_SURPRISE, "0"))

    def set_dial(self, desk: Desk, value: float) -> None:
        """Set the dial. Raises InputError."""
        if not 0 <= value <= 1:
            raise InputError(f"a dial at {value:g}; expected 0 (closest) to 1 (surprise me)")
        desk.prefer(_SURPRISE, f"{value:g}" if value else None)

    def make_ready(self, ids: Iterable[PaperId]) -> None:
        """Do now what choosing among these papers would do first; a second or so for each thousand."""
        wanted = _ordered(ids)

        def make() -> _Ground:
            ground = self._fitted()
            ground.board.points(wanted)  # the former one serves until this is done
            return ground

        self._grounds.made(self._now().date(), make, still=self._fits).board.points(wanted)

    def is_ready(self, ids: Iterable[PaperId]) -> bool:
        """Whether choosing among these papers is quick, so that a page that is not about it may show some."""
        ground = self._at_hand()
        return ground is not None and ground.board.is_quick(_ordered(ids))

    # -- within

    def _ground(self) -> _Ground:
        """What is the same for all readers; some seconds the first time. Yesterday's does until today's is made ready."""
        return self._at_hand() or self._grounds.made(self._now().date(), self._fitted)

    def _at_hand(self) -> _Ground | None:
        today = self._now().date()
        return self._grounds.get(today) or self._grounds.get(today - timedelta(days=1))

    def _fits(self, ground: _Ground) -> bool:
        """Whether an archive is still what its sample says: one that has papers enough is, a small one until it has doubled."""
        return ground.seq >= _SAMPLE or self._store.last_seq() <= 2 * ground.seq

    def _fitted(self) -> _Ground:
        seq, papers = self._store.last_seq(), self._sampled()
        ids = [paper.id for paper in papers]
        space = Space.fitted(
            [id.value for id in ids], Bags.of(_text(p) for p in papers), self._vectors(ids), sample=1500
        )
        settings = recommend.settings_from(space, self._libraries(space))
        return _Ground(
            seq, space, settings, Board(partial(self._placed, space), most=_PLACED, few=_KEPT_FROM)
        )

    def _libraries(self, space: Space) -> list[Points]:
        """What some readers kept, evenly from all, without their names; none where these are few."""
        names = self._store.readers.names()
        if len(names) < ENOUGH:
            return []
        libraries = []
        for place in np.unique(
            np.linspace(0, len(names) - 1, min(len(names), _TELLING)).astype(int)
        ).tolist():
            marks = self._store.readers.marks(names[place], kinds=(MarkKind.SAVED, MarkKind.LIKED))
            ids = list(dict.fromkeys(mark.paper for mark in marks))[:_OF_EACH]
            if len(ids) > 1:
                libraries.append(ids)
        if len(libraries) < ENOUGH:
            return []
        shared = sorted({id for ids in libraries for id in ids})
        points, row = self._placed(space, tuple(shared)), {id: n for n, id in enumerate(shared)}
        return [points.take([row[id] for id in ids]) for ids in libraries]

    def _sampled(self) -> list[Paper]:
        """Papers evenly from the whole archive, in runs of neighbours."""
        last = self._store.last_seq()
        runs = max(1, min(_SAMPLE, last) // _WINDOW)
        starts = np.linspace(0, max(0, last - _WINDOW), runs).astype(int).tolist()
        ids = {
            change.id
            for start in starts
            for change in self._store.changes(start, limit=_WINDOW)
            if not change.gone
        }
        return sorted(self._store.get_many(sorted(ids)).values(), key=lambda paper: paper.id)

    def _placed(self, space: Space, ids: Sequence[PaperId]) -> Points:
        papers = self._store.get_many(ids)
        bags = Bags.of(_text(papers[id]) if id in papers else "" for id in ids)
        return space.place([id.value for id in ids], bags, self._vectors(ids))

    def _vectors(self, ids: Sequence[PaperId]) -> Vectors:
        known, found = self._vectors_of(ids)
        vectors = np.zeros((len(ids), found.shape[1]), dtype=np.float32)
        row = {id: number for number, id in enumerate(ids)}
        vectors[[row[id] for id in known]] = found
        return vectors

    def _profile(self, desk: Desk, ground: _Ground) -> Profile | None:
        """The reader's profile as of now: the former one changed by what was done since, or made anew."""
        if not desk.reader:
            return None
        space, state = ground.space, desk.state()
        kept = self._profiles.get(desk.reader, of=ground)
        if kept is not None and kept[0] == state:
            return kept[1]
        marks = _marks(desk)
        if not any(mark.act is not Act.HIDDEN for mark in marks.values()):
            return None
        wishes = _wishes(desk)
        profile = self._changed(kept[1], marks, ground) if kept is not None else None
        if profile is None:
            ids, board = sorted(PaperId.parse(id) for id in marks), ground.board
            profile = Profile.fitted(
                space,
                board.points(ids, keep=False)
                if kept is None
                else board.points_beside(Points.stacked([kept[1].kept, kept[1].hidden]), ids),
                marks,
                now=self._now(),
                wishes=wishes,
                interests=kept[1].interests if kept is not None else _former(desk, space.mean.shape[0]),
                settings=ground.settings,
            )
        elif dict(profile.wishes) != wishes:
            profile = replace(profile, wishes=wishes).refitted(space, now=self._now())
        return self._profiles.keep(desk.reader, (state, profile), of=ground)[1]

    def _changed(self, profile: Profile, marks: Mapping[str, Mark], ground: _Ground) -> Profile | None:
        """The profile after one act; None where more has happened than that."""
        changed = [id for id in {*marks, *profile.marks} if marks.get(id) != profile.marks.get(id)]
        if len(changed) > 1:
            return None
        for id in changed:
            point = ground.board.points([PaperId.parse(id)])
            profile = profile.marked(ground.space, point, marks.get(id), now=self._now())
        return profile if len(profile.kept) else None

    def _remember(self, desk: Desk, profile: Profile | None) -> None:
        """Keep which papers each interest has, so that what the reader said of it finds it again."""
        groups = {i.key: i.papers[:50] for i in profile.interests} if profile else {}
        desk.prefer(_GROUPS, json.dumps(groups))

    def _told(
        self, desk: Desk, profile: Profile, points: Points, scores: Sequence[float]
    ) -> tuple[Choice, ...]:
        papers = self._store.get_many(map(PaperId.parse, points.ids))
        whys = recommend.explain(profile, points)
        spelt = recommend.spellings(_text(paper) for paper in papers.values())
        titles = self._titles(whys)

        @cache  # hardly ever asked for: mostly there is something better to say than an interest's name
        def names() -> Mapping[str, str]:
            return {liking.key: liking.name for liking in self.likings(desk)}

        return tuple(
            _choice(papers[paper], score, why, spelt=spelt, titles=titles, names=names)
            for id, score, why in zip(points.ids, scores, whys, strict=True)
            if (paper := PaperId.parse(id)) in papers
        )

    def _titles(self, whys: Iterable[Why]) -> Mapping[str, str]:
        near = {id for why in whys for id, _ in why.near}
        return {id.value: paper.title for id, paper in self._store.get_many(map(PaperId.parse, near)).items()}


def _ordered(ids: Iterable[PaperId]) -> list[PaperId]:
    return sorted(set(ids))


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"


def _marks(desk: Desk) -> dict[str, Mark]:
    """The strongest act on each paper."""
    found: dict[str, Mark] = {}
    for mark in desk.marks(*_ACTS):
        act, id = _ACTS[mark.kind], mark.paper.value
        if id not in found or _STRONGEST.index(act) < _STRONGEST.index(found[id].act):
            found[id] = Mark(act, mark.at)
    return found


def _wishes(desk: Desk) -> dict[str, Wish]:
    found = {}
    for name, value in desk.preferences().items():
        if name.startswith(_WISH):
            said = json.loads(value)
            found[name.removeprefix(_WISH)] = Wish(
                name=said["name"], weight=said["weight"], muted=said["muted"]
            )
    return found


def _former(desk: Desk, dim: int) -> tuple[recommend.Interest, ...]:
    groups = json.loads(desk.preferences().get(_GROUPS, "{}"))
    nowhere = np.zeros(dim, dtype=np.float32)
    return tuple(recommend.Interest(key, tuple(papers), nowhere) for key, papers in sorted(groups.items()))


def _liking(portrait: Portrait, profile: Profile, kept: Mapping[PaperId, Paper]) -> Liking:
    interest = portrait.interest
    wish = profile.wishes.get(interest.key, Wish())
    papers = [kept[id] for id in map(PaperId.parse, interest.papers) if id in kept]
    read = [(paper.title, paper.abstract) for paper in papers[:_READ_FOR_NAME]]
    terms = recommend.phrases(read, dict(portrait.terms), most=_TERMS_OF_INTEREST)
    if not terms:  # single words then, as they are counted
        spelt = recommend.spellings(_text(paper) for paper in papers)
        terms = _spelt(portrait.terms[:_TERMS_OF_INTEREST], spelt)
    fallback = papers[0].title if papers else interest.key
    return Liking(
        key=interest.key,
        name=wish.name or ", ".join(terms[:_TERMS_SHOWN]) or fallback,
        own_name=wish.name,
        terms=terms,
        share=portrait.share,
        weight=wish.weight,
        muted=wish.muted,
        papers=tuple(paper.id for paper in papers),
    )


def _spelt(terms: Iterable[tuple[int, float]], spelt: Mapping[int, str]) -> tuple[str, ...]:
    """Terms as words, without those that are part of one said already, small words, verbs, numbers and single letters."""
    found: list[str] = []
    for term, _ in terms:
        word = spelt.get(term)
        if (
            word is None
            or len(word) < 2
            or all(map(interrupts, word.split()))
            or not any(map(str.isalpha, word))
            or any(set(word.split()) & set(other.split()) for other in found)
        ):
            continue
        found.append(word)
    return tuple(found)


def _choice(
    paper: Paper,
    score: float,
    why: Why,
    *,
    spelt: Mapping[int, str],
    titles: Mapping[str, str],
    names: Callable[[], Mapping[str, str]],
) -> Choice:
    near = tuple((PaperId.parse(id), close) for id, close in why.near if close >= _NEAR and id in titles)
    terms = _spelt(why.terms, spelt)[:_TERMS_SHOWN]
    parts = []
    if near:
        parts.append(f"like “{titles[near[0][0].value]}”, which you kept")
    if terms:
        parts.append("for " + ", ".join(f"“{term}”" for term in terms))
    if not parts and why.interest is not None and (name := names().get(why.interest)):
        parts.append(f"near what you keep on {name}")
    return Choice(
        paper=paper,
        score=score,
        reason=Reason("foryou", "; ".join(parts) or "something else"),
        near=near,
        terms=terms,
        interest=why.interest,
    )

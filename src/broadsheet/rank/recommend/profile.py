"""What a reader is after, learned from what was kept and turned down. No I/O, no clock.

Read ``broadsheet.rank.recommend`` first: it shows how the parts fit together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

import numpy as np

from broadsheet.rank.recommend.interests import Interest, Wish, group, joined_by, nearest_of
from broadsheet.rank.recommend.space import Points, Space
from broadsheet.rank.recommend.sums import Numbers, Weights


class Act(StrEnum):
    """What a reader did to a paper."""

    SAVED = "saved"
    MORE = "more like this"
    READ = "read"
    HIDDEN = "hidden"  # turned down, also as "not interested"


# How much an act counts beside saving. Not fitted to readers: no data here tells acts apart.
_STRENGTH: Final[Mapping[Act, float]] = {Act.SAVED: 1.0, Act.MORE: 1.5, Act.READ: 0.3, Act.HIDDEN: 1.0}


@dataclass(frozen=True, slots=True)
class Mark:
    """What a reader did to a paper, and when; ``None`` where that is not known."""

    act: Act = Act.SAVED
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is tuned: see ``docs/design/recommend.md`` for how each value was chosen."""

    share: float = 0.5  # of meaning beside words, in how far each sets papers of the archive apart
    share_of_few: float = 0.0  # and what is added to it, divided by how many papers were kept
    half_life: timedelta = timedelta(days=1000)  # of what was kept
    hidden: float = 0.5  # all that was turned down, beside all that was kept, at most
    common: float = 0.6  # what being like the archive at large takes off, beside how far apart its papers are


_SETTINGS: Final = Settings()

# Papers up to which an act is followed by learning everything anew.
_LARGE: Final = 200

# Scores that differ by less do not differ.
_NOTHING: Final = 1e-9

# Kept papers at most whose mean score is 1.
_MEASURED: Final = 50


@dataclass(frozen=True, slots=True)
class Profile:
    """One reader: the papers marked, the weights learned from them, and the interests they fall into.

    ``kept`` and ``hidden`` are the points of marked papers and ``marks`` what was done to them,
    by id. A profile without kept papers scores everything 0, or below it what is like hidden ones.
    """

    kept: Points
    hidden: Points
    marks: Mapping[str, Mark]
    liked: Weights  # the sum of kept papers
    disliked: Weights  # and of hidden ones
    mass: float  # how much all that was kept counts
    weights: Weights  # what is made of them
    off: float = 0.0  # what each standard deviation of being like the archive at large takes off a score
    interests: tuple[Interest, ...] = ()
    wishes: Mapping[str, Wish] = field(default_factory=dict)  # interest key: what the reader set
    settings: Settings = _SETTINGS

    @classmethod
    def fitted(
        cls,
        space: Space,
        papers: Points,
        marks: Mapping[str, Mark],
        *,
        now: datetime | None = None,
        wishes: Mapping[str, Wish] | None = None,
        interests: Sequence[Interest] = (),
        settings: Settings = _SETTINGS,
    ) -> Self:
        """The profile of what a reader marked; ``papers`` are their points, in any order.

        ``interests`` are former ones: new ones that hold mostly the same papers keep their keys, so
        that wishes still mean them.
        """
        down = np.array([marks[id].act is Act.HIDDEN for id in papers.ids], dtype=bool)
        kept, hidden = papers.take(np.flatnonzero(~down)), papers.take(np.flatnonzero(down))
        grouped = group(kept, former=interests)
        nothing = Weights.sum(papers.take([]), np.zeros(0, np.float32), power=0)
        profile = cls(
            kept=kept,
            hidden=hidden,
            marks=dict(marks),
            liked=nothing,
            disliked=nothing,
            mass=0.0,
            weights=nothing,
            interests=grouped,
            wishes=dict(wishes or {}),
            settings=settings,
        )
        return profile.refitted(space, now=now)

    def marked(self, space: Space, paper: Points, mark: Mark | None, *, now: datetime | None = None) -> Self:
        """The profile after one more act: ``paper`` is one point. No mark takes an earlier one back.

        A kept paper joins its nearest interest. All is summed anew; in a library of more than ``_LARGE`` papers,
        where that takes longer than a click may, the paper alone joins its sum, as what was kept this moment.
        ``fitted`` groups and sums all anew: once a day is enough.
        """
        (id,) = paper.ids
        marks = {other: old for other, old in self.marks.items() if other != id}
        kept, hidden = (
            p.take(np.array([n for n, other in enumerate(p.ids) if other != id], dtype=np.int64))
            if id in self.marks
            else p
            for p in (self.kept, self.hidden)
        )
        if mark is not None:
            marks[id] = mark
            if mark.act is Act.HIDDEN:
                hidden = Points.stacked([hidden, paper])
            else:
                kept = Points.stacked([kept, paper])
        interests = joined_by(self.interests, kept)
        profile = replace(self, kept=kept, hidden=hidden, marks=marks, interests=interests)
        if len(kept) + len(hidden) <= _LARGE:
            return profile.refitted(space, now=now)
        for change, sign in ((self.marks.get(id), -1.0), (mark, 1.0)):
            if change is not None:
                profile = profile.joined(paper, change, sign, now=now)
        return profile.weighed(space)

    def wished(self, space: Space, key: str, wish: Wish | None, *, now: datetime | None = None) -> Self:
        """The profile after the reader renamed, weighed or muted an interest, or reset it (None)."""
        wishes = {other: old for other, old in self.wishes.items() if other != key}
        if wish is not None:
            wishes[key] = wish
        return replace(self, wishes=wishes).refitted(space, now=now)

    def refitted(self, space: Space, *, now: datetime | None = None) -> Self:
        """The same profile with its sums made anew."""
        importance = self._importance(self.kept, now)
        return replace(
            self,
            liked=Weights.sum(self.kept, importance, power=self.power),
            disliked=Weights.sum(self.hidden, np.ones(len(self.hidden), np.float32), power=self.power),
            mass=float(importance.sum()),
        ).weighed(space)

    def joined(self, paper: Points, mark: Mark, sign: float, *, now: datetime | None = None) -> Self:
        """The same with one paper more, or less, in the sum that its mark puts it in."""
        if mark.act is Act.HIDDEN:
            return replace(
                self, disliked=self.disliked.plus(Weights.sum(paper, _ONE, power=self.power), times=sign)
            )
        importance = self._importance(paper, now, mark)
        return replace(
            self,
            liked=self.liked.plus(Weights.sum(paper, importance, power=self.power), times=sign),
            mass=self.mass + sign * float(importance.sum()),
        )

    def weighed(self, space: Space) -> Self:
        """The same with weights made of the sums: the mean of what was kept, less that of what was turned down.

        Meaning gets its share of how far apart the words set papers of the archive that the reader has not marked.
        """
        mass = self.mass or 1.0
        weights = self.liked.scaled(1 / mass, 1 / mass)
        if len(self.hidden):
            against = min(self.settings.hidden, len(self.hidden) / mass) / len(self.hidden)
            weights = weights.plus(self.disliked, times=-against)
        background = space.background
        if any(id in self.marks for id in background.ids):  # what was marked is not unlabelled
            background = background.take([n for n, id in enumerate(background.ids) if id not in self.marks])
        words, meaning = weights.by_terms(background), weights.by_vector(background)
        ratio = self.share * _ratio(words, meaning)
        weights = weights.scaled(1, ratio)
        off = self.common * float((words + np.float32(ratio) * meaning).std()) if len(background) else 0.0
        level = 0.0
        if self.mass:
            places = np.linspace(0, len(self.kept) - 1, min(len(self.kept), _MEASURED)).astype(np.int64)
            level = float(weights.score(self.kept.take(np.unique(places))).mean())
        if level > 0:
            weights, off = weights.scaled(1 / level, 1 / level), off / level
        return replace(self, weights=weights, off=off)

    @property
    def share(self) -> float:
        """How much meaning counts beside words."""
        return self.settings.share + self.settings.share_of_few / max(len(self.kept), 1)

    @property
    def power(self) -> float:
        """Of the idf in the worth of a term, beside tf·idf: less where few papers do not tell what is meant."""
        return 2 - 4 / (max(len(self.kept), 1) + 1)

    @property
    def common(self) -> float:
        """How much being like the archive at large takes off: less where few papers do not tell what is meant."""
        return self.settings.common * len(self.kept) / (len(self.kept) + 1)

    def score(self, candidates: Points) -> Numbers:
        """How well each candidate fits, shape (n,): about 1 for a kept paper, about 0 for most others."""
        scores: Numbers = self.weights.score(candidates) - np.float32(self.off) * candidates.common
        return scores

    def _importance(self, papers: Points, now: datetime | None, mark: Mark | None = None) -> Numbers:
        """How much papers count that were kept: by act, age and the wish for their interest."""
        marks = [mark or self.marks[id] for id in papers.ids]
        importance = np.array([self._worth(each, now) for each in marks], dtype=np.float32)
        if self.wishes and self.interests:
            factors = [self.wishes.get(i.key, Wish()).factor for i in self.interests]
            importance *= np.array(factors, dtype=np.float32)[nearest_of(self.interests, papers)]
        return importance

    def _worth(self, mark: Mark, now: datetime | None) -> float:
        strength = _STRENGTH[mark.act]
        if now is None or mark.at is None:
            return strength
        age = max((now - mark.at) / self.settings.half_life, 0.0)
        # Never nothing: an old interest is still one.
        return float(strength * max(0.5**age, 0.05))


_ONE: Final = np.ones(1, dtype=np.float32)


def _ratio(words: Numbers, meaning: Numbers) -> float:
    """How far apart words set papers, over how far meaning does; 1 where either does not."""
    if not len(words):
        return 1.0
    by_words, by_meaning = float(words.std()), float(meaning.std())
    return by_words / by_meaning if by_words > _NOTHING and by_meaning > _NOTHING else 1.0

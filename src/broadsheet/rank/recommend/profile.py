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
from broadsheet.rank.recommend.ridge import Numbers, Weights, solve
from broadsheet.rank.recommend.space import Points, Space


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

    penalty: float = 0.003  # of the ridge: small, so that rare words of single papers count
    share: float = 0.2  # of meaning beside words
    half_life: timedelta = timedelta(days=1000)  # of what was kept
    hidden: float = 0.5  # all that was turned down, beside all that was kept, at most


_SETTINGS: Final = Settings()


@dataclass(frozen=True, slots=True)
class Profile:
    """One reader: the papers marked, the weights learned from them, and the interests they fall into.

    ``kept`` and ``hidden`` are the points of marked papers and ``marks`` what was done to them,
    by id. A profile without kept papers scores everything 0, or below it what is like hidden ones.
    """

    kept: Points
    hidden: Points
    marks: Mapping[str, Mark]
    weights: Weights
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
        none = Weights.none(papers.vectors.shape[1])
        profile = cls(kept, hidden, dict(marks), none, grouped, dict(wishes or {}), settings)
        return profile.refitted(space, now=now)

    def marked(self, space: Space, paper: Points, mark: Mark | None, *, now: datetime | None = None) -> Self:
        """The profile after one more act: ``paper`` is one point. No mark takes an earlier one back.

        The weights are learned anew from where they stood; a kept paper joins its nearest interest.
        ``fitted`` also groups anew: once a day is enough.
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
        return profile.refitted(space, now=now)

    def wished(self, space: Space, key: str, wish: Wish | None, *, now: datetime | None = None) -> Self:
        """The profile after the reader renamed, weighed or muted an interest, or reset it (None)."""
        wishes = {other: old for other, old in self.wishes.items() if other != key}
        if wish is not None:
            wishes[key] = wish
        return replace(self, wishes=wishes).refitted(space, now=now)

    def refitted(self, space: Space, *, now: datetime | None = None) -> Self:
        """The same profile with weights learned anew, beginning where they stand."""
        importance = self._importance(now)
        wanted = importance > 0
        kept, importance = self.kept.take(np.flatnonzero(wanted)), importance[wanted]
        background = space.background
        if any(id in self.marks for id in background.ids):  # what was marked is not unlabelled
            rows = [n for n, id in enumerate(background.ids) if id not in self.marks]
            background = background.take(np.array(rows, dtype=np.int64))
        terms = np.unique(np.concatenate([kept.terms, self.hidden.terms]))
        points = Points.stacked([kept, self.hidden, background])
        parts = (len(kept), len(self.hidden), len(background))
        mass = float(importance.sum()) or 1.0
        against = min(self.settings.hidden, len(self.hidden) / mass)
        each = (importance / mass, _even(parts[1], against), _even(parts[2], 1.0))
        weights = solve(
            points,
            np.repeat(np.array([1, -1, 0], dtype=np.float32), parts),
            np.concatenate(each).astype(np.float32),
            terms=terms,
            penalty=self.settings.penalty,
            share=self.settings.share,
            start=self.weights,
        )
        return replace(self, weights=weights)

    def score(self, candidates: Points) -> Numbers:
        """How well each candidate fits, shape (n,): about 1 for a kept paper, about 0 for most others."""
        return self.weights.score(candidates)

    def _importance(self, now: datetime | None) -> Numbers:
        """How much each kept paper counts: by act, age and the wish for its interest."""
        importance = np.array([self._worth(self.marks[id], now) for id in self.kept.ids], dtype=np.float32)
        if self.wishes and self.interests:
            factors = [self.wishes.get(i.key, Wish()).factor for i in self.interests]
            importance *= np.array(factors, dtype=np.float32)[nearest_of(self.interests, self.kept)]
        return importance

    def _worth(self, mark: Mark, now: datetime | None) -> float:
        strength = _STRENGTH[mark.act]
        if now is None or mark.at is None:
            return strength
        age = max((now - mark.at) / self.settings.half_life, 0.0)
        # Never nothing: an old interest is still one.
        return float(strength * max(0.5**age, 0.05))


def _even(count: int, total: float) -> Numbers:
    return np.full(count, total / max(count, 1), dtype=np.float32)

"""Why a paper is recommended, and in which order: what the reader is shown of a profile. Knows no texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadsheet.index.contract import Vectors
from broadsheet.rank.recommend.interests import Interest, nearest_of
from broadsheet.rank.recommend.inverted import Inverted
from broadsheet.rank.recommend.profile import Profile
from broadsheet.rank.recommend.space import Points
from broadsheet.rank.recommend.sums import Numbers


@dataclass(frozen=True, slots=True)
class Pick:
    """A candidate in its place. ``score`` orders; about 1 is as good as a kept paper, about 0 as any other."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Why:
    """What speaks for a paper: kept papers like it with their closeness, terms with what each adds, an interest.

    Terms are numbers of ``bags``; ``interest`` is a key; each is empty or None where there is none. ``common`` is what
    the score loses, or below 0 gains, by how like the archive at large the paper is.
    """

    near: tuple[tuple[str, float], ...]
    terms: tuple[tuple[int, float], ...]
    interest: str | None
    common: float


@dataclass(frozen=True, slots=True)
class Portrait:
    """An interest as a reader sees it: the share of what was kept, and its terms, the most telling first."""

    interest: Interest
    share: float
    terms: tuple[tuple[int, float], ...]


def ranked(profile: Profile, candidates: Points, *, dial: float = 0.0) -> tuple[Pick, ...]:
    """The candidates, best first, ties by id.

    ``dial`` goes from 0, closest, to 1, surprise me: what is far in meaning from all of the reader's interests
    then gains as much as what fits them well, both counted in standard deviations.
    """
    scores = profile.score(candidates)
    order = scores
    if dial > 0 and profile.interests and len(candidates):
        centres = np.stack([interest.centre for interest in profile.interests])
        far = -(candidates.vectors @ centres.T).max(axis=1)
        order = _standard(scores) + np.float32(dial) * _standard(far)
    places = sorted(range(len(candidates)), key=lambda n: (-order[n], candidates.ids[n]))
    values = scores.tolist()
    return tuple(Pick(candidates.ids[n], values[n]) for n in places)


def explain(profile: Profile, candidates: Points, *, near: int = 3, terms: int = 5) -> tuple[Why, ...]:
    """Why each candidate fits: one answer a candidate, in their order. Meant for those that are shown."""
    nearest = nearest_of(profile.interests, candidates) if profile.interests else None
    added = candidates.weights * profile.weights.at(candidates.terms)
    closeness = _closeness(profile, candidates)
    by_id = np.argsort(np.argsort(np.array(profile.kept.ids)))
    reasons = []
    for n in range(len(candidates)):
        row = slice(candidates.starts[n], candidates.starts[n + 1])
        order = np.lexsort((by_id, -closeness[n]))[:near].tolist()
        reasons.append(
            Why(
                near=tuple((profile.kept.ids[m], float(closeness[n, m])) for m in order),
                terms=_strongest(candidates.terms[row], added[row], most=terms),
                interest=None if nearest is None else profile.interests[int(nearest[n])].key,
                common=profile.off * float(candidates.common[n]),
            )
        )
    return tuple(reasons)


def portraits(profile: Profile, *, terms: int = 8) -> tuple[Portrait, ...]:
    """The reader's interests with what they are about."""
    at = {id: n for n, id in enumerate(profile.kept.ids)}
    total = sum(len(interest.papers) for interest in profile.interests)
    found = []
    for interest in profile.interests:
        own = profile.kept.take([at[id] for id in interest.papers])
        kinds, places = np.unique(own.terms, return_inverse=True)
        mean = np.bincount(places, weights=own.weights, minlength=len(kinds)) / len(own)
        worth = (mean * profile.weights.at(kinds)).astype(np.float32)
        found.append(Portrait(interest, len(own) / total, _strongest(kinds, worth, most=terms)))
    return tuple(found)


def _closeness(profile: Profile, candidates: Points) -> Numbers:
    """How close each candidate is to each kept paper, from 0 to 1, words and meaning as the profile weighs them; (n, m)."""
    kept = profile.kept
    # Most terms of what was kept are in no candidate.
    shared = Inverted.of(candidates).shared(kept).T
    share = profile.share
    alike = shared + share * (candidates.vectors @ kept.vectors.T)
    closeness: Numbers = np.clip(alike / (1 + share), 0, 1).astype(np.float32)
    return closeness


def _strongest(terms: NDArray[np.uint32], worth: Numbers, *, most: int) -> tuple[tuple[int, float], ...]:
    order = np.lexsort((terms, -worth))[:most]
    return tuple((int(terms[n]), float(worth[n])) for n in order.tolist() if worth[n] > 0)


def _standard(values: Vectors) -> Vectors:
    spread = float(values.std())
    standard: Vectors = (values - values.mean()) / np.float32(spread if spread > 1e-9 else 1.0)
    return standard

"""How much meaning should count beside words, as many libraries tell. Knows no reader's name and no archive.

Where readers keep papers together that share few words, meaning has to count for more than where authors repeat
their own terms. So each library is asked: one of its papers is held out, and looked for among the papers
of the space by another one, and by all others. The share under which it is found highest, over all libraries, is
what a reader gets; nothing else of a library is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.rank.recommend.profile import Mark, Profile, Settings
from broadsheet.rank.recommend.space import Points, Space

# Libraries that it takes: fewer would say something of single readers, and little of the others.
ENOUGH: Final = 50
_MOST: Final = 300

_SHARES: Final = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.4)


def settings_from(space: Space, libraries: Sequence[Points], settings: Settings | None = None) -> Settings:
    """The settings with the shares that libraries tell; as they were where fewer than ``ENOUGH`` have two papers."""
    settings = settings or Settings()
    told = [library for library in libraries if len(library) > 1]
    if len(told) < ENOUGH:
        return settings
    chosen = [told[n] for n in np.unique(np.linspace(0, len(told) - 1, min(len(told), _MOST)).astype(int))]
    by_one, by_all = np.zeros(len(_SHARES)), np.zeros(len(_SHARES))
    for number, library in enumerate(chosen):
        held = number % len(library)
        others = [n for n in range(len(library)) if n != held]
        by_one += _found(space, library, held, others[number // len(library) % len(others) :][:1])
        by_all += _found(space, library, held, others)
    few, many = (_best(gains, settings.share) for gains in (by_one, by_all))
    return replace(settings, share=many, share_of_few=few - many)


def _found(space: Space, library: Points, held: int, asked: Sequence[int]) -> NDArray[np.float64]:
    """How high a held-out paper is found under each share: 1 in the first place, falling with the logarithm."""
    own = {*library.ids}
    kept = library.take(asked)
    marks = {id: Mark() for id in kept.ids}
    words_only = Profile.fitted(space, kept, marks, settings=Settings(share=1.0, share_of_few=0.0)).weights
    rows = [n for n, id in enumerate(space.background.ids) if id not in own]
    among = Points.stacked([library.take([held]), space.background.take(rows)])
    words, meaning = words_only.by_terms(among), words_only.by_vector(among)
    gains = []
    for share in _SHARES:
        scores = words + np.float32(share) * meaning
        gains.append(1 / np.log2(2 + np.count_nonzero(scores[1:] >= scores[0])))
    return np.array(gains)


def _best(gains: NDArray[np.float64], usual: float) -> float:
    """The best share, each taken with its neighbours so that none wins by chance alone; of equals the most usual."""
    padded = np.pad(gains, 1, mode="edge")
    smooth = padded[:-2] / 4 + padded[1:-1] / 2 + padded[2:] / 4
    return min(zip(-smooth.round(9), (abs(s - usual) for s in _SHARES), _SHARES, strict=True))[2]

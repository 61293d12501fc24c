"""Libraries tell how much meaning counts beside words."""

from __future__ import annotations

import numpy as np
import pytest

from broadsheet.rank.recommend import Bags, Points, Settings, Space, settings_from

FIELDS = 30


def _libraries(*, words: bool, meaning: bool, readers: int = 60) -> tuple[Space, list[Points]]:
    """Two papers a reader, of one field; papers of a field are alike in words, in meaning, or in neither."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(FIELDS, 16))
    texts, vectors = [], []
    for n in range(FIELDS * 10):
        said = [
            f"term{n % FIELDS if words else random.integers(FIELDS)}x{random.integers(5)}" for _ in range(4)
        ]
        texts.append(" ".join([*said, *(f"noise{k}" for k in random.integers(200, size=6))]) + ".")
        vectors.append((2 * centres[n % FIELDS] if meaning else 0) + random.normal(size=16))
    ids, bags, made = [f"p{n}" for n in range(len(texts))], Bags.of(texts), np.array(vectors, np.float32)
    space = Space.fitted(ids, bags, made)
    points = space.place(ids, bags, made)
    return space, [points.take([n, n + FIELDS * (1 + n % 3)]) for n in range(readers)]


@pytest.mark.parametrize("by_meaning", [True, False])
def test_what_finds_the_other_paper_counts_more(*, by_meaning: bool) -> None:
    found = settings_from(*_libraries(words=not by_meaning, meaning=by_meaning))
    usual = Settings()
    assert (found.share > usual.share) is by_meaning
    assert (found.share + found.share_of_few > usual.share) is by_meaning


def test_few_libraries_tell_nothing() -> None:
    space, libraries = _libraries(words=True, meaning=False)
    single = [library.take([0]) for library in libraries]
    assert settings_from(space, [*libraries[:49], *single]) == Settings()
    assert settings_from(space, libraries[:50]) != Settings()

"""A space of papers of three kinds."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rank.recommend.world import KINDS, World

from broadsheet.rank.recommend import Bags, Space


@pytest.fixture(scope="session")
def world() -> World:
    """Fitted to these ninety and to twice as many papers of other kinds."""
    random = np.random.default_rng(7)
    texts = [f"{KINDS[n % 3]} by way of method{n // 3}" for n in range(90)]
    texts += [f"matter{n % 18} seen through glass{n % 18} by way of method{n // 9}" for n in range(180)]
    centres = random.normal(size=(21, 16))
    vectors = np.stack(
        [centres[n % 3 if n < 90 else 3 + n % 18] + 0.25 * random.normal(size=16) for n in range(270)]
    )
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    ids, bags = [f"p{n}" for n in range(270)], Bags.of(texts)
    space = Space.fitted(ids, bags, vectors)
    return World(space, space.place(ids, bags, vectors))

"""Topics that stand from season to season."""

from collections.abc import Callable

import numpy as np
import pytest

from broadsheet.index.contract import Vectors
from broadsheet.model import Paper
from broadsheet.rank.topics_names import Name
from broadsheet.rank.topics_standing import COLOURS, Head, Standing, free_mark, is_new, learn

MakePaper = Callable[..., Paper]
FIELDS = ("federated learning", "star formation", "protein folding", "graph coloring")


@pytest.fixture
def season(paper: MakePaper) -> Callable[..., tuple[Vectors, list[Paper]]]:
    """Papers of some fields, and vectors that lie by field."""

    def made(*fields: int, size: int = 40, seed: int = 1) -> tuple[Vectors, list[Paper]]:
        chance = np.random.default_rng(seed)
        which = np.repeat(fields, size)
        rows = np.eye(16)[which] + 0.1 * chance.standard_normal((len(which), 16))
        rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        papers = [
            paper(f"2601.{number:05d}", f"On {FIELDS[field]} and number {number}")
            for number, field in enumerate(which)
        ]
        return rows.astype(np.float32), papers

    return made


def named(standing: Standing) -> dict[str, int]:
    return {head.name.text: head.mark for head in standing.heads}


def test_a_topic_keeps_its_name_and_mark_into_the_next_season(
    season: Callable[..., tuple[Vectors, list[Paper]]],
) -> None:
    first = learn(*season(0, 1, 2))
    second = learn(*season(0, 1, 2, seed=2), before=first)
    assert named(first) == named(second)
    assert set(named(first)) == {"federated learning", "star formation", "protein folding"}


def test_what_comes_up_gets_a_name_and_mark_of_its_own_and_what_goes_is_dropped(
    season: Callable[..., tuple[Vectors, list[Paper]]],
) -> None:
    first = named(learn(*season(0, 1, 2)))
    second = named(learn(*season(1, 2, 3, seed=2), before=learn(*season(0, 1, 2))))
    assert set(second) == {"star formation", "protein folding", "graph coloring"}
    assert second["star formation"] == first["star formation"]
    assert len(set(second.values())) == 3


def test_a_new_mark_is_unlike_those_of_near_topics() -> None:
    name = Name("a", "a", 1.0)
    near, far = np.array([1.0, 0.0]), np.array([-1.0, 0.0])
    heads = [Head(name, 0, near), *(Head(name, mark, far) for mark in range(1, 16))]
    mark = free_mark(heads, np.array([0.9, 0.1]))
    assert mark % COLOURS != 0


def test_a_topic_is_new_when_it_draws_three_times_its_former_share() -> None:
    centre = np.array([1.0, 0.0], dtype=np.float32)
    there, elsewhere = np.tile(centre, (6, 1)), np.tile([0.0, 1.0], (100, 1)).astype(np.float32)
    # Six of 60 today, half of which count: 3 of 60 against (k + 0.5) of 100.
    assert is_new(centre, there, among=60, past=elsewhere)
    some = np.vstack([elsewhere[:98], there[:2]])
    assert not is_new(centre, there, among=60, past=some)
    assert not is_new(centre, there, among=60, past=elsewhere[:0])

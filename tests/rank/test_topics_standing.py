"""Topics that stand from season to season."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from broadsheet.errors import InputError
from broadsheet.index.contract import Vectors
from broadsheet.index.sample import centred
from broadsheet.model import Paper
from broadsheet.rank.topics_file import from_bytes, shipped, to_bytes
from broadsheet.rank.topics_standing import COLOURS, Head, Standing, free_mark, is_new, learn
from broadsheet.text.lexicon import Lexicon

MakePaper = Callable[..., Paper]
PARTS = {"a": slice(0, 30), "b": slice(30, 60)}
learnt = partial(learn, lexicon=Lexicon())
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
    return {head.text: head.mark for head in standing.heads}


def test_a_topic_keeps_its_name_and_mark_into_the_next_season(
    season: Callable[..., tuple[Vectors, list[Paper]]],
) -> None:
    first = learnt(*season(0, 1, 2))
    second = learnt(*season(0, 1, 2, seed=2), before=first)
    assert named(first) == named(second)
    assert set(named(first)) == {"federated learning", "star formation", "protein folding"}


def test_what_comes_up_gets_a_name_and_mark_of_its_own_and_what_goes_is_dropped(
    season: Callable[..., tuple[Vectors, list[Paper]]],
) -> None:
    first = named(learnt(*season(0, 1, 2)))
    second = named(learnt(*season(1, 2, 3, seed=2), before=learnt(*season(0, 1, 2))))
    assert set(second) == {"star formation", "protein folding", "graph coloring"}
    assert second["star formation"] == first["star formation"]
    assert len(set(second.values())) == 3


def test_a_new_mark_is_unlike_those_of_near_topics() -> None:
    near, far = np.array([1.0, 0.0]), np.array([-1.0, 0.0])
    heads = [Head("a", "a", 0, near, 0.3), *(Head("a", "a", mark, far, 0.3) for mark in range(1, 16))]
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


def test_few_papers_make_no_trend() -> None:
    centre = np.array([1.0, 0.0], dtype=np.float32)
    elsewhere = np.tile([0.0, 1.0], (100, 1)).astype(np.float32)
    assert not is_new(centre, np.tile(centre, (4, 1)), among=60, past=elsewhere)


def test_topics_seen_from_another_mean_lie_where_their_papers_do() -> None:
    chance = np.random.default_rng(4)
    rows = np.eye(16)[0] + 0.3 * np.eye(16)[np.repeat([1, 2], 30)] + 0.05 * chance.standard_normal((60, 16))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    other = np.eye(16, dtype=np.float32)[3] * 0.3
    heads = [Head(key, key, 0, centred(rows[part], other).mean(axis=0), 0.3) for key, part in PARTS.items()]
    heads = [replace(head, centre=head.centre / np.linalg.norm(head.centre)) for head in heads]
    own = rows.mean(axis=0)
    moved = Standing(other, tuple(heads)).seen_from(own)
    near = np.array([head.centre for head in moved.heads]) @ centred(rows, own).T
    assert near.argmax(axis=0).tolist() == [0] * 30 + [1] * 30


def test_what_ships_names_fields_and_is_read_back_as_it_was_written() -> None:
    standing = shipped("static-v1")
    assert standing is not None
    assert {"federated learning", "star formation", "video generation"} <= {
        head.text for head in standing.heads
    }
    again = from_bytes(to_bytes(standing, facts={"encoder": "a"}), name="x", encoder="a")
    assert again is not None
    assert [head.key for head in again.heads] == [head.key for head in standing.heads]
    places = np.array([head.centre for head in standing.heads])
    assert np.array([head.centre for head in again.heads]) == pytest.approx(places, abs=0.01)


def test_topics_of_another_encoder_are_of_no_use_and_damaged_ones_are_named() -> None:
    assert shipped("another") is None
    with pytest.raises(InputError, match="x: not a file of topics"):
        from_bytes(b"no", name="x", encoder="a")

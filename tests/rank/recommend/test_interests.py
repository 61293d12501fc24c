"""How many interests there are, and that they stay what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from tests.rank.recommend.world import World

from broadsheet.rank.recommend.interests import Interest, group, joined_by


def _kinds(interests: Sequence[Interest]) -> list[set[int]]:
    return [{int(id[1:]) % 3 for id in interest.papers} for interest in interests]


def test_three_kinds_of_papers_are_three_interests(world: World) -> None:
    interests = group(world.of(*range(36)))
    assert sorted(map(tuple, _kinds(interests))) == [(0,), (1,), (2,)]


def test_papers_that_are_all_near_each_other_are_one_interest(world: World) -> None:
    points = world.of(*range(0, 30, 3))
    near = points.vectors.mean(axis=0) * 9 + points.vectors
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    assert len(group(replace(points, vectors=near))) == 1


def test_few_papers_are_one_interest_and_none_are_none(world: World) -> None:
    assert [i.papers for i in group(world.of(0, 1))] == [group(world.of(0, 1))[0].papers]
    assert group(world.of()) == ()


def test_every_kept_paper_is_in_exactly_one_interest(world: World) -> None:
    held = [id for interest in group(world.of(*range(36))) for id in interest.papers]
    assert sorted(held) == sorted(world.of(*range(36)).ids)


def test_the_largest_interest_is_first(world: World) -> None:
    interests = group(world.of(*range(0, 60, 3), *range(1, 30, 3)))
    assert [len(i.papers) for i in interests] == [20, 10]


def test_new_paper_joins_its_kind_and_keys_stay(world: World) -> None:
    interests = group(world.of(*range(36)))
    after = joined_by(interests, world.of(*range(36), 39))
    assert {i.key for i in after} == {i.key for i in interests}
    (home,) = [i for i in after if "p39" in i.papers]
    assert _kinds([home]) == [{0}]


def test_paper_taken_back_leaves_its_interest(world: World) -> None:
    after = joined_by(group(world.of(*range(36))), world.of(*range(35)))
    assert "p35" not in {id for interest in after for id in interest.papers}


def test_grouping_anew_keeps_the_keys_of_former_interests(world: World) -> None:
    former = group(world.of(*range(36)))
    again = group(world.of(*range(6, 60)), former=former)
    kinds = {i.key: {int(id[1:]) % 3 for id in i.papers} for i in former}
    assert {i.key: {int(id[1:]) % 3 for id in i.papers} for i in again} == kinds

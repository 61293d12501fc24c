"""Profiles follow what readers do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from tests.rank.recommend.world import World

from broadsheet.rank.recommend import Act, Bags, Mark, Profile, Wish, ranked

NOW = datetime(2026, 3, 20, tzinfo=UTC)
STARS, PARSING, SORTING = range(3)


def _fitted(
    world: World, kept: Sequence[int] = (), hidden: Sequence[int] = (), at: datetime = NOW
) -> Profile:
    marks = {f"p{n}": Mark(Act.SAVED, at) for n in kept} | {f"p{n}": Mark(Act.HIDDEN, at) for n in hidden}
    return Profile.fitted(world.space, world.of(*kept, *hidden), marks, now=NOW)


def _kinds(world: World, profile: Profile, count: int = 7) -> list[int]:
    """The kinds of the best of the papers from p60 on."""
    picks = ranked(profile, world.of(*range(60, 90)))[:count]
    return [int(pick.id[1:]) % 3 for pick in picks]


@pytest.mark.parametrize("kind", [STARS, PARSING, SORTING])
def test_one_saved_paper_brings_its_kind_first(world: World, kind: int) -> None:
    assert _kinds(world, _fitted(world, [kind])) == [kind] * 7


def test_two_interests_are_both_served(world: World) -> None:
    assert set(_kinds(world, _fitted(world, [0, 3, 6, 1, 4, 7]), 20)) == {STARS, PARSING}


def test_hidden_papers_push_their_kind_down(world: World) -> None:
    before = _fitted(world, [0, 1])
    after = before.marked(world.space, world.of(4), Mark(Act.HIDDEN, NOW), now=NOW)
    candidates = world.of(61, 64, 67)
    assert (after.score(candidates) < before.score(candidates)).all()


def test_one_act_after_another_comes_to_the_same_as_all_at_once(world: World) -> None:
    step = _fitted(world, [0])
    for n in (3, 1):
        step = step.marked(world.space, world.of(n), Mark(Act.SAVED, NOW), now=NOW)
    step = step.marked(world.space, world.of(5), Mark(Act.HIDDEN, NOW), now=NOW)
    candidates = world.of(*range(60, 90))
    assert step.score(candidates) == pytest.approx(_fitted(world, [0, 3, 1], [5]).score(candidates), abs=2e-2)


def test_act_taken_back_leaves_no_trace(world: World) -> None:
    before = _fitted(world, [0, 3])
    after = before.marked(world.space, world.of(1), Mark(Act.SAVED, NOW), now=NOW)
    after = after.marked(world.space, world.of(1), None, now=NOW)
    assert after.kept.ids == before.kept.ids
    assert after.marks == before.marks
    candidates = world.of(*range(60, 90))
    assert after.score(candidates) == pytest.approx(before.score(candidates), abs=2e-2)


def test_later_act_replaces_an_earlier_one(world: World) -> None:
    profile = _fitted(world, [0, 3, 1]).marked(world.space, world.of(1), Mark(Act.HIDDEN, NOW), now=NOW)
    assert profile.kept.ids == ("p0", "p3")
    assert profile.hidden.ids == ("p1",)


def test_what_was_kept_lately_counts_more(world: World) -> None:
    old = NOW - timedelta(days=6000)
    marks = {"p0": Mark(Act.SAVED, old), "p1": Mark(Act.SAVED, NOW)}
    profile = Profile.fitted(world.space, world.of(0, 1), marks, now=NOW)
    assert _kinds(world, profile) == [PARSING] * 7
    assert _kinds(world, Profile.fitted(world.space, world.of(0, 1), marks), 20).count(STARS) > 7


def test_nothing_kept_scores_nothing(world: World) -> None:
    profile = _fitted(world)
    assert not profile.score(world.of(60, 61)).any()
    assert [pick.id for pick in ranked(profile, world.of(61, 60))] == ["p60", "p61"]


def test_only_hidden_papers_push_down(world: World) -> None:
    profile = _fitted(world, hidden=[1, 4])
    assert _kinds(world, profile, 20).count(PARSING) == 0


def test_muted_interest_no_longer_counts_and_comes_back_when_reset(world: World) -> None:
    profile = _fitted(world, [n for n in range(36) if n % 3 != SORTING])
    parsing = next(i for i in profile.interests if int(i.key[1:]) % 3 == PARSING)
    muted = profile.wished(world.space, parsing.key, Wish(muted=True), now=NOW)
    assert _kinds(world, muted) == [STARS] * 7
    reset = muted.wished(world.space, parsing.key, None, now=NOW)
    assert set(_kinds(world, reset, 20)) == {STARS, PARSING}


def test_papers_without_text_or_vector_do_no_harm(world: World) -> None:
    blank = world.space.place(["blank"], Bags.of([""]), np.zeros((1, 16), np.float32))
    profile = _fitted(world, [0]).marked(world.space, blank, Mark(Act.SAVED, NOW), now=NOW)
    assert _kinds(world, profile) == [STARS] * 7
    assert profile.score(blank).tolist() == [0]


def test_the_same_acts_give_the_same_numbers(world: World) -> None:
    one, two = (_fitted(world, [0, 1, 5], [2]).score(world.points) for _ in range(2))
    assert np.array_equal(one, two)


def test_act_in_a_large_library_is_felt_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadsheet.rank.recommend.profile._LARGE", 10)
    before = _fitted(world, range(0, 45, 3), [1])
    after = before.marked(world.space, world.of(2), Mark(Act.MORE, NOW), now=NOW)
    alike = world.of(62, 65, 68)
    assert (after.score(alike) > before.score(alike)).all()
    back = after.marked(world.space, world.of(2), None, now=NOW)
    assert (back.score(alike) < after.score(alike)).all()
    assert back.marks == before.marks

"""Orders, reasons, and what a reader is shown of a profile."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rank.recommend.world import World

from broadsheet.rank.recommend import Bags, Mark, Profile, explain, portraits, ranked, spellings

KEPT = [n for n in range(36) if n % 3 != 2]


@pytest.fixture
def profile(world: World) -> Profile:
    return Profile.fitted(world.space, world.of(*KEPT), {f"p{n}": Mark() for n in KEPT})


@pytest.fixture(scope="module")
def written() -> dict[int, str]:
    return spellings(
        ["planets orbiting a distant star", "parsing sentences of many languages", "sorting lists in place"]
        + [f"by way of method{n}" for n in range(30)]
    )


def test_nearest_kept_papers_are_of_the_same_kind(world: World, profile: Profile) -> None:
    (why,) = explain(profile, world.of(60))
    assert {int(id[1:]) % 3 for id, _ in why.near} == {0}
    closeness = [near for _, near in why.near]
    assert closeness == sorted(closeness, reverse=True)
    assert all(0 <= near <= 1 for near in closeness)


def test_kept_paper_is_as_close_to_itself_as_can_be(world: World, profile: Profile) -> None:
    (why,) = explain(profile, world.of(3), near=1)
    assert [id for id, _ in why.near] == ["p3"]
    assert why.near[0][1] == pytest.approx(1, abs=1e-4)


def test_terms_are_those_that_the_two_share(world: World, profile: Profile, written: dict[int, str]) -> None:
    (why,) = explain(profile, world.of(61), terms=3)
    assert {written[term] for term, _ in why.terms} <= {
        "parsing", "sentences", "languages", "many", "parsing sentences", "many languages", "sentences of", "way"
    }  # fmt: skip
    assert all(adds > 0 for _, adds in why.terms)


def test_interest_is_the_one_of_its_kind(world: World, profile: Profile) -> None:
    for why, kind in zip(explain(profile, world.of(60, 61)), (0, 1), strict=True):
        assert why.interest is not None
        assert int(why.interest[1:]) % 3 == kind


def test_portraits_share_out_all_that_was_kept(
    world: World, profile: Profile, written: dict[int, str]
) -> None:
    shown = portraits(profile)
    assert [p.share for p in shown] == [0.5, 0.5]
    words = [{written.get(term) for term, _ in p.terms} for p in shown]
    assert any("star" in each for each in words)
    assert any("languages" in each for each in words)


def test_ties_are_broken_by_id(world: World, profile: Profile) -> None:
    same = world.space.place(["b", "a"], Bags.of(["sorting lists"] * 2), np.zeros((2, 16), np.float32))
    assert [pick.id for pick in ranked(profile, same)] == ["a", "b"]


def test_dial_brings_what_is_far_and_changes_no_score(world: World, profile: Profile) -> None:
    candidates = world.of(*range(60, 90))
    close, far = ranked(profile, candidates), ranked(profile, candidates, dial=1.0)
    assert {p.id: p.score for p in close} == {p.id: p.score for p in far}
    assert [p.id for p in close[:10]] != [p.id for p in far[:10]]


def test_reasons_are_the_same_for_one_candidate_as_for_many(world: World, profile: Profile) -> None:
    many = explain(profile, world.of(60, 3, 61, 89), near=5)
    for why, n in zip(many, (60, 3, 61, 89), strict=True):
        (alone,) = explain(profile, world.of(n), near=5)
        assert [id for id, _ in why.near] == [id for id, _ in alone.near]
        assert [close for _, close in why.near] == pytest.approx([close for _, close in alone.near], abs=1e-6)
        assert (why.terms, why.interest) == (alone.terms, alone.interest)


def test_closeness_is_shared_words_and_meaning_as_the_profile_weighs_them(
    world: World, profile: Profile
) -> None:
    (why,) = explain(profile, world.of(60), near=len(KEPT))
    found, kept = dict(why.near), profile.kept
    theirs = dict(zip(world.of(60).terms.tolist(), world.of(60).weights.tolist(), strict=True))
    for n, id in enumerate(kept.ids):
        row = slice(kept.starts[n], kept.starts[n + 1])
        terms = zip(kept.terms[row].tolist(), kept.weights[row].tolist(), strict=True)
        shared = sum(weight * theirs.get(term, 0) for term, weight in terms)
        alike = (shared + profile.share * (kept.vectors[n] @ world.of(60).vectors[0])) / (1 + profile.share)
        assert found[id] == pytest.approx(min(max(alike, 0), 1), abs=1e-5)

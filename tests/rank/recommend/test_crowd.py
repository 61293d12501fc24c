"""How like the archive at large papers are."""

from __future__ import annotations

import numpy as np
import pytest

from broadsheet.rank.recommend import Bags, Mark, Points, Profile, Space, explain

PAPERS = 600


@pytest.fixture(scope="module")
def archive() -> tuple[Space, Points]:
    """Half of the papers are all on graphs, each of the others is on a matter of its own."""
    texts = [
        f"graph{n % 9} node{n % 7} edge{n % 5}." if n % 2 else f"matter{n} subject{n} theme{n}."
        for n in range(PAPERS)
    ]
    ids, bags, vectors = [f"p{n}" for n in range(PAPERS)], Bags.of(texts), np.zeros((PAPERS, 2), np.float32)
    space = Space.fitted(ids, bags, vectors)
    return space, space.place(ids, bags, vectors)


def placed(space: Space, *texts: str) -> Points:
    ids = [f"new {n}" for n in range(len(texts))]
    return space.place(ids, Bags.of(texts), np.zeros((len(texts), 2), np.float32))


def test_what_many_papers_say_is_common_and_what_none_says_is_not(archive: tuple[Space, Points]) -> None:
    common, rare, nothing = placed(archive[0], "graph1 node1 edge1.", "matter4 subject8 theme6.", "!").common
    assert common > 0.5 > -0.5 > rare
    assert nothing == 0


def test_paper_is_not_counted_as_like_itself(archive: tuple[Space, Points]) -> None:
    space, points = archive
    again = placed(space, "matter40 subject40 theme40.")
    assert points.common[40] < again.common[0]
    assert points.take([40, 7]).common.tolist() == points.common[[40, 7]].tolist()
    assert space.background.common == pytest.approx(points.common, abs=1e-5)
    assert (space.background.common.mean(), space.background.common.std()) == pytest.approx((0, 1), abs=1e-4)


def test_mean_likeness_to_the_twenty_nearest_as_by_hand(archive: tuple[Space, Points]) -> None:
    _, points = archive
    terms = np.unique(points.terms)
    table = np.zeros((PAPERS, len(terms)))
    table[np.repeat(np.arange(PAPERS), np.diff(points.starts)), np.searchsorted(terms, points.terms)] = (
        points.weights
    )
    alike = table @ table.T
    np.fill_diagonal(alike, 0)
    near = np.sort(alike, axis=1)[:, -20:].mean(axis=1)
    assert points.common == pytest.approx((near - near.mean()) / near.std(), abs=1e-3)


def test_few_papers_are_no_archive() -> None:
    bags, ids = Bags.of(["a graph"] * 50), [str(n) for n in range(50)]
    assert not Space.fitted(ids, bags, np.zeros((50, 2), np.float32)).background.common.any()


def test_of_two_papers_that_share_as_much_the_less_common_comes_first_and_the_reason_says_so(
    archive: tuple[Space, Points],
) -> None:
    space, points = archive
    profile = Profile.fitted(space, points.take([1, 2]), {"p1": Mark(), "p2": Mark()})
    offered = placed(space, "graph1 node1 edge1.", "matter2 subject2 theme2.")
    scores = profile.score(offered)
    assert scores[1] > scores[0]
    for n, why in enumerate(explain(profile, offered, terms=20)):
        assert scores[n] == pytest.approx(sum(adds for _, adds in why.terms) - why.common, abs=1e-5)
    common, rare = explain(profile, offered)
    assert common.common > 0 > rare.common

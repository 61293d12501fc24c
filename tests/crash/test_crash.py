"""Killed at twenty random points, work on real files breaks no promise; ``make crash`` tries two hundred."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.crash.points import Killer, Point, killing, points


@pytest.fixture(scope="module")
def killer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killer]:
    with killing(tmp_path_factory.mktemp("crash")) as killer:
        yield killer


@pytest.mark.parametrize(
    "point", [*points(20, seed=2026), *points(8, seed=2026, engine="postgresql")], ids=str
)
def test_killed_at_a_random_point_work_loses_nothing_and_doubles_nothing(
    killer: Killer, point: Point
) -> None:
    found = killer.try_point(point)
    assert not found.broken, f"killed {found.where}: {found.broken}"

"""Where the names of topics stand on a map."""

from __future__ import annotations

from itertools import combinations

from broadsheet.ids import PaperId
from broadsheet.library.topics import Spot, Topic, TopicMap
from broadsheet.serve import chart

# About how wide a letter is, and how high a line, in heights of letters.
_WIDE, _HIGH = 0.6, 1.2


def drawn(*topics: tuple[str, float, float]) -> chart.Chart:
    """A map of topics of one paper each: name and place."""
    ids = [PaperId.parse(f"2511.{number:05}") for number in range(1, len(topics) + 1)]
    found = TopicMap(
        topics=tuple(
            Topic(key=name, name=name, mark=0, new=False, ids=(id,), example=id)
            for id, (name, _, _) in zip(ids, topics, strict=True)
        ),
        spots=tuple(
            Spot(id, x, y, number) for number, (id, (_, x, y)) in enumerate(zip(ids, topics, strict=True))
        ),
    )
    return chart.draw(found, shown=set(ids))


def box(name: str, place: tuple[float, float], letter: float) -> tuple[float, float, float, float]:
    across, down = len(name) * letter * _WIDE / 2, letter * _HIGH / 2
    return place[0] - across, place[1] - down, place[0] + across, place[1] + down


def test_names_keep_from_the_frame_and_from_each_other() -> None:
    names = [
        ("Upper left corner", 0.0, 0.0),
        ("Lower right corner", 1.0, 1.0),
        ("Lower left corner", 0.0, 1.0),
    ]
    clusters = drawn(*names, ("Beside it", 0.02, 0.98), ("Middle", 0.5, 0.5)).clusters
    for letter, places in (
        (17.0, {c.name: c.label for c in clusters}),
        (34.0, {c.name: c.narrow for c in clusters}),
    ):
        boxes = [box(name, place, letter) for name, place in places.items() if place is not None]
        assert len(boxes) >= 4
        for left, top, right, bottom in boxes:
            assert min(left, top, chart.WIDTH - right, chart.HEIGHT - bottom) >= letter / 2 - 0.1
        for one, other in combinations(boxes, 2):
            assert not (one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3])


def test_a_name_wider_than_the_map_is_not_written() -> None:
    (cluster,) = drawn(("x" * 60, 0.5, 0.5)).clusters
    assert cluster.label is not None
    assert cluster.narrow is None

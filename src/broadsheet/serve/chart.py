"""A map of topics as a drawing: where marks and names stand. Knows no page and no library.

Lengths are in thousandths of the map's width. Marks are strokes without length, which browsers draw at
the same size however much the map is enlarged.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.library.topics import Topic, TopicMap
from broadsheet.rank.topics_standing import COLOURS
from broadsheet.serve import view

WIDTH: Final = 1000
HEIGHT: Final = 700
CLOSEST: Final = 16  # the largest enlargement
_MARGIN: Final = 36
# Height of a name's letters, and about how wide one is; on a telephone both are larger beside the map.
_LETTER: Final = 17.0
_LETTER_NARROW: Final = 34.0
_ASPECT: Final = 0.6

_Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True, slots=True)
class Point:
    """A paper's mark."""

    url: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The marks of one topic, or of no topic (``key`` is then empty)."""

    key: str
    name: str
    colour: int | None
    square: bool
    points: list[Point]
    label: tuple[float, float] | None  # where the middle of its name stands; None: there is no room
    narrow: tuple[float, float] | None  # the same on a telephone
    dim: bool  # another topic is lit


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of WIDTH and HEIGHT, of which ``frame`` is shown: left, top, width, height."""

    clusters: list[Cluster]
    frame: tuple[float, float, float, float]


def draw(
    found: TopicMap,
    *,
    shown: Container[PaperId],
    lit: int | None = None,
    frame: tuple[float, float, float] | None = None,
) -> Chart:
    """The drawing of a map, of the papers that are ``shown``. ``frame``: the middle of what is shown, and how many times larger."""
    points: dict[int | None, list[Point]] = {}
    for spot in found.spots:
        if spot.id in shown:
            points.setdefault(spot.topic, []).append(
                Point(
                    url=view.paper_url(spot.id),
                    x=round(_MARGIN + (WIDTH - 2 * _MARGIN) * spot.x, 1),
                    y=round(_MARGIN + (HEIGHT - 2 * _MARGIN) * spot.y, 1),
                )
            )
    labels = _labels(found.topics, points, _LETTER)
    narrow = _labels(found.topics, points, _LETTER_NARROW)
    clusters = [
        Cluster(
            key=topic.key,
            name=topic.name,
            colour=topic.mark % COLOURS,
            square=topic.mark >= COLOURS,
            points=points.get(number, []),
            label=labels.get(number),
            narrow=narrow.get(number),
            dim=lit is not None and lit != number,
        )
        for number, topic in enumerate(found.topics)
    ]
    if None in points:
        clusters.insert(0, _unsorted(points[None], dim=lit is not None))
    x, y, zoom = frame or (WIDTH / 2, HEIGHT / 2, 1.0)
    across, down = WIDTH / zoom, HEIGHT / zoom
    return Chart(
        clusters=clusters,
        frame=(round(x - across / 2, 1), round(y - down / 2, 1), round(across, 1), round(down, 1)),
    )


def _unsorted(points: list[Point], *, dim: bool) -> Cluster:
    return Cluster(
        key="", name="Various", colour=None, square=False, points=points, label=None, narrow=None, dim=dim
    )


def _labels(
    topics: tuple[Topic, ...], points: Mapping[int | None, list[Point]], letter: float
) -> dict[int, tuple[float, float]]:
    """Where names in letters so high stand, on their topics or close by, without touching each other.

    The largest topic's name has the first choice. None comes closer to the frame than half its letters' height.
    """
    edge = letter / 2
    boxes: list[_Box] = []
    placed: dict[int, tuple[float, float]] = {}
    for number, topic in enumerate(topics):
        members = points.get(number)
        if not members:
            continue
        half = len(topic.name) * letter * _ASPECT / 2
        if 2 * (half + edge) > WIDTH:
            continue
        x = min(max(sorted(p.x for p in members)[len(members) // 2], half + edge), WIDTH - half - edge)
        y = sorted(p.y for p in members)[len(members) // 2]
        for shift in (0.0, -18.0, 18.0, -36.0, 36.0):
            box = _box(topic.name, x, y + shift, letter)
            if box[1] >= edge and box[3] <= HEIGHT - edge and not any(_touch(box, other) for other in boxes):
                boxes.append(box)
                placed[number] = (round(x, 1), round(y + shift, 1))
                break
    return placed


def _box(name: str, x: float, y: float, letter: float) -> _Box:
    half = len(name) * letter * _ASPECT / 2
    return x - half, y - letter * 0.6, x + half, y + letter * 0.6


def _touch(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]

"""The eight colours of topics, measured: contrast after WCAG 2, colour vision after Machado et al. (2009)."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from broadsheet.serve.press import STATIC

VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
SHADE = {"light": "#f3efe4", "dark": "#201e1a"}  # what the map is drawn on


def linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.array(matrix) @ rgb / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def palette(ground: str) -> list[str]:
    css = (STATIC / "map.css").read_text(encoding="utf-8")
    pairs = re.findall(r"--c\d: light-dark\((#\w{6}), (#\w{6})\)", css)
    return [pair[ground == "dark"] for pair in pairs]


@pytest.mark.parametrize("ground", SHADE)
def test_every_colour_stands_out_from_the_ground(ground: str) -> None:
    colours = palette(ground)
    assert len(colours) == 8
    assert min(contrast(colour, SHADE[ground]) for colour in colours) >= 2.85


@pytest.mark.parametrize("ground", SHADE)
@pytest.mark.parametrize("vision", VISION)
def test_no_two_colours_look_alike_to_anyone(ground: str, vision: str) -> None:
    seen = [lab(np.clip(VISION[vision] @ linear(colour), 0, 1)) for colour in palette(ground)]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= 20

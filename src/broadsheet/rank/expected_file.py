"""Write what ``expected_fit`` learnt as one small file's bytes, and read it back. Knows no file system but the package's.

An ``.npz`` without pickles: names as text, numbers as float16, and ``facts`` for people.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Final

import numpy as np

from broadsheet.errors import InputError
from broadsheet.rank import packed
from broadsheet.rank.expected import Calibration, Interest, vocabulary
from broadsheet.rank.expected_authors import TRAITS
from broadsheet.rank.expected_linear import Line
from broadsheet.rank.expected_votes import Growth

FORM: Final = "broadsheet-expected-1"
SHIPPED: Final = "expected-v1.npz"
SHIPPED_GROWTH: Final = "later-votes-v1.json"


def to_bytes(model: Interest) -> bytes:
    """The model as the bytes of its file; reading them gives nearly the same forecasts (float16)."""
    return packed.pack(
        FORM,
        model.facts,
        names=list(model.vocabulary.names),
        rarity=model.vocabulary.rarity.astype(np.float16),
        plain=model.plain.weights.astype(np.float16),
        full=model.full.weights.astype(np.float16),
        constants=np.array([model.plain.constant, model.full.constant]),
        calibrations=np.array(
            [[each.slope, each.shift] for each in (model.plain_calibration, model.full_calibration)]
        ),
        authors=np.stack([model.centre, model.spread]).astype(np.float32),
    )


def from_bytes(data: bytes, *, name: str) -> Interest:
    """The model in a file's bytes. Raises InputError, with the file's ``name``, where they are none."""
    with packed.unpacked(data, form=FORM, name=name, what="a model of expected interest") as file:
        facts, names = file.facts, file.lines("names")
        words = vocabulary(names, file["rarity"].astype(np.float32))
        constants, calibrations = file["constants"].tolist(), file["calibrations"].tolist()
        plain = Line(file["plain"].astype(np.float64), constants[0])
        full = Line(file["full"].astype(np.float64), constants[1])
        centre, spread = file["authors"]
    if len(plain.weights) != len(names) or len(full.weights) != len(names) + len(TRAITS):
        raise InputError(f"{name}: a damaged model: {len(names)} names, {len(plain.weights)} weights")
    return Interest(
        words,
        plain,
        full,
        Calibration(*calibrations[0]),
        Calibration(*calibrations[1]),
        centre,
        spread,
        facts,
    )


def growth_to_bytes(growth: Growth) -> bytes:
    """How votes grow as the bytes of a JSON file."""
    value = {
        "lines": [[round(each, 5) for each in line] for line in growth.lines.tolist()],
        "shifts": [round(each, 5) for each in growth.shifts.tolist()],
        "facts": dict(growth.facts),
    }
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


@cache
def shipped() -> Interest:
    """The model that comes with Broadsheet. Raises InputError where the installation is damaged."""
    return from_bytes(packed.package_data(SHIPPED), name=SHIPPED)


@cache
def shipped_growth() -> Growth:
    """How votes grow, as it comes with Broadsheet. Raises InputError where the installation is damaged."""
    value = json.loads(packed.package_data(SHIPPED_GROWTH))
    return Growth(np.array(value["lines"]), np.array(value["shifts"]), value["facts"])

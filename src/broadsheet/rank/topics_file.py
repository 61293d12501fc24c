"""Write standing topics as one small file's bytes, and read them back. Knows no file system but the package's.

An ``.npz`` without pickles: names as text, places as bytes, and ``facts`` for people. Places are those
of one encoder's vectors, whose name is among the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np

from broadsheet.rank import packed
from broadsheet.rank.topics_standing import Head, Standing

FORM: Final = "broadsheet-topics-1"
SHIPPED: Final = "topics-v1.npz"


def to_bytes(standing: Standing, *, facts: Mapping[str, str]) -> bytes:
    """The topics as the bytes of their file; ``facts`` name the ``encoder`` and tell where they are from."""
    heads = standing.heads
    centres = np.array([head.centre for head in heads]).reshape(len(heads), -1)
    return packed.pack(
        FORM,
        facts,
        names=[f"{head.key}\t{head.text}" for head in heads],
        marks=np.array([head.mark for head in heads], dtype=np.uint8),
        leans=np.array([head.lean for head in heads], dtype=np.float16),
        centres=np.rint(127 * centres / np.abs(centres).max(axis=1, keepdims=True)).astype(np.int8),
        mean=standing.mean.astype(np.float32),
    )


def from_bytes(data: bytes, *, name: str, encoder: str) -> Standing | None:
    """The topics in a file's bytes; None where they are of another encoder's vectors.

    Raises InputError, with the file's ``name``, where the bytes are none.
    """
    with packed.unpacked(data, form=FORM, name=name, what="a file of topics") as file:
        if file.facts["encoder"] != encoder:
            return None
        names = [line.split("\t") for line in file.lines("names")]
        centres = file["centres"].astype(np.float32)
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        heads = tuple(
            Head(key, text, mark, centre, lean)
            for (key, text), mark, centre, lean in zip(
                names, file["marks"].tolist(), centres, file["leans"].tolist(), strict=True
            )
        )
        return Standing(file["mean"], heads)


@cache
def shipped(encoder: str) -> Standing | None:
    """The topics that come with Broadsheet; None for another encoder. Raises InputError where they are damaged."""
    return from_bytes(packed.package_data(SHIPPED), name=SHIPPED, encoder=encoder)

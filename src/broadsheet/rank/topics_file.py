"""Write standing topics as one small file's bytes, and read them back. Knows no file system but the package's.

An ``.npz`` without pickles: names as text, places as bytes, and ``facts`` for people. Places are those
of one encoder's vectors, whose name is among the facts.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError
from broadsheet.rank.topics_standing import Head, Standing

FORM: Final = "broadsheet-topics-1"
SHIPPED: Final = "topics-v1.npz"


def to_bytes(standing: Standing, *, facts: Mapping[str, str]) -> bytes:
    """The topics as the bytes of their file; ``facts`` name the ``encoder`` and tell where they are from."""
    out = io.BytesIO()
    heads = standing.heads
    centres = np.array([head.centre for head in heads]).reshape(len(heads), -1)
    np.savez_compressed(
        out,
        head=_text(json.dumps({"form": FORM, "facts": dict(facts)}, ensure_ascii=False, sort_keys=True)),
        names=_text("\n".join(f"{head.key}\t{head.text}" for head in heads)),
        marks=np.array([head.mark for head in heads], dtype=np.uint8),
        leans=np.array([head.lean for head in heads], dtype=np.float16),
        centres=np.rint(127 * centres / np.abs(centres).max(axis=1, keepdims=True)).astype(np.int8),
        mean=standing.mean.astype(np.float32),
    )
    return out.getvalue()


def from_bytes(data: bytes, *, name: str, encoder: str) -> Standing | None:
    """The topics in a file's bytes; None where they are of another encoder's vectors.

    Raises InputError, with the file's ``name``, where the bytes are none.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes().decode())
            if head["form"] != FORM:
                raise InputError(f"{name}: topics of the form {head['form']!r}; this version reads {FORM!r}")
            if head["facts"]["encoder"] != encoder:
                return None
            names = [line.split("\t") for line in arrays["names"].tobytes().decode().split("\n")]
            centres = arrays["centres"].astype(np.float32)
            centres /= np.linalg.norm(centres, axis=1, keepdims=True)
            heads = tuple(
                Head(key, text, mark, centre, lean)
                for (key, text), mark, centre, lean in zip(
                    names, arrays["marks"].tolist(), centres, arrays["leans"].tolist(), strict=True
                )
            )
            return Standing(arrays["mean"], heads)
    except (ValueError, KeyError, TypeError, IndexError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{name}: not a file of topics: {error}") from error


@cache
def shipped(encoder: str) -> Standing | None:
    """The topics that come with Broadsheet; None for another encoder. Raises InputError where they are damaged."""
    path = resources.files("broadsheet.rank") / "data" / SHIPPED
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; reinstall Broadsheet") from error
    return from_bytes(data, name=SHIPPED, encoder=encoder)


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)

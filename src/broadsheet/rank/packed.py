"""What ranking learns as one small file's bytes: an ``.npz`` without pickles, whose head says what it is. Knows no content.

Texts lie in it as bytes; ``facts`` are for people: where it is from, and when.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from broadsheet.errors import InputError

# What zipfile (RuntimeError: a version or a password that it cannot know) and numpy raise over bytes that are none of theirs.
_DAMAGED: Final = (
    ValueError,
    KeyError,
    TypeError,
    IndexError,
    EOFError,
    OSError,
    RuntimeError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An open file: its facts, and its arrays and lines by name."""

    facts: Mapping[str, str]
    arrays: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]

    def lines(self, name: str) -> list[str]:
        """The lines kept under a name."""
        return self.arrays[name].tobytes().decode().split("\n")


def pack(form: str, facts: Mapping[str, str], **content: NDArray[Any] | list[str]) -> bytes:
    """The bytes of a file of such a form; content is arrays, and lists of lines."""
    out = io.BytesIO()
    head = json.dumps({"form": form, "facts": dict(facts)}, ensure_ascii=False, sort_keys=True)
    arrays: dict[str, Any] = {"head": _bytes(head)}
    for name, one in content.items():
        arrays[name] = _bytes("\n".join(one)) if isinstance(one, list) else one
    np.savez_compressed(out, **arrays)
    return out.getvalue()


@contextmanager
def unpacked(data: bytes, *, form: str, name: str, what: str) -> Iterator[Unpacked]:
    """What is in a file's bytes, to be made into what it stands for.

    Raises InputError, with the file's ``name`` and ``what`` was wanted, where the bytes are of another form or
    damaged, also where that shows while the content is read.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes().decode())
            if head["form"] != form:
                raise InputError(f"{name}: {what} of the form {head['form']!r}; this version reads {form!r}")
            yield Unpacked(head["facts"], arrays)
    except _DAMAGED as error:
        raise InputError(f"{name}: not {what}: {error}") from error


def package_data(name: str) -> bytes:
    """The bytes of a file that comes with Broadsheet. Raises InputError where it cannot be read."""
    path = resources.files("broadsheet.rank") / "data" / name
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}; reinstall Broadsheet") from error


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)

"""What every counter gives: readings of how many votes papers have somewhere. Knows no database.

A counter is a plug-in: an entry point of the group ``broadsheet.counters`` naming an object (or a class that makes
one without arguments) that says what it counts (``Named``) and reads files of a form of its own (``FileCounter``),
asks a site (``HostCounter``), or both. ``docs/use/votes.md`` shows one from start to end.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from pathlib import Path
from typing import Final, Protocol

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.model import Counter, Paper

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{1,23}")
_WORDS: Final = re.compile(r"\S(?:.{0,38}\S)?")
# What readers do here has parts of these names in a score.
_OURS: Final = frozenset({"votes", "saves", "comments", "reads"})
_DEAREST: Final = 100.0


@dataclass(frozen=True, slots=True)
class Counted:
    """How many a paper had at one moment; ``featured`` is the day it came onto a list, where that is said."""

    id: PaperId
    count: int
    at: datetime
    featured: date | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Readings of one answer, and the cursor to save with them."""

    items: tuple[Counted | RecordError, ...] = ()
    cursor: str | None = None


class Named(Protocol):
    """What every counter says of itself; see ``broadsheet.model.Counter``. Plain attributes will do."""

    @property
    def name(self) -> str:
        """That of its entry point: small letters, digits and hyphens."""
        ...

    @property
    def label(self) -> str:
        """Its name for people: "Hacker News"."""
        ...

    @property
    def unit(self) -> str:
        """One of what it counts: "point"."""
        ...

    @property
    def worth(self) -> float:
        """What one is worth beside a vote given here, until whoever runs the archive says otherwise."""
        ...

    @property
    def growth(self) -> bool:
        """Whether what is counted may be older than the paper, so that only what comes to it says anything."""
        ...


class FileCounter(Named, Protocol):
    """Reads files of a form of its own, beside the plain form that every counter's readings may have."""

    def read(self, path: Path, *, at: datetime) -> Iterator[Counted | RecordError]:
        """The file's readings in order; a RecordError (yielded, not raised) for each that cannot be used.

        ``at``: when a file that does not say so was counted. Raises InputError where the whole file cannot be read.
        """
        ...


class HostCounter(Named, Protocol):
    """Asks one site, politely, and only where the settings name it."""

    def count(self, cursor: str | None, *, papers: Iterable[Paper]) -> Iterator[Counts]:
        """Readings by now. ``papers`` are those of the last weeks, newest first, read anew whenever they are gone through.

        Each cursor, once saved with its readings, is a place from which ``count`` goes on with nothing lost.
        Raises SourceError or ThrottledError where the site fails; the last yielded cursor still holds.
        """
        ...


def described(plug: Named) -> Counter:
    """What a counter says of itself, looked over. Raises InputError."""
    return describe(plug.name, label=plug.label, unit=plug.unit, worth=plug.worth, growth=plug.growth)


def describe(name: str, *, label: str, unit: str, worth: float, growth: bool) -> Counter:
    """A counter by what is said of it, looked over. Raises InputError."""
    if not _NAME.fullmatch(name) or name in _OURS:
        raise InputError(
            f"not a name for a counter: {name!r}; wanted two to 24 small letters, digits and hyphens, "
            f"such as 'hackernews', and none of {', '.join(sorted(_OURS))}"
        )
    for what, text in (("label", label), ("unit", unit)):
        if not _WORDS.fullmatch(text) or not text.isprintable():
            raise InputError(f"the {what} of counter {name!r} is {text!r}; wanted a word or a few")
    if isinstance(worth, bool) or not isfinite(worth) or not 0 <= worth <= _DEAREST:
        raise InputError(
            f"one {unit} of counter {name!r} is worth {worth} votes; wanted a number from 0 to {_DEAREST:g}"
        )
    return Counter(name=name, label=label, unit=unit, worth=float(worth), growth=bool(growth))

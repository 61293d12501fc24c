"""Which generation is the newest, in one row. Knows no papers.

A generation is made of rows that are valid at its number (``versions``), in collections of one
*epoch*. An epoch ends where everything is begun anew: for another store, other encoders, another make.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from broadsheet.errors import StaleIndexError
from broadsheet.index.contract import Generation
from broadsheet.index.files import WAY_OUT
from broadsheet.index.milvus.collections import create_now, nothing
from broadsheet.index.milvus.engine import Engine

# Changes whenever rows would be read otherwise.
MAKE: Final = "milvus-1"

_PK: Final = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """The newest generation, and what must be known to read it."""

    make: str = MAKE
    store: str
    epoch: int
    number: int = 0
    seq: int = 0
    papers: int = 0
    slots: Mapping[str, int]  # the encoders that there is room for, and how long their vectors are
    encoders: Mapping[str, int] = field(default_factory=dict)
    details: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)  # of each part, words in all papers
    published: Mapping[str, float] = field(default_factory=dict)  # generation: when, of those still kept
    oldest: int = 0  # generations before this one may be swept away
    began: float = 0.0  # when the first generation of this epoch was published
    former: int = 0  # the epoch before, while readers may have it

    def generation(self) -> Generation:
        """The same as readers see it."""
        return Generation(
            number=self.number,
            seq=self.seq,
            papers=self.papers,
            encoders=dict(self.encoders),
            details=dict(self.details),
        )

    def after(self, generation: Now, *, at: float, keep: float) -> Now:
        """The generation that follows this one, with what is still kept ``keep`` seconds after its end."""
        published = {**self.published, str(generation.number): at}
        numbers = sorted(map(int, published))
        ended = dict(zip(numbers, [published[str(n)] for n in numbers[1:]], strict=False))
        oldest = next((n for n in numbers if ended.get(n, at) > at - keep), generation.number)
        return replace(
            generation,
            oldest=max(oldest, self.oldest),
            published={n: t for n, t in published.items() if int(n) >= oldest},
        )


def collection(engine: Engine) -> str:
    """The name of the collection with the one row."""
    return f"{engine.prefix}_now"


def names(engine: Engine, epoch: int) -> tuple[str, str, str]:
    """The collections of papers, terms and details of an epoch."""
    start = f"{engine.prefix}_{epoch}"
    return f"{start}_papers", f"{start}_terms", f"{start}_details"


def epoch_of(engine: Engine, name: str) -> int:
    """The epoch of a collection; 0 for one that belongs to none."""
    number = name.removeprefix(f"{engine.prefix}_").partition("_")[0]
    return int(number) if number.isdecimal() else 0


def read(engine: Engine) -> Now:
    """The newest generation. Raises StaleIndexError where there is none or it is of another make."""
    try:
        rows = engine.rows(collection(engine), f"pk == '{_PK}'", ("body",))
    except StaleIndexError:
        rows = []
    if not rows:
        raise StaleIndexError("there is no search index yet; run `broadsheet index`")
    try:
        stated = json.loads(rows[0]["body"])
        make = stated["make"]
        now = Now(**stated) if make == MAKE else None
    except (ValueError, TypeError, KeyError) as error:
        raise StaleIndexError(f"the search index on {engine.address} is damaged; {WAY_OUT}") from error
    if now is None:
        raise StaleIndexError(f"the search index was made by {make}, expected {MAKE}; {WAY_OUT}")
    return now


def write(engine: Engine, now: Now) -> None:
    """Make this the newest generation: the moment at which readers see all of it."""
    name = collection(engine)
    if not engine.exists(name):
        create_now(engine, name)
    engine.put(name, [{"pk": _PK, "body": json.dumps(asdict(now)), "none": nothing()}])


def forget(engine: Engine) -> None:
    """Say that there is no generation any more."""
    if engine.exists(collection(engine)):
        engine.drop(collection(engine))

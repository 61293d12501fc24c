"""The contract of counters: who outside counts what people make of papers, and when each was last asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broadsheet.model import Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A counter, when its readings last came in, and when they last failed to. None: never."""

    counter: Counter
    counted: datetime | None = None
    failed: datetime | None = None
    error: str = ""  # of the last failure

    @property
    def fails(self) -> bool:
        """Whether the last try failed."""
        return self.failed is not None and (self.counted is None or self.failed > self.counted)


class Counters(Protocol):
    """The counters that readings came from, Hugging Face's always among them. The readings are the papers' own."""

    def known(self) -> Mapping[str, Told]:
        """Every counter by its name, in the order of the names."""
        ...

    def describe(self, counter: Counter) -> None:
        """Keep what a counter is; one that is known keeps the worth that it has."""
        ...

    def weigh(self, name: str, worth: float) -> None:
        """Let one of a known counter's be worth so many votes."""
        ...

    def succeed(self, name: str, *, now: datetime) -> None:
        """Note that a known counter's readings came in."""
        ...

    def fail(self, name: str, error: str, *, now: datetime) -> None:
        """Note that they did not, and why."""
        ...

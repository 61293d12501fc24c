"""The contract of tallies: what happened too often lately, whichever process saw it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Tallies(Protocol):
    """Counts under keys, each of which counts until a moment. Exact while clocks agree; no lock between the two calls."""

    def count(self, key: str, *, now: datetime, until: datetime) -> None:
        """Count one, and forget whatever no longer counts."""
        ...

    def full(self, key: str, *, limit: int, now: datetime) -> datetime | None:
        """When a key that has ``limit`` counts or more will have fewer; None where it has fewer now."""
        ...

"""Hugging Face's votes: tables of readings, and what its daily list answered. Knows no database.

- Tables, as ``source.counts`` reads them, have the columns ``paper_id``, ``upvotes`` and ``observed_at``.
- JSON is what ``GET /api/daily_papers`` answers: objects with ``paper.id`` and ``paper.upvotes``. It does not say
  when it was read, so the caller does.

The plain form of any counter is read too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from broadsheet.errors import InputError, RecordError
from broadsheet.ids import PaperId
from broadsheet.model import HUGGING_FACE
from broadsheet.source import counts
from broadsheet.source.counters import Counted

_COLUMNS: Final[counts.Columns] = ("paper_id", "upvotes", "observed_at")


@dataclass(frozen=True, slots=True)
class HuggingFace:
    """A vote there is worth as much as one here."""

    name: str = HUGGING_FACE
    label: str = "Hugging Face"
    unit: str = "upvote"
    worth: float = 1.0
    growth: bool = False

    def read(self, path: Path, *, at: datetime | None = None) -> Iterator[Counted | RecordError]:
        """The file's readings in order; see ``source.counts``. A daily list needs ``at``."""
        return counts.read(path, at=at, columns=_COLUMNS, entry=_entry)


def _entry(value: Mapping[str, Any], at: datetime | None) -> Counted:
    if "paper" not in value and "upvotes" not in value:
        return counts.plain(value, at)
    paper = value.get("paper", value)
    if not isinstance(paper, Mapping) or not isinstance(paper.get("id"), str):
        raise InputError("wanted an object with paper.id, as Hugging Face's daily list has it")
    if at is None:
        raise InputError("the list does not say when its votes were counted; say it")
    listed = paper.get("submittedOnDailyAt")
    return Counted(
        PaperId.parse(paper["id"]),
        counts.count(paper.get("upvotes", value.get("upvotes"))),
        at,
        counts.moment(listed).date() if isinstance(listed, str) else None,
    )

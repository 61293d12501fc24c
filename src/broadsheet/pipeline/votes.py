"""Take in how many votes papers had elsewhere: each count becomes a reading of a paper that we hold.

Papers that we do not hold are reported, never made: a number is no paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from broadsheet.errors import RecordError
from broadsheet.ids import PaperId
from broadsheet.model import Derived, Record
from broadsheet.source.votes import Counted
from broadsheet.store.contract import Store, Taken

_BATCH = 500  # papers
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class VotesReport:
    """What became of a file of votes."""

    readings: int  # of papers that we hold, whether new to us or not
    taken: Taken
    unknown: tuple[PaperId, ...]  # papers that we do not hold, in the order of the file
    rejected: int
    problems: tuple[RecordError, ...]  # the first few


def take_votes(counted: Iterable[Counted | RecordError], *, store: Store, now: datetime) -> VotesReport:
    """Add the readings to the papers that we hold; taking them again changes nothing."""
    by_paper: dict[PaperId, list[Counted]] = {}
    problems: list[RecordError] = []
    rejected = 0
    for each in counted:
        if isinstance(each, RecordError):
            rejected += 1
            problems += [each] if len(problems) < _SHOWN else []
        else:
            by_paper.setdefault(each.id, []).append(each)
    ids = list(by_paper)
    taken, unknown, readings = Taken(), list[PaperId](), 0
    for start in range(0, len(ids), _BATCH):
        part = ids[start : start + _BATCH]
        papers = store.get_many(part)
        unknown += [id for id in part if id not in papers]
        # Two names of one paper may both be counted; its readings then go in together.
        united: dict[PaperId, tuple[Record, Derived]] = {}
        for id in part:
            if (paper := papers.get(id)) is not None:
                record, derived = united.get(paper.id, (paper.record, paper.derived))
                united[paper.id] = _with_votes(record, by_paper[id]), derived
                readings += len(by_paper[id])
        taken += store.put(list(united.values()), now=now)
    return VotesReport(
        readings=readings, taken=taken, unknown=tuple(unknown), rejected=rejected, problems=tuple(problems)
    )


def _with_votes(record: Record, counted: Sequence[Counted]) -> Record:
    days = [each.featured for each in counted if each.featured is not None]
    if record.featured is not None:
        days.append(record.featured)
    return replace(
        record,
        votes=tuple(sorted({*record.votes, *(each.reading for each in counted)})),
        featured=min(days, default=None),
    )

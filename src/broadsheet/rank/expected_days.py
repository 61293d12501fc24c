"""Read past days off records: which papers can be learnt from, and what was known of authors when. Pure.

A paper came onto the list when its votes were first counted elsewhere, or on the day its source says.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from broadsheet.model import Record
from broadsheet.rank.expected import eligible
from broadsheet.rank.expected_authors import Past
from broadsheet.rank.expected_fit import Example

# Most papers come onto the list within so many days; younger ones do not tell yet whether they will.
RIPE: Final = timedelta(days=7)


def announced(record: Record) -> date | None:
    """The day a paper was first announced; None where no source said."""
    return min((a.day for a in record.announcements), default=None)


def listed(record: Record) -> date | None:
    """The day a paper came onto the list; None where it did not."""
    days = [min(record.votes).at.date()] if record.votes else []
    return min([*days, record.featured] if record.featured else days, default=None)


def as_of(record: Record, until: date) -> Record:
    """A record without what was counted or listed after a day."""
    end = datetime.combine(until + timedelta(days=1), datetime.min.time(), UTC)
    featured = record.featured if record.featured and record.featured <= until else None
    return replace(record, readings=tuple(v for v in record.votes if v.at < end), featured=featured)


def past_of(records: Iterable[Record]) -> list[Past]:
    """What there is to remember of authors."""
    return [
        Past(tuple(author.key for author in record.authors), announced(record), listed(record))
        for record in records
    ]


def examples_of(records: Sequence[Record], until: date) -> list[Example]:
    """What can be learnt at the end of a day from records as of then.

    That is papers for which forecasts are made and that are a week old; days before anything was listed are
    left out, as nobody was counting yet.
    """
    found = []
    for record in records:
        day = announced(record)
        if day is not None and day <= until - RIPE and eligible(record):
            votes = max(record.votes).count if record.votes else 0
            found.append(Example(record, day, votes if listed(record) else None))
    first = min((example.day for example in found if example.votes is not None), default=date.max)
    return [example for example in found if example.day >= first]

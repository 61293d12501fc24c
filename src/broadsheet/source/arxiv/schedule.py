"""When arXiv announces: from the moment of submission to the edition's day. Pure calendar.

The schedule (https://info.arxiv.org/help/availability.html), all times US Eastern: what is
submitted by 14:00 on a Monday, Tuesday, Wednesday or Thursday is announced at 20:00 that evening,
what is submitted by 14:00 on a Friday on Sunday at 20:00; what comes later waits for the next
of these. The mailing bears the date of the following morning, so editions are dated Monday to
Friday. On a holiday nothing is processed: its deadline falls to the next working day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from broadsheet.ids import PaperId

EASTERN = ZoneInfo("America/New_York")
_DEADLINE = time(14, 0)
_DAY = timedelta(days=1)
# A single-version record that changed this soon after its turn most likely had been held back.
_HELD = timedelta(days=14)

# Days off that follow no rule, as arXiv's availability page listed them or as its feeds stayed empty.
_FURTHER_HOLIDAYS = frozenset(
    {
        date(2023, 6, 14),
        date(2023, 12, 27),
        date(2025, 12, 30),
        date(2026, 12, 29),
        date(2026, 12, 31),
    }
)


def announcement_day(submitted: datetime) -> date:
    """The date of the edition that a submission belongs to, if nothing holds it back.

    >>> announcement_day(datetime(2025, 8, 19, 13, 59, tzinfo=EASTERN))  # a Tuesday
    datetime.date(2025, 8, 20)
    """
    return _following(_deadline(submitted))


def edition_day(
    id: PaperId, submitted: datetime, *, datestamp: date | None = None, versions: int = 1
) -> date:
    """The date of the edition that first had a paper, as well as it can be told.

    The schedule gives the earliest day. Two facts correct it for papers that moderation held
    back: a new identifier names the month of its announcement, and the OAI-PMH ``datestamp``
    of a record with one version, where it follows soon, is the (UTC) day of the announcement.
    """
    day = announcement_day(submitted)
    month = id_month(id)
    if month and _evening(day) < month:
        day = _first(month)
    if datestamp is not None and versions == 1:
        seen = _last(datestamp)
        if day < seen <= day + _HELD and (not month or _evening(seen).replace(day=1) == month):
            day = seen
    return day


def is_edition_day(day: date) -> bool:
    """Whether an edition may bear this date: Monday to Friday, not the morning after a holiday."""
    return day.weekday() < 5 and not _off(_processed(day))


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The holidays that arXiv keeps in a year: by rule, and the others that are known."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 12, 25)]
    floating = [_nth(year, 1, 0, 3), _nth(year, 9, 0, 1), _nth(year, 11, 3, 4)]
    return frozenset(
        {_observed(day) for day in fixed} | set(floating) | {d for d in _FURTHER_HOLIDAYS if d.year == year}
    )


def id_month(id: PaperId) -> date | None:
    """The month that an identifier names, as its first day."""
    digits = id.value.rpartition("/")[2][:4]
    if not digits.isdecimal():
        return None
    year, month = int(digits[:2]), int(digits[2:])
    return date(year + (1900 if year > 90 else 2000), month, 1) if 1 <= month <= 12 else None


def _deadline(submitted: datetime) -> date:
    """The day at whose deadline a submission is processed."""
    local = submitted.astimezone(EASTERN)
    day = local.date() if local.time() < _DEADLINE else local.date() + _DAY
    while day.weekday() > 4 or _off(day):
        day += _DAY
    return day


def _following(processed: date) -> date:
    return processed + _DAY * (3 if processed.weekday() == 4 else 1)


def _processed(day: date) -> date:
    """The day whose deadline closed the edition of ``day``."""
    return day - _DAY * (3 if day.weekday() == 0 else 1)


def _evening(day: date) -> date:
    """The date on the clock when the edition of ``day`` was announced."""
    return day - _DAY


def _first(month: date) -> date:
    """The first edition announced in a month."""
    day = month + _DAY
    while not is_edition_day(day):
        day += _DAY
    return day


def _last(day: date) -> date:
    """The last edition's date up to ``day``."""
    while not is_edition_day(day):
        day -= _DAY
    return day


def _off(day: date) -> bool:
    # New Year's Day is kept on 31 December where it falls on a Saturday.
    return day in holidays(day.year) or day in holidays(day.year + 1)


def _observed(day: date) -> date:
    return day + _DAY * {5: -1, 6: 1}.get(day.weekday(), 0)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + _DAY * ((weekday - first.weekday()) % 7 + 7 * (n - 1))

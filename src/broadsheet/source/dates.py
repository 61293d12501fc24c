"""Dates as bibliographies, feeds and libraries write them. Knows no record."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

_NUMBERS = re.compile(r"(\d{4})(?:\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{1,2}))?)?(?![\d])")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)")
_WORD = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime | None:
    """The moment a text names, in UTC; None where it names none.

    A bare day is its midnight, a bare month or year its first day: sources give no more.

    >>> moment("2017/06/12/").date(), moment("September 1, 1978").date(), moment("in press")
    (datetime.date(2017, 6, 12), datetime.date(1978, 9, 1), None)
    """
    text = text.strip()
    try:
        return _utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        pass
    if numbers := _NUMBERS.match(text):
        return _day(*(int(n) if n else None for n in numbers.groups()))
    if "," in text or ":" in text:
        try:
            return _utc(parsedate_to_datetime(text))
        except (ValueError, TypeError, IndexError, OverflowError):
            pass
    if not (year := _YEAR.search(text)):
        return None
    rest = text[: year.start()] + " " + text[year.end() :]
    month = next((m for w in _WORD.findall(rest) if (m := month_number(w))), None)
    day = _DAY.search(rest) if month else None
    return _day(int(year[0]), month, int(day[1]) if day else None)


def day(text: str) -> date | None:
    """The day a text names; None where it names none."""
    at = moment(text)
    return at.date() if at else None


def month_number(name: str) -> int | None:
    """The number of an English month, by its name, its three letters or its number.

    >>> month_number("jul"), month_number("September"), month_number("07"), month_number("xyz")
    (7, 9, 7, None)
    """
    name = name.strip().lower()
    if name.isdecimal() and name.isascii() and len(name) <= 2:
        return int(name) if 1 <= int(name) <= 12 else None
    return _MONTHS.get(name[:3]) if name.isalpha() else None


def _day(year: int | None, month: int | None = None, day: int | None = None) -> datetime | None:
    try:
        return datetime(year or 0, month or 1, (day if month else None) or 1, tzinfo=UTC)
    except ValueError:
        pass
    try:  # "2021-00-00", "2021-02-30": the year still holds
        return datetime(year or 0, 1, 1, tzinfo=UTC)
    except ValueError:
        return None


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

"""Which days a reader means by a date. Knows no clock: today is an argument."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from typing import Final

_DAY: Final = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO: Final = re.compile(r"(\d{1,4})([dwmy])")
_DAYS_IN: Final = {"d": 1, "w": 7, "m": 30, "y": 365}


def days(text: str, *, today: date) -> tuple[date | None, date | None] | None:
    """The first and the last day that a date value means, None for an open end; None where it is no date.

    >>> days("2026-02", today=date(2026, 3, 31))
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    text = text.strip().lower()
    if ".." in text:
        start, _, end = text.partition("..")
        first = _span(start, today=today) if start else None
        last = _span(end, today=today) if end else None
        if not (start or end) or (start and first is None) or (end and last is None):
            return None
        return (first[0] if first else None), (last[1] if last else None)
    for sign in (">=", "<=", ">", "<"):
        if text.startswith(sign):
            span = _span(text.removeprefix(sign), today=today)
            return _one_sided(sign, *span) if span else None
    return _span(text, today=today)


def _one_sided(sign: str, first: date, last: date) -> tuple[date | None, date | None] | None:
    try:
        if sign == ">":
            return last + timedelta(days=1), None
        if sign == "<":
            return None, first - timedelta(days=1)
    except OverflowError:  # past the last day of the calendar, or before its first
        return None
    return (first, None) if sign == ">=" else (None, last)


def _span(text: str, *, today: date) -> tuple[date, date] | None:
    """The days of a year, a month, a day, or so many days back."""
    if text == "today":
        return today, today
    if text == "yesterday":
        return today - timedelta(days=1), today - timedelta(days=1)
    if ago := _AGO.fullmatch(text):
        return _back(today, int(ago[1]) * _DAYS_IN[ago[2]]), today
    if not (match := _DAY.fullmatch(text)):
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        return None
    if month is None:
        return first, date(first.year, 12, 31)
    if day is None:
        return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])
    return first, first


def _back(today: date, count: int) -> date:
    return date.fromordinal(max(1, today.toordinal() - count))

"""Editions by year, month and week. Knows days and counts, and a week's lead stories."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from broadsheet.errors import InputError
from broadsheet.model import DayCount
from broadsheet.serve import away, view
from broadsheet.serve.site import Site


@dataclass(frozen=True, slots=True)
class Month:
    """A month of editions; ``key`` is as in ``/archive/2026-03``."""

    key: str
    name: str
    editions: int
    papers: int


@dataclass(frozen=True, slots=True)
class Week:
    """A row of a month's calendar; ``key`` is as in ``/archive/2026-W12``. None: a day of another month."""

    key: str
    number: int
    days: tuple[tuple[date, DayCount | None] | None, ...]


def archive(site: Site, request: Request) -> Response:
    """Every month that has editions, newest year first."""
    months = [
        Month(f"{year}-{month:02}", calendar.month_name[month], len(days), sum(d.new for d in days))
        for (year, month), days in (
            (key, list(group))
            for key, group in groupby(site.library.days(), key=lambda d: (d.day.year, d.day.month))
        )
    ]
    years = [(year, list(group)) for year, group in groupby(reversed(months), key=lambda m: m.key[:4])]
    most = max((m.papers for m in months), default=0)
    return site.press.page(request, "archive.html", {"years": years, "most": most})


def period(site: Site, request: Request) -> Response:
    """A month, a week, or a day (which is its edition)."""
    text = request.path_params["period"]
    try:
        if month := re.fullmatch(r"(\d{4})-(\d{2})", text):
            return _month(site, request, date(int(month[1]), int(month[2]), 1))
        if week := re.fullmatch(r"(\d{4})-W(\d{2})", text):
            return _week(site, request, date.fromisocalendar(int(week[1]), int(week[2]), 1))
        return RedirectResponse(f"/edition/{date.fromisoformat(text)}", status_code=301)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"not a period: {text!r}; expected a month such as 2026-03, a week such as 2026-W12 or a day"
        ) from error


def _month(site: Site, request: Request, first: date) -> Response:
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    counts = {c.day: c for c in site.library.days(first, last)}
    weeks = [
        Week(
            _week_key(row[0]),
            row[0].isocalendar().week,
            tuple((d, counts.get(d)) if d.month == first.month else None for d in row),
        )
        for row in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    return site.press.page(
        request,
        "month.html",
        {
            "first": first,
            "weeks": weeks,
            "days": [*counts.values()],
            "most": max((c.new for c in counts.values()), default=0),
            "papers": sum(c.new for c in counts.values()),
            "before": first - timedelta(days=1),
            "after": last + timedelta(days=1),
        },
    )


def _week(site: Site, request: Request, monday: date) -> Response:
    sunday = monday + timedelta(days=6)
    counts = site.library.days(monday, sunday)
    put_away = away.of(site, request)
    every = [(count, site.library.leads(count.day)) for count in counts]
    leads = [(count, [e for e in entries if e.id not in put_away.ids]) for count, entries in every]
    papers = site.library.papers(entry.id for _, entries in leads for entry in entries)
    standings = site.desk(request).standings(papers)
    days = [
        (count, view.entry_cards(entries, papers, standings=standings, day=count.day))
        for count, entries in leads
    ]
    return site.press.page(
        request,
        "week.html",
        {
            "monday": monday,
            "sunday": sunday,
            "number": monday.isocalendar().week,
            "days": days,
            "left_out": away.left_out(put_away, (e.id for _, entries in every for e in entries)),
            "texts": view.texts_of(papers.values()),
            "papers": sum(c.new for c in counts),
            "before": _week_key(monday - timedelta(days=7)),
            "after": _week_key(monday + timedelta(days=7)),
        },
    )


def _week_key(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"

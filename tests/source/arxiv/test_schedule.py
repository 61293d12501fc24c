"""Expected days come from https://info.arxiv.org/help/availability.html: its table and its lists of holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.ids import PaperId
from broadsheet.source.arxiv.schedule import (
    EASTERN,
    announcement_day,
    edition_day,
    holidays,
    id_month,
    is_edition_day,
)

MONDAY = date(2025, 8, 18)
EARLIEST = datetime(1991, 8, 1)  # noqa: DTZ001  # hypothesis wants bounds without time zone
LATEST = datetime(2090, 1, 1)  # noqa: DTZ001  # likewise


def eastern(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=EASTERN)


@pytest.mark.parametrize(
    ("submitted", "mailed"),
    [
        (eastern(MONDAY, 14), "Wed"),
        (eastern(MONDAY + timedelta(1), 13, 59, 59), "Wed"),
        (eastern(MONDAY + timedelta(1), 14), "Thu"),
        (eastern(MONDAY + timedelta(2), 13, 59, 59), "Thu"),
        (eastern(MONDAY + timedelta(2), 14), "Fri"),
        (eastern(MONDAY + timedelta(3), 13, 59, 59), "Fri"),
        (eastern(MONDAY + timedelta(3), 14), "Mon"),
        (eastern(MONDAY + timedelta(4), 13, 59, 59), "Mon"),
        (eastern(MONDAY + timedelta(4), 14), "Tue"),
        (eastern(MONDAY + timedelta(5), 3), "Tue"),
        (eastern(MONDAY + timedelta(6), 23), "Tue"),
        (eastern(MONDAY + timedelta(7), 13, 59, 59), "Tue"),
    ],
)
def test_the_published_table(submitted: datetime, mailed: str) -> None:
    day = announcement_day(submitted)
    assert day.strftime("%a") == mailed
    assert timedelta(0) < day - submitted.date() <= timedelta(4)


@pytest.mark.parametrize(
    ("submitted", "day"),
    [
        # 14:00 in New York is 18:00 UTC in summer and 19:00 in winter; the clocks change on
        # 9 March and 2 November 2025.
        (datetime(2025, 3, 7, 18, 30, tzinfo=UTC), date(2025, 3, 10)),
        (datetime(2025, 3, 10, 18, 30, tzinfo=UTC), date(2025, 3, 12)),
        (datetime(2025, 10, 31, 18, 30, tzinfo=UTC), date(2025, 11, 4)),
        (datetime(2025, 11, 3, 18, 30, tzinfo=UTC), date(2025, 11, 4)),
    ],
)
def test_the_deadline_follows_daylight_saving(submitted: datetime, day: date) -> None:
    assert announcement_day(submitted) == day


@pytest.mark.parametrize(
    ("year", "listed"),
    [
        (2023, ["01-16", "06-14", "06-19", "07-04", "09-04", "11-23", "12-25", "12-27"]),
        (2025, ["01-01", "01-20", "06-19", "09-01", "11-27"]),
        (2026, ["01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31"]),
    ],
)
def test_the_holidays_that_arxiv_listed_are_kept(year: int, listed: list[str]) -> None:
    assert {date.fromisoformat(f"{year}-{day}") for day in listed} <= holidays(year)


@pytest.mark.parametrize(
    "empty",
    ["2025-06-20", "2025-07-07", "2025-09-02", "2025-11-28", "2025-12-26", "2026-01-02", "2026-01-20"],
)
def test_the_morning_after_a_holiday_has_no_edition(empty: str) -> None:
    assert not is_edition_day(date.fromisoformat(empty))


def test_what_a_holiday_holds_up_falls_to_the_next_edition() -> None:
    # Labor Day, Monday 1 September 2025: what came after Friday's deadline waits for Tuesday's.
    assert announcement_day(eastern(date(2025, 8, 30), 10)) == date(2025, 9, 3)
    assert announcement_day(eastern(date(2025, 9, 1), 10)) == date(2025, 9, 3)
    # "Sun 6 July" 2025 had no announcement: Friday the 4th was a holiday.
    assert announcement_day(eastern(date(2025, 7, 3), 15)) == date(2025, 7, 8)


def test_an_identifier_of_a_later_month_moves_the_day_into_that_month() -> None:
    submitted = datetime(2025, 7, 29, 12, tzinfo=UTC)
    assert edition_day(PaperId("2507.21509"), submitted) == date(2025, 7, 30)
    assert edition_day(PaperId("2508.00001"), submitted) == date(2025, 8, 4)


def test_an_announcement_on_the_last_evening_belongs_to_the_month_that_ends() -> None:
    # Thursday 31 July 2025, 20:00: the edition is dated 1 August, its identifiers say 2507.
    submitted = datetime(2025, 7, 31, 12, tzinfo=UTC)
    assert edition_day(PaperId("2507.23999"), submitted) == date(2025, 8, 1)


def test_a_datestamp_soon_after_shows_that_a_paper_was_held_back() -> None:
    id, submitted = PaperId("2508.09999"), datetime(2025, 8, 12, 12, tzinfo=UTC)
    assert edition_day(id, submitted, datestamp=date(2025, 8, 13)) == date(2025, 8, 13)
    assert edition_day(id, submitted, datestamp=date(2025, 8, 20)) == date(2025, 8, 20)
    assert edition_day(id, submitted, datestamp=date(2025, 8, 23)) == date(2025, 8, 22)


def test_a_datestamp_that_means_something_else_is_left_alone() -> None:
    id, submitted = PaperId("2508.09999"), datetime(2025, 8, 12, 12, tzinfo=UTC)
    usual = date(2025, 8, 13)
    assert edition_day(id, submitted, datestamp=date(2025, 10, 1)) == usual, "a later edit"
    assert edition_day(id, submitted, datestamp=date(2025, 8, 20), versions=2) == usual, "the second version"
    assert edition_day(id, submitted, datestamp=date(2005, 9, 16)) == usual, "before it was submitted"
    late = datetime(2025, 8, 27, 12, tzinfo=UTC)
    assert edition_day(id, late, datestamp=date(2025, 9, 3)) == date(2025, 8, 28), (
        "another month than the id's"
    )


@pytest.mark.parametrize(
    ("id", "month"),
    [
        ("2508.00001", date(2025, 8, 1)),
        ("0704.0001", date(2007, 4, 1)),
        ("hep-th/9108028", date(1991, 8, 1)),
        ("math/0001001", date(2000, 1, 1)),
    ],
)
def test_an_identifier_names_its_month(id: str, month: date) -> None:
    assert id_month(PaperId(id)) == month


@settings(deadline=None)
@given(
    st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)),
    st.none() | st.dates(date(2005, 9, 16), date(2099, 1, 1)),
    st.integers(1, 3),
)
def test_every_submission_gets_an_edition_that_exists_and_is_not_before_it(
    submitted: datetime, datestamp: date | None, versions: int
) -> None:
    id = PaperId(f"{submitted.year % 100:02}{submitted.month:02}.00001")
    day = edition_day(id, submitted, datestamp=datestamp, versions=versions)
    assert is_edition_day(day)
    assert day > submitted.astimezone(EASTERN).date()


@settings(deadline=None)
@given(
    st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(9)),
)
def test_who_submits_later_is_not_announced_earlier(submitted: datetime, later: timedelta) -> None:
    assert announcement_day(submitted) <= announcement_day(submitted + later)

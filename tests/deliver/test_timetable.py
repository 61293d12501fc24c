"""The reader's hour. Expected moments are from the zones' published rules, worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.deliver.timetable import next_due, time_zone, zones
from broadsheet.errors import InputError

DAILY = range(7)
WORKDAYS = range(5)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "hour", "zone", "due"),
    [
        ("2026-01-15T05:59", 7, "Europe/Paris", "2026-01-15T06:00"),  # UTC+1
        ("2026-01-15T06:00", 7, "Europe/Paris", "2026-01-16T06:00"),  # never the moment itself again
        ("2026-07-15T00:00", 7, "Europe/Paris", "2026-07-15T05:00"),  # UTC+2 in summer
        ("2026-01-15T00:00", 7, "Asia/Kolkata", "2026-01-15T01:30"),  # UTC+5:30
        ("2026-01-15T00:00", 7, "America/New_York", "2026-01-15T12:00"),
        (
            "2026-01-14T20:00",
            7,
            "Pacific/Auckland",
            "2026-01-15T18:00",
        ),  # UTC+13: there it is the 15th already
    ],
)
def test_due_at_the_hour_of_the_readers_place(after: str, hour: int, zone: str, due: str) -> None:
    assert next_due(at(after), days=DAILY, hour=hour, zone=zone) == at(due)


def test_same_hour_on_both_sides_of_a_change_is_another_moment() -> None:
    # Central European Summer Time begins on 29 March 2026, 01:00 UTC.
    before = next_due(at("2026-03-28T00:00"), days=DAILY, hour=7, zone="Europe/Berlin")
    after = next_due(before, days=DAILY, hour=7, zone="Europe/Berlin")
    assert (before, after) == (at("2026-03-28T06:00"), at("2026-03-29T05:00"))


def test_hour_that_is_left_out_is_due_when_the_clock_is_put_forward() -> None:
    # 02:00 becomes 03:00 on 29 March 2026 in Berlin: 01:00 UTC.
    due = next_due(at("2026-03-28T12:00"), days=DAILY, hour=2, zone="Europe/Berlin")
    assert due == at("2026-03-29T01:00")
    assert next_due(due, days=DAILY, hour=2, zone="Europe/Berlin") == at("2026-03-30T00:00")


def test_midnight_that_is_left_out_is_due_at_one_oclock_of_the_same_day() -> None:
    # In Cairo 00:00 becomes 01:00 on Friday 24 April 2026: 22:00 UTC the day before.
    assert next_due(at("2026-04-23T12:00"), days=[4], hour=0, zone="Africa/Cairo") == at("2026-04-23T22:00")


def test_hour_that_comes_twice_is_due_once_at_its_first_coming() -> None:
    # 03:00 becomes 02:00 on 25 October 2026 in Berlin: 02:00 is 00:00 UTC and 01:00 UTC.
    due = next_due(at("2026-10-24T12:00"), days=DAILY, hour=2, zone="Europe/Berlin")
    assert due == at("2026-10-25T00:00")
    assert next_due(due, days=DAILY, hour=2, zone="Europe/Berlin") == at("2026-10-26T01:00")


def test_day_that_a_place_never_had_gives_no_digest_of_its_own() -> None:
    # Samoa crossed the date line: after 29 December 2011 came the 31st.
    moments = [at("2011-12-28T00:00")]
    for _ in range(4):
        moments.append(next_due(moments[-1], days=DAILY, hour=8, zone="Pacific/Apia"))
    places = [m.astimezone(time_zone("Pacific/Apia")) for m in moments[1:]]
    assert [(m.day, m.hour) for m in places] == [(28, 8), (29, 8), (31, 8), (1, 8)]


def test_only_the_chosen_weekdays() -> None:
    # 2 January 2026 is a Friday.
    friday = next_due(at("2026-01-02T00:00"), days=WORKDAYS, hour=7, zone="UTC")
    assert friday == at("2026-01-02T07:00")
    assert next_due(friday, days=WORKDAYS, hour=7, zone="UTC") == at("2026-01-05T07:00")


def test_weekly_is_a_week_apart() -> None:
    sunday = next_due(at("2026-01-01T00:00"), days=[6], hour=18, zone="UTC")
    assert sunday == at("2026-01-04T18:00")
    assert next_due(sunday, days=[6], hour=18, zone="UTC") == at("2026-01-11T18:00")


@given(
    st.integers(0, 15 * 365 * 24 * 60).map(
        lambda minutes: at("2020-01-01T00:00") + timedelta(minutes=minutes)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 23),
    st.sampled_from(
        ["Europe/London", "Africa/Cairo", "Australia/Lord_Howe", "America/Santiago", "Asia/Kathmandu"]
    ),
)
def test_every_place_has_one_digest_on_each_chosen_day(
    after: datetime, days: set[int], hour: int, zone: str
) -> None:
    moments = [next_due(after, days=days, hour=hour, zone=zone)]
    for _ in range(2 * len(days)):
        moments.append(next_due(moments[-1], days=days, hour=hour, zone=zone))
    dates = [moment.astimezone(time_zone(zone)).date() for moment in moments]
    assert len(set(dates)) == len(dates)
    assert {date.weekday() for date in dates} == days
    assert moments[0] - after <= timedelta(days=7, hours=2)


@pytest.mark.parametrize(("days", "hour"), [([], 7), ([7], 7), ([0], 24), ([0], -1)])
def test_schedule_that_is_none_is_refused(days: list[int], hour: int) -> None:
    with pytest.raises(InputError):
        next_due(at("2026-01-01T00:00"), days=days, hour=hour, zone="UTC")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "/etc/localtime", "Europe/"])
def test_place_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="not a time zone"):
        time_zone(name)


def test_places_to_choose_from_are_places() -> None:
    assert {"UTC", "Europe/Paris", "Asia/Tokyo"} <= set(zones())

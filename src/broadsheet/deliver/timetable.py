"""When a digest is due: at an hour of the clock on the reader's wall. Knows no clock and no mail."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from broadsheet.errors import InputError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def next_due(after: datetime, *, days: Collection[int], hour: int, zone: str) -> datetime:
    """The first moment after ``after`` at which it is that hour on one of the days there; in UTC.

    ``days``: Monday is 0. Where the clock is put forward over the hour, it is due at the moment of the
    change; where the hour comes twice, at the first of the two. Raises InputError.
    """
    if not days or not all(0 <= day <= 6 for day in days) or not 0 <= hour <= 23:
        raise InputError(
            f"no schedule: days {sorted(days)}, hour {hour}; expected days 0 to 6, hours 0 to 23"
        )
    place = time_zone(zone)
    first = after.astimezone(place).date()
    # Eight days, as today's hour may be over; one before, as a change may turn the calendar back or skip a day.
    for step in range(-1, 9):
        day = first + timedelta(days=step)
        if day.weekday() in days:
            # With fold=0 an hour that there is not is counted by the offset before the change, and so falls on
            # or after it; an hour that comes twice is the first one. https://peps.python.org/pep-0495/
            moment = datetime.combine(day, time(hour), tzinfo=place).astimezone(UTC)
            if moment > after:
                return moment
    raise AssertionError(f"no day of {sorted(days)} in the week after {after}")


def time_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name. Raises InputError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"not a time zone: {name!r}; expected a name such as 'Europe/Paris' or 'UTC'"
        ) from error


@cache
def zones() -> tuple[str, ...]:
    """The names to choose from: places, and UTC."""
    places = (
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    return ("UTC", *sorted(places))

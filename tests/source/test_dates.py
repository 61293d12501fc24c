"""Dates as sources write them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.source import dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", (2026, 3, 1)),
        ("2017/06/12/", (2017, 6, 12)),  # RIS
        ("2015///", (2015, 1, 1)),  # RIS with a year alone
        ("2021-00-00", (2021, 1, 1)),  # ADS exports
        ("1978-09", (1978, 9, 1)),
        ("September 1, 1978", (1978, 9, 1)),
        ("12 May 2020", (2020, 5, 12)),
        ("May 2020", (2020, 5, 1)),
        ("Spring 2011", (2011, 1, 1)),
        ("2020", (2020, 1, 1)),
        ("Tue, 19 Mar 2024 00:00:00 -0400", (2024, 3, 19)),  # RFC 822, as in RSS
        ("2017-06-12T17:57:34Z", (2017, 6, 12)),
    ],
)
def test_dates_of_many_forms_are_understood(text: str, expected: Any) -> None:
    found = dates.moment(text)
    assert found is not None
    assert (found.year, found.month, found.day) == expected


def test_an_offset_is_counted_into_utc() -> None:
    assert dates.moment("2026-01-01T00:30:00+02:00") == datetime(2025, 12, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "in press", "n.d.", "soon", "13"])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert dates.moment(text) is None


@given(st.text(max_size=40))
def test_any_text_gives_an_aware_moment_or_none(text: str) -> None:
    found = dates.moment(text)
    assert found is None or found.utcoffset() is not None


@given(st.datetimes(timezones=st.timezones()))
def test_iso_text_names_its_own_moment(at: datetime) -> None:
    assert dates.moment(at.isoformat()) == at.astimezone(UTC) if 1 < at.year < 9999 else True

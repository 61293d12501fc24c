"""JSON says what is known, and no more."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broadsheet.library.shapes import as_known


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(1984, 1, 1, tzinfo=UTC), "1984"),
        (datetime(2020, 5, 1, tzinfo=UTC), "2020-05"),
        (datetime(2020, 5, 17, tzinfo=UTC), "2020-05-17T00:00:00Z"),
        (datetime(2024, 1, 1, 9, 30, tzinfo=UTC), "2024-01-01T09:30:00Z"),
        (None, None),
    ],
)
def test_a_bare_year_or_month_is_not_made_a_day(at: datetime | None, said: str | None) -> None:
    assert as_known(at) == said

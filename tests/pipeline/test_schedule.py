"""What is done again and again: what the log is told of what keeps failing."""

from __future__ import annotations

import pytest

from broadsheet.errors import SearchError
from broadsheet.pipeline.schedule import Complaint

HOUR = 3600


def test_a_failure_that_lasts_is_told_ever_more_seldom_and_when_it_is_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 0.0
    complaint = Complaint("the index", seconds=lambda: now)
    told = []
    for now in range(0, 24 * HOUR, 5):
        before = len(caplog.records)
        complaint.about(SearchError(f"the disk is full, {now} bytes left"))
        told += [now] * (len(caplog.records) - before)
    # After as long as it has lasted, but a minute at least and six hours at most.
    assert told[:6] == [0, 60, 120, 240, 480, 960]
    assert told[-1] - told[-2] == 6 * HOUR
    assert len(told) == 13
    assert "Traceback" not in caplog.text

    complaint.about(ZeroDivisionError("quite another"))
    assert "Traceback" in caplog.text or caplog.records[-1].exc_info
    now += 10
    complaint.over()
    complaint.over()
    assert caplog.messages[-1] == f"the index is well again, after {now} s"
    assert len(caplog.records) == len(told) + 2
    complaint.about(SearchError("the disk is full"))
    assert caplog.messages[-1] == "the index failed: the disk is full"

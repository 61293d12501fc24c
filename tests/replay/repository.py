"""An OAI-PMH repository of many pages: papers come, and later pages take some away and revise others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.replay.server import Replay


@dataclass(frozen=True)
class Repository:
    """``pages`` pages of ``size`` new papers each."""

    pages: int
    size: int

    def answer(self, query: Mapping[str, str]) -> str:
        """What it says to a request: a page, or that nothing changed since the last one."""
        if query.get("from", "") > self._stamp(self.pages - 1):
            return Replay.error("noRecordsMatch")
        return self.page(int(query.get("resumptionToken", "0")))

    def page(self, number: int) -> str:
        """The answer with a page, its resumption token included."""
        stamp = self._stamp(number)
        numbers = range(number * self.size, (number + 1) * self.size)
        records = [Replay.raw(f"2508.{n + 1:05}", title=f"Paper {n}", datestamp=stamp) for n in numbers]
        if number >= 2:  # a paper of an earlier page goes, another gets its second version
            records.append(Replay.deleted(f"2508.{(number - 2) * self.size + 1:05}", datestamp=stamp))
            records.append(
                Replay.raw(
                    f"2508.{(number - 2) * self.size + 2:05}",
                    title="Revised",
                    datestamp=stamp,
                    versions=[
                        ("Fri, 01 Aug 2025 12:00:00 GMT", ""),
                        (f"Tue, {number + 1:02} Aug 2025 12:00:00 GMT", ""),
                    ],
                )
            )
        token = str(number + 1) if number + 1 < self.pages else ""
        return Replay.page(*records, token=token, answered="2025-08-20T02:00:00Z")

    def count(self, pages: int) -> int:
        """How many papers there are after so many pages."""
        return pages * self.size - max(0, pages - 2)

    def _stamp(self, number: int) -> str:
        """The day on which the records of a page changed."""
        return f"2025-08-{number + 1:02}"

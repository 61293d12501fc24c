"""What became of the requests and of the server's memory, and whether that is good enough. Values in, values out."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.soak.house import Reading
from bench.soak.load import Answer

# Flat: what the server holds at the end is at most this much more than after its warm-up.
GROWTH = 0.05
# Each end is the median over this share of the time after the warm-up, as single looks catch a collector at work.
END = 0.2


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least a share of all do not exceed (nearest rank); 0 of none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1] if ordered else 0.0


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory after the warm-up and at the end, medians in bytes, and by which share it grew."""

    first: float
    last: float
    peak: float

    @property
    def growth(self) -> float:
        """By which share it grew; negative where it shrank."""
        return self.last / self.first - 1


def memory(readings: Sequence[Reading], *, warm_up: float, of: Callable[[Reading], int]) -> Memory:
    """Memory by the readings after ``warm_up`` seconds: the median of their first fifth against that of the last."""
    began = readings[0].at + warm_up
    warm = [reading for reading in readings if reading.at >= began]
    span = warm[-1].at - began
    first = [of(r) for r in warm if r.at <= began + END * span]
    last = [of(r) for r in warm if r.at >= warm[-1].at - END * span]
    return Memory(statistics.median(first), statistics.median(last), max(of(r) for r in readings))


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of request, in milliseconds."""

    kind: str
    asked: int
    wrong: int
    p50: float
    p95: float
    p99: float
    longest: float
    kilobytes: float


def line(kind: str, answers: Sequence[Answer]) -> Line:
    """The line of some answers."""
    took = [1000 * answer.seconds for answer in answers]
    return Line(
        kind=kind,
        asked=len(answers),
        wrong=sum(not answer.expected for answer in answers),
        p50=quantile(took, 0.5),
        p95=quantile(took, 0.95),
        p99=quantile(took, 0.99),
        longest=quantile(took, 1.0),
        kilobytes=statistics.fmean(answer.size for answer in answers) / 1000 if answers else 0.0,
    )


def table(answers: Iterable[Answer]) -> str:
    """A line for each kind of request, the slowest first, and one for all."""
    by_kind: defaultdict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_kind[answer.kind].append(answer)
    lines = sorted((line(kind, some) for kind, some in by_kind.items()), key=lambda one: (-one.p95, one.kind))
    lines.append(line("all", [answer for some in by_kind.values() for answer in some]))
    head = f"{'kind of request':<18} {'asked':>7} {'wrong':>6} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'max ms':>8} {'kB':>7}"
    rows = (
        f"{one.kind:<18} {one.asked:>7} {one.wrong:>6} {one.p50:>8.1f} {one.p95:>8.1f} {one.p99:>8.1f} {one.longest:>8.0f} {one.kilobytes:>7.1f}"
        for one in lines
    )
    return "\n".join([head, *rows])


def memory_table(readings: Sequence[Reading], *, rows: int = 12) -> str:
    """Memory and CPU over time, so many lines of it."""
    shown = readings[:: max(1, len(readings) // rows)]
    head = f"{'second':>7} {'RSS MB':>8} {'own MB':>8} {'CPU s':>8}"
    start = readings[0]
    lines = (
        f"{one.at - start.at:>7.0f} {one.rss / 1e6:>8.1f} {one.own / 1e6:>8.1f} {one.cpu - start.cpu:>8.1f}"
        for one in shown
    )
    return "\n".join([head, *lines])


def wrong(answers: Iterable[Answer], *, most: int = 10) -> str:
    """Some of the answers that were not as they should be, one of each sort first."""
    sorts: dict[tuple[str, int, str], list[Answer]] = {}
    for answer in answers:
        if not answer.expected:
            sorts.setdefault((answer.kind, answer.status, answer.error), []).append(answer)
    lines = [
        f"  {len(some)} × {kind}: {status or 'no answer'} {error} e.g. {some[0].path}"
        for (kind, status, error), some in sorts.items()
    ]
    return "\n".join(lines[:most])

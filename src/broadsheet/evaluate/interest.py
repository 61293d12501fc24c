"""How well expected interest is told: ranks the papers of days to come, judged by what then came onto a list.

The pool of a day is every paper announced that day for which a forecast is made (``expected.eligible``); a day
with fewer than three listed papers is left out of the rankings. Relevant is what came onto the list at any time,
with the grade 1 + ⌊log2(1 + votes)⌋ of its last reading: 0 votes give 1, 15 give 5, 255 give 9. Nothing
read or announced after the day that is trained until is learnt from; what is known of authors goes
on, morning by morning, unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from math import log2
from pathlib import Path
from typing import Final

import numpy as np

from broadsheet.errors import InputError, RecordError
from broadsheet.evaluate import metrics
from broadsheet.evaluate.retrieval import Report
from broadsheet.ids import PaperId
from broadsheet.model import Record, VoteReading
from broadsheet.rank import expected_votes
from broadsheet.rank.expected import Interest, eligible
from broadsheet.rank.expected_authors import Standing
from broadsheet.rank.expected_days import announced, as_of, examples_of, past_of
from broadsheet.rank.expected_fit import learn
from broadsheet.rank.expected_votes import Growth, Miss
from broadsheet.source.huggingface import HuggingFace
from broadsheet.source.jsonl import JsonLines

METRICS: Final = ("ndcg@10", "recall@30", "auc", "ndcg@10 of votes")
FEWEST: Final = 3  # listed papers of a day that is judged
# The searches compared, by the names they have in runs.
AUTHORS, NO_AUTHORS, FROZEN = "with authors", "without authors", "authors as known at the start"


@dataclass(frozen=True, slots=True)
class Bin:
    """Papers that were given about the same probability: the mean of what was said, and the share that came true."""

    papers: int
    said: float
    came: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Whether probabilities keep their word, over all papers of all later days.

    ``bins`` are ten of equal size by falling probability; ``ece`` is their mean distance between said
    and came; ``brier`` the mean squared error, ``brier_constant`` that of always saying the mean.
    """

    bins: tuple[Bin, ...]
    ece: float
    brier: float
    brier_constant: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestReport:
    """What was learnt, from how much, and how well each way of ranking did on the days after."""

    trained_until: date
    papers: int  # learnt from
    listed: int
    days: int  # judged
    mean_pool: float
    mean_listed: float
    model: Interest
    rankings: tuple[Report, ...]
    reliability: Mapping[str, Reliability]  # by ranking


@dataclass(frozen=True, slots=True)
class Day:
    """A day's pool, by id, and the last reading of those that were listed."""

    day: date
    records: tuple[Record, ...]
    votes: Mapping[PaperId, int]

    @property
    def judged(self) -> bool:
        """Whether enough of its papers were listed."""
        return len(self.votes) >= FEWEST


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlookReport:
    """How far off later votes were, told from early ones: all pairs of readings, and each paper's first and last."""

    growth: Growth
    pairs: Miss
    first_to_last: Miss


def read(directories: Sequence[Path], votes: Path) -> list[Record]:
    """The records in folders' JSON lines with their votes from a table, each id once, as it first came.

    Raises InputError where a folder has no papers, or the table no votes that can be read.
    """
    found: dict[PaperId, Record] = {}
    for directory in directories:
        paths = sorted([*directory.glob("*.jsonl"), *directory.glob("*.jsonl.gz")])
        if not paths:
            raise InputError(f"no papers in {directory}; wanted *.jsonl or *.jsonl.gz")
        for path in paths:
            for item in JsonLines().read(path):
                if not isinstance(item, RecordError):
                    found.setdefault(item.id, item)
    readings: dict[PaperId, list[VoteReading]] = {}
    for each in HuggingFace().read(votes):
        if isinstance(each, RecordError):
            raise each
        readings.setdefault(each.id, []).append(VoteReading(each.at, each.count))
    return [replace(record, readings=tuple(sorted(readings.get(id, ())))) for id, record in found.items()]


def days_after(records: Iterable[Record], until: date) -> list[Day]:
    """The pools of the days after one, in order."""
    pools: dict[date, list[Record]] = {}
    for record in records:
        day = announced(record)
        if day is not None and day > until and eligible(record):
            pools.setdefault(day, []).append(record)
    return [
        Day(
            day,
            tuple(sorted(pool, key=lambda record: record.id)),
            {r.id: max(r.votes).count for r in pool if r.votes},
        )
        for day, pool in sorted(pools.items())
    ]


def evaluate_interest(
    records: Sequence[Record], *, train_until: date, progress: Callable[[str], None] = lambda _: None
) -> InterestReport:
    """Learn from the papers announced up to a day and rank those of each later day.

    Raises InputError where there is too little to learn from, or no later day to judge.
    """
    days = days_after(records, train_until)
    judged = [day for day in days if day.judged]
    if not judged:
        raise InputError(f"no day after {train_until} has {FEWEST} listed papers; nothing can be judged")
    known = [as_of(r, train_until) for r in records if (day := announced(r)) is None or day <= train_until]
    examples = examples_of(known, train_until)
    model = learn(examples, past_of(known), facts={"until": train_until.isoformat()}, progress=progress)
    progress("ranking the later days")
    rankings, reliability = [], {}
    for name, standing in (
        (AUTHORS, Standing(past_of(records))),
        (NO_AUTHORS, None),
        (FROZEN, Standing(past_of(known))),
    ):
        said = {day.day: _probabilities(model, day, standing) for day in days}
        rankings.append(judge(judged, said, name=name))
        reliability[name] = reliability_of(days, said)
    return InterestReport(
        trained_until=train_until,
        papers=len(examples),
        listed=sum(example.votes is not None for example in examples),
        days=len(judged),
        mean_pool=float(np.mean([len(day.records) for day in judged])),
        mean_listed=float(np.mean([len(day.votes) for day in judged])),
        model=model,
        rankings=tuple(rankings),
        reliability=reliability,
    )


def evaluate_outlook(records: Iterable[Record], *, train_until: date) -> OutlookReport:
    """Learn how votes grow from readings up to a day, and tell later ones from those begun after it.

    Raises InputError where there is too little to learn from, or nothing to judge.
    """
    end = datetime.combine(train_until, datetime.max.time(), UTC)
    found = [expected_votes.pairs(record.votes) for record in records]
    known = [pair for of_paper in found for pair in of_paper if pair.later.at <= end]
    later = [[pair for pair in of_paper if pair.early.at > end] for of_paper in found]
    if not any(later):
        raise InputError(f"no paper was counted twice after {train_until}; nothing can be judged")
    growth = expected_votes.learn_growth(known, facts={"until": train_until.isoformat()})
    return OutlookReport(
        growth=growth,
        pairs=expected_votes.misses(growth, [pair for of_paper in later for pair in of_paper]),
        first_to_last=expected_votes.misses(
            growth, [pair for of_paper in later for pair in expected_votes.first_to_last(of_paper)]
        ),
    )


def _probabilities(model: Interest, day: Day, standing: Standing | None) -> list[float]:
    if standing is not None:
        standing.upto(day.day)
    return [each.probability for each in model.forecast(day.records, standing=standing, reasons=0)]


def judge(days: Sequence[Day], scores: Mapping[date, Sequence[float]], *, name: str) -> Report:
    """How well scores (in the order of each day's records) rank each of some days.

    ``auc`` is a day's share of (listed, unlisted) pairs in the right order, ties counting half; every
    metric's mean is over days.
    """
    values: dict[str, list[float]] = {metric: [] for metric in METRICS}
    found = {}
    for day in days:
        scored = [(str(r.id), score) for r, score in zip(day.records, scores[day.day], strict=True)]
        ranking = metrics.ordered(scored)
        votes = {str(id): count for id, count in day.votes.items()}
        grades = {id: grade(count) for id, count in votes.items()}
        values["ndcg@10"].append(metrics.ndcg(ranking, grades, k=10))
        values["ndcg@10 of votes"].append(metrics.ndcg(ranking, votes, k=10))
        values["recall@30"].append(metrics.recall(ranking, grades, k=30))
        values["auc"].append(
            auc([s for id, s in scored if id in votes], [s for id, s in scored if id not in votes])
        )
        by_id = dict(scored)
        found[day.day.isoformat()] = [(id, by_id[id]) for id in ranking]
    return Report(
        collection="interest",
        search=name,
        queries=tuple(found),
        values={metric: tuple(each) for metric, each in values.items()},
        found=found,
    )


def grade(votes: int) -> int:
    """How relevant a listed paper is by its last count of votes.

    >>> [grade(votes) for votes in (0, 1, 3, 15, 255)]
    [1, 2, 3, 5, 9]
    """
    return 1 + int(log2(1 + votes))


def auc(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The share of pairs of a right and a wrong one in which the right one scores higher, ties half.

    Without a pair it is 0.5. That is the Mann-Whitney statistic over the number of pairs.

    >>> auc([3, 1], [2, 1])
    0.625
    """
    if not right or not wrong:
        return 0.5
    others = np.sort(np.asarray(wrong, dtype=np.float64))
    below = np.searchsorted(others, right, side="left")
    not_above = np.searchsorted(others, right, side="right")
    return float((below + not_above).sum() / 2 / (len(right) * len(wrong)))


def reliability_of(days: Sequence[Day], said: Mapping[date, Sequence[float]]) -> Reliability:
    """Whether probabilities (in the order of each day's records) keep their word over all the days."""
    probabilities = np.concatenate([np.asarray(said[day.day], dtype=np.float64) for day in days])
    listed = np.array([record.id in day.votes for day in days for record in day.records], dtype=np.float64)
    order = np.argsort(-probabilities, kind="stable")
    bins = tuple(
        Bin(len(part), float(probabilities[part].mean()), float(listed[part].mean()))
        for part in np.array_split(order, 10)
        if len(part)
    )
    return Reliability(
        bins,
        sum(each.papers * abs(each.said - each.came) for each in bins) / len(listed),
        float(((probabilities - listed) ** 2).mean()),
        float(listed.var()),
    )

"""A plain peer of expected interest: logistic regression on TF-IDF of words and pairs of words, and categories.

    python -m bench.interest DATA

It learns from every paper of the pool announced from May 2025 up to the day, with what is known of it now, as the
figure we set out to beat did. Needs scikit-learn (``pip install 'broadsheet[bench]'``).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from broadsheet.evaluate.interest import METRICS, Day, days_after, judge, read
from broadsheet.evaluate.retrieval import Report
from broadsheet.model import Record
from broadsheet.rank.expected import eligible
from broadsheet.rank.expected_days import announced

UNTIL: Final = date(2025, 12, 31)
SINCE: Final = date(2025, 5, 1)
VOTES: Final = Path("hf_daily_upvotes") / "upvote_snapshots.tsv.gz"


def peer(records: Sequence[Record], days: Sequence[Day], *, until: date = UNTIL) -> Report:
    """How well the peer ranks the days."""
    from scipy import sparse  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415  an optional extra
    from sklearn.feature_extraction.text import (  # noqa: PLC0415
        CountVectorizer,
        TfidfVectorizer,
    )
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    known = [r for r in records if eligible(r) and (day := announced(r)) and SINCE <= day <= until]
    texts = TfidfVectorizer(ngram_range=(1, 2), max_features=200_000, sublinear_tf=True, min_df=2)
    fields = CountVectorizer(analyzer=_fields, binary=True)

    def rows(of: Sequence[Record], *, fit: bool = False) -> object:
        words = [f"{record.title} {record.abstract}" for record in of]
        parts = [(texts, words), (fields, of)]
        return sparse.hstack(
            [maker.fit_transform(what) if fit else maker.transform(what) for maker, what in parts]
        ).tocsr()

    line = LogisticRegression(C=3, max_iter=300).fit(rows(known, fit=True), [bool(r.votes) for r in known])
    scores = {day.day: np.asarray(line.decision_function(rows(day.records))).tolist() for day in days}
    return judge(days, scores, name="tfidf")


def _fields(record: Record) -> list[str]:
    return [*record.categories, f"first {record.categories[0]}"]


def main() -> None:
    data = Path(sys.argv[1])
    records = read([data / "arxiv_daily"], data / VOTES)
    report = peer(records, [day for day in days_after(records, UNTIL) if day.judged])
    for metric in METRICS:
        print(f"{metric:16} {report.mean(metric):.4f}")


if __name__ == "__main__":
    main()

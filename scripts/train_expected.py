"""Learn expected interest and later votes: makes the two files of ``src/broadsheet/rank/data``.

    python scripts/train_expected.py DATA/arxiv_daily DATA/hf_daily_upvotes/upvote_snapshots.tsv.gz \
        src/broadsheet/rank/data --until 2026-03-31 --made 2026-11-28

The first folder holds papers as JSON lines with announcement days, the table their votes. What is learnt is how
words, categories and form of a paper go with coming onto the list, and how much its authors' earlier
papers say; no author's name is kept. How good the recipe is: ``broadsheet eval interest``, and
``docs/design/expected.md``.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from broadsheet.evaluate.interest import read
from broadsheet.rank import expected_file, expected_votes
from broadsheet.rank.expected_days import announced, as_of, examples_of, past_of
from broadsheet.rank.expected_fit import learn

DATA = (
    "a quarter of arXiv's announcements (metadata, CC0), and which of these papers came onto Hugging Face's daily "
    "list with how many votes (as the public repository huggingface-daily-paper-feed saw them, MIT)"
)
LICENCE = "Apache-2.0, as Broadsheet; holds weights of words, no texts and no names"
LIMITS = (
    "Says what one community lists, not what is good. Fits the months it was learnt from; words of later fashions "
    "are unknown to it. Probabilities are those of days with about 280 papers, 7 % of them listed: on an "
    "archive that takes in all of arXiv they are too high until `broadsheet learn-interest` was run."
)


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("papers", type=Path)
    options.add_argument("votes", type=Path)
    options.add_argument("output", type=Path)
    options.add_argument("--until", type=date.fromisoformat, required=True, help="last day learnt from")
    options.add_argument("--made", type=date.fromisoformat, required=True, help="today, to be written down")
    chosen = options.parse_args()

    records = [
        as_of(record, chosen.until)
        for record in read([chosen.papers], chosen.votes)
        if (day := announced(record)) is None or day <= chosen.until
    ]
    examples = examples_of(records, chosen.until)
    facts = {
        "made": chosen.made.isoformat(),
        "since": min(example.day for example in examples).isoformat(),
        "until": chosen.until.isoformat(),
        "papers": str(len(examples)),
        "listed": str(sum(example.votes is not None for example in examples)),
        "data": DATA,
        "licence": LICENCE,
        "limits": LIMITS,
    }
    model = learn(
        examples, past_of(records), facts=facts, progress=lambda doing: print(doing, file=sys.stderr)
    )
    chosen.output.mkdir(parents=True, exist_ok=True)
    _write(chosen.output / expected_file.SHIPPED, expected_file.to_bytes(model))

    pairs = [pair for record in records for pair in expected_votes.pairs(record.votes)]
    known = {key: facts[key] for key in ("made", "until", "data", "licence")} | {"pairs": str(len(pairs))}
    growth = expected_votes.learn_growth(pairs, facts=known)
    _write(chosen.output / expected_file.SHIPPED_GROWTH, expected_file.growth_to_bytes(growth))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    print(f"{path}: {len(data)} bytes")


if __name__ == "__main__":
    main()

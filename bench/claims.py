"""How many of the sentences that are marked as claims with figures are such, judged by hand.

    python -m bench.claims ../shared/data/arxiv_daily/2026H1.jsonl.gz              what was judged, counted
    python -m bench.claims ../shared/data/arxiv_daily/2026H1.jsonl.gz --sheet      the 50 sentences, to be judged

The sheet's 50 papers are drawn at random from a half-year of which none was looked at while the rules were written, one
sentence of each. Verdicts are in ``claims.json``; a paper drawn that has none fails the count.
"""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

from bench.judged import demand, options, verdicts_of

from broadsheet.model import Sentence
from broadsheet.text import aspects, claims, sentences
from broadsheet.text.markup import parse

DRAWN = 50
LOOKED_AT = 3000
SEED = 12


def drawn(papers: Path) -> tuple[list[tuple[str, str, list[str]]], float]:
    """Paper, sentence and its figures, fifty of them; and the share of abstracts that claim something with figures."""
    with gzip.open(papers, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    random.Random(SEED).shuffle(rows)
    found: list[tuple[str, str, list[str]]] = []
    having = 0
    for row in rows[:LOOKED_AT]:
        text = parse(row["text"]).plain
        spans = sentences.split(text)
        parts = [
            Sentence(*span, aspect) for span, aspect in zip(spans, aspects.label(text, spans), strict=True)
        ]
        claimed = claims.find(text, parts)
        having += bool(claimed)
        if claimed and len(found) < DRAWN:
            one = random.Random(row["_id"]).choice(claimed)
            figures = [text[start:end] for start, end in one.figures]
            found.append((row["_id"], text[one.start : one.end], figures))
    return found, having / min(LOOKED_AT, len(rows))


def main() -> None:
    asked = options(__doc__)
    found, share = drawn(asked.papers)
    if asked.sheet:
        for id, sentence, figures in found:
            print(f"{id}\t{' | '.join(figures)}\t{sentence}")
        return
    verdicts, file = verdicts_of(__file__)
    demand((id for id, *_ in found), {*verdicts["claims"], *verdicts["others"]}, file=file)
    good = sum(id in verdicts["claims"] for id, *_ in found)
    wrong = sum(id in verdicts["wrong_figure"] for id, *_ in found)
    print(
        f"{good} of {len(found)} are claims with figures; in {wrong} a figure is marked that is not the result"
    )
    print(f"{share:.1%} of {LOOKED_AT:,} abstracts have one")


if __name__ == "__main__":
    main()

"""How many of the sentences that are marked as claims with figures are such, judged by hand.

    python bench/claims.py ../shared/data/arxiv_daily/2026H1.jsonl.gz              what was judged, counted
    python bench/claims.py ../shared/data/arxiv_daily/2026H1.jsonl.gz --sheet      the 50 sentences, to be judged

The sheet's 50 papers are drawn at random from a half-year of which none was looked at while the rules were written, one
sentence of each. Verdicts are in ``claims.json``; a paper drawn that has none fails the count.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
from pathlib import Path

from broadsheet.model import Sentence
from broadsheet.text import aspects, claims, sentences
from broadsheet.text.markup import parse

DRAWN = 50
LOOKED_AT = 3000
SEED = 12
VERDICTS = Path(__file__).with_suffix(".json")


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
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("papers", type=Path)
    parser.add_argument("--sheet", action="store_true")
    options = parser.parse_args()
    found, share = drawn(options.papers)
    if options.sheet:
        for id, sentence, figures in found:
            print(f"{id}\t{' | '.join(figures)}\t{sentence}")
        return
    verdicts = json.loads(VERDICTS.read_text(encoding="utf-8"))
    known = {*verdicts["claims"], *verdicts["others"]}
    if unknown := [id for id, *_ in found if id not in known]:
        sys.exit(f"not judged yet: {', '.join(unknown)}; see --sheet, and put them into {VERDICTS.name}")
    good = sum(id in verdicts["claims"] for id, *_ in found)
    wrong = sum(id in verdicts["wrong_figure"] for id, *_ in found)
    print(
        f"{good} of {len(found)} are claims with figures; in {wrong} a figure is marked that is not the result"
    )
    print(f"{share:.1%} of {LOOKED_AT:,} abstracts have one")


if __name__ == "__main__":
    main()

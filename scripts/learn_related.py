"""Learn which words go together in abstracts: ``rank/data/related-v1.npz``.

    python scripts/learn_related.py --out related-v1.npz arxiv_daily/2025H*.jsonl.gz

What ships is learnt from the titles and abstracts of arXiv's metadata (CC0), and has nothing of them but stems and how
often they are in one abstract. Half a minute of one core; docs/design/ranking.md tells what it is worth.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from broadsheet.evaluate.collections import read_documents
from broadsheet.index import analysis
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.rank.related import STEP, Table, to_bytes

STEMS = 7_500
BESIDE = 180  # of each stem
TOGETHER = 3  # abstracts that two stems share, at least
BELIEF = 5  # abstracts' worth of belief that a stem brings nothing with it
SHORTEST = 3  # letters


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="JSON lines of papers")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    texts = (f"{d.title}\n{d.text}" for file in asked.files for d, _ in read_documents(file))
    held = [_stems(text) for text in texts]
    made = to_bytes(learn(held), facts={"papers": f"{len(held)} of {', '.join(f.name for f in asked.files)}"})
    asked.out.write_bytes(made)
    print(f"{len(held):,} papers, {len(made) / 1e6:.2f} MB")


def learn(texts: Sequence[Iterable[str]]) -> Table:
    """The table of texts, given by their stems."""
    counts = Counter(stem for text in texts for stem in set(text))
    stems = sorted(counts, key=lambda stem: (-counts[stem], stem))[:STEMS]
    places = {stem: place for place, stem in enumerate(stems)}
    rows = [
        np.array(sorted({places[stem] for stem in text if stem in places}), dtype=np.int64) for text in texts
    ]
    holding: list[list[int]] = [[] for _ in stems]
    for number, row in enumerate(rows):
        for place in row.tolist():
            holding[place].append(number)
    papers = np.array([counts[stem] for stem in stems], dtype=np.float64)
    shares = papers / max(1, len(texts))
    beside, lifts = [], []
    for place, numbers in enumerate(holding):
        together = np.bincount(np.concatenate([rows[n] for n in numbers]), minlength=len(stems))
        chance = (together + BELIEF * shares) / (papers[place] + BELIEF)
        steps = np.clip(np.rint(np.log(chance / shares) / STEP), 0, 255)
        worth = np.where(together >= TOGETHER, chance * steps, 0.0)
        worth[place] = 0.0
        best = np.argsort(-worth, kind="stable")[:BESIDE]
        kept = np.sort(best[worth[best] > 0])
        beside.append(kept.astype(np.uint16))
        lifts.append(steps[kept].astype(np.uint8))
    starts = np.concatenate([[0], np.cumsum([len(kept) for kept in beside])])
    return Table(places, shares.astype(np.float32), starts, np.concatenate(beside), np.concatenate(lifts))


def _stems(text: str) -> tuple[str, ...]:
    return tuple({stem for word in analysis.spelt(text) if (stem := _stem(word))})


@cache
def _stem(word: str) -> str:
    """The stem of a word that may tell something, else ""."""
    if len(word) < SHORTEST or word in STOP_WORDS or not word.isalpha():
        return ""
    return "".join(analysis.stems(word))


if __name__ == "__main__":
    main()

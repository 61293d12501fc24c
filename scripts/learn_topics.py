"""Learn the topics that an archive begins with: ``rank/data/topics-v1.npz``.

    OPENBLAS_NUM_THREADS=1 python scripts/learn_topics.py --data DIR --until 2025-11-01 --out topics-v1.npz

Takes a sample of the papers that an archive (see bench/pages.py) has from before a day, and learns topics from it as an
archive does. What ships is learnt from arXiv's metadata (CC0), and has nothing of it but the terms that name topics and
where these lie in the fast encoder's space. A minute of one core; docs/design/topics.md tells how it is used.
"""

from __future__ import annotations

import argparse
import random
from datetime import date, timedelta
from pathlib import Path

from broadsheet import wiring
from broadsheet.config import Settings
from broadsheet.index.encode import StaticEncoder
from broadsheet.model import AnnounceKind
from broadsheet.rank.topics_file import to_bytes
from broadsheet.rank.topics_standing import learn
from broadsheet.text.lexicon import Lexicon

PAPERS = 6000
COST = 0.03  # lower than an archive's own: what is no topic there is dropped by its first lesson
SEED = 5


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--until", type=date.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    encoder = StaticEncoder.name
    with wiring.open_archive(Settings(data=asked.data, encoder="none")) as archive:
        days = [count.day for count in archive.store.days(None, asked.until - timedelta(days=1))]
        ids = sorted({o.id for day in days for o in archive.store.outline(day) if o.kind is AnnounceKind.NEW})
        drawn = sorted(random.Random(SEED).sample(ids, min(PAPERS, len(ids))))
        known, vectors = archive.index.snapshot().vectors_of(drawn, encoder=encoder)
        papers = archive.store.get_many(known)
    standing = learn(vectors, [papers[id] for id in known], lexicon=Lexicon(), cost=COST)
    facts = {
        "encoder": encoder,
        "papers": f"{len(known)} of {len(ids)} that arXiv announced from {days[0]} to {days[-1]}",
        "fields": "computer science and astrophysics above all",
    }
    asked.out.write_bytes(to_bytes(standing, facts=facts))
    print(f"{len(standing.heads)} topics: " + "; ".join(head.text for head in standing.heads))


if __name__ == "__main__":
    main()

"""CPU time of "For you": scoring a day, and learning from one more act, on one thread.

    python -m bench.recommend_speed CORPUS.jsonl.gz … [--library 2000] [--day 1500]

CPU milliseconds of this process at the median and the 95th percentile, as JSON. Libraries are papers taken at random.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from broadsheet.evaluate import collections
from broadsheet.evaluate.recommend import text_of
from broadsheet.index.encode import StaticEncoder
from broadsheet.rank.recommend import Act, Bags, Mark, Profile, Space, explain, ranked


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="+")
    parser.add_argument("--library", type=int, default=2000)
    parser.add_argument("--day", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=30)
    asked = parser.parse_args()
    documents = [document for path in asked.corpus for document, _ in collections.read_documents(path)]
    random = np.random.default_rng(0)
    needed = asked.library + asked.day + asked.rounds + 8000
    chosen = [documents[n] for n in random.permutation(len(documents))[:needed]]
    ids, texts = [document.id for document in chosen], [text_of(document) for document in chosen]
    bags, vectors = Bags.of(texts), StaticEncoder().encode(texts)
    held = asked.library + asked.day + asked.rounds
    space = Space.fitted(ids[held:], bags.take(range(held, len(ids))), vectors[held:])
    points = space.place(ids[:held], bags.take(range(held)), vectors[:held])
    library = points.take(range(asked.library))
    day = points.take(range(asked.library, asked.library + asked.day))
    profile = Profile.fitted(space, library, {id: Mark() for id in library.ids})
    acts = iter(range(asked.library + asked.day, held))

    def act() -> None:
        nonlocal profile
        number = next(acts)
        mark = Mark(Act.HIDDEN if number % 3 == 0 else Act.SAVED)
        profile = profile.marked(space, points.take([number]), mark)

    shown = day.take(range(20))
    print(
        json.dumps(
            {
                "library": asked.library,
                "day": asked.day,
                "score": _measured(lambda: ranked(profile, day), asked.rounds),
                "act": _measured(act, asked.rounds),
                "explain_20": _measured(lambda: explain(profile, shown), asked.rounds),
                "fit": _measured(
                    lambda: Profile.fitted(space, library, {id: Mark() for id in library.ids}), 5
                ),
            },
            indent=1,
        )
    )


def _measured(work: Callable[[], object], rounds: int) -> dict[str, float]:
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(1000 * (time.process_time() - start))
    return {"p50": round(float(np.median(times)), 1), "p95": round(float(np.quantile(times, 0.95)), 1)}


if __name__ == "__main__":
    main()

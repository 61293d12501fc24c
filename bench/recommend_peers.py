"""arxiv-sanity-lite's way to recommend, on a set of readers, as a TREC run to compare with.

    python -m bench.recommend_peers SET RUN [--readers N] [--library K]

Its recipe as published (https://github.com/karpathy/arxiv-sanity-lite, compute.py and serve.py): one- and two-word
tf·idf, 20,000 features, and for each reader a linear support vector machine (C = 0.01, balanced classes) with
the library against all other papers. Names of authors, which it adds to the text, are no feature here; ``tol`` is
1e-4 instead of 1e-6, which takes a tenth of the time and changes no place that matters, and the same problem is solved
in its primal form where that is quicker (``dual="auto"``; nDCG@20 of 400 readers agrees to four digits). Then
``broadsheet eval recommend SET --against RUN`` with the same ``--readers`` and ``--library``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from bench.peers import sanity_features
from sklearn.svm import LinearSVC

from broadsheet.evaluate import recommend
from broadsheet.evaluate.metrics import ordered
from broadsheet.evaluate.retrieval import judge, write_run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path, help="folder with corpus.jsonl and readers.jsonl")
    parser.add_argument("run", type=Path, help="file to write")
    parser.add_argument("--readers", type=int, help="measure so many readers only")
    parser.add_argument("--library", type=int, action="append", help="cut libraries; may be repeated: RUN.K")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    asked = parser.parse_args()
    whole = recommend.load(asked.set)
    if asked.readers is not None:
        whole = recommend.sampled(whole, asked.readers)
    ids = [document.id for document in whole.documents]
    at = {id: n for n, id in enumerate(ids)}
    vectoriser = sanity_features(dtype=np.float32)
    features = vectoriser.fit_transform(recommend.text_of(document) for document in whole.documents).tocsr()
    for size in [None, *(asked.library or [])]:
        readers = whole if size is None else recommend.cut(whole, size)
        found = {}
        for reader in readers.readers:
            labels = np.zeros(len(ids))
            labels[[at[id] for id in reader.library]] = 1
            machine = LinearSVC(
                dual="auto", class_weight="balanced", max_iter=10_000, tol=asked.tolerance, C=0.01
            )
            machine.fit(features, labels)
            own = {*reader.library, *reader.negatives}
            offered = [
                id for id in (ids if reader.candidates is None else reader.candidates) if id not in own
            ]
            scores = machine.decision_function(features[[at[id] for id in offered]]).tolist()
            scored = dict(zip(offered, scores, strict=True))
            found[reader.id] = [(id, scored[id]) for id in ordered(scored.items())[:1000]]
        report = judge(readers.judged(), found, name="svm", metrics=recommend.METRICS)
        path = asked.run if size is None else asked.run.with_name(f"{asked.run.name}.{size}")
        with path.open("w", encoding="utf-8") as file:
            write_run(report, file)
        print(path, {name: round(report.mean(name), 4) for name in recommend.METRICS}, flush=True)


if __name__ == "__main__":
    main()

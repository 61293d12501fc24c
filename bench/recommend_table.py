"""Our recommendations beside plainer ones, over the same readers: a line for each method and size of library.

    python -m bench.recommend_table SET [--svm RUN] [--readers N] [--library K …]

``--svm`` are the runs of ``bench.recommend_peers`` (RUN, and RUN.K for cut libraries), made with the same readers.
Behind each other method stands what ours has more in nDCG@20: of the mean, its 95 % interval, and p.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from broadsheet.evaluate import recommend
from broadsheet.evaluate.retrieval import judge, read_run, write_run
from broadsheet.index.encode import StaticEncoder


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", type=Path)
    parser.add_argument("--svm", type=Path)
    parser.add_argument("--runs", type=Path, help="folder to write TREC runs of all methods into")
    parser.add_argument("--readers", type=int)
    parser.add_argument("--library", type=int, action="append")
    asked = parser.parse_args()
    whole = recommend.load(asked.set)
    if asked.readers is not None:
        whole = recommend.sampled(whole, asked.readers)
    stage = recommend.Stage(whole, StaticEncoder().encode)
    for size in [None, *(asked.library or [])]:
        stage.readers = whole if size is None else recommend.cut(whole, size)
        ours = stage.evaluate(stage.profile(), name="profile").report
        others = [
            stage.evaluate(stage.words(), name="words").report,
            stage.evaluate(stage.centroid(), name="centroid").report,
        ]
        run = asked.svm and (asked.svm if size is None else asked.svm.with_name(f"{asked.svm.name}.{size}"))
        if run and run.exists():
            others.append(
                judge(whole.judged(), read_run(run, whole.judged()), name="svm", metrics=recommend.METRICS)
            )
        for report in (ours, *others):
            if asked.runs:
                with (asked.runs / f"{whole.name}.{report.search}.{size or 'all'}").open("w") as file:
                    write_run(report, file)
            means = "  ".join(f"{report.mean(name):.4f}" for name in recommend.METRICS)
            line = f"{size or 'all':>4}  {report.search:9} {means}"
            if report is ours:
                found = ours.interval("ndcg@20")
                line += f"   [{found.low:.4f}, {found.high:.4f}]"
            else:
                by = ours.against(report, "ndcg@20")
                gain = by.by.mean / report.mean("ndcg@20")
                line += f"   {gain:+.1%}  [{by.by.low:+.4f}, {by.by.high:+.4f}]  p = {by.p:.4f}"
            print(line, flush=True)


if __name__ == "__main__":
    main()

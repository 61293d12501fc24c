"""Put the figures of ``bench/*.toml`` into the tables of README.md and docs.

    python -m bench.tables [--check]

A table stands between ``<!-- bench:NAME -->`` and ``<!-- /bench -->`` and is written from nothing else.
``--check`` writes nothing and ends with 1 where a page differs.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from math import isnan
from pathlib import Path

from bench import capacity, figures

ROOT = figures.HERE.parent
_MARKED = re.compile(r"(<!-- bench:(\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)

_COLLECTIONS = {
    "scifact": "SciFact",
    "scifact/train": "SciFact, train",
    "cacm": "CACM",
    "npl_vaswani": "NPL (Vaswani)",
    "acm_cr": "ACM-CR",
    "csfcube": "CSFCube",
    "seed_pages": "five pages of Daily Papers",
    "arxiv_daily": "arXiv, thirteen months",
}
_SMALL = ("scifact", "npl_vaswani", "cacm", "acm_cr")
_PEERS = {
    "fts5": "SQLite FTS5",
    "tantivy": "tantivy",
    "bm25s": "bm25s",
    "tfidf": "TF-IDF of arxiv-sanity-lite",
    "lancedb": "LanceDB hybrid",
    "fast": "Broadsheet, at once",
    "both": "Broadsheet, sentences not made yet",
}
_NONE = "–"
_BARE = "a bare `json.loads` and insert loop in the same run"


class Values:
    """The figures by name."""

    def __init__(self, every: Sequence[figures.Figure]) -> None:
        self._values = {figure.name: figure.value for figure in every}

    def __call__(self, name: str, form: str = ".3f") -> str:
        """A figure as it is shown; a dash where it was not measured."""
        value = self._values[name]
        return _NONE if isnan(value) else format(value, form)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where a page differs")
    check = parser.parse_args().check
    values = Values(figures.read())
    stale = 0
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (wanted := rendered(text, values)) != text:
            stale += 1
            print(f"{page.relative_to(ROOT)}: {'differs from bench/*.toml' if check else 'written'}")
            if not check:
                page.write_text(wanted, encoding="utf-8")
    if check and stale:
        print("run: python -m bench.tables")
    return 1 if check and stale else 0


def pages() -> list[Path]:
    """Every page that may have tables."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def rendered(text: str, values: Values) -> str:
    """The page with its tables as they should be. Raises KeyError for a table that nobody makes."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]](values)}\n{found[3]}", text)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(line) + " |" for line in (head, *rows)]
    return "\n".join([lines[0], "|---" * len(head) + "|", *lines[1:]])


def _readme(of: Values) -> str:
    def ndcg(search: str) -> str:
        return of(f"retrieval/scifact/{search}/ndcg@10")

    def speed(name: str, form: str) -> str:
        return of(f"speed/arxiv_daily/{name}", form)

    def aspect(metric: str) -> str:
        return of(f"aspects/csfcube/ours/{metric}")

    peers = ("fts5", "tfidf", "lancedb")
    others = ", ".join(of(f"peers/scifact/{name}/ndcg@10") for name in peers)
    hubs = "similar/arxiv_daily/static"
    return _table(
        ("measured", "figure", "command"),
        (
            (
                "SciFact nDCG@10: words alone; words and meaning",
                f"{ndcg('words')}; **{ndcg('whole')}**",
                "`broadsheet eval retrieval DIR --search words` (`whole`)",
            ),
            (
                "… before the better vectors are made",
                ndcg("fast"),
                "`broadsheet eval retrieval DIR --search fast`",
            ),
            (
                f"… others: {', '.join(_PEERS[name] for name in peers)}",
                others,
                "`python -m bench.peers DIR`; [more](docs/design/evaluation.md)",
            ),
            (
                "similar papers: the commonest is in so many of 10,000 lists; by plain cosine",
                f"{of(f'{hubs}/product/largest', '.0f')}; {of(f'{hubs}/cosine/largest', '.0f')}",
                "`broadsheet eval similar DIR`",
            ),
            (
                f"sentence aspects on CSFCube: accuracy, macro-F1 (always the commonest: {aspect('majority')})",
                f"{aspect('accuracy')}, {aspect('macro_f1')}",
                "`broadsheet eval aspects DIR`",
            ),
            (
                "import of JSON lines, everything derived, duplicates folded",
                f"{speed('import/import_per_s', ',.0f')} records/s; {speed('import/times_bare', '.0f')} times {_BARE}",
                "`python bench/import_rate.py --records 20000`",
            ),
            (
                f"hybrid search over {speed('search/papers', ',.0f')} papers, one thread: median, p95",
                f"{speed('search/search.cpu_ms.p50', '.0f')} ms, {speed('search/search.cpu_ms.p95', '.0f')} ms CPU",
                "`python bench/search_latency.py FILES`",
            ),
        ),
    )


def _encoders(of: Values) -> str:
    rows = []
    for name in ("scifact", "scifact/train", "cacm", "npl_vaswani", "csfcube"):
        metric = "ndcg%20" if name == "csfcube" else "ndcg@10"
        found = [of(f"retrieval/{name}/{search}/{metric}") for search in ("static", "wordllama", "minilm")]
        rows.append((_COLLECTIONS[name], *found))
    return _table(("collection", "ours", "wordllama", "MiniLM"), rows)


def _retrieval(of: Values) -> str:
    searches = {
        "words": "words (BM25)",
        "fast": "words + static: what serves at once",
        "both": "words + MiniLM, sentences not made yet",
        "whole": "words + MiniLM + sentences",
        "minilm": "MiniLM alone",
        "static": "static alone",
    }
    return _searches(of, searches, "ndcg@10")


def _recall(of: Values) -> str:
    searches = {
        "words": "words (BM25)",
        "fast": "words + static",
        "both": "words + MiniLM",
        "whole": "… + sentences",
    }
    return _searches(of, searches, "recall@100")


def _searches(of: Values, searches: Mapping[str, str], metric: str) -> str:
    rows = [
        (said, *(of(f"retrieval/{name}/{search}/{metric}") for name in _SMALL))
        for search, said in searches.items()
    ]
    return _table(("search", *(_COLLECTIONS[name] for name in _SMALL)), rows)


def _peers(of: Values) -> str:
    rows = [
        (said, *(of(f"peers/{name}/{search}/ndcg@10") for name in _SMALL)) for search, said in _PEERS.items()
    ]
    return _table(("nDCG@10", *(_COLLECTIONS[name] for name in _SMALL)), rows)


def _latency(of: Values) -> str:
    rows = [
        (
            said,
            *(
                " / ".join(of(f"peers/{name}/{search}/{p}_ratio", ".1f") for p in ("p50", "p95"))
                for name in _SMALL
            ),
        )
        for search, said in _PEERS.items()
        if search != "tantivy"
    ]
    return _table(("times tantivy, p50 / p95", *(_COLLECTIONS[name] for name in _SMALL)), rows)


def _facets(of: Values) -> str:
    lists = (
        ("words", "BM25, the paper as query"),
        ("cosine", "plain cosine"),
        ("product", "as we list them"),
        ("aspects", "as we list them by aspect"),
    )
    rows = []
    for encoder, said in (("static", "static"), ("minilm", "MiniLM")):
        for search, list_ in lists:
            if search == "words" and encoder != "static":
                continue  # the same with any vectors
            start = f"similar/csfcube/{encoder}/{search}/ndcg%20"
            facets = (of(f"{start}/{facet}") for facet in ("background", "method", "result"))
            rows.append((list_ if search == "words" else f"{said}, {list_}", *facets, of(start)))
    return _table(("nDCG%20", "background", "method", "result", "all"), rows)


def _hubs(of: Values) -> str:
    rows = []
    for name in ("seed_pages", "csfcube", "scifact", "arxiv_daily"):
        for search, said in (("cosine", "plain cosine"), ("product", "as we list them")):
            start = f"similar/{name}/static/{search}"
            rows.append(
                (
                    f"{_COLLECTIONS[name]}, {said}",
                    of(f"{start}/skewness", ".2f"),
                    of(f"{start}/largest", ".0f"),
                    of(f"{start}/largest_share", ".2%"),
                    of(f"{start}/never", ".1%"),
                )
            )
    return _table(("lists of 10", "skewness", "largest", "of all lists", "papers in no list"), rows)


def _distributed(values: Values) -> str:
    """The local index beside Milvus."""
    rows = [
        [
            told,
            *(values(f"distributed/scifact/{kind}/{index}/ndcg@10", ".4f") for index in ("local", "milvus")),
        ]
        for kind, told in (
            ("words", "words"),
            ("static", "the static encoder's vectors alone"),
        )
    ]
    return _table(("", "local", "Milvus, embedded"), rows)


def _interest(of: Values) -> str:
    rows = []
    for search, said in (
        ("with authors", "with authors, as known each morning"),
        ("authors as known at the start", "with authors, as known at the end of 2025"),
        ("without authors", "without authors"),
        ("tfidf", "logistic regression on TF-IDF and categories"),
    ):
        start = f"interest/arxiv_daily/{search}"
        metrics = ("ndcg@10", "recall@30", "auc", "ndcg@10 of votes")
        kept = ("–", "–") if search == "tfidf" else (of(f"{start}/ece", ".4f"), of(f"{start}/brier", ".4f"))
        rows.append((said, *(of(f"{start}/{metric}") for metric in metrics), *kept))
    return _table(
        ("ranked by", "nDCG@10", "recall@30", "AUC", "nDCG@10 of votes", "calibration error", "Brier"), rows
    )


def _later_votes(of: Values) -> str:
    rows = []
    for search, said in (
        ("first to last", "each paper's first count to its last"),
        ("all pairs", "all pairs of counts"),
    ):
        start = f"interest/arxiv_daily/later votes, {search}"
        rows.append(
            (
                said,
                of(f"{start}/median_error", ".0f"),
                of(f"{start}/unchanged_error", ".0f"),
                of(f"{start}/held", ".1%"),
                of(f"{start}/median_width", ".0f"),
            )
        )
    return _table(
        ("from", "median error, votes", "… if none were added", "held by the 80 % band", "its median width"),
        rows,
    )


TABLES: dict[str, Callable[[Values], str]] = {
    "readme": _readme,
    "encoders": _encoders,
    "retrieval": _retrieval,
    "recall": _recall,
    "peers": _peers,
    "latency": _latency,
    "facets": _facets,
    "hubs": _hubs,
    "distributed": _distributed,
    "capacity": lambda _: capacity.report(capacity.measured(), capacity.Assumed(), None).rstrip("\n"),
    "interest": _interest,
    "later_votes": _later_votes,
}

if __name__ == "__main__":
    sys.exit(main())

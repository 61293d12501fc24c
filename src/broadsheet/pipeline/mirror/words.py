"""An index of recent papers for searching in the browser: small files of JSON, of which a query needs a few.

``papers/<n>.json`` holds what is shown of five hundred papers; ``words/<xx>.json`` all words that begin with
two letters: the stem of each, and for each stem its papers (as gaps between ascending numbers) with
what it adds to their score. That is BM25 with the title counted twice, in whole numbers. Knows no pages.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from broadsheet.index import analysis
from broadsheet.index.stopwords import STOP_WORDS
from broadsheet.model import LinkKind, Paper

CHUNK: Final = 500
_K1, _B = 1.2, 0.75
_TITLE: Final = 2
_SCALE: Final = 16  # of scores: whole numbers are short
_PLAIN: Final = re.compile(r"[a-z0-9]{1,2}")
_LONGEST: Final = 40


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper that can be found: where its page is, and under which day it stands."""

    paper: Paper
    file: str
    day: str


def files(papers: Sequence[Listed], *, stem: Callable[[str], list[str]] = analysis.stems) -> dict[str, str]:
    """The files of an index over papers, in the order in which equal ones are to be shown."""
    found = {
        f"papers/{start // CHUNK}.json": _dumped([_shown(each) for each in papers[start : start + CHUNK]])
        for start in range(0, len(papers), CHUNK)
    }
    stems: dict[str, str] = {}
    counts: list[Counter[str]] = []
    for each in papers:
        counted: Counter[str] = Counter()
        for word, often in _words(each.paper).items():
            if word not in stems:
                stems[word] = (stem(word) or [word])[0]
            counted[stems[word]] += often
        counts.append(counted)
    chunks: dict[str, dict[str, Any]] = defaultdict(lambda: {"w": {}, "s": {}})
    for word in sorted(stems):
        chunks[chunk_of(word)]["w"][word] = stems[word]
    for root, postings in sorted(_postings(counts).items()):
        chunks[chunk_of(root)]["s"][root] = postings
    return found | {f"words/{name}.json": _dumped(chunk) for name, chunk in sorted(chunks.items())}


def chunk_of(word: str) -> str:
    """The name of the file that holds a word."""
    start = word[:2]
    return start if _PLAIN.fullmatch(start) else "x" + start.encode().hex()


def _postings(counts: Sequence[Mapping[str, int]]) -> dict[str, list[int]]:
    """For each stem its papers: gap and score in turn."""
    lengths = [sum(each.values()) for each in counts]
    average = sum(lengths) / max(1, len(lengths)) or 1.0
    papers: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, each in enumerate(counts):
        for stem, often in each.items():
            papers[stem].append((number, often))
    found = {}
    for stem, held in papers.items():
        rarity = math.log(1 + (len(counts) - len(held) + 0.5) / (len(held) + 0.5))
        last, flat = 0, []
        for number, often in held:
            length = lengths[number] / average
            score = rarity * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length))
            flat += [number - last, max(1, round(_SCALE * score))]
            last = number
        found[stem] = flat
    return found


def _words(paper: Paper) -> Counter[str]:
    names = " ".join(author.name for author in paper.record.authors)
    counted: Counter[str] = Counter()
    for text, weight in ((paper.title, _TITLE), (paper.abstract, 1), (names, 1)):
        for word in analysis.spelt(text):
            if word not in STOP_WORDS and len(word) <= _LONGEST:
                counted[word] += weight
    return counted


def _shown(listed: Listed) -> list[Any]:
    paper = listed.paper
    names = [author.name for author in paper.record.authors]
    return [
        listed.file,
        paper.title,
        ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else ""),
        listed.day,
        paper.derived.gist,
        list(paper.record.categories),
        paper.derived.type.value,
        int(any(link.kind is LinkKind.CODE for link in paper.derived.links)),
    ]


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

"""What a forecast of interest looks at in a paper: its words, its categories, how it presents itself. Pure.

Nothing here was unknown on the day the paper was announced, and nothing tells who collected it. Names of
authors are not among the traits, only how many there are; who they are is ``expected_authors``' matter.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from broadsheet.ids import PaperId
from broadsheet.model import Record

# A paper's trait is written with its group's letter before it.
TITLE: Final = "t"  # words and pairs of words of the title
ABSTRACT: Final = "a"  # words of the abstract
COMMENT: Final = "k"  # words of the authors' comment
CATEGORY: Final = "c"
PRIMARY: Final = "p"
FORM: Final = "f"  # how it presents itself: links, a name before a colon, how many authors …
PLACE: Final = "i"  # where its id stands among those of the day
TEXT_GROUPS: Final = (TITLE, ABSTRACT, COMMENT)

_WORD: Final = re.compile(r"[a-z0-9]{2,}")
_URL: Final = re.compile(r"https?://\S+")
_AUTHORS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30)
_PLACES: Final = 10

# What a text says of the paper's form, by words that stand in it. Looking for words is much quicker than
# patterns, and a day has a thousand papers.
_SAID: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("code on GitHub", "all", ("github.com",)),
    ("a page on github.io", "all", ("github.io",)),
    ("something on Hugging Face", "all", ("huggingface.co", "//hf.co")),
    ("a link", "all", ("http", "www.")),
    ("a link at the end of the abstract", "end", ("http", "www.")),
    ("a project page", "all", ("project page", "project website", "project site", "homepage", "home page")),
    (
        "says what is released",
        "abstract",
        (
            "open-sourc",
            "open sourc",
            "opensourc",
            "we release",
            "we will release",
            "publicly release",
            "release all",
            "release our",
            "release the",
        ),
    ),
    (
        "says what is available",
        "abstract",
        (
            "publicly available",
            "made available",
            "will be available",
            "is available",
            "are available",
            "be released",
            "are released",
        ),
    ),
    ("a technical report", "heads", ("technical report", "tech report")),
    ("a report", "title", ("report",)),
    (
        "accepted somewhere",
        "comment",
        ("accept", "to appear", "published in", "camera", "proceedings", "presented at"),
    ),
    ("at a workshop", "comment", ("workshop",)),
    ("under review", "comment", ("submitted", "under review", "preprint", "in progress", "ongoing")),
    ("a colon in the title", "title", (":",)),
    ("a question in the title", "title", ("?",)),
    ("per cent in the abstract", "abstract", ("%",)),
    ("formulas in the abstract", "abstract", ("$",)),
)
_SHAPED: Final[tuple[tuple[str, str, re.Pattern[str]], ...]] = (
    ("a name before the title's colon", "title", re.compile(r"[^\s:]{2,24}:")),
    ("up to four words before the title's colon", "title", re.compile(r"[^\s:]+(?: [^\s:]+){0,3}:")),
    ("a comment", "comment", re.compile(r"\S")),
)
_COUNTED: Final = re.compile(r"\d[bm]\b")  # 7B, 350M: parameters
_TITLE_WORDS: Final = (5, 7, 9, 11, 13, 16)
_ABSTRACT_WORDS: Final = (80, 120, 150, 180, 210, 240)
_CATEGORIES: Final = (2, 3, 4, 5)


def traits(record: Record, *, place: float | None = None) -> dict[str, Counter[str]]:
    """The traits of a paper by group, each with how often it occurs; ``place``: as ``places`` gives it."""
    title, abstract = record.title.lower(), record.abstract.lower()
    comment = (record.comment or "").lower()
    found = {
        TITLE: _terms(title),
        ABSTRACT: Counter(_WORD.findall(_URL.sub(" ", abstract))),
        COMMENT: Counter(_WORD.findall(_URL.sub(" ", comment))),
        CATEGORY: Counter(record.categories),
        PRIMARY: Counter(record.categories[:1]),
        FORM: Counter(_forms(record, title, abstract, comment)),
        PLACE: Counter[str](),
    }
    if place is not None:
        found[PLACE].update(f"{n}" for n in range(1, _PLACES) if place * _PLACES >= n)
    return found


def places(ids: Sequence[PaperId]) -> list[float | None]:
    """For each id of a day, which share of the day's ids is lower; None for ids that tell no order.

    arXiv numbers papers as they come in: late numbers were submitted last, low ones held back.
    """
    numbers = sorted(str(id) for id in ids if _NUMBERED.fullmatch(str(id)))
    return [
        bisect_left(numbers, str(id)) / len(numbers) if _NUMBERED.fullmatch(str(id)) else None for id in ids
    ]


_NUMBERED: Final = re.compile(r"\d{4}\.\d{5}")


def _terms(text: str) -> Counter[str]:
    words = _WORD.findall(text)
    found = Counter(words)
    found.update(map(" ".join, pairwise(words)))
    return found


def _forms(record: Record, title: str, abstract: str, comment: str) -> list[str]:
    texts = {
        "title": title,
        "abstract": abstract,
        "comment": comment,
        "end": abstract[-120:],
        "heads": f"{title} {comment}",
        "all": " ".join((abstract, comment, *record.links)),
    }
    found = [name for name, where, words in _SAID if any(word in texts[where] for word in words)]
    found += [name for name, where, shape in _SHAPED if shape.match(texts[where])]
    if _COUNTED.search(abstract):
        found.append("parameters counted in the abstract")
    found += _steps("authors", len(record.authors), _AUTHORS)
    found += _steps("words in the title", title.count(" ") + 1, _TITLE_WORDS)
    found += _steps("words in the abstract", abstract.count(" ") + 1, _ABSTRACT_WORDS)
    found += _steps("categories", len(record.categories), _CATEGORIES)
    return found


def _steps(name: str, count: int, steps: Sequence[int]) -> list[str]:
    """A trait for every step reached, so that what each adds is learnt by itself."""
    return [f"{step} {name} or more" for step in steps if count >= step]

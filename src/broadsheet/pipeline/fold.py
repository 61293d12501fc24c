"""Find papers that are the same work under two ids, and fold them. Knows the store's contract only.

Candidates share a band of their sketches (``text.sketch``). A pair folds on evidence of all kinds
at hand: text, title and people must agree, and nothing in the titles may tell the two apart. A
shared abstract alone is no evidence: authors paste the wrong one into arXiv's form, and parts,
years and successors of a work reuse it. What is missed costs a reader a second look; what is
folded wrongly hides a paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice

from broadsheet.ids import PaperId
from broadsheet.model import Paper
from broadsheet.rank.relations import same_people
from broadsheet.store.contract import Store
from broadsheet.text.sketch import TITLE_WORDS, resemblance

# Read off the pairs of a year of arXiv; docs/design/store.md has the figures.
SAME_TEXT = 0.5  # resemblance of the abstracts
SAME_TITLE = 0.5  # share of words in common
REWRITTEN_TEXT = 0.2  # enough where the titles are word for word the same

# The more papers are asked about at once, the less each costs: a whole import goes in a few batches.
BATCH = 20_000
_CANDIDATES = 20

_WORD = re.compile(r"\w+")
# Years, tasks, parts and dimensions: what tells papers of one series apart.
_ORDINAL = re.compile(r"\w*\d\w*|i{1,3}|iv|vi{0,3}|ix|x", re.ASCII)
# A system's name before a colon: "RobustSplat++: …" is not "RobustSplat: …".
_SYSTEM = re.compile(r"\s*([^\s:]+)\s*:\s")


def fold_duplicates(
    store: Store, ids: Iterable[PaperId], *, now: datetime
) -> tuple[tuple[PaperId, PaperId], ...]:
    """Fold each of these papers with those of the store that are the same work: (kept, other) pairs.

    Of two the one announced (else published) first is kept, the lower id where that is the same:
    the outcome does not depend on which came in first. Papers unfolded by hand stay apart.
    """
    folded: list[tuple[PaperId, PaperId]] = []
    pending = iter(dict.fromkeys(ids))
    while batch := list(islice(pending, BATCH)):
        for id, candidates in store.alike(batch, limit=_CANDIDATES).items():
            folded += _fold_one(store, id, candidates, now=now)
    return tuple(folded)


def same_work(one: Paper, other: Paper) -> bool:
    """Whether two papers are the same work, by their text, titles and authors."""
    title, other_title = _words(one.title), _words(other.title)
    if not _same_people(one, other) or _told_apart(one.title, other.title):
        return False
    if title == other_title and len(title) >= TITLE_WORDS and _both_name_people(one, other):
        return not (one.abstract and other.abstract) or _text(one, other) >= REWRITTEN_TEXT
    return _share(set(title), set(other_title)) >= SAME_TITLE and _text(one, other) >= SAME_TEXT


def _fold_one(
    store: Store, id: PaperId, candidates: Sequence[PaperId], *, now: datetime
) -> Iterator[tuple[PaperId, PaperId]]:
    current = store.get(id)
    if current is None or current.id != id:
        return  # an earlier fold of this run has taken it in
    apart = store.kept_apart(id)
    # Under the candidates' names: papers into which they may have been folded meanwhile.
    found = store.get_many(other for other in candidates if other not in apart)
    for candidate in {paper.id: paper for paper in found.values()}.values():
        if candidate.id != current.id and same_work(current, candidate):
            kept, other = sorted((current, candidate), key=_age)
            if store.fold(kept.id, other.id, now=now):
                yield kept.id, other.id
                current = kept


def _age(paper: Paper) -> tuple[date, PaperId]:
    published = paper.record.published
    return paper.day or (published.date() if published else date.max), paper.id


def _text(one: Paper, other: Paper) -> float:
    return resemblance(one.abstract, other.abstract)


def _same_people(one: Paper, other: Paper) -> bool:
    # A source that names nobody says nothing about people.
    return not _both_name_people(one, other) or same_people(one, other)


def _both_name_people(one: Paper, other: Paper) -> bool:
    return bool(one.record.authors and other.record.authors)


def _told_apart(title: str, other: str) -> bool:
    ordinals = ({word for word in _words(text) if _ORDINAL.fullmatch(word)} for text in (title, other))
    first, second = ordinals
    system, other_system = _SYSTEM.match(title), _SYSTEM.match(other)
    return first != second or bool(
        system and other_system and system[1].casefold() != other_system[1].casefold()
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _share(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0

"""Which papers a paper means where it speaks of others. Pure: knows no store.

An id and a whole title mean what they say. A name ("FreeScale") and a series may be several papers', so the people
must agree, or the name be one that only its own paper can have coined. Where there is a doubt nothing is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from broadsheet import titles
from broadsheet.ids import Scheme
from broadsheet.model import Mention, Paper, RelationKind, author_key
from broadsheet.text.relations import coins, is_coined

# A name that only capitals make up stands for many things; one with capitals within, a hyphen or a digit for few.
_FEW: Final = re.compile(r"\w*[a-z][A-Z0-9]\w*|[\w.+]*-[\w.+-]+|\w*\d[A-Za-z]\w*")
_BUILDS: Final = re.compile(r"\bbuil[dt]", re.IGNORECASE)  # "building on GPT-4": by others, that is to use it
_SHORTEST: Final = 6  # letters of such a name
_WORDS: Final = 3  # of what stands before a title's colon, where that alone is quoted

SAME_PEOPLE: Final = 0.5  # share of the shorter list of authors


def meant(paper: Paper, mention: Mention, candidates: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers, among those that answer to a mention's target, that a paper means by it."""
    others = [one for one in {one.id: one for one in candidates}.values() if one.id != paper.id]
    match mention.target[:1]:
        case "~":
            return tuple(one for one in others if _is_another_part(paper, one))
        case ":":
            return tuple(others) if len(others) == 1 and _is_named(paper, mention, others[0]) else ()
        case "=":
            if mention.kind is RelationKind.SERIES:
                others = [one for one in others if signers(paper) & signers(one)]
            return tuple(others) if len(others) == 1 else ()
    return tuple(others)


def twins(paper: Paper, same_title: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers, among those with the same title, that the same people wrote."""
    return tuple(one for one in same_title if one.id != paper.id and same_people(paper, one))


def same_people(one: Paper, other: Paper) -> bool:
    """Whether at least half of the shorter list of authors is on the other; False where a list is empty."""
    people, others = signers(one), signers(other)
    fewest = min(len(people), len(others))
    return fewest > 0 and len(people & others) >= SAME_PEOPLE * fewest


def signers(paper: Paper) -> frozenset[tuple[str, str]]:
    """Last names with an initial: bibliographies shorten first names."""
    keys = (author_key(author.name).split("-") for author in paper.record.authors)
    return frozenset((key[-1], key[0][:1]) for key in keys)


def _is_another_part(paper: Paper, other: Paper) -> bool:
    one, two = titles.series(paper.title), titles.series(other.title)
    if one is None or two is None or one[0] != two[0] or one[1] == two[1]:
        return False
    return bool(signers(paper) & signers(other))


def _is_named(paper: Paper, mention: Mention, other: Paper) -> bool:
    name = titles.name_in(other.title)
    if name is None or not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", mention.says):
        return False
    if not is_coined(name):  # in quotation marks, then
        return len(name.split()) >= _WORDS and not _is_before(paper, other)
    if _is_before(paper, other):
        return False
    if _keys(paper) & _keys(other):
        return True
    return (
        len(name) >= _SHORTEST
        and _FEW.fullmatch(name) is not None
        and not _BUILDS.search(mention.says)
        and bool(_fields(paper) & _fields(other))
        and coins(other.abstract, name)
    )


def _keys(paper: Paper) -> frozenset[str]:
    return frozenset(author.key for author in paper.record.authors)


def _fields(paper: Paper) -> frozenset[str]:
    return frozenset(paper.record.categories)


def _is_before(paper: Paper, other: Paper) -> bool:
    """Whether a paper came out before another one, as far as is known."""
    return _age(paper) < _age(other)


def _age(paper: Paper) -> tuple[int, int, int]:
    """Year and month of an arXiv id, which nobody can shift, then its number; else the day."""
    value = paper.id.value
    if paper.id.scheme is Scheme.ARXIV and "/" not in value:
        return 2000 + int(value[:2]), int(value[2:4]), int(value[5:])
    published = paper.record.published
    day = published.date() if published else paper.day
    return (day.year, day.month, 0) if day else (0, 0, 0)

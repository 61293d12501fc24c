"""People who share a name, and what a reader knows better of them: kept as a setting of theirs. Knows no page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from broadsheet.errors import BroadsheetError, InputError
from broadsheet.ids import PaperId
from broadsheet.library.archive import Library
from broadsheet.library.desk import Desk
from broadsheet.model import Paper
from broadsheet.rank.authors import Mending

SETTING: Final = "namesakes:"  # and the author's key
_MOST = 500  # changes kept for one name
_TELLING = 3  # categories and co-authors that tell a person


@dataclass(frozen=True, slots=True)
class Person:
    """One of those who sign with a name: named by their oldest paper, told by where and with whom they write."""

    mark: str
    papers: tuple[PaperId, ...]  # newest first
    categories: tuple[str, ...]
    others: tuple[str, ...]


def people_of(library: Library, desk: Desk, key: str) -> tuple[Person, ...]:
    """Those who probably share a name, as its reader mended it, each with their papers."""
    groups = library.namesakes(key, mending_of(desk, key))
    papers = library.papers(id for ids in groups for id in ids)
    return tuple(_person(key, ids, [papers[id] for id in ids if id in papers]) for ids in groups)


def mending_of(desk: Desk, key: str) -> Mending:
    """What the reader said of a name; nothing where the setting cannot be read."""
    try:
        kept = json.loads(desk.preferences().get(SETTING + key, "{}"))
        return Mending(
            together=kept.get("together", False) is True,
            joined=tuple((PaperId.parse(a), PaperId.parse(b)) for a, b in kept.get("joined", ())),
            moved=tuple(
                (PaperId.parse(a), PaperId.parse(b) if b else None) for a, b in kept.get("moved", ())
            ),
        )
    except (ValueError, TypeError, AttributeError, BroadsheetError):
        return Mending()


def mend(desk: Desk, key: str, deed: str, *, paper: str, beside: str) -> None:
    """Do what a reader asks for by its name: ``join``, ``move``, ``together`` or ``forget``. Raises InputError."""
    match deed:
        case "join":
            join(desk, key, PaperId.parse(paper), PaperId.parse(beside))
        case "move":
            move(desk, key, PaperId.parse(paper), PaperId.parse(beside) if beside else None)
        case "together":
            put_together(desk, key)
        case "forget":
            forget(desk, key)
        case other:
            raise InputError(f"not a way to mend a name: {other!r}; expected join, move, together or forget")


def join(desk: Desk, key: str, one: PaperId, other: PaperId) -> None:
    """The people who wrote these two are one person. Raises InputError for too many changes."""
    mending = mending_of(desk, key)
    _keep(desk, key, replace(mending, joined=(*mending.joined, (one, other))))


def move(desk: Desk, key: str, paper: PaperId, beside: PaperId | None) -> None:
    """A paper belongs with who wrote another one; None: with nobody of the others. Raises InputError."""
    mending = mending_of(desk, key)
    others = tuple(pair for pair in mending.moved if pair[0] != paper)
    _keep(desk, key, replace(mending, moved=(*others, (paper, beside))))


def put_together(desk: Desk, key: str) -> None:
    """All papers of this name are one person's."""
    _keep(desk, key, Mending(together=True))


def forget(desk: Desk, key: str) -> None:
    """Take back what was said of a name."""
    desk.prefer(SETTING + key, None)


def _person(key: str, ids: Sequence[PaperId], papers: Sequence[Paper]) -> Person:
    codes = Counter(p.record.categories[0] for p in papers if p.record.categories)
    others = Counter(a.name for p in papers for a in p.record.authors if a.key != key)
    return Person(str(ids[-1]), tuple(ids), _most(codes), _most(others))


def _most(counts: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:_TELLING])


def _keep(desk: Desk, key: str, mending: Mending) -> None:
    if len(mending.joined) + len(mending.moved) > _MOST:
        raise InputError(f"more than {_MOST} changes of one name; take them back and begin anew")
    kept = {
        "together": mending.together,
        "joined": [[str(a), str(b)] for a, b in mending.joined],
        "moved": [[str(a), str(b) if b else ""] for a, b in mending.moved],
    }
    desk.prefer(SETTING + key, json.dumps({name: value for name, value in kept.items() if value}))

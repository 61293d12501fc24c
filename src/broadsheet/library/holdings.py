"""A reader's own library: what is kept, by tag, collection and state, sorted and searched. Knows no page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from broadsheet.errors import InputError
from broadsheet.ids import PaperId
from broadsheet.index.contract import AnyOf, Filter, Named
from broadsheet.library.archive import Library
from broadsheet.library.desk import Desk, Standing, standing
from broadsheet.library.views import Hit
from broadsheet.model import Mark, Paper


class Pile(StrEnum):
    """Which part of a library."""

    KEPT = "kept"  # saved
    UNREAD = "unread"  # saved and not read
    LIKED = "liked"
    READ = "read"
    NOTED = "noted"
    AWAY = "away"  # hidden or not wanted
    ALL = "all"  # whatever the reader said something of, but what was put away


class Order(StrEnum):
    """How a library is sorted."""

    SAID = "said"  # what was said last comes first
    NEWEST = "newest"
    TITLE = "title"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A paper of a library: how its reader stands to it, and when the last was said of it."""

    id: PaperId
    standing: Standing
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A page of a library. ``hits`` are there instead of papers where it was searched."""

    papers: tuple[Paper, ...] = ()
    hits: tuple[Hit, ...] = ()
    total: int = 0
    above: int | None = None  # of hits, how many stand above the line where relevance ends


def holdings(desk: Desk) -> tuple[Holding, ...]:
    """Every paper that the reader said anything of, what was said last first."""
    marks: dict[PaperId, list[Mark]] = {}
    for mark in desk.marks():
        marks.setdefault(mark.paper, []).append(mark)
    return tuple(
        Holding(id=id, standing=standing(said), at=max(mark.at for mark in said))
        for id, said in marks.items()
    )


def piled(held: Sequence[Holding], pile: Pile, *, tag: str = "", collection: str = "") -> list[Holding]:
    """The part of a library that a reader wants to see."""
    wanted = _WANTED[pile]
    return [
        one
        for one in held
        if wanted(one.standing)
        and (not tag or tag in one.standing.tags)
        and (not collection or collection in one.standing.collections)
    ]


def sizes(held: Sequence[Holding]) -> Mapping[Pile, int]:
    """How many papers each pile has."""
    return {pile: sum(_WANTED[pile](one.standing) for one in held) for pile in Pile}


def page(
    library: Library, wanted: Sequence[Holding], *, order: Order, limit: int, offset: int, query: str = ""
) -> Held:
    """A page of these papers, sorted, or with a query those that answer it, best first.

    The query is the search box's own, by words and by meaning, over these papers alone.
    Raises StaleIndexError for a query where there is no index to ask.
    """
    if query and wanted:
        named = AnyOf(tuple(Named(str(one.id)) for one in wanted))
        found = library.search(query, filter=Filter(where=named), limit=limit, offset=offset)
        return Held(hits=found.hits, total=min(found.total, len(wanted)), above=found.above)
    if query:
        return Held()
    if order is Order.SAID:
        ids = [one.id for one in sorted(wanted, key=lambda o: o.at, reverse=True)]
        shown = ids[offset : offset + limit]
        papers = library.papers(shown)
        return Held(papers=tuple(papers[id] for id in shown if id in papers), total=len(ids))
    every = sorted(library.papers(one.id for one in wanted).values(), key=lambda paper: paper.id)
    every.sort(key=_KEYS[order], reverse=order is Order.NEWEST)
    return Held(papers=tuple(every[offset : offset + limit]), total=len(every))


def pile_named(text: str, *, otherwise: Pile) -> Pile:
    """The pile of a name; ``otherwise`` for "". Raises InputError."""
    if not text:
        return otherwise
    if text in set(Pile):
        return Pile(text)
    raise InputError(f"not a part of a library: {text!r}; expected one of: {', '.join(Pile)}")


def order_named(text: str) -> Order:
    """The order of a name; the last said first for "". Raises InputError."""
    if not text or text in set(Order):
        return Order(text or Order.SAID)
    raise InputError(f"not an order: {text!r}; expected one of: {', '.join(Order)}")


def _away(s: Standing) -> bool:
    return s.hidden or s.disliked


_WANTED: Mapping[Pile, Callable[[Standing], bool]] = {
    Pile.KEPT: lambda s: s.saved,
    Pile.UNREAD: lambda s: s.saved and not s.read,
    Pile.LIKED: lambda s: s.liked,
    Pile.READ: lambda s: s.read,
    Pile.NOTED: lambda s: bool(s.note),
    Pile.AWAY: _away,
    Pile.ALL: lambda s: s.saved or not _away(s),
}


def _dated(paper: Paper) -> date:
    return paper.day or (paper.record.published.date() if paper.record.published else date.min)


_KEYS: Mapping[Order, Callable[[Paper], Any]] = {
    Order.NEWEST: _dated,
    Order.TITLE: lambda paper: paper.title.casefold(),
    Order.AUTHOR: lambda paper: paper.record.authors[0].key.split("-")[-1] if paper.record.authors else "~",
}
